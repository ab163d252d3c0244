"""Holds by phone: the supervisor's own is their own affair; that of a party is told, and the session goes on."""

import time

import pytest

from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.sound import Voice
from tests.support.quiet import expect_digital_silence, free_plan, quiet_scene, since
from tests.support.spoken import spoken
from tests.support.supervising import Scene, scene
from tests.support.unbroken import around

pytestmark = pytest.mark.telephony

LATE_MS = 150
"""How late a coach may be heard after a hold."""

_TAIL_NS = 200_000_000


@pytest.fixture
def plan() -> Plan:
    """Coach and barge begin with an open microphone."""
    return free_plan(muted=False)


@pytest.mark.parametrize(("code", "hearers"), [("*55", ()), ("*56", ("201",)), ("*57", ("101", "201"))])
async def test_no_music_for_the_call(centre: CallCentre, code: str, hearers: tuple[str, ...]) -> None:
    """A supervisor on hold is silent, bit for bit: no music reaches agent or customer, or is even begun."""
    at = await quiet_scene(centre, code=code)
    await _until_heard(at, hearers)
    await at.supervisor.hold()
    held_ns = time.time_ns()
    await centre.hearing.listen([at.agent], 1000)
    for phone in (at.agent, at.customer):
        expect_digital_silence(centre, phone, since(held_ns + _TAIL_NS))
    assert "Started music on hold" not in centre.asterisk.log()
    await at.supervisor.resume()
    await _until_heard(at, hearers)


async def _until_heard(at: Scene, hearers: tuple[str, ...]) -> None:
    for phone in (at.agent, at.customer):
        heard = {Voice.SUPERVISOR} if phone.name in hearers else set[Voice]()
        await at.centre.hearing.until(phone, hears=heard, not_hears={Voice.SUPERVISOR} - heard, for_ms=200)


class TestAPartysHold:
    """Agent or customer puts the other on hold."""

    @pytest.fixture
    def plan(self) -> Plan:
        """Coach and barge begin with an open microphone."""
        return free_plan(muted=False)

    @pytest.mark.parametrize("code", ["*55", "*56", "*57"])
    @pytest.mark.parametrize("who", ["agent", "customer"])
    async def test_is_told_and_the_session_stays(self, centre: CallCentre, code: str, who: str) -> None:
        """On hold and off again is said; the same people hear the supervisor before and after."""
        hearers = {"*55": (), "*56": ("201",), "*57": ("101", "201")}[code]
        async with spoken(centre) as said:
            at = await scene(centre, code=code)
            await _until_heard(at, hearers)
            holder = at.agent if who == "agent" else at.customer
            heard = {"201": around(centre, at.agent), "101": around(centre, at.customer)}
            await holder.hold()
            await said.until("on-hold")
            await holder.resume()
            await said.until("off-hold")
            await _until_heard(at, hearers)
            await centre.hearing.until(at.supervisor, hears={Voice.AGENT, Voice.CUSTOMER}, for_ms=200)
            for name, voice in (("201", Voice.CUSTOMER), ("101", Voice.AGENT)):
                heard[name].only(voice, *({Voice.SUPERVISOR} if name in hearers else ()))
            heard["101" if who == "agent" else "201"].never_silent()

    async def test_music_is_heard_once_and_then_a_tick(self, centre: CallCentre) -> None:
        """The supervisor hears the agent's music for ten seconds, then the agent alone, who still hears their coach."""
        async with spoken(centre) as said:
            at = await scene(centre, code="*56")
            await _until_heard(at, ("201",))
            customer = around(centre, at.customer)
            await at.customer.hold()
            await said.until("on-hold")
            await said.until("tick", within=14)
            await centre.hearing.until(at.agent, hears={Voice.SUPERVISOR}, for_ms=200)
            quiet_ns = time.time_ns() + 300_000_000
            await centre.hearing.until(at.supervisor, hears={Voice.AGENT}, for_ms=1000)
            window = since(quiet_ns)
            heard = centre.hearing.heard(at.supervisor, window)
            assert all(heard.voices[voice].unheard for voice in set(Voice) - {Voice.AGENT}), heard
            await at.customer.resume()
            await said.until("off-hold")
            resumed_ns = time.time_ns()
            await centre.hearing.until(at.supervisor, hears={Voice.AGENT, Voice.CUSTOMER}, for_ms=200)
            await centre.hearing.until(at.agent, hears={Voice.SUPERVISOR, Voice.CUSTOMER}, for_ms=400)
            await centre.hearing.listen([at.agent], 800)
            delays = centre.hearing.continuity(at.supervisor, at.agent, since(resumed_ns + 300_000_000)).delays_ms
            assert max(delays) <= LATE_MS, "old speech came out"
            customer.only(Voice.AGENT)
