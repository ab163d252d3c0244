"""What is done for all lines every now and then, because time has passed."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from supervise.domain.ports import OrderFailedError
from supervise.domain.sessions.lamps import every_lamp, lamps, receiving
from supervise.floor.board import Board
from supervise.floor.errands import logged
from supervise.floor.house import House
from supervise.floor.leases import Leases
from supervise.floor.leftovers import Leftovers
from supervise.floor.lines import Lines
from supervise.floor.nodes import Nodes
from supervise.floor.running.runner import Runner

RENEW_SECONDS = 3.0
"""How often leases of 10 s are renewed: two may fail before one runs out."""

STALL_SECONDS = 0.5
"""How often a coach's carrier is looked at: 25 packets are due in that time."""

MARKS_SECONDS = 0.3
"""How often it is seen to that calls are asked whether they are private; the sound has to end half a second after.

Where Asterisk tells of a mark at once, they are asked more seldom (`supervise.floor.running.privacy.SELDOM_SECONDS`).
"""

LAMPS_SECONDS = 0.3
"""How often the lamps are held against the sessions."""

DECIDE_SECONDS = 10.0
"""How often running sessions are decided anew because of the time alone: hours, minutes."""

RECONCILE_SECONDS = 15.0
"""How often everything is read again, to find what lost events have hidden."""

ORPHAN_SECONDS = 2.0
"""How long something of ours without a session is given to end by itself; the agent's last tone takes half a second."""

log = structlog.get_logger(__name__)


class News(Protocol):
    """Who is told of what a round has found."""

    def rights_changed(self) -> None:
        """The time alone may allow or forbid something now."""

    def read_again(self, board: Board) -> None:
        """Something had been hidden by lost events, and is in the book now."""


class Rounds:
    """All that is done again and again.

    Attributes:
        leases: when they were renewed.
        renew_seconds: how often they are.
        leftovers: what is in Asterisk and belongs to no line.
    """

    def __init__(self, house: House, nodes: Nodes, lines: Lines, news: News) -> None:
        """Go round `lines` on `nodes`; nothing happens before `run`."""
        self.leases = Leases()
        self.renew_seconds = RENEW_SECONDS
        self.leftovers = Leftovers(house, lines)
        self._house = house
        self._nodes = nodes
        self._lines = lines
        self._news = news

    async def run(self) -> None:
        """Do what time asks for, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(_every(self.renew_seconds, self._renew))
            group.create_task(_every(STALL_SECONDS, self._look_at_carriers))
            group.create_task(_every(MARKS_SECONDS, self._look_at_marks_in_turn))
            group.create_task(_every(LAMPS_SECONDS, self._light))
            group.create_task(_every(DECIDE_SECONDS, self._decide_anew))
            group.create_task(_every(RECONCILE_SECONDS, self.reconcile))

    async def _renew(self) -> None:
        await asyncio.gather(*map(self._renew_on, self._nodes.boards.values()))

    async def _renew_on(self, board: Board) -> None:
        await board.renew([channel for line in self._lines.on(board.node) for channel in line.leased])
        if not self._nodes.is_blind(board.node):
            self.leases.renewed(board.node, asyncio.get_running_loop().time())

    async def _look_at_carriers(self) -> None:
        await asyncio.gather(*(runner.look_at_carrier() for runner in self._lines.runners()))

    async def look_at_marks(self) -> None:
        """Ask every call whether it is private.

        A node that cannot be seen is asked nothing: being blind has its own end.
        """
        await asyncio.gather(*(runner.look_at_marks() for runner in self._in_sight()))

    async def _look_at_marks_in_turn(self) -> None:
        """The same for those whose turn it is."""
        await asyncio.gather(*(runner.look_at_marks() for runner in self._in_sight() if runner.privacy.due))

    def _in_sight(self) -> list[Runner]:
        lines = [line for line in self._lines if not self._nodes.is_blind(line.board.node)]
        return [line.runner for line in lines if line.runner is not None]

    async def _light(self) -> None:
        """Show who is supervised and who supervises, on every node that can be seen."""
        policy = self._house.source.policy
        rules = policy.house.session
        known = every_lamp((each for person in policy.people.values() for each in person.endpoints), rules)
        for board in self._nodes.in_sight():
            sessions = [session for session in self._lines.sessions() if session.node == board.node]
            lit = lamps(sessions, board.book, policy) | receiving(sessions, policy)
            await logged(board.show(lit, known))

    async def _decide_anew(self) -> None:
        self._news.rights_changed()

    async def reconcile(self) -> None:
        """Read everything again, on every node that can be seen; done every 15 s."""
        readings = map(self._reconcile_one, self._nodes.in_sight())
        for result in await asyncio.gather(*readings, return_exceptions=True):
            if isinstance(result, OrderFailedError):
                log.warning("reconcile.failed", error=str(result))
            elif isinstance(result, BaseException):
                raise result

    async def _reconcile_one(self, board: Board) -> None:
        """What has been an orphan for the time of two readings is one; something may just be on its way out."""
        orphans = set(self.leftovers.orphans(board))
        if await board.catch_up():
            self._news.read_again(board)
        await self.leftovers.release(board)
        for line in self._lines.on(board.node):
            if line.runner is not None:
                line.runner.check_leak()
        if orphans:
            await asyncio.sleep(ORPHAN_SECONDS)
        for orphan in orphans & set(self.leftovers.orphans(board)):
            await self.leftovers.remove(board, orphan)


async def _every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        await work()
