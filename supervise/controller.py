"""The controller: everything joined together and kept running. The only place that knows all parts."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import structlog

from supervise.ari import Access, Ari
from supervise.ari.switchboard import Switchboard
from supervise.domain.records import Deed, Record
from supervise.floor import Floor
from supervise.floor.house import House
from supervise.history.journal import HistoryJournal
from supervise.history.place import JournalPlace
from supervise.policyfile.pins import Checker
from supervise.policyfile.watch import PolicyChanged, PolicyNews, PolicyWatch
from supervise.settings import Settings

log = structlog.get_logger(__name__)


class Controller:
    """Used as ``async with Controller(settings)``; supervises until the block ends.

    Attributes:
        policy: the policy in force, and its file.
        journal: the journal.
        floor: the lines.
        boards: one for each node.
    """

    def __init__(self, settings: Settings) -> None:
        """Nothing is opened yet."""
        self._settings = settings
        self.policy = PolicyWatch(settings.policy, self._policy_told)
        self.journal = HistoryJournal(JournalPlace(settings.journal))
        self._checker = Checker()
        self.floor = Floor(House(self.policy, self.journal, self._checker))
        self.boards: list[Switchboard] = []
        self._stack = AsyncExitStack()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        """Open the journal, close what a crash left open in it, and connect to every node."""
        self._stack.callback(self._checker.close)
        await self._stack.enter_async_context(self.journal)
        await self._close_what_a_crash_left()
        await self.policy.reload()
        for node in self._settings.node:
            password = node.password.get_secret_value()
            access = Access(node.name, str(node.url).rstrip("/"), node.user, password, self._settings.app)
            ari = await self._stack.enter_async_context(Ari(access))
            board = Switchboard(ari, self.floor)
            self.boards.append(board)
            self.floor.attach(board)
        self._tasks = [
            asyncio.create_task(work) for work in (self.floor.run(), self.policy.run(), *(b.run() for b in self.boards))
        ]
        return self

    async def _close_what_a_crash_left(self) -> None:
        names = {node.name for node in self._settings.node}
        for closing in await self.journal.recover(datetime.now(UTC), alive=frozenset(), nodes=names):
            log.warning("session.recovered", session=closing.session, supervisor=closing.supervisor)

    def _policy_told(self, news: PolicyNews) -> None:
        """Written down, and running sessions are decided anew, whether the policy is a new one or was kept."""
        changed = isinstance(news, PolicyChanged)
        policy = news.new if isinstance(news, PolicyChanged) else news.kept
        problems = "" if isinstance(news, PolicyChanged) else str(news.problems[0])
        self.journal.note(
            Record(
                Deed.POLICY,
                at=datetime.now(UTC),
                policy=policy.hash,
                reason="in-force" if changed else "kept-out",
                detail={"problem": problems} if problems else {},
            )
        )
        if changed:
            self.floor.rights_changed()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End every session in good order, and close everything."""
        await self.floor.close()
        for board in self.boards:
            await board.settle()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._stack.aclose()

    async def failed(self) -> None:
        """Return when one of the parts that must go on has ended; it raises what that part raised."""
        done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            await task
