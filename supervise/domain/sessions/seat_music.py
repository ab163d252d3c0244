"""The music of a hold where a seat has made the call's bridge one that mixes: there Asterisk begins none (22.10.1).

``softmix_bridge_write_control`` passes no hold on to the others. So for as long as a seat without a voice is in a call
that would have music without it, its session sees to the music.
"""

from enum import StrEnum

from supervise.domain.calls.calls import CallBook, Channel
from supervise.domain.calls.naming import Kind, OurId
from supervise.domain.sessions.session import Session, Stage
from supervise.domain.sessions.truth import beside, bridges_with

_PAIR = 2
"""So many talk to each other in an ordinary call."""


class Music(StrEnum):
    """What a session does for who is on hold."""

    NONE = "none"
    WHISPERED = "whispered"
    """It is whispered to the one on hold, while the one who holds is in the call."""
    BEGUN = "begun"
    """The seat has Asterisk begin the music of the one who waits alone; that goes on when the seat has left."""


def music_of(session: Session, book: CallBook) -> Music:
    """What there is to be now."""
    seat = session.seat
    if session.stage is Stage.CLOSED or seat is None or not session.seated or session.private or session.without_agent:
        return Music.NONE
    heard = session.tap == seat and session.mic_open
    if heard or not _is_first(seat, book):
        return Music.NONE
    agent = book.channel((session.home or session.agent).channel)
    others = beside(seat, "", book)
    if len(others) == 1 and agent is not None and agent not in others:
        return Music.BEGUN if agent.held and not agent.put_on_hold else Music.NONE
    return Music.WHISPERED if len(others) == _PAIR and holder_in(others, book) is not None else Music.NONE


def holder_in(others: tuple[Channel, ...], book: CallBook) -> Channel | None:
    """Who has put the others on hold, in the call of those who are beside a seat."""
    call = book.call_of(others[0].id)
    parties = () if call is None else call.parties
    return next((party for party in parties if party.held), None) if len(parties) == _PAIR else None


def _is_first(seat: OurId, book: CallBook) -> bool:
    """Whether no other supervisor's seat is to do it, and none of them is in the call with their voice."""
    members = frozenset[str]().union(*map(book.members_of, bridges_with(seat, book)))
    read = (OurId.read(member) for member in members)
    seats = [ours for ours in read if ours is not None and ours.kind is Kind.SEAT_FAR]
    voices = any(book.bridges_of(str(OurId(Kind.SEAT, each.session, each.turn))) for each in seats if each != seat.far)
    return not voices and str(seat.far) == min(map(str, seats), default="")
