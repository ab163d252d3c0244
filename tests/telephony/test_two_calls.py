"""An agent with two calls: a choice is offered in words, and the other call is never heard."""

import time

import pytest

from supervise.lab.asterisk import Way
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.hearing.ear import Window
from supervise.lab.sound import Voice
from tests.support.hushed import Hushed
from tests.support.moving import moving_plan
from tests.support.spoken import spoken
from tests.support.unbroken import around

pytestmark = pytest.mark.telephony


@pytest.fixture
def way(way: Way) -> Way:
    """An Asterisk whose words are silence: spoken ones may pass for a frame of a voice."""
    return Hushed(way)


@pytest.fixture
def plan() -> Plan:
    """Leads who may do everything."""
    return moving_plan()


@pytest.mark.parametrize("key", ["1", "2"])
async def test_a_choice_between_two_calls(centre: CallCentre, key: str) -> None:
    """1 is the call that the agent talks in, 2 the one on hold, whose music goes on: nobody hears a monitor."""
    async with spoken(centre) as said:
        customer, agent = await centre.call()
        await agent.hold(agent.call)
        other = await centre.phone("102", Voice.OTHER)
        await other.dial("201")
        await other.until_established()
        await centre.hearing.until(other, hears={Voice.AGENT}, for_ms=200)
        supervisor = await centre.phone("301")
        start_ns, heard, on_hold = time.time_ns(), around(centre, other), around(centre, customer)
        await supervisor.dial("*55201")
        await said.until("several-calls", "menu-for", "call-with", "digits:102", "menu-press", "digits:1", within=15)
        await said.until("menu-for", "call-on-hold-with", "digits:101", "menu-press", "digits:2", within=15)
        await supervisor.press(key)
        if key == "1":
            await centre.hearing.until(supervisor, hears={Voice.OTHER, Voice.AGENT}, for_ms=300)
        else:
            await said.until("monitor")
            await centre.hearing.listen([supervisor], 600)
        window = Window(start_ns, time.time_ns() - 60_000_000)
        unheard = {"1": {Voice.CUSTOMER}, "2": {Voice.OTHER, Voice.AGENT}}[key]
        assert all(centre.hearing.first_heard(supervisor, voice, window) is None for voice in unheard)
        heard.only(Voice.AGENT)
        heard.never_without(Voice.AGENT)
        on_hold.only()
        on_hold.never_silent()
