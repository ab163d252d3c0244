"""A call that is handed over, on a floor without an Asterisk: which line it is for, and what is let go."""

import pytest

from supervise.domain.records import Deed
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.handing import Sent
from supervise.domain.sessions.session import Ending
from tests.support.fake_board import NODE
from tests.support.fake_floor import AGENT, CALL, CUSTOMER, FakeFloor, policy
from tests.support.virtual_time import in_virtual_time

pytestmark = pytest.mark.unit

RULE = "{who: lead, may: [monitor, coach, barge, receive-transfer], whom: own-teams, how: choice}"


def send(at: FakeFloor, *, to: str = "301", by: str | None = None) -> str:
    """Let the agent transfer the customer, blind; the agent's channel has gone before, and its ear with it."""
    agent, customer = at.board.book.channel(AGENT), at.board.book.channel(CUSTOMER)
    assert agent is not None
    assert customer is not None
    at.board.book.left(CALL, CUSTOMER)
    at.board.book.left(CALL, AGENT)
    at.board.book.gone(AGENT)
    at.move(AGENT, CUSTOMER)
    at.floor.sent(NODE, Sent(customer, to, agent.name if by is None else by))
    return customer.id


@in_virtual_time
async def test_a_call_that_comes_after_its_agent_has_gone() -> None:
    """The session waits for it, and it is the supervisor's own, whose phone goes on."""
    async with FakeFloor(policy(RULE)) as at:
        phone = await at.session()
        customer = send(at)
        await at.later(0.1)
        assert at.board.orders(o.Receive) == [o.Receive(customer)]
        at.floor.supervisor_gone(NODE, phone)
        await at.later(1)
        assert at.journal.reasons(Deed.CLOSED) == [Ending.HANDED_OVER]
        assert at.board.book.channel(phone) is not None
        assert at.board.words[-1] == "handed-over"


@in_virtual_time
async def test_one_that_does_not_come() -> None:
    """After half a second the call has ended, as it has when the customer hangs up."""
    async with FakeFloor(policy(RULE)) as at:
        await at.session()
        at.leave(CALL, AGENT)
        await at.later(0.4)
        assert at.journal.reasons(Deed.CLOSED) == []
        await at.later(0.6)
        assert at.journal.reasons(Deed.CLOSED) == [Ending.CALL_ENDED]


@pytest.mark.parametrize(("to", "by"), [("302", None), ("301", "PJSIP/202-00000009"), ("301", "")])
@in_virtual_time
async def test_any_other_call_is_let_go(to: str, by: str | None) -> None:
    """To a supervisor in no session, sent by somebody else, or by nobody."""
    async with FakeFloor(policy(RULE)) as at:
        await at.session()
        customer = send(at, to=to, by=by)
        await at.later(0.1)
        assert at.board.orders(o.LetGo) == [o.LetGo(customer)]
        assert not at.board.orders(o.Receive)


@in_virtual_time
async def test_an_agent_who_asks_first_is_let_go_when_nobody_answers() -> None:
    """Their call is on a lease meanwhile, and goes on to ring the phone after half a minute."""
    async with FakeFloor(policy(RULE)) as at:
        await at.session()
        at.hold(AGENT)
        at.come("consult", "201")
        known = at.board.book.channel("consult")
        assert known is not None
        at.floor.sent(NODE, Sent(known, "301"))
        await at.later(10)
        assert at.board.orders(o.Ring) == [o.Ring("consult")]
        assert "consult" in at.board.renewed
        assert not at.board.orders(o.LetGo)
        await at.later(25)
        assert at.board.orders(o.LetGo) == [o.LetGo("consult")]
