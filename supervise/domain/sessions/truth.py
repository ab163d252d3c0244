"""Who hears a supervisor, by what Asterisk says is in which bridge, not by which key was pressed."""

from dataclasses import replace

from supervise.domain.calls.audioflow import Direction, Flow, Tap, hearing, who_hears
from supervise.domain.calls.calls import Call, CallBook, Channel
from supervise.domain.calls.naming import Kind, OurId, is_ours
from supervise.domain.sessions.session import AgentPlace, Session


def flow_around(session: Session, book: CallBook) -> Flow:
    """All that the book knows of what is connected with a session's room and its agent, as a flow of sound."""
    start = {session.supervisor.channel, session.agent.channel, *map(str, session.present)}
    channels, bridges, halves = set[str](), set[str](), dict[str, str]()
    waiting = list(start)
    while waiting:
        channel = waiting.pop()
        if channel in channels:
            continue
        channels.add(channel)
        half = half_of(channel, book)
        if half:
            halves |= {channel: half, half: channel}
            waiting.append(half)
        bridges |= book.talking_in(channel)
        waiting += [member for bridge in book.talking_in(channel) for member in book.members_of(bridge)]
    taps = {channel: tap for channel in channels if (tap := _tap(channel, session)) is not None}
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


def leaks_to(session: Session, book: CallBook) -> frozenset[str]:
    """Who hears this supervisor and must not."""
    return frozenset(hearer for hearer in hearers(session, book) if not may_hear(session, hearer))


def overheard(session: Session, book: CallBook) -> frozenset[str]:
    """Whom this supervisor hears and must not: themselves, whoever is not in the call, and at times anybody.

    Another supervisor of the call is heard over a seat, out of a room of ours. An agent who consults them is heard out
    of the call.
    """
    heard = hearing(flow_around(session, book)).get(session.supervisor.channel, frozenset())
    heard -= {session.asker} if session.consulting else set()
    calls = [call_of(session, book), book.call_of(session.ear_on) if session.ear_on else None]
    parties = {party.id for call in calls if call is not None and not session.suspended for party in call.parties}
    return frozenset(voice for voice in heard - parties if session.suspended or not _supervises(voice, session, book))


def _supervises(voice: str, session: Session, book: CallBook) -> bool:
    return voice != session.supervisor.channel and any(is_ours(bridge) for bridge in book.bridges_of(voice))


def why_not(session: Session, tap: OurId, book: CallBook) -> str:
    """Why a tap must not be in a session's room with the microphone as it is; empty where it may be.

    The room is taken as it will be: events about what has just been taken out of it may still be on their way.
    """
    if session.suspended:
        return "nothing may be in the room now"
    flow = flow_around(replace(session, tap=tap), book)
    room = frozenset({session.supervisor.channel, str(tap)})
    flow = replace(flow, bridges={**flow.bridges, str(session.room): room})
    heard = hearing(flow)
    supervisor = session.supervisor.channel
    echo = sorted(phone for phone in flow.phones() if phone in heard[phone])
    leaks = sorted(phone for phone in heard if supervisor in heard[phone] and not may_hear(session, phone))
    if echo:
        return f"{echo} would hear themselves"
    return f"{leaks} would hear the supervisor" if leaks else ""


def beside(seat: OurId | None, agent: str, book: CallBook) -> tuple[Channel, ...]:
    """Who is in the bridge that a seat is in, without the agent: there the agent may be put back."""
    if seat is None:
        return ()
    members = frozenset[str]().union(*(book.members_of(b) for b in book.bridges_of(str(seat.far))))
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
        case Kind.SEAT:
            return str(ours.far)
        case Kind.SEAT_FAR:
            return str(OurId(Kind.SEAT, ours.session, ours.turn))
        case _:
            return ""


def _tap(channel: str, session: Session) -> Tap | None:
    ours = OurId.read(channel)
    if ours is None or ours.session != session.id or ours.kind not in DIRECTIONS:
        return None
    on = session.ear_on if ours == session.tap and session.ear_on else session.agent.channel
    return Tap(on, *DIRECTIONS[ours.kind])


DIRECTIONS = {
    Kind.EAR: (Direction.BOTH, Direction.NONE),
    Kind.COACH_EAR: (Direction.BOTH, Direction.OUT),
    Kind.QUIET_EAR: (Direction.IN, Direction.NONE),
    Kind.QUIET_COACH_EAR: (Direction.IN, Direction.OUT),
}
"""What each ear hears of its agent, and to whom it whispers."""
