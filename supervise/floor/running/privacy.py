"""Whether a call is private, asked of its channels again and again while somebody listens."""

import asyncio
from collections.abc import Iterable

from supervise.domain.ports import Switchboard
from supervise.domain.rights.private import Mark, is_private
from supervise.floor.house import House

MOST_UNKNOWN = 4
"""So many answers in a row that were none make a running session's call a private one.

Each may take 1.3 s, and after 3 s of silence the connection is known to be lost, which has an end of its own: three
must not be enough.
"""

SELDOM_SECONDS = 3.0
"""How often a call is asked whose marks are told at once: what was not told for once is found all the same."""


class Privacy:
    """What the channels of one agent's call say of it.

    Attributes:
        private: the call is marked private, or nobody can tell any more.
        watched: the channels that were asked last.
    """

    def __init__(self, house: House, board: Switchboard) -> None:
        """Watch a call that was not private when it was decided about."""
        self.private = False
        self.watched: frozenset[str] = frozenset()
        self._due = 0.0
        self._house = house
        self._board = board
        self._unknown = 0

    @property
    def due(self) -> bool:
        """Whether it is time to look, without a reason."""
        return asyncio.get_running_loop().time() >= self._due

    async def look(self, parties: Iterable[str]) -> bool:
        """Ask about the call that these channels are in; whether the answer is another one than before."""
        self.watched = around(self._board, *parties)
        told = await self._board.watch(self.watched)
        self._due = asyncio.get_running_loop().time() + SELDOM_SECONDS if told else 0.0
        marks = await ask(self._house, self._board, *parties)
        unknown = None in marks.values()
        self._unknown = self._unknown + 1 if unknown else 0
        if unknown and self._unknown < MOST_UNKNOWN:
            marks = {channel: mark for channel, mark in marks.items() if mark is not None}
        before, self.private = self.private, says_private(self._house, marks)
        return before is not self.private


def around(board: Switchboard, *parties: str) -> frozenset[str]:
    """Every channel that these are connected with, Local halves included: any may carry the mark.

    One that has gone says nothing, and is not asked.
    """
    connected = frozenset[str]().union(*map(board.book.connected, parties))
    return frozenset(channel for channel in connected if board.book.channel(channel) is not None)


async def ask(house: House, board: Switchboard, *parties: str) -> dict[str, Mark]:
    """Ask every channel around these parties."""
    variable = house.source.policy.house.private_variable
    return dict(await board.marks(sorted(around(board, *parties)), variable))


def says_private(house: House, marks: dict[str, Mark]) -> bool:
    """Whether that makes the call private, by the policy of now."""
    return is_private(marks.values(), agents_count=house.source.policy.house.agents_mark_private)
