"""Following an agent or a customer, waiting, and moving agents, on a floor without an Asterisk."""

import pytest

from supervise.domain.calls.calls import Place
from supervise.domain.records import Deed
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.session import Stage
from supervise.domain.words import Mode
from tests.support.fake_floor import AGENT, CALL, CUSTOMER, FakeFloor, policy
from tests.support.virtual_time import in_virtual_time

pytestmark = pytest.mark.unit

MAY = "monitor, coach, barge, hold-agent, remove-agent, take-over, follow-agent, follow-customer"
RULE = f"{{who: lead, may: [{MAY}], whom: own-teams, how: choice}}"


def leave(at: FakeFloor, *channels: str) -> None:
    """Let phones hang up."""
    for channel in channels:
        at.board.book.gone(channel)
        at.move(channel)


@in_virtual_time
async def test_the_house_rule_decides_what_is_followed() -> None:
    """With *agent* the phone goes on when the call has ended, and the next call is a session of its own."""
    async with FakeFloor(policy(RULE, house=", follow: agent")) as at:
        await at.session()
        first = at.sessions[0].id
        leave(at, CUSTOMER, AGENT)
        at.move(AGENT)
        await at.later(2)
        assert at.sessions == []
        at.come("agent-2", "201")
        at.come("customer-2", "102")
        at.connect("call-2", "agent-2", "customer-2")
        at.move("agent-2", "customer-2")
        await at.later(2)
        assert [session.agent.channel for session in at.sessions] == ["agent-2"]
        assert at.sessions[0].id != first
        assert len(at.journal.reasons(Deed.OPENED)) == 2


@in_virtual_time
async def test_without_the_right_nobody_follows() -> None:
    """The house rule goes only as far as the rights; the key is refused."""
    rule = "{who: lead, may: [monitor], whom: own-teams, how: choice}"
    async with FakeFloor(policy(rule, house=", follow: agent")) as at:
        channel = await at.session()
        at.press(channel, "96")
        await at.later()
        assert at.board.words[-1] == "not-allowed"
        leave(at, CUSTOMER, AGENT)
        await at.later(2)
        assert at.board.book.channel(channel) is None


@in_virtual_time
async def test_a_customer_is_followed_to_an_agent_whom_the_policy_allows_only() -> None:
    """The next agent is decided about anew; while they may not be supervised the phone waits."""
    rule = f"{{who: lead, may: [{MAY}], whom: {{people: [anna]}}, how: choice}}"
    async with FakeFloor(policy(rule, house=", follow: customer")) as at:
        await at.session()
        at.board.book.left(CALL, AGENT)
        at.come("ben", "202")
        at.connect(CALL, "ben")
        leave(at, AGENT)
        at.move(CUSTOMER, "ben")
        await at.later(2)
        assert at.sessions == []
        assert "not-allowed" in at.board.words
        at.rule(policy(RULE, house=", follow: customer"))
        await at.later(12)
        assert [session.agent.name for session in at.sessions] == ["ben"]


@in_virtual_time
async def test_who_may_follow_is_offered_to_wait() -> None:
    """1 waits, with a tick every five seconds; * leaves."""
    async with FakeFloor(policy(RULE)) as at:
        channel = at.dial("*55202")
        await at.later(3)
        assert at.board.words[-2:] == ["not-on-a-call", "wait-offer"]
        at.press(channel, "1")
        await at.later(15)
        assert at.board.words.count("tick") >= 2
        at.press(channel, "*")
        await at.later(2)
        assert at.board.book.channel(channel) is None


@in_virtual_time
async def test_one_supervisor_at_a_time_moves_an_agent() -> None:
    """The second one's key is refused before anything is done."""
    async with FakeFloor(policy(RULE)) as at:
        first, second = await at.session("*57201"), await at.session("*57201", "302")
        at.press(first, "91")
        await at.later()
        assert len(at.board.orders(o.HoldAgent)) == 1
        at.press(second, "91")
        await at.later()
        assert len(at.board.orders(o.HoldAgent)) == 1
        assert at.board.words[-1] == "busy"
        assert at.journal.reasons(Deed.REFUSED) == ["busy"]


@in_virtual_time
async def test_an_action_may_ask_for_a_pin() -> None:
    """Each action has a rule of its own, and what that rule asks for is asked first."""
    rules = (
        "{who: lead, may: [monitor, coach, barge], whom: own-teams, how: choice}",
        "{who: lead, may: [hold-agent], whom: own-teams, how: choice, with: pin}",
    )
    async with FakeFloor(policy(*rules)) as at:
        channel = await at.session("*57201")
        at.press(channel, "91")
        await at.later()
        assert at.board.words[-1] == "pin-enter"
        assert at.board.orders(o.HoldAgent) == []
        at.press(channel, "739184#")
        await at.later()
        assert len(at.board.orders(o.HoldAgent)) == 1


@in_virtual_time
@pytest.mark.parametrize(
    ("keys", "right"), [("91", "hold-agent"), ("93", "remove-agent"), ("94", "take-over"), ("96", "follow-agent")]
)
async def test_an_action_may_ask_for_a_reason_which_the_board_may_give(keys: str, right: str) -> None:
    """Nothing is done before it is given; given on the board it counts as typed, and stands in the records."""
    rules = (
        "{who: lead, may: [monitor, coach, barge], whom: own-teams, how: choice}",
        f"{{who: lead, may: [{right}], whom: own-teams, how: choice, with: reason}}",
    )
    async with FakeFloor(policy(*rules, further="reasons: {'42': complaint}\n")) as at:
        channel = await at.session("*57201")
        session = at.sessions[0]
        assert not at.floor.desk.give_reason(session.id, "hilda", "42")
        at.press(channel, keys)
        await at.later()
        assert at.board.words[-1] == "reason-needed"
        assert next(at.floor.desk.sessions()).asks == "reason"
        assert at.sessions[0] == session
        assert not at.floor.desk.give_reason(session.id, "sven", "42")
        assert at.floor.desk.give_reason(session.id, "hilda", "42")
        await at.later()
        assert at.journal.records[-1].reason_code == "42"
        moved = at.board.orders(o.HoldAgent, o.RemoveAgent, o.TakeOver)
        assert moved or at.sessions[0].follow == "agent"


@in_virtual_time
async def test_an_agent_between_two_bridges_is_not_heard() -> None:
    """While nobody knows for where the agent has left, nothing is in the room; back in the same call it goes on."""
    async with FakeFloor(policy(RULE)) as at:
        await at.session()
        at.board.book.left(CALL, AGENT)
        at.move(AGENT)
        await at.later()
        assert at.sessions[0].parted
        assert at.sessions[0].tap is None
        at.connect(CALL, AGENT)
        at.move(AGENT)
        await at.later()
        assert not at.sessions[0].parted
        assert at.sessions[0].tap is not None
        assert at.sessions[0].stage is Stage.LIVE


@in_virtual_time
async def test_an_agent_who_stays_away_leaves_no_seat_behind() -> None:
    """A seat alone with the customer would keep them; without one their call ends or waits, as Asterisk has it."""
    async with FakeFloor(policy(RULE)) as at:
        await at.session("*57201")
        seat = at.sessions[0].seat
        assert seat is not None
        at.board.book.left(CALL, AGENT)
        at.move(AGENT)
        await at.later(0.3)
        assert o.HangUp(seat) not in at.board.orders(o.HangUp)
        await at.later(0.5)
        assert o.HangUp(seat) in at.board.orders(o.HangUp)
        at.connect(CALL, AGENT)
        at.move(AGENT)
        await at.later()
        assert at.sessions[0].seat not in (None, seat)
        assert at.sessions[0].tap == at.sessions[0].seat


@in_virtual_time
async def test_a_customer_who_does_not_wait_ends_it() -> None:
    """The agent consults somebody: when the customer hangs up meanwhile, there is nothing to come back to."""
    async with FakeFloor(policy(RULE)) as at:
        await at.session()
        at.board.book.left(CALL, AGENT)
        at.move(AGENT)
        await at.later(1)
        assert at.sessions[0].parted
        leave(at, CUSTOMER)
        await at.later(1)
        assert at.sessions == []


@in_virtual_time
async def test_what_another_application_has_cannot_be_joined() -> None:
    """Barge is refused with its reason, at the beginning and by the key; monitor and coach are not."""
    async with FakeFloor(policy(RULE)) as at:
        at.board.book.opened(CALL, Place.APPLICATION)
        at.dial("*57201")
        await at.later(3)
        assert "elsewhere" in at.board.words
        channel = await at.session("*56201")
        at.press(channel, "6")
        await at.later()
        assert at.board.words[-1] == "elsewhere"
        assert at.sessions[0].stance.mode is Mode.COACH


@in_virtual_time
async def test_why_a_call_has_ended_is_said_to_its_end() -> None:
    """What moves while somebody is told does not leave them without the rest of it."""
    async with FakeFloor(policy(RULE, house=", follow: customer")) as at:
        await at.session()
        leave(at, AGENT)
        at.move(AGENT)
        await at.later(0.8)
        assert at.board.words[-2:] == ["call-ended", "waiting"]
        at.move(CUSTOMER)
        await at.later(0.2)
        assert at.board.words[-4:] == ["call-ended", "waiting"] * 2
        await at.later(7)
        assert at.board.words[-1] == "tick"
