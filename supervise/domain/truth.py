"""Who hears a supervisor, by what Asterisk says is in which bridge, not by which key was pressed."""

from supervise.domain.audioflow import Direction, Flow, Tap, who_hears
from supervise.domain.calls import Call, CallBook, Channel
from supervise.domain.naming import Kind, OurId, is_ours
from supervise.domain.session import AgentPlace, Session


def flow_of(book: CallBook, agent_channels: dict[str, str], muted: frozenset[str]) -> Flow:
    """Everything that the book knows, as a flow of sound.

    Args:
        book: the channels and bridges of one Asterisk.
        agent_channels: the channel that each session's ears are on, by the session's id.
        muted: the channels that we keep out of everything.
    """
    bridges = {bridge: book.members_of(bridge) for bridge in book.all_bridges()}
    present = frozenset().union(*bridges.values())
    ours = [id_ for id_ in map(OurId.read, present) if id_ is not None]
    taps = {str(ear): tap for ear in ours if (tap := _tap(ear, agent_channels)) is not None}
    halves = {str(s): str(s.far) for s in ours if s.kind is Kind.SEAT}
    halves |= {far: near for near, far in halves.items()}
    return Flow(bridges, halves | _foreign_halves(book, present), taps, muted)


def hearers(session: Session, book: CallBook) -> frozenset[str]:
    """The channels whose phones hear this supervisor."""
    supervisor = session.supervisor.channel
    muted = frozenset() if session.mic_open else frozenset({supervisor})
    return who_hears(flow_of(book, {session.id: session.agent.channel}, muted), supervisor)


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


def _tap(ear: OurId, agent_channels: dict[str, str]) -> Tap | None:
    on = agent_channels.get(ear.session)
    if on is None or ear.kind not in (Kind.EAR, Kind.COACH_EAR):
        return None
    return Tap(on, Direction.BOTH, Direction.OUT if ear.kind is Kind.COACH_EAR else Direction.NONE)


def _foreign_halves(book: CallBook, present: frozenset[str]) -> dict[str, str]:
    known = {channel.name: channel.id for channel in book.channels() if channel.technology == "Local"}
    halves: dict[str, str] = {}
    for id_ in present:
        channel = book.channel(id_)
        if channel is not None and channel.other_half in known:
            halves[id_] = known[channel.other_half]
    return halves
