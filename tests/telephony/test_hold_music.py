"""Who is on hold keeps their music, whatever a supervisor does meanwhile: frame by frame."""

import time

import pytest

from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice
from tests.support.moving import moving_plan
from tests.support.spoken import Spoken, spoken
from tests.support.unbroken import around
from tests.support.witness import technologies

pytestmark = pytest.mark.telephony

LONGEST_TO_MUSIC_MS = 150
"""From the last frame of the agent to the first of the music: 36 to 60 ms at rest."""

LONGEST_WITHOUT_MUSIC_MS = 60
"""Not one frame is missing: at rest they are 20 to 25 ms apart, on a busy machine 40."""


@pytest.fixture
def plan() -> Plan:
    """Leads who may do everything, and begin with an open microphone."""
    return moving_plan()


@pytest.mark.parametrize("who", ["agent", "customer"])
async def test_a_supervisor_who_comes_leaves_the_music(centre: CallCentre, who: str) -> None:
    """Monitor, coach, leave, come again, all in one hold: not one frame is missing, and the hold ends as ever."""
    async with spoken(centre) as said:
        customer, agent = await centre.call()
        holder, held, voice = (agent, customer, Voice.AGENT) if who == "agent" else (customer, agent, Voice.CUSTOMER)
        await _hold(centre, holder, held)
        assert await technologies(centre) == ["native_rtp"], "no tap would end the music of this call without us either"
        music = around(centre, held)
        supervisor = await centre.phone("301")
        await _join(said, supervisor, "*55201", "monitor")
        await supervisor.press("5")
        await said.until("coach", "unmuted")
        await supervisor.hangup()
        await _join(said, supervisor, "*55201", "monitor")
        music.never_silent(longest=LONGEST_WITHOUT_MUSIC_MS)
        resumed = around(centre, held)
        await holder.resume()
        await centre.hearing.until(held, hears={voice}, for_ms=200)
        await centre.hearing.until(supervisor, hears={Voice.AGENT, Voice.CUSTOMER}, for_ms=200)
        resumed.never_silent()
        music.only(voice, *({Voice.SUPERVISOR} if held is agent else ()))


@pytest.mark.parametrize("after_ms", [0, 20])
async def test_a_hold_that_ends_when_a_supervisor_comes(centre: CallCentre, after_ms: int) -> None:
    """Nobody is left with music: also where the end of the hold was kept from them, they are told of it at once."""
    customer, agent = await centre.call()
    await _hold(centre, agent, customer)
    heard, supervisor = around(centre, customer), await centre.phone("301")
    await supervisor.dial("*55201")
    await supervisor.until_established()
    await centre.hearing.listen([customer], after_ms)
    await agent.resume()
    await centre.hearing.until(customer, hears={Voice.AGENT}, for_ms=200, within=2)
    await centre.hearing.until(supervisor, hears={Voice.AGENT, Voice.CUSTOMER}, for_ms=200)
    heard.never_silent()


async def test_a_seat_in_the_call_does_not_cost_the_music(centre: CallCentre) -> None:
    """Who has barged and is silent leaves the one on hold their music, in every mode; who speaks is heard.

    A bridge of three tells nobody of a hold (22.10.1): without the session's own music there would be none.
    """
    async with spoken(centre) as said:
        customer, agent = await centre.call()
        supervisor = await centre.phone("301")
        await _join(said, supervisor, "*57201", "barge", "unmuted")
        await supervisor.press("4")
        await said.until("monitor")
        begun = around(centre, customer)
        await _hold(centre, agent, customer)
        begun.never_silent(longest=LONGEST_TO_MUSIC_MS)
        assert "softmix" in await technologies(centre), "the seat is in the call"
        music = around(centre, customer, keyed=[supervisor])
        await supervisor.press("5")
        await said.until("coach", "unmuted")
        await centre.hearing.listen([customer], 200)
        music.never_silent(longest=LONGEST_WITHOUT_MUSIC_MS)
        await supervisor.press("6")
        await centre.hearing.until(customer, hears={Voice.SUPERVISOR}, for_ms=200)
        await supervisor.press("0")
        await said.until("barge", "muted")
        await centre.hearing.until(customer, not_hears=set(Voice), for_ms=200)
        music.never_silent()
        resumed = around(centre, customer)
        await agent.resume()
        await centre.hearing.until(customer, hears={Voice.AGENT}, for_ms=200)
        resumed.never_silent()
        await _hold(centre, customer, agent)
        await customer.resume()
        await centre.hearing.until(agent, hears={Voice.CUSTOMER}, for_ms=200)


async def _hold(centre: CallCentre, holder: Phone, held: Phone) -> None:
    """Let somebody put the other on hold, and wait until they hear music."""
    await holder.hold()
    held_ns = time.time_ns()
    await centre.hearing.until(held, not_hears=set(Voice), for_ms=300)
    around(centre, held, before_ns=time.time_ns() - held_ns - 300_000_000).never_silent()


async def _join(said: Spoken, supervisor: Phone, number: str, *words: str) -> None:
    said.forget()
    await supervisor.dial(number)
    await said.until(*words)
