"""The agent lets go at the very moment at which the supervisor's answer puts the two together."""

import asyncio
import time

import pytest

from supervise.domain.records import Deed
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.sound import Voice
from tests.support.cable import Cable, cable
from tests.support.handing import LONGEST_BUSY_MS, Handing, supervised
from tests.support.ledger import records
from tests.support.moving import moving_plan

pytestmark = pytest.mark.telephony

STEPS = (
    "/answer",
    "POST /ari/channels/sv-consult",
    "SUPERVISE_PEER",
    "extension=asked",
    "addChannel?channel=sv-consult",
)
"""The requests by which the agent's call is answered, told where to go, leaves our hands, and comes into the room."""


@pytest.fixture
def plan() -> Plan:
    """Leads who may do everything."""
    return moving_plan()


@pytest.mark.parametrize("code", ["*55", "*57"])
async def test_a_transfer_that_completes_between_two_requests(centre: CallCentre, code: str) -> None:
    """Whatever the controller is doing, and hears of late: the call is the supervisor's, on the leg that they have.

    Asterisk is asked and tells nothing from a request's answer until the agent's REFER has been carried out.
    """
    async with cable(centre) as line:
        for step in STEPS:
            async with supervised(centre, code) as at:
                try:
                    await _lets_go(at, line, step)
                except BaseException as error:
                    error.add_note(step)
                    raise
    assert len(records(centre, Deed.HANDED_OVER)) == len(STEPS)


async def _lets_go(at: Handing, line: Cable, step: str) -> None:
    first, second = await at.consult()
    await at.said.until("agent-calls")
    held = asyncio.Event()

    def hold(request: str) -> None:
        if step in request and not held.is_set():
            line.silence()
            held.set()

    line.requested = hold
    began_ns = time.time_ns()
    await at.supervisor.press("98")
    async with asyncio.timeout(5):
        await held.wait()
    await at.agent.transfer_to_call(first, second)
    line.mend()
    await at.is_theirs(longest=LONGEST_BUSY_MS, since_ns=time.time_ns())
    at.unheard(at.customer, Voice.CUSTOMER, began_ns)
    line.requested = lambda _: None
