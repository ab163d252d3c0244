"""*54: the visible supervisors of an agent's call, in words, and the call that goes on to the one who is chosen."""

import time

import pytest

from supervise.domain.records import Deed
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.phones.phone import Phone
from supervise.lab.sound import Voice
from tests.support.handing import BOTH, LONGEST_BUSY_MS, Handing, supervised, until_receiving
from tests.support.ledger import records
from tests.support.moving import moving_plan

pytestmark = pytest.mark.telephony


@pytest.fixture
def plan() -> Plan:
    """Leads who may do everything."""
    return moving_plan()


async def _hidden(at: Handing) -> Phone:
    """Let a second lead, whom nobody sees, be in the same call."""
    phone = await at.centre.phone("302", Voice.OTHER)
    await phone.dial("*55201")
    await at.centre.hearing.until(phone, hears=BOTH, for_ms=200)
    await until_receiving(at.centre, "302")
    return phone


async def test_an_agent_asks_and_chooses(centre: CallCentre) -> None:
    """First nobody can be named, and one is reached by number; then one is visible, and the call is handed over."""
    async with supervised(centre) as at:
        hidden = await _hidden(at)
        first, second = await at.consult("*54")
        await at.said.until("handover-empty", "menu-other")
        at.said.forget()
        await at.agent.press("0")
        await at.said.until("enter-extension")
        await at.agent.press("302#")
        await at.said.until("agent-calls")
        await at.agent.hangup(second)
        await at.agent.resume(first)
        await centre.hearing.until(hidden, hears=BOTH, for_ms=200)
        assert len(hidden.calls) == 1

        await at.supervisor.press("8")
        await at.said.until("visible")
        at.said.forget()
        first, second = await at.consult("*54")
        await at.said.until("handover-intro", "menu-for", "digits:301", "menu-press", "digits:1", within=8)
        at.said.forget()
        await at.agent.press("1")
        await at.said.until("agent-calls")
        await at.supervisor.press("98")
        line = at.agent.line(second)
        await centre.hearing.until(at.supervisor, hears={Voice.AGENT}, not_hears={Voice.CUSTOMER}, for_ms=300)
        await centre.hearing.until(line, hears={Voice.SUPERVISOR}, not_hears={Voice.OTHER}, for_ms=300)
        start_ns = time.time_ns()
        await at.agent.transfer_to_call(first, second)
        await at.is_theirs(longest=LONGEST_BUSY_MS, since_ns=start_ns)
        await hidden.until_closed(within=8)
        assert len(records(centre, Deed.HANDED_OVER)) == 1


@pytest.mark.parametrize("how", ["to the visible one", "back to the agent", "out of the list"])
async def test_a_blind_transfer(centre: CallCentre, how: str) -> None:
    """The customer is asked nothing: they go to the first who is visible, or back to the agent; never to the hidden."""
    async with supervised(centre, "*57", "" if how == "back to the agent" else "8") as at:
        hidden = await _hidden(at)
        first = at.agent.call
        if how == "out of the list":
            first, second = await at.consult("*54")
            await at.agent.until_established(second)
            await at.said.until("handover-intro")
        at.said.forget()
        start_ns = time.time_ns()
        if how == "out of the list":
            await at.agent.transfer_to_call(first, second)
        else:
            await at.agent.transfer("*54")
        if how == "back to the agent":
            await centre.hearing.until(at.customer, hears={Voice.AGENT}, not_hears={Voice.SUPERVISOR}, within=8)
            assert not records(centre, Deed.HANDED_OVER)
        else:
            await at.is_theirs(longest=LONGEST_BUSY_MS, since_ns=start_ns)
        await hidden.until_closed(within=8)
        assert at.said.count("handover-intro") + at.said.count("handover-empty") == 0
