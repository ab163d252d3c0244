"""A tap does not come before the taps that were hung up on the same channel have gone, nor a seat go before them."""

import asyncio
from dataclasses import replace

import pytest

from supervise.ari.client.client import Ari
from supervise.ari.hands import Hands
from supervise.ari.leaving import PATIENCE, Leaving
from supervise.domain.calls.calls import CallBook, Channel
from supervise.domain.calls.naming import Kind, OurId
from supervise.domain.sessions import orders as o
from supervise.domain.sessions.session import Person, Session
from tests.ari.fake_ari import FakeAri
from tests.support.virtual_time import in_virtual_time
from tests.support.world import new_session

pytestmark = pytest.mark.unit

AGENT, OTHER = "pbx-1.1", "pbx-1.2"
SESSION = "0" * 32
OLD, NEW, SEAT = (OurId(kind, SESSION, turn) for turn, kind in enumerate((Kind.EAR, Kind.COACH_EAR, Kind.SEAT)))


def book() -> CallBook:
    """An agent in a call with a seat in it, and an ear on the agent."""
    book = CallBook()
    book.see(Channel(AGENT, "PJSIP/201-00000001"))
    book.see(Channel(str(OLD), f"Snoop/{AGENT}-00000000"))
    book.see(Channel(str(SEAT.far), "Local/seat@supervise-seat-00000000;2"))
    for member in (AGENT, str(SEAT.far)):
        book.entered("call", member)
    return book


def session() -> Session:
    """Whose ears these are."""
    return replace(new_session(), agent=Person("anna", AGENT))


async def seconds_until_clear(leaving: Leaving, channel: str = AGENT) -> float:
    """How long one waits for a channel."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    await leaving.none_on(channel)
    return loop.time() - began


def destroyed(known: CallBook, leaving: Leaving) -> None:
    """Let Asterisk tell that the old ear is no more."""
    known.gone(str(OLD))
    leaving.ended(str(OLD))


@in_virtual_time
async def test_who_was_hung_up_is_waited_for() -> None:
    """Until Asterisk tells that they have gone, and not longer; that they have left our application is not enough."""
    known = book()
    leaving = Leaving(known)
    assert await seconds_until_clear(leaving) == 0
    leaving.hung_up(str(OLD))
    asyncio.get_running_loop().call_later(0.01, leaving.ended, str(OLD))
    asyncio.get_running_loop().call_later(0.02, destroyed, known, leaving)
    assert await seconds_until_clear(leaving) == pytest.approx(0.02)
    assert await seconds_until_clear(leaving) == 0


@in_virtual_time
async def test_only_on_the_same_channel() -> None:
    """What listens to somebody else is not in the way."""
    leaving = Leaving(book())
    leaving.hung_up(str(OLD))
    assert await seconds_until_clear(leaving, OTHER) == 0


@in_virtual_time
async def test_not_for_ever() -> None:
    """While no sound flows a tap cannot go: the new one comes nevertheless."""
    leaving = Leaving(book())
    leaving.hung_up(str(OLD))
    assert await seconds_until_clear(leaving) == pytest.approx(PATIENCE)


@in_virtual_time
async def test_what_asterisk_does_not_have_is_not_waited_for() -> None:
    """Neither one that never came, nor one that went while events were lost."""
    known = book()
    leaving = Leaving(known)
    leaving.hung_up(str(NEW))
    leaving.hung_up(str(OLD))
    known.clear()
    assert await seconds_until_clear(leaving) == 0


async def test_an_ear_is_made_and_a_seat_goes_when_the_old_ear_has_gone() -> None:
    """A new ear that meets the old one may be deaf; a call that changes with it there may stand still."""
    async with FakeAri() as fake, Ari(fake.access) as ari:
        known = book()
        hands = Hands(ari, known)
        hands.leaving.hung_up(str(OLD))
        waiting = asyncio.gather(
            hands.carry_out(session(), o.Make(NEW, AGENT)), hands.hang_up(str(SEAT)), return_exceptions=True
        )
        await asyncio.sleep(0)
        assert not fake.asked
        destroyed(known, hands.leaving)
        await waiting
        assert [each.segments for each in fake.asked if each.method == "DELETE"] == [("channels", str(SEAT))]
        assert [each.segments[2:] for each in fake.asked if each.method == "POST"] == [("snoop", str(NEW))]
