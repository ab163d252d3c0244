"""Somebody comes into the call: nothing of them is heard before they are decided about."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from supervise.domain.records import Deed
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.session import AgentPlace, Ending
from supervise.domain.words import Mode
from tests.support.fake_board import NODE
from tests.support.fake_floor import AGENT, ALL, CALL, CUSTOMER, FakeFloor, policy
from tests.support.virtual_time import in_virtual_time

pytestmark = pytest.mark.unit

THIRD = "third"
CONFERENCE = "610"
NEVER = policy(ALL, further="never: [{numbers: [109]}]")

UNDER_WAY = {
    ("*57201", "5"): (o.CloseMic, o.Make, o.Drain, o.TakeOut, o.PutIn, o.OpenMic),
    ("*56201", "6"): (o.Make, o.TakeOut, o.PutIn, o.HangUp),
    ("*57201", "4"): (o.CloseMic, o.Make, o.Drain, o.TakeOut, o.PutIn),
}
"""What is ordered on the way: what is dialled, the key, and the orders that the newcomer meets, one after the other."""

CASES = [(code, key, order) for (code, key), orders in UNDER_WAY.items() for order in orders]


def _comes(at: FakeFloor, endpoint: str) -> None:
    at.come(THIRD, endpoint)
    at.connect(CALL, THIRD)
    at.move(*at.board.book.connected(THIRD))


def _replaced(at: FakeFloor) -> None:
    _comes(at, "102")
    at.leave(CALL, AGENT)


def _sounding(at: FakeFloor) -> list[object]:
    """What was ordered after the room was emptied that lets somebody be heard."""
    return [order for order in at.story[at.board.silenced[0] :] if isinstance(order, o.PutIn | o.OpenMic)]


async def _called_back(at: FakeFloor) -> str:
    """Barge, remove the agent, and call them back: the channel that rings."""
    phone = await at.session("*57201")
    seat = at.sessions[0].seat
    assert seat is not None
    at.connect(CALL, str(seat.far))
    at.press(phone, "93")
    await at.later()
    at.leave(CALL, AGENT)
    at.press(phone, "92")
    await at.later()
    return at.sessions[0].recall


@pytest.mark.parametrize(("code", "key", "order"), CASES)
@in_virtual_time
async def test_one_who_is_never_supervised(code: str, key: str, order: type[o.Order]) -> None:
    """The room is emptied at once, whatever the switch waits for, and nothing is put into it any more."""
    async with FakeFloor(NEVER) as at:
        phone = await at.session(code)
        at.board.meanwhile[order] = lambda: _comes(at, "109")
        at.press(phone, key)
        await at.later()
        assert order not in at.board.meanwhile
        assert len(at.board.silenced) == 1
        assert _sounding(at) == []
        assert at.journal.reasons(Deed.CLOSED) == [Ending.REVOKED]


@pytest.mark.parametrize(("code", "key", "order"), CASES)
@in_virtual_time
async def test_one_who_may_be_heard(code: str, key: str, order: type[o.Order]) -> None:
    """They are decided about, and then the switch goes on to its end."""
    async with FakeFloor() as at:
        phone = await at.session(code)
        at.board.meanwhile[order] = lambda: _comes(at, "102")
        at.press(phone, key)
        await at.later()
        assert len(at.board.silenced) == 1
        session = at.sessions[0]
        assert session.stance == session.wanted
        assert session.stance.mode is {"4": Mode.MONITOR, "5": Mode.COACH, "6": Mode.BARGE}[key]
        assert "failed" not in at.board.words
        assert isinstance(_sounding(at)[0], o.PutIn)
        assert session.tap is not None
        assert session.failures == 0


@in_virtual_time
async def test_a_call_is_not_taken_over_with_somebody_new_in_it() -> None:
    """The supervisor's own phone would hear them; the agent stays, and the supervisor is told."""
    async with FakeFloor(policy(ALL.replace("barge", "barge, take-over"))) as at:
        phone = await at.session("*57201")
        seat = at.sessions[0].seat
        assert seat is not None
        at.connect(CALL, str(seat.far))
        at.press(phone, "0")
        await at.later()
        at.board.meanwhile[o.HangUp] = lambda: _comes(at, "102")
        at.press(phone, "94")
        await at.later()
        assert at.board.meanwhile == {}
        assert at.board.orders(o.TakeOver) == []
        assert at.sessions[0].agent_place is AgentPlace.IN_CALL
        assert "failed" in at.board.words


@pytest.mark.parametrize("keys", ["91", "93", "94"])
@in_virtual_time
async def test_an_agent_who_has_transferred_the_call_is_not_moved(keys: str) -> None:
    """Somebody else is in their place before the order goes out: it does not, and the session goes on by its rule."""
    async with FakeFloor(policy(ALL.replace("barge", "barge, hold-agent, remove-agent, take-over"))) as at:
        phone = await at.session("*57201")
        seat = at.sessions[0].seat
        assert seat is not None
        at.connect(CALL, str(seat.far))
        at.press(phone, "0")
        await at.later()
        at.board.meanwhile[o.HangUp] = lambda: _replaced(at)
        at.press(phone, keys)
        await at.later(1)
        assert at.board.orders(o.HoldAgent, o.RemoveAgent, o.TakeOver, o.BringBack) == []
        assert at.journal.reasons(Deed.REFUSED) == ["failed"]
        assert at.journal.reasons(Deed.CLOSED) == [Ending.CALL_ENDED]


@in_virtual_time
async def test_one_to_whom_an_agent_transfers_who_has_just_been_called_back() -> None:
    """Before the session has looked: it is another call than the one decided about, though the agent is away again."""
    async with FakeFloor(policy(ALL.replace("barge", "barge, remove-agent"))) as at:
        back = await _called_back(at)
        at.story.clear()
        at.come(back, "201")
        at.connect(CALL, back)
        at.move(back, CUSTOMER)
        at.leave(CALL, back)
        _comes(at, "102")
        at.floor.unreached(NODE, back, busy=False)
        await at.later()
        assert at.board.silenced == [0]
        assert _sounding(at) == []
        assert at.journal.reasons(Deed.CLOSED) == [Ending.CALL_CHANGED]


@in_virtual_time
async def test_an_agent_who_has_just_been_called_back_and_hangs_up() -> None:
    """The supervisor goes on with the customer, as if they had not answered."""
    async with FakeFloor(policy(ALL.replace("barge", "barge, remove-agent"))) as at:
        back = await _called_back(at)
        at.come(back, "201")
        at.connect(CALL, back)
        at.move(back, CUSTOMER)
        at.leave(CALL, back)
        at.floor.unreached(NODE, back, busy=False)
        await at.later()
        assert "no-answer" in at.board.words
        assert at.journal.reasons(Deed.CLOSED) == []


@in_virtual_time
async def test_between_two_switches_nobody_is_cut() -> None:
    """A look decides about them before anything else is done, and that is enough."""
    async with FakeFloor() as at:
        await at.session("*57201")
        at.story.clear()
        _comes(at, "102")
        await at.later()
        assert at.board.silenced == []
        assert at.board.orders(o.TakeOut, o.PutIn, o.OpenMic, o.CloseMic) == []


@pytest.mark.parametrize("code", ["*55201", "*56201", "*57201"])
@in_virtual_time
async def test_one_who_is_never_supervised_between_two_switches(code: str) -> None:
    """What they end is silent at once, before the orders that end it."""
    async with FakeFloor(NEVER) as at:
        await at.session(code)
        at.story.clear()
        _comes(at, "109")
        assert at.board.silenced == [0]
        await at.later()
        assert _sounding(at) == []
        assert at.journal.reasons(Deed.CLOSED) == [Ending.REVOKED]


@asynccontextmanager
async def conference() -> AsyncIterator[FakeFloor]:
    """Let a supervisor barge into a call that is a conference."""
    async with FakeFloor() as at:
        await at.session("*57201")
        agent = at.board.book.channel(AGENT)
        assert agent is not None
        at.board.book.see(replace(agent, app=f"ConfBridge {CONFERENCE},,quiet"))
        yield at


@in_virtual_time
async def test_one_who_is_announced() -> None:
    """The room is emptied before they are let in, and filled once when they are there."""
    async with conference() as at:
        at.story.clear()
        at.floor.enters(NODE, THIRD, CONFERENCE)
        await at.later()
        assert at.board.let_in_to == [(THIRD, (at.sessions[0].id,))]
        assert at.story == []
        _comes(at, "102")
        await at.later()
        assert isinstance(_sounding(at)[0], o.PutIn)
        assert at.sessions[0].stance.mode is Mode.BARGE
        filled = len(at.story)
        await at.later(1)
        assert len(at.story) == filled


@in_virtual_time
async def test_one_who_is_announced_and_does_not_come() -> None:
    """The session goes on as before after half a second."""
    async with conference() as at:
        at.story.clear()
        at.floor.enters(NODE, THIRD, CONFERENCE)
        await at.later(0.4)
        assert at.story == []
        await at.later(0.2)
        assert [type(order) for order in at.story if isinstance(order, o.PutIn | o.OpenMic)] == [o.PutIn, o.OpenMic]


@in_virtual_time
async def test_two_who_are_announced() -> None:
    """The second one has all of their time, whenever the first one came."""
    async with conference() as at:
        at.floor.enters(NODE, THIRD, CONFERENCE)
        await at.later()
        _comes(at, "102")
        await at.later(0.3)
        at.story.clear()
        at.floor.enters(NODE, "fourth", CONFERENCE)
        await at.later(0.4)
        assert at.story == []
        await at.later(0.2)
        assert at.board.orders(o.PutIn)


@in_virtual_time
async def test_one_who_comes_into_another_conference() -> None:
    """They are let in at once, and nobody's room is emptied."""
    async with conference() as at:
        at.story.clear()
        at.floor.enters(NODE, THIRD, "611")
        await at.later(1)
        assert at.board.let_in_to == [(THIRD, ())]
        assert at.story == []


@in_virtual_time
async def test_what_the_session_does_itself_brings_no_newcomer() -> None:
    """The agent who is held and brought back was decided about long ago."""
    async with FakeFloor() as at:
        phone = await at.session("*57201")
        at.board.meanwhile[o.HoldAgent] = lambda: _away(at)
        at.press(phone, "91")
        await at.later()
        at.board.meanwhile[o.BringBack] = lambda: _back(at)
        at.press(phone, "92")
        await at.later()
        assert at.board.silenced == []


def _away(at: FakeFloor) -> None:
    at.board.book.left(CALL, AGENT)
    at.move(AGENT)


def _back(at: FakeFloor) -> None:
    at.connect(CALL, AGENT)
    at.move(AGENT)
