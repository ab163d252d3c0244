"""Moving an agent: what is waited for, and what no longer."""

from dataclasses import replace

import pytest

from supervise.ari.client.client import Ari
from supervise.ari.movers import Movers
from supervise.domain.calls.calls import CallBook, Channel
from supervise.domain.calls.naming import Kind, OurId
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.session import Session
from tests.ari.fake_ari import FakeAri
from tests.support.world import new_session

pytestmark = pytest.mark.unit

SESSION = "0" * 32
SEAT = OurId(Kind.SEAT, SESSION, 1)


def book() -> CallBook:
    """A customer and a seat in a call, whose agent is out of it."""
    book = CallBook()
    book.see(Channel("agent", "PJSIP/200-00000001"))
    book.see(Channel("customer", "PJSIP/trunk-00000002"))
    for member in ("customer", str(SEAT.far)):
        book.entered("call", member)
    return book


def session() -> Session:
    """Whose supervisor has put the agent on hold."""
    return replace(new_session(), seat=SEAT)


async def test_an_agent_who_hangs_up_on_their_way_back_is_not_waited_for() -> None:
    """As if they had hung up before: the customer would otherwise hear of it a second later."""
    async with FakeAri() as fake, Ari(fake.access) as ari:
        for channel, endpoint in (("agent", "PJSIP/200"), ("customer", "PJSIP/trunk"), ("third", "PJSIP/201")):
            fake.switch.new_channel(channel, endpoint)
        fake.switch.call("call", "customer", "third")
        fake.switch.enter_stasis("agent", "supervise")
        known = book()
        fake.operations.on_continue = lambda channel, _: known.gone(channel.id)
        await Movers(ari, known).carry_out(session(), o.BringBack(SEAT))
        assert len(fake.paths("GET")) == 2  # before they are put back, and after
