"""Finding what lost events have hidden: the book held against what Asterisk says now.

A reading takes some milliseconds, and events go on meanwhile, so one difference proves nothing. One that is the same
in two readings, a second apart, is an event that never came.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

from supervise.ari.folding import as_channel, place_of
from supervise.ari.snapshot import Reader, Snapshot, take
from supervise.domain.calls.calls import CallBook, Channel

BETWEEN_READINGS = 1.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Came:
    """A channel that the book does not know."""

    id: str


@dataclass(frozen=True, slots=True)
class Went:
    """A channel that is only in the book."""

    id: str


@dataclass(frozen=True, slots=True)
class Entered:
    """A channel that is in a bridge, and not so in the book."""

    bridge: str
    channel: str


@dataclass(frozen=True, slots=True)
class Left:
    """A channel that is in a bridge only in the book."""

    bridge: str
    channel: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A bridge that is only in the book."""

    bridge: str


Difference = Came | Went | Entered | Left | Ended


async def catch_up(ari: Reader, book: CallBook) -> frozenset[Difference]:
    """Compare twice, put what was lost into the book, and return it.

    Raises:
        AriError: Asterisk could not be read.
    """
    first = frozenset(_differences(await take(ari), book))
    if not first:
        return first
    await asyncio.sleep(BETWEEN_READINGS)
    snapshot = await take(ari)
    lost = first & frozenset(_differences(snapshot, book))
    channels = {channel.id: as_channel(channel) for channel in snapshot.channels}
    entered = {difference.bridge for difference in lost if isinstance(difference, Entered)}
    for bridge in (bridge for bridge in snapshot.bridges if bridge.id in entered):
        book.opened(bridge.id, place_of(bridge))
    for difference in lost:
        _apply(difference, book, channels)
    return lost


def _differences(snapshot: Snapshot, book: CallBook) -> Iterator[Difference]:
    there = {channel.id for channel in snapshot.channels}
    known = {channel.id for channel in book.channels()}
    members = {bridge.id: frozenset(bridge.channels) for bridge in snapshot.bridges}
    yield from (Came(id_) for id_ in there - known)
    if snapshot.complete:
        yield from (Went(id_) for id_ in known - there)
    yield from (Ended(bridge) for bridge in set(book.all_bridges()) - members.keys())
    for bridge, channels in members.items():
        yield from (Entered(bridge, channel) for channel in channels - book.members_of(bridge))
        yield from (Left(bridge, channel) for channel in book.members_of(bridge) - channels)


def _apply(difference: Difference, book: CallBook, channels: dict[str, Channel]) -> None:
    match difference:
        case Came(id_):
            book.see(channels[id_])
        case Went(id_):
            book.gone(id_)
        case Entered(bridge, channel):
            book.entered(bridge, channel)
        case Left(bridge, channel):
            book.left(bridge, channel)
        case Ended(bridge):
            book.bridge_gone(bridge)
