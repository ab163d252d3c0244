"""Somebody hangs up, or the agent transfers, in the middle of a switch: the session ends, and nobody hears too much."""

import asyncio
import time

import pytest

from supervise.domain.sessions.session import Ending
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.hearing.ear import Window
from supervise.lab.sound import Voice
from tests.support.ledger import until_closed
from tests.support.moving import barge, moving_plan

pytestmark = pytest.mark.telephony

SWITCHES = (("5", 0.0), ("4", 0.02), ("91", 0.04), ("93", 0.02))
"""Keys from a barge on, and the seconds from the last key to the hang-up: a switch takes 20 to 90 ms."""


@pytest.fixture
def plan() -> Plan:
    """Leads who may do everything."""
    return moving_plan()


@pytest.mark.parametrize(("keys", "delay"), SWITCHES)
@pytest.mark.parametrize("who", ["agent", "customer"])
async def test_a_party_hangs_up_in_the_middle_of_a_switch(
    centre: CallCentre, who: str, keys: str, delay: float
) -> None:
    """One closing, nobody left in the call by our doing, and nobody hears themselves."""
    async with barge(centre) as at:
        began = time.time_ns()
        await at.supervisor.press(keys)
        await asyncio.sleep(delay)
        await {"agent": at.agent, "customer": at.customer}[who].hangup()
        if who == "customer" or keys in ("5", "4"):
            await asyncio.gather(at.customer.until_closed(), at.agent.until_closed())
        else:  # what came first counts: the hang-up ends the call, or the supervisor goes on with the customer
            await at.agent.until_closed()
            await centre.hearing.listen([at.customer], 500)
            await centre.hang_up_all()
        await at.supervisor.until_closed()
        window = Window(began, time.time_ns())
        for phone in (at.customer, at.agent, at.supervisor):
            assert isinstance(phone.voice, Voice)
            assert centre.hearing.heard(phone, window).voices[phone.voice].unheard, f"{phone.name} heard themselves"
    assert (await until_closed(centre))[0].reason in (Ending.CALL_ENDED, Ending.SUPERVISOR_GONE)


@pytest.mark.parametrize(("keys", "delay"), [("5", 0.0), ("4", 0.04)])
async def test_the_agent_transfers_in_the_middle_of_a_switch(centre: CallCentre, keys: str, delay: float) -> None:
    """To an agent of whom nothing was decided: not one frame goes between them and the supervisor."""
    second = await centre.phone("202", Voice.OTHER)
    async with barge(centre) as at:
        await at.supervisor.press(keys)
        await asyncio.sleep(delay)
        began = time.time_ns()
        await at.agent.transfer("202")
        await centre.hearing.until(at.customer, hears={Voice.OTHER}, not_hears={Voice.SUPERVISOR}, within=8)
        await at.supervisor.until_closed()
        window = Window(began, time.time_ns())
        assert centre.hearing.heard(at.supervisor, window).voices[Voice.OTHER].unheard
        assert centre.hearing.heard(second, window).voices[Voice.SUPERVISOR].unheard
    assert (await until_closed(centre))[0].reason in (Ending.CALL_CHANGED, Ending.CALL_ENDED)
