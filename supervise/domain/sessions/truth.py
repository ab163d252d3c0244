"""Who hears a supervisor and whom they hear, by what Asterisk says is in which bridge, not by which key was pressed."""

from collections.abc import Iterable

from supervise.domain.calls.audioflow import Direction, Flow, Hearing, Tap, hearing, who_hears
from supervise.domain.calls.calls import Call, CallBook, Channel
from supervise.domain.calls.naming import Kind, OurId, is_ours
from supervise.domain.sessions.session import AgentPlace, Session


def flow_around(session: Session, book: CallBook, also: Iterable[str] = ()) -> Flow:
    """All that the book knows of what is connected with a session's room and its agent, as a flow of sound.

    `also` are channels that are to be looked around as well.
    """
    channels, bridges, halves, taps = set[str](), set[str](), dict[str, str](), dict[str, Tap]()
    waiting = [session.supervisor.channel, session.agent.channel, *map(str, session.present), *also]
    while waiting:
        channel = waiting.pop()
        if channel in channels:
            continue
        channels.add(channel)
        half, tap = half_of(channel, book), _tap(channel, session, book)
        if half:
            halves |= {channel: half, half: channel}
            waiting.append(half)
        if tap is not None:
            taps[channel] = tap
            waiting.append(tap.on)
        bridges |= book.talking_in(channel)
        waiting += [member for bridge in book.talking_in(channel) for member in book.members_of(bridge)]
    muted = frozenset() if session.mic_open else frozenset({session.supervisor.channel})
    return Flow({bridge: book.members_of(bridge) for bridge in bridges}, halves, taps, muted)


def hearers(session: Session, book: CallBook) -> frozenset[str]:
    """The channels whose phones hear this supervisor."""
    return who_hears(flow_around(session, book), session.supervisor.channel)


def may_hear(session: Session, hearer: str) -> bool:
    """Whether somebody may hear this supervisor, by what is wanted now."""
    if session.consulting:
        return hearer == session.asker
    match session.wanted.reach:
        case 0:
            return False
        case 1:
            return hearer == session.agent.channel
        case _:
            return hearer != session.supervisor.channel


def leaks_in(session: Session, heard: Hearing) -> frozenset[str]:
    """Who hears this supervisor and must not."""
    supervisor = session.supervisor.channel
    return frozenset(id_ for id_, voices in heard.items() if supervisor in voices and not may_hear(session, id_))


def overheard_in(session: Session, heard: Hearing, book: CallBook) -> frozenset[str]:
    """Whom this supervisor hears and must not: themselves, whoever is not in the call, and at times anybody.

    Another supervisor of the call is heard over a seat, out of a room of ours. An agent who consults them is heard out
    of the call.
    """
    supervisor = session.supervisor.channel
    voices = frozenset(voice for voice in heard.get(supervisor, ()) if voice == supervisor or _speaks(voice, book))
    voices -= {session.asker} if session.consulting else set()
    if session.suspended:
        return voices
    calls = [call_of(session, book), book.call_of(session.ear_on) if session.ear_on else None]
    parties = {party.id for call in calls if call is not None for party in call.parties}
    return frozenset(voice for voice in voices - parties if not _supervises(voice, session, book))


def broken_in(session: Session, heard: Hearing, book: CallBook) -> str:
    """Which promise does not hold where these hear each other; empty where all do."""
    echo = sorted(phone for phone, voices in heard.items() if phone in voices)
    if echo:
        return f"{echo} hear themselves"
    leaks = leaks_in(session, heard)
    if leaks:
        return f"{sorted(leaks)} hear the supervisor"
    strangers = overheard_in(session, heard, book)
    return f"the supervisor hears {sorted(strangers)}" if strangers else ""


def broken(session: Session, book: CallBook) -> str:
    """Which promise does not hold now."""
    return broken_in(session, hearing(flow_around(session, book)), book)


def _speaks(voice: str, book: CallBook) -> bool:
    """What a conference says to all its members is nobody's voice."""
    known = book.channel(voice)
    return known is None or known.speaks


def _supervises(voice: str, session: Session, book: CallBook) -> bool:
    return voice != session.supervisor.channel and any(is_ours(bridge) for bridge in book.bridges_of(voice))


def bridges_with(seat: OurId | None, book: CallBook) -> frozenset[str]:
    """The bridges of the call that a seat is in; none without a seat."""
    return frozenset() if seat is None else book.bridges_of(str(seat.far))


def beside(seat: OurId | None, agent: str, book: CallBook) -> tuple[Channel, ...]:
    """Who is in the bridge that a seat is in, without the agent: there the agent may be put back."""
    members = frozenset[str]().union(*map(book.members_of, bridges_with(seat, book)))
    others = (book.channel(id_) for id_ in sorted(members) if not is_ours(id_) and id_ != agent)
    return tuple(channel for channel in others if channel is not None)


def call_of(session: Session, book: CallBook) -> Call | None:
    """The call that a session is about: the agent's, or what goes on of it without them."""
    if session.agent_place is AgentPlace.IN_CALL:
        return book.call_of(session.agent.channel)
    others = beside(session.seat, session.agent.channel, book)
    return book.call_of(others[0].id, least=1) if others else None


def half_of(channel: str, book: CallBook) -> str:
    """The other half of a Local channel, ours or not; empty where there is none."""
    ours = OurId.read(channel)
    if ours is None:
        return book.half_of(channel)
    match ours.kind:
        case Kind.SEAT | Kind.CONSULT:
            return str(ours.far)
        case Kind.SEAT_FAR:
            return str(OurId(Kind.SEAT, ours.session, ours.turn))
        case Kind.CONSULT_FAR:
            return str(OurId(Kind.CONSULT, ours.session, ours.turn))
        case _:
            return ""


def _tap(channel: str, session: Session, book: CallBook) -> Tap | None:
    """An ear of the session's; on which channel it is, its own name says where the book has it."""
    ours, known = OurId.read(channel), book.channel(channel)
    if ours is None or ours.session != session.id or ours.kind not in DIRECTIONS:
        return None
    told = session.ear_on if ours == session.tap and session.ear_on else session.agent.channel
    return Tap((known.tapped if known is not None else "") or told, *DIRECTIONS[ours.kind])


DIRECTIONS = {
    Kind.EAR: (Direction.BOTH, Direction.NONE),
    Kind.COACH_EAR: (Direction.BOTH, Direction.OUT),
    Kind.QUIET_EAR: (Direction.IN, Direction.NONE),
    Kind.QUIET_COACH_EAR: (Direction.IN, Direction.OUT),
}
"""What each ear hears of its agent, and to whom it whispers."""
