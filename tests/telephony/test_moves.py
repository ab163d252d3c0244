"""What a supervisor who barges may do with the agent: hold, bring back, remove, take over."""

import time
from typing import Any

import pytest

from supervise.domain.records import Deed
from supervise.domain.sessions.session import Ending
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.phones.call import CallState
from supervise.lab.sound import Voice
from tests.support.ledger import records, until_closed
from tests.support.moving import barge, moving_plan
from tests.support.witness import names

pytestmark = pytest.mark.telephony

CALLS = [
    pytest.param({}, id="Dial in"),
    pytest.param({"outbound": True}, id="Dial out"),
    pytest.param({"dialled": "501"}, id="Queue"),
    pytest.param({"agent": "202", "dialled": "502"}, id="Queue by Local"),
]


@pytest.fixture
def plan() -> Plan:
    """Leads who may do everything."""
    return moving_plan()


@pytest.mark.parametrize("call", CALLS)
async def test_hold_and_bring_back(centre: CallCentre, call: dict[str, Any]) -> None:
    """The agent hears music, customer and supervisor go on, and back is back: again and again, nobody left alone."""
    async with barge(centre, **call) as at:
        start_ns = time.time_ns()
        for _ in range(3):
            await at.press("91", "agent-on-hold")
            await at.without_agent()
            await at.hears_nobody(at.agent)
            await at.press("92", "agent-in-call")
            await at.three()
        at.expect_never_alone(start_ns)
        deeds = [record.deed for record in records(centre, Deed.HOLD_AGENT, Deed.BRING_BACK)]
        assert deeds == [Deed.HOLD_AGENT, Deed.BRING_BACK] * 3
        await at.press("4", "monitor")
        await at.hear(at.supervisor, Voice.CUSTOMER, Voice.AGENT)
        await at.hear(at.customer, Voice.AGENT)
        await at.supervisor.hangup()
        await at.hear(at.customer, Voice.AGENT)
        await at.hear(at.agent, Voice.CUSTOMER)


@pytest.mark.parametrize("leaving", ["hang up", "*", "4", "5"])
async def test_whoever_leaves_a_held_agent_brings_them_back(centre: CallCentre, leaving: str) -> None:
    """Leaving, hanging up, or going down from barge puts the agent back into the call first."""
    async with barge(centre) as at:
        start_ns = time.time_ns()
        await at.press("91", "agent-on-hold")
        await at.without_agent()
        if leaving == "hang up":
            await at.supervisor.hangup()
        else:
            await at.supervisor.press(leaving)
        await at.hear(at.agent, *{Voice.CUSTOMER, *({Voice.SUPERVISOR} if leaving == "5" else set())})
        await at.hear(at.customer, Voice.AGENT)
        at.expect_never_alone(start_ns)


@pytest.mark.parametrize("muted", [False, True])
async def test_a_muted_supervisor_hears_the_customer_of_a_held_agent(centre: CallCentre, *, muted: bool) -> None:
    """Muted before or after, the supervisor goes on hearing the customer, who does not hear them."""
    async with barge(centre) as at:
        await at.press("0" if muted else "91", "muted" if muted else "agent-on-hold")
        await at.press("91" if muted else "0", "agent-on-hold" if muted else "muted")
        await at.hear(at.supervisor, Voice.CUSTOMER)
        await at.hear(at.customer)
        await at.press("1", "unmuted")
        await at.without_agent()


@pytest.mark.parametrize("call", CALLS)
async def test_remove(centre: CallCentre, call: dict[str, Any]) -> None:
    """The agent is told and out; customer and supervisor go on until they call the agent back, or leave."""
    async with barge(centre, **call) as at:
        start_ns = time.time_ns()
        await at.press("93", "agent-removed")
        await at.without_agent()
        await at.agent.until_closed(within=8)
        at.expect_never_alone(start_ns)
        await at.press("4", "not-available")
        await at.press("92", "agent-in-call")
        await at.three()
        at.expect_never_alone(start_ns)
        await at.press("93", "agent-removed")
        await at.agent.until_closed(within=8)
        await at.without_agent()
        assert [record.reason for record in records(centre, Deed.BRING_BACK)] == ["called"]
        assert len(records(centre, Deed.REMOVE_AGENT)) == 2
        await at.supervisor.press("*")
        await at.customer.until_closed()


async def test_a_removed_agent_is_called_back(centre: CallCentre) -> None:
    """Who declines, or is not waited for, is not back, and the customer has the supervisor; who answers is a party."""
    async with barge(centre, outbound=True, answers=False) as at:
        start_ns = time.time_ns()
        await at.press("93", "agent-removed")
        await at.agent.until_closed(within=8)
        await at.press("92", "agent-rings")
        await at.agent.hangup(await at.agent.until_ringing())
        await at.said.until("agent-busy")
        await at.press("92", "agent-rings")
        await at.agent.until_ringing()
        await at.press("93", "agent-removed")
        await at.agent.until_closed()
        await at.press("92", "agent-rings")
        await at.without_agent()
        await at.agent.until_ringing()
        await at.agent.answer()
        await at.said.until("agent-in-call")
        await at.three()
        await at.press("91", "agent-on-hold")
        await at.without_agent()
        await at.press("92", "agent-in-call")
        await at.press("5", "coach", "unmuted")
        await at.hear(at.agent, Voice.CUSTOMER, Voice.SUPERVISOR)
        await at.hear(at.customer, Voice.AGENT)
        await at.supervisor.hangup()
        await at.hear(at.customer, Voice.AGENT)
        at.expect_never_alone(start_ns)
        assert [record.reason for record in records(centre, Deed.REFUSED)] == ["agent-busy"]


@pytest.mark.parametrize("held", [False, True])
@pytest.mark.parametrize("call", CALLS)
async def test_take_over(centre: CallCentre, call: dict[str, Any], *, held: bool) -> None:
    """The call is the supervisor's own: nothing of ours is in it, and their phone's keys hold and transfer it."""
    async with barge(centre, **call) as at:
        start_ns = time.time_ns()
        if held:
            await at.press("91", "agent-on-hold")
        await at.supervisor.press("94")
        await at.agent.until_closed(within=8)
        await at.without_agent()
        at.expect_never_alone(start_ns)
        closings = await until_closed(centre)
        assert closings[0].reason == Ending.TAKEN_OVER
        assert not [name for name in (await names(centre))[0] if "supervise" in name]
        await at.supervisor.hold()
        await centre.hearing.until(at.customer, not_hears={Voice.SUPERVISOR}, for_ms=300)
        await at.supervisor.resume()
        await at.without_agent()
        await centre.phone("203")
        await at.supervisor.transfer("203")
        await at.hear(at.customer, Voice.AGENT)


async def test_without_a_controller_asterisk_brings_the_agent_back(centre: CallCentre) -> None:
    """A controller that dies with an agent on hold costs the supervisor, not the call."""
    async with barge(centre) as at:
        start_ns = time.time_ns()
        await at.press("91", "agent-on-hold")
        await at.without_agent()
        await centre.controller.kill()
        await at.supervisor.until_closed(within=12)
        await centre.hearing.until(at.customer, hears={Voice.AGENT}, not_hears={Voice.SUPERVISOR}, within=4)
        await centre.hearing.until(at.agent, hears={Voice.CUSTOMER}, not_hears={Voice.SUPERVISOR})
        at.expect_never_alone(start_ns)
        await centre.controller.start()


async def test_a_restarted_controller_brings_the_agent_back(centre: CallCentre) -> None:
    """One that is there again at once puts the agent back before it takes the seat away."""
    async with barge(centre) as at:
        start_ns = time.time_ns()
        await at.press("91", "agent-on-hold")
        await centre.controller.kill()
        await centre.controller.start()
        await centre.hearing.until(at.customer, hears={Voice.AGENT}, not_hears={Voice.SUPERVISOR}, within=4)
        at.expect_never_alone(start_ns)


async def test_an_agent_who_hangs_up_on_hold_is_out(centre: CallCentre) -> None:
    """The customer stays with the supervisor, who is told."""
    async with barge(centre) as at:
        await at.press("91", "agent-on-hold")
        at.said.forget()
        await at.agent.hangup()
        await at.said.until("agent-removed")
        await at.without_agent()


async def test_a_customer_who_hangs_up_during_hold_ends_it(centre: CallCentre) -> None:
    """Nobody is kept: the agent is free and the supervisor is told."""
    async with barge(centre) as at:
        await at.press("91", "agent-on-hold")
        await at.customer.hangup()
        await at.said.until("call-ended")
        await at.agent.until_closed()
        await at.supervisor.until_closed(within=8)


async def test_only_one_moves_the_agent(centre: CallCentre) -> None:
    """A second supervisor is refused while the first has the agent on hold, and stays on the call when they return."""
    async with barge(centre) as at:
        second = await centre.phone("302")
        await second.dial("*57201")
        await centre.hearing.until(at.customer, hears={Voice.SUPERVISOR}, for_ms=200)
        await at.said.until("barge", "unmuted")
        await at.press("91", "agent-on-hold")
        at.said.forget()
        await second.press("91")
        await at.said.until("busy")
        await at.press("92", "agent-in-call")
        await centre.hearing.until(second, hears={Voice.AGENT, Voice.CUSTOMER}, for_ms=300)


async def test_only_one_moves_an_agent_of_a_call(centre: CallCentre) -> None:
    """A supervisor of another agent in the same call is refused each move as well, and may when the first is back."""
    async with barge(centre) as at:
        other = await centre.phone("202", Voice.OTHER)
        await other.dial("8201")
        await centre.hearing.until(other, hears={Voice.CUSTOMER, Voice.AGENT, Voice.SUPERVISOR}, for_ms=200)
        second = await centre.phone("302", silent=True)
        at.said.forget()
        await second.dial("*57202")
        await at.said.until("barge", "unmuted")
        await at.press("91", "agent-on-hold")
        for keys in ("91", "93", "94"):
            at.said.forget()
            await second.press(keys)
            await at.said.until("busy")
        await centre.hearing.until(at.customer, hears={Voice.OTHER, Voice.SUPERVISOR}, for_ms=300)
        assert not records(centre, Deed.REMOVE_AGENT, Deed.TAKE_OVER)
        assert len(records(centre, Deed.HOLD_AGENT)) == 1
        await at.press("92", "agent-in-call")
        at.said.forget()
        await second.press("93")
        await at.said.until("agent-removed")
        await other.until_closed(within=8)
        await centre.hearing.until(at.customer, hears={Voice.AGENT, Voice.SUPERVISOR}, for_ms=300)


async def test_what_is_refused_is_refused_before_anything_is_done(centre: CallCentre) -> None:
    """Without the right, or outside barge, the key says why, and the call goes on as it was."""
    customer, agent = await centre.call()
    trainee = await centre.phone("303")
    await trainee.dial("*57201")
    await centre.hearing.until(customer, hears={Voice.AGENT, Voice.SUPERVISOR}, for_ms=200)
    for keys, reason in (("91", "not-allowed"), ("94", "not-allowed"), ("593", "barge-first")):
        before = len(records(centre, Deed.REFUSED))
        await trainee.press(keys)
        await centre.controller.until("refused", reason=reason)
        assert len(records(centre, Deed.REFUSED)) >= before
    await centre.hearing.until(customer, hears={Voice.AGENT}, for_ms=300)
    assert agent.call.state is CallState.ESTABLISHED
    assert not records(centre, Deed.HOLD_AGENT, Deed.REMOVE_AGENT, Deed.TAKE_OVER)
