"""The Asterisks that the floor serves, and which of them can be seen now."""

import asyncio
from collections.abc import Callable

from supervise.floor.board import Board

BLIND_SECONDS = 5.0
"""How long a lost connection is borne before every session is ended."""


class Nodes:
    """All nodes by their names.

    Attributes:
        boards: the switchboard of each.
    """

    def __init__(self) -> None:
        """There are none yet."""
        self.boards: dict[str, Board] = {}
        self._blind: dict[str, asyncio.TimerHandle | None] = {}
        self._seen: set[str] = set()

    def attach(self, board: Board) -> None:
        """Take a node in; it is blind until it says that it is connected."""
        self.boards[board.node] = board
        self._blind[board.node] = None

    def found(self, node: str) -> bool:
        """A node can be seen; whether it could be seen at some time before."""
        timer = self._blind.pop(node, None)
        if timer is not None:
            timer.cancel()
        again = node in self._seen
        self._seen.add(node)
        return again

    def lost(self, node: str, give_up: Callable[[], None]) -> None:
        """A node cannot be seen; when that has been borne for long enough, `give_up` is called."""
        if self._blind.get(node) is None:
            self._blind[node] = asyncio.get_running_loop().call_later(BLIND_SECONDS, give_up)

    def is_blind(self, node: str) -> bool:
        """Whether a node cannot be seen now."""
        return node in self._blind

    def blind(self) -> list[str]:
        """The names of those that cannot be seen now."""
        return sorted(self._blind)

    def in_sight(self) -> list[Board]:
        """The switchboards of those that can."""
        return [board for node, board in self.boards.items() if node not in self._blind]
