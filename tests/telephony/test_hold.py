"""The hold key of the supervisor's phone is their own affair."""

import time

import pytest

from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.sound import Voice
from tests.support.quiet import expect_digital_silence, free_plan, quiet_scene, since
from tests.support.supervising import Scene

pytestmark = pytest.mark.telephony

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
