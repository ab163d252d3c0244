"""What the guard keeps of who is in a session's room."""

from dataclasses import replace

import pytest

from supervise.ari.guarding import Guarding
from supervise.domain.calls.calls import CallBook, Channel
from supervise.domain.calls.naming import Kind, OurId
from supervise.domain.ports import GuardedError
from supervise.domain.sessions import orders as o
from tests.support.world import new_session

pytestmark = pytest.mark.unit

EAR, OTHER = OurId(Kind.EAR, "0" * 32, 1), OurId(Kind.EAR, "0" * 32, 2)


def test_who_has_left_our_application_is_in_no_room() -> None:
    """Asterisk tells of it some milliseconds before it tells of the end: what is put in meanwhile is not refused."""
    book, session = CallBook(), replace(new_session(), tap=EAR)
    for party, user in ((session.agent.channel, "201"), ("customer", "101")):
        book.see(Channel(party, f"PJSIP/{user}-00000001", up=True))
        book.entered("call", party)
    for tap in (EAR, OTHER):
        book.see(Channel(str(tap), f"Snoop/{session.agent.channel}-0000000{tap.turn}"))
    guarding = Guarding("pbx", book)
    guarding.let(session, o.PutIn(EAR))
    with pytest.raises(GuardedError, match="would be in the room as well"):
        guarding.let(session, o.PutIn(OTHER))
    guarding.left(str(EAR))
    assert guarding.in_room(session) == ()
    guarding.let(replace(session, tap=OTHER), o.PutIn(OTHER))
    assert guarding.in_room(session) == (OTHER,)
