"""Two agents in one call: monitor hears all, coach is heard by the chosen one alone, barge by everybody."""

import time

import pytest

from supervise.domain.records import Deed
from supervise.lab.callcentre import CallCentre, Plan
from supervise.lab.hearing.ear import Window
from supervise.lab.sound import Voice
from tests.support.agents import three
from tests.support.ledger import records, until_recorded
from tests.support.moving import moving_plan

pytestmark = pytest.mark.telephony


@pytest.fixture
def plan() -> Plan:
    """Leads who may do everything with the agents 201 and 202; 203 is of no team of theirs."""
    return moving_plan(whom="{people: [anna, ben]}")


async def test_coach_goes_to_the_chosen_agent(centre: CallCentre) -> None:
    """In every mode the right people hear the supervisor; neither the other agent nor the customer hears coaching."""
    async with three(centre) as at:
        start_ns = time.time_ns()
        await at.heard_by()
        await at.supervisor.press("5")
        await at.heard_by(at.agent)
        await at.choose("202")
        await at.heard_by(at.second)
        await at.choose("201")
        await at.heard_by(at.agent)
        await at.supervisor.press("4")
        await at.heard_by()
        await at.choose("202")
        await at.heard_by()
        await at.supervisor.press("5")
        await at.heard_by(at.second)
        at.never_heard(at.customer, start_ns)
        await at.supervisor.press("6")
        await at.heard_by(at.customer, at.agent, at.second)
        await at.choose("201")
        await at.heard_by(at.customer, at.agent, at.second)
        await at.supervisor.press("5")
        await at.heard_by(at.agent)
        await at.supervisor.press("*")
        await at.supervisor.until_closed()
        turned = [(record.agent, record.detail["before"]) for record in records(centre, Deed.TARGET)]
        assert turned == [("ben", "anna"), ("anna", "ben"), ("ben", "anna"), ("anna", "ben")]


async def test_when_the_coached_agent_leaves_the_other_one_is_monitored(centre: CallCentre) -> None:
    """Nobody hears who spoke to the one who left; the supervisor hears the call go on."""
    async with three(centre, "*56") as at:
        await at.heard_by(at.agent)
        start_ns = time.time_ns()
        await at.agent.hangup()
        await at.said.until("agent-left", "agent", "digits:202", "monitor", within=8)
        await at.hears(at.supervisor, {Voice.CUSTOMER, Voice.OTHER})
        await at.hears(at.second, {Voice.CUSTOMER})
        at.never_heard(at.customer, start_ns)
        at.never_heard(at.second, start_ns)
        await at.supervisor.press("5")
        await at.hears(at.second, {Voice.CUSTOMER, Voice.SUPERVISOR})
        at.never_heard(at.customer, start_ns)
        turned = await until_recorded(centre, Deed.TARGET)
        assert [(record.agent, record.reason) for record in turned] == [("ben", "agent-left")]


async def test_an_agent_whom_no_rule_covers_is_not_chosen(centre: CallCentre) -> None:
    """They are heard, as any party is, and neither offered nor gone on with when the agent leaves."""
    async with three(centre, "*56", "203") as at:
        await at.heard_by(at.agent)
        start_ns = time.time_ns()
        await at.supervisor.press("90")
        await at.said.until("no-other-agent")
        await at.agent.hangup()
        gone_ns = time.time_ns()
        await at.said.until("call-ended", within=8)
        await at.supervisor.until_closed(within=8)
        for phone in (at.customer, at.second):
            at.never_heard(phone, start_ns)
        window = Window(gone_ns + 300_000_000, time.time_ns() - 60_000_000)
        assert centre.hearing.first_heard(at.supervisor, Voice.OTHER, window) is None
