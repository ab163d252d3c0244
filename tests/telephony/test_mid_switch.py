"""Somebody hangs up, or the agent transfers, in the middle of a switch: the session ends, and nobody hears too much."""

import asyncio
import time

import pytest

from supervise.domain.sessions.session import Ending
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.hearing.ear import Window
from supervise.lab.sound import Voice
from tests.support.handing import LONGEST_BUSY_MS, supervised, third
from tests.support.ledger import until_closed
from tests.support.moving import barge, moving_plan
from tests.support.unbroken import LONGEST_TO_A_STRANGER_MS

pytestmark = pytest.mark.telephony

SWITCHES = (("5", 0.0), ("4", 0.02), ("91", 0.04), ("93", 0.02))
"""Keys from a barge on, and the seconds from the last key to the hang-up: a switch takes 20 to 90 ms."""


TAIL_NS = 100_000_000
"""What has been said into a seat before it leaves the room is heard so much later at most."""


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


async def test_the_agent_transfers_in_the_middle_of_a_switch(centre: CallCentre) -> None:
    """To an agent of whom nothing was decided, blind and attended: not one frame goes between them and the supervisor.

    The customer hears the agent, or their music, until that agent has answered.
    """
    stranger = await third(centre)
    for keys, delay, attended in (("5", 0.0, False), ("4", 0.04, False), ("5", 0.02, True), ("4", 0.0, True)):
        async with supervised(centre, "*57") as at:
            first, second = await at.consult(stranger.user) if attended else (at.agent.call, None)
            if second is not None:
                await centre.hearing.until(at.agent.line(second), hears={Voice.OTHER}, for_ms=200)
            await at.supervisor.press(keys)
            await asyncio.sleep(delay)
            began = time.time_ns()
            await (at.agent.transfer(stranger.user) if second is None else at.agent.transfer_to_call(first, second))
            await centre.hearing.until(at.customer, hears={Voice.OTHER}, not_hears={Voice.SUPERVISOR}, within=8)
            await at.supervisor.until_closed()
            at.unheard(at.supervisor, Voice.OTHER, at.began_ns)
            at.unheard(stranger, Voice.SUPERVISOR, at.began_ns)
            at.gap(since_ns=began, longest=LONGEST_TO_A_STRANGER_MS)
    endings = {closing.reason for closing in await until_closed(centre, count=4)}
    assert endings <= {Ending.CALL_CHANGED, Ending.CALL_ENDED}


async def test_the_agent_hands_over_in_the_middle_of_a_switch(centre: CallCentre) -> None:
    """The customer lands on the supervisor's leg all the same; nobody is heard but who is to be.

    Attended, the switch is on its way when the supervisor answers the agent, and again when the agent lets go.
    """
    for keys, delay in (("5", 0.0), ("4", 0.04), ("0", 0.02)):
        async with supervised(centre, "*57") as at:
            await at.supervisor.press(keys)
            await asyncio.sleep(delay)
            began = time.time_ns()
            await at.agent.transfer("301")
            await at.is_theirs(longest=LONGEST_BUSY_MS, since_ns=began)
    for code, keys in (("*57", "5"), ("*56", "6")):
        async with supervised(centre, code) as at:
            first, second = await at.consult()
            await at.said.until("agent-calls")
            await at.supervisor.press(f"{keys}98")
            await at.agent.until_established(second)
            asked = time.time_ns()
            await centre.hearing.until(at.agent.line(second), hears={Voice.SUPERVISOR}, for_ms=200)
            await at.supervisor.press(keys)
            at.unheard(at.customer, Voice.SUPERVISOR, asked + TAIL_NS)
            began = time.time_ns()
            await at.agent.transfer_to_call(first, second)
            await at.is_theirs(longest=LONGEST_BUSY_MS, since_ns=began)
