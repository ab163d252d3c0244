"""Who hears a supervisor, by what Asterisk says is in which bridge, not by which key was pressed."""

from supervise.domain.audioflow import Direction, Flow, Tap, who_hears
from supervise.domain.calls import CallBook
from supervise.domain.naming import Kind, OurId
from supervise.domain.session import Session


def flow_of(
    book: CallBook, agent_channels: dict[str, str], muted: frozenset[str], near: frozenset[str] | None = None
) -> Flow:
    """What the book knows, as a flow of sound.

    Args:
        book: the channels and bridges of one Asterisk.
        agent_channels: the channel that each session's ears are on, by the session's id.
        muted: the channels that we keep out of everything.
        near: the bridges that matter; None is all of them.
    """
    bridges = {bridge: book.members_of(bridge) for bridge in (book.all_bridges() if near is None else near)}
    present = frozenset().union(*bridges.values())
    ours = [id_ for id_ in map(OurId.read, present) if id_ is not None]
    taps = {str(ear): tap for ear in ours if (tap := _tap(ear, agent_channels)) is not None}
    halves = {str(s): str(OurId(Kind.SEAT_FAR, s.session, s.turn)) for s in ours if s.kind is Kind.SEAT}
    halves |= {far: near for near, far in halves.items()}
    return Flow(bridges, halves | _foreign_halves(book, present), taps, muted)


def hearers(session: Session, book: CallBook) -> frozenset[str]:
    """The channels whose phones hear this supervisor."""
    supervisor = session.supervisor.channel
    muted = frozenset() if session.mic_open else frozenset({supervisor})
    near = book.connected(session.agent.channel) | {supervisor}
    bridges = frozenset({str(session.room)}).union(*(book.bridges_of(channel) for channel in near))
    return who_hears(flow_of(book, {session.id: session.agent.channel}, muted, bridges), supervisor)


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
