"""Which calls on the board are marked private: asked while somebody looks, and told at once where Asterisk tells it."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from supervise.domain.board.board import Talk
from supervise.domain.calls.calls import CallBook
from supervise.domain.rights.private import Mark, is_private
from supervise.floor.house import House


class Node(Protocol):
    """One Asterisk, as far as marks go."""

    node: str
    book: CallBook

    async def marks(self, channels: Collection[str], variable: str) -> Mapping[str, Mark]:
        """What a channel variable says on each of these channels."""

    async def watch(self, channels: Collection[str]) -> bool:
        """Be told at once when a variable is set on these channels; whether that works."""


Place = tuple[str, str]
"""An agent's channel, with its node."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be asked: everybody's calls, or those of these channels."""

    places: frozenset[Place] = frozenset()
    everything: bool = False


EVERYTHING = Wanted(everything=True)


@dataclass(slots=True)
class _Known:
    """One call: every channel around the agent's, and whether one of them carries the mark."""

    around: frozenset[str]
    private: bool


@dataclass(slots=True)
class Privates:
    """What the marks said when they were asked last.

    Attributes:
        channels: every channel of a private call.
        all_told: whatever is marked from now on is told at once.
    """

    house: House
    nodes: Mapping[str, Node]
    channels: frozenset[str] = frozenset()
    all_told: bool = False
    _known: dict[Place, _Known] = field(default_factory=dict)
    _due: set[Place] = field(default_factory=set)
    _everything: bool = False
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    # --- news, which never wait

    def told(self, node: str, channel: str, variable: str) -> None:
        """A variable has been set on a channel that is watched."""
        if variable != self.house.source.policy.house.private_variable:
            return
        for place, known in self._known.items():
            if place[0] == node and channel in known.around:
                self.due(*place)

    def due(self, node: str, channel: str) -> None:
        """An agent's call is a new one, or may be marked another way than before."""
        self._due.add((node, channel))
        self._wake.set()

    def all_due(self) -> None:
        """Somebody looks after a time in which nobody did."""
        self._everything = True
        self._wake.set()

    # --- asking

    async def wanted(self, within: float) -> Wanted:
        """What to ask now; everything, when nothing has come up within so many seconds."""
        try:
            async with asyncio.timeout(max(0.0, within)):
                await self._wake.wait()
        except TimeoutError:
            self._everything = True
        self._wake.clear()
        found, self._due = Wanted(frozenset(self._due), self._everything), set()
        self._everything = False
        return found

    async def look(self, talks: Iterable[Talk], wanted: Wanted) -> frozenset[str]:
        """Ask the calls that are wanted of these; the channels of calls that are another thing than before."""
        by_place = {(talk.node, talk.channel.id): talk for talk in talks}
        places = by_place.keys() if wanted.everything else by_place.keys() & wanted.places
        told = [await self._ask(node, {channel for name, channel in places if name == node}) for node in self.nodes]
        if wanted.everything:
            self.all_told = all(told)
        else:
            self.all_told = self.all_told and all(told)
        self._known = {place: known for place, known in self._known.items() if place in by_place}
        before = self.channels
        self.channels = frozenset[str]().union(*(known.around for known in self._known.values() if known.private))
        return before ^ self.channels

    async def _ask(self, name: str, channels: Collection[str]) -> bool:
        node, house = self.nodes[name], self.house.source.policy.house
        around = {channel: node.book.connected(channel) for channel in channels}
        asked = sorted(frozenset[str]().union(*around.values()))
        if not asked:
            return True
        told = await node.watch(asked)
        marks = await node.marks(asked, house.private_variable)
        for channel, others in around.items():
            says = [marks.get(each) for each in others]
            self._known[name, channel] = _Known(others, is_private(says, agents_count=house.agents_mark_private))
        return told
