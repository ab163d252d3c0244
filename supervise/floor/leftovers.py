"""What is left over in an Asterisk: of ours, and of no session that anybody knows of."""

import asyncio

from supervise.domain.calls.naming import OurId
from supervise.floor.board import Board
from supervise.floor.errands import logged
from supervise.floor.house import House
from supervise.floor.lines import Lines


class Leftovers:
    """Finds them and takes them down."""

    def __init__(self, house: House, lines: Lines) -> None:
        """What belongs to one of `lines` is not left over."""
        self._house = house
        self._lines = lines

    def orphans(self, board: Board) -> tuple[OurId, ...]:
        """The channels and rooms of ours without a session."""
        return board.orphans(lambda session: self._lines.of(session) is not None)

    async def clear(self, board: Board, orphans: tuple[OurId, ...]) -> None:
        """Take down what is left over; agents on hold go back first, since a seat may be all that keeps their call."""
        await self.release(board)
        await asyncio.gather(*(logged(self.remove(board, orphan)) for orphan in orphans))

    async def release(self, board: Board) -> None:
        """Put back the agents on hold of whom no session knows."""
        known = {session.agent.channel for session in self._lines.sessions()}
        forgotten = [agent for agent in board.held() if agent not in known]
        await asyncio.gather(*(logged(board.release(agent)) for agent in forgotten))

    async def remove(self, board: Board, orphan: OurId) -> None:
        """Take one down."""
        self._house.figures.orphaned()
        await board.remove(orphan)
