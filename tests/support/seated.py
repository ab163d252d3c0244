"""A call with a supervisor's seat in it, on hold."""

from dataclasses import replace

from supervise.domain.calls.calls import CallBook, Channel
from supervise.domain.calls.naming import Kind, OurId
from supervise.domain.sessions.session import Person, Stage
from supervise.domain.words import Visibility
from tests.support.world import new_session

AGENT, CUSTOMER, THIRD, SUPERVISOR = "pbx-1.1", "pbx-1.2", "pbx-1.3", "pbx-1.4"
SEAT, OTHERS_SEAT = OurId(Kind.SEAT, "1" * 32, 2), OurId(Kind.SEAT, "0" * 32, 2)
CALL, CONSULT, ROOM = "call", "consult", str(OurId(Kind.ROOM, "0" * 32, 0))

SESSION = replace(
    new_session(visibility=Visibility.HIDDEN),
    id="1" * 32,
    supervisor=Person("hilda", SUPERVISOR),
    agent=Person("anna", AGENT),
    stage=Stage.LIVE,
    seat=SEAT,
    seated=True,
)


def held_call(*members: str, held: str = AGENT) -> CallBook:
    """A call of these, with the seat in it; somebody holds."""
    book = CallBook()
    for channel, phone in ((AGENT, "201"), (CUSTOMER, "101"), (THIRD, "102")):
        book.see(Channel(channel, f"PJSIP/{phone}-00000001"))
    book.see(Channel(str(SEAT), "Local/seat@supervise-seat-00000000;1"))
    book.see(Channel(str(SEAT.far), "Local/seat@supervise-seat-00000000;2"))
    for member in (*members, str(SEAT.far)):
        book.entered(CALL, member)
    book.hold(held, held=True)
    return book
