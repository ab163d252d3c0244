"""Several agents in one call: whom a session is about, chosen by keys, and decided about for each."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from supervise.domain.records import Deed
from supervise.domain.rights.policy import Policy
from supervise.domain.sessions import orders as o
from supervise.domain.words import Mode
from tests.support.fake_floor import AGENT, ALL, CALL, CUSTOMER, PIN, FakeFloor, policy
from tests.support.virtual_time import in_virtual_time

pytestmark = pytest.mark.unit

SECOND = "second"
ANNA = "{who: lead, may: [monitor, coach, barge], whom: {people: [anna]}, how: choice}"


@asynccontextmanager
async def three(holds: Policy | None = None) -> AsyncIterator[FakeFloor]:
    """Let a customer talk with anna and ben."""
    async with FakeFloor(holds) as at:
        at.come(SECOND, "202")
        at.connect(CALL, SECOND)
        yield at


async def choose(at: FakeFloor, phone: str, keys: str = "1") -> None:
    """Ask for the other agents, and choose one."""
    at.press(phone, "90")
    await at.later(0.5)
    at.press(phone, keys)
    await at.later()


def about(at: FakeFloor) -> tuple[str, str, Mode]:
    """Whom the session is about, where its last ear is, and its mode."""
    made = [order for order in at.story if isinstance(order, o.Make)]
    return at.sessions[0].agent.name, made[-1].on, at.sessions[0].stance.mode


@in_virtual_time
async def test_another_agent_is_chosen_by_a_key() -> None:
    """They are offered by extension, and chosen by a digit; the record says whom, and comes before the new ear."""
    async with three() as at:
        phone = await at.session("*56201")
        at.press(phone, "90")
        await at.later(0.5)
        assert at.board.words[-5:] == ["menu-for", "agent", "digits:202", "menu-press", "digits:1"]
        at.story.clear()
        at.press(phone, "1")
        await at.later()
        assert about(at) == ("ben", SECOND, Mode.COACH)
        assert at.board.words == ["agent", "digits:202", "coach", "unmuted"]
        kinds = [type(item) for item in at.story if not isinstance(item, str)]
        assert kinds[0] is o.CloseMic
        assert kinds.index(o.Make) < kinds.index(o.TakeOut) < kinds.index(o.PutIn) < kinds.index(o.OpenMic)
        chosen = next(record for record in at.journal.records if record.deed is Deed.TARGET)
        assert (chosen.agent, chosen.reason, chosen.detail) == ("ben", "chosen", {"before": "anna"})
        assert at.story.index(chosen) < [type(item) for item in at.story].index(o.Make)


@in_virtual_time
async def test_another_agent_is_chosen_by_extension() -> None:
    """0, the extension and #; the last key of 9 0 that arrives twice begins none."""
    async with three() as at:
        phone = await at.session()
        at.press(phone, "90")
        await at.later(0.05)
        at.press(phone, "0")
        await at.later(0.5)
        at.press(phone, "0202#")
        await at.later()
        assert about(at) == ("ben", SECOND, Mode.MONITOR)
        at.press(phone, "5")
        await at.later()
        assert about(at) == ("ben", SECOND, Mode.COACH)


@pytest.mark.parametrize("keys", ["*", "7", "0203#", "0*"])
@in_virtual_time
async def test_who_chooses_nobody_stays_with_the_agent(keys: str) -> None:
    """And the keys mean what they mean in a session again."""
    async with three() as at:
        phone = await at.session()
        await choose(at, phone, keys)
        assert at.sessions[0].agent.name == "anna"
        at.press(phone, "5")
        await at.later()
        assert about(at) == ("anna", AGENT, Mode.COACH)


@in_virtual_time
async def test_where_there_is_no_other_agent_nobody_is_offered() -> None:
    """It is said, and no key is taken for a choice."""
    async with FakeFloor() as at:
        phone = await at.session()
        await choose(at, phone, "5")
        assert "no-other-agent" in at.board.words
        assert at.sessions[0].stance.mode is Mode.COACH


@in_virtual_time
async def test_the_policy_decides_about_each_agent() -> None:
    """Whom the rules do not cover is neither offered nor coached, though they are heard in the call."""
    async with three(policy(ANNA)) as at:
        phone = await at.session()
        await choose(at, phone)
        assert "no-other-agent" in at.board.words
        assert at.sessions[0].agent.name == "anna"


@in_virtual_time
async def test_what_may_be_done_with_one_may_not_be_done_with_another() -> None:
    """Who coaches and chooses an agent whom they may only monitor is refused, and goes on coaching."""
    monitor = "{who: lead, may: monitor, whom: own-teams, how: choice}"
    async with three(policy(ANNA, monitor)) as at:
        phone = await at.session("*56201")
        await choose(at, phone)
        assert about(at) == ("anna", AGENT, Mode.COACH)
        refused = at.journal.records[-1]
        assert (refused.deed, refused.agent, refused.reason) == (Deed.REFUSED, "ben", "not-allowed")
        at.press(phone, "4")
        await at.later()
        await choose(at, phone)
        assert about(at) == ("ben", SECOND, Mode.MONITOR)


@in_virtual_time
async def test_a_pin_for_one_agent_is_asked_for_when_they_are_chosen() -> None:
    """Not a frame by the new rule before it is typed."""
    ben = "{who: lead, may: [monitor, coach], whom: {people: [ben]}, how: choice, with: pin}"
    async with three(policy(ANNA, ben)) as at:
        phone = await at.session()
        await choose(at, phone)
        assert at.board.words[-1] == "pin-enter"
        assert at.sessions[0].agent.name == "anna"
        at.press(phone, f"{PIN}#")
        await at.later()
        assert about(at) == ("ben", SECOND, Mode.MONITOR)


@in_virtual_time
async def test_the_limit_of_one_agent_holds_when_they_are_chosen() -> None:
    """Somebody else has had a session with them today."""
    async with three(policy(ALL, house=", within: {sessions_per_agent_a_day: 1}")) as at:
        first = await at.session("*55202", "302")
        at.press(first, "*")
        await at.later()
        phone = await at.session()
        await choose(at, phone)
        assert at.sessions[0].agent.name == "anna"
        assert at.journal.records[-1].reason == "limit"


@in_virtual_time
async def test_a_journal_that_fails_changes_nothing() -> None:
    """What could not be recorded has not been done: the session is about the agent of before."""
    async with three() as at:
        phone = await at.session("*56201")
        at.journal.broken = True
        await choose(at, phone)
        assert about(at) == ("anna", AGENT, Mode.COACH)
        assert "unrecorded" in at.board.words


@in_virtual_time
async def test_agents_are_told_who_is_with_them() -> None:
    """A visible supervisor leaves one and enters with the other."""
    async with three(policy("{who: lead, may: [monitor, coach], whom: own-teams}")) as at:
        phone = await at.session("*56201")
        await choose(at, phone)
        told = [(presence, ways.channel, ways.endpoint) for presence, _, ways in at.board.told]
        enter, leave = o.Presence.ENTERED, o.Presence.LEFT
        assert told == [(enter, AGENT, "201"), (leave, AGENT, "201"), (enter, SECOND, "202")]


@in_virtual_time
async def test_when_the_agent_leaves_another_one_is_monitored() -> None:
    """The call goes on: from the least right, and with a record."""
    async with three() as at:
        await at.session("*57201")
        at.leave(CALL, AGENT)
        await at.later()
        assert about(at) == ("ben", SECOND, Mode.MONITOR)
        assert at.board.words[-4:] == ["agent-left", "agent", "digits:202", "monitor"]
        assert at.journal.records[-1].reason == "agent-left"


@in_virtual_time
async def test_when_the_agent_leaves_and_the_other_one_may_not_be_supervised_it_ends() -> None:
    """Not a frame of the one whom no rule covers."""
    async with three(policy(ANNA)) as at:
        await at.session()
        at.leave(CALL, AGENT)
        await at.later(1)
        assert at.sessions == []
        assert all(order.on != SECOND for order in at.story if isinstance(order, o.Make))


@in_virtual_time
async def test_who_comes_when_the_agent_goes_is_no_successor() -> None:
    """A transfer is no call with two agents: the customer's next agent was never in it together with the first."""
    async with FakeFloor() as at:
        await at.session()
        at.leave(CALL, AGENT)
        at.come(SECOND, "202")
        at.connect(CALL, SECOND)
        at.move(CUSTOMER, SECOND)
        await at.later(1)
        assert at.sessions == []
        assert all(order.on != SECOND for order in at.story if isinstance(order, o.Make))


@in_virtual_time
async def test_a_chosen_agent_is_held_and_handed_back_to() -> None:
    """What is done with the agent is done with the one whom the session is about."""
    everything = "{who: lead, may: [monitor, coach, barge, hold-agent], whom: own-teams, how: choice}"
    async with three(policy(everything)) as at:
        phone = await at.session("*57201")
        await choose(at, phone)
        assert at.sessions[0].agent.name == "ben"
        assert not at.board.orders(o.CloseMic)
        at.press(phone, "91")
        await at.later()
        assert at.sessions[0].without_agent
        await choose(at, phone)
        assert "no-other-agent" in at.board.words


@in_virtual_time
@pytest.mark.parametrize("keys", ["91", "93", "94"])
async def test_one_agent_is_moved_at_a_time(keys: str) -> None:
    """While one supervisor holds their agent, nobody moves another agent of the call; a finished removal is over."""
    everything = "[monitor, coach, barge, hold-agent, remove-agent, take-over]"
    async with three(policy(f"{{who: lead, may: {everything}, whom: own-teams, how: choice}}")) as at:
        first, second = await at.session("*57201"), await at.session("*57202", endpoint="302")
        at.press(first, "91")
        await at.later()
        at.story.clear()
        at.press(second, keys)
        await at.later()
        assert at.board.words == ["busy"]
        assert not at.board.orders(o.HoldAgent, o.RemoveAgent, o.TakeOver)
        at.press(first, "92")
        await at.later()
        at.press(second, keys)
        await at.later()
        assert at.board.orders(o.HoldAgent, o.RemoveAgent, o.TakeOver)
