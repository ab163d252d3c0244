"""The controller: everything joined together and kept running. The only place that knows all parts."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from supervise.ari import Access, Ari
from supervise.ari.marks import EVENTS, Marks, access_for
from supervise.ari.switchboard import Switchboard
from supervise.backoffice.health import Health
from supervise.backoffice.history import History
from supervise.backoffice.policy import PolicyPages
from supervise.domain.ports import UnrecordedError
from supervise.domain.records import LOCKS, Deed, Record
from supervise.domain.sessions.session import Session
from supervise.floor import Floor
from supervise.floor.house import House
from supervise.history.errors import HistoryError
from supervise.history.journal import HistoryJournal
from supervise.history.reading.reader import Query
from supervise.history.storage.place import JournalPlace
from supervise.history.telling.webhooks import Hook
from supervise.history.upkeep import Upkeep
from supervise.metrics import Counting, Metrics, health_routes
from supervise.policyfile.nodes import ReadLimits
from supervise.policyfile.pins import Checker
from supervise.policyfile.watch import PolicyChanged, PolicyNews, PolicyWatch
from supervise.settings import Settings, WebSettings
from supervise.web.board import Board, BoardSettings
from supervise.web.entry.door import DoorSettings, TrustedProxy
from supervise.web.entry.signins import Lasting
from supervise.web.lookout import Node
from supervise.web.server import WebServer, tls_of

RECOVER_AGAIN = 10.0
"""Seconds between attempts to close what a crash has left open in a journal that is out of reach."""

log = structlog.get_logger(__name__)


class Controller:
    """Used as ``async with Controller(settings)``; supervises until the block ends.

    Attributes:
        policy: the policy in force, and its file.
        journal: the journal.
        floor: the lines.
        boards: one for each node.
        metrics: what is counted.
        web: what is served over HTTP, if anything is; add routes to it before the block is entered.
        board: what is served on it to people and programs, if it is.
        recovering: closes in the journal what a crash has left, and ends when that is done.
    """

    recovering: asyncio.Task[None]

    def __init__(self, settings: Settings) -> None:
        """Nothing is opened yet."""
        self._settings = settings
        limits = ReadLimits.for_megabytes(settings.policy_megabytes)
        self.policy = PolicyWatch(settings.policy, self._policy_told, limits=limits)
        self.journal = HistoryJournal(JournalPlace(settings.journal, settings.witness))
        self.metrics = Metrics()
        self.metrics.watch(self.journal)
        self.metrics.watch_policy(lambda: self.policy.healthy)
        self._checker = Checker()
        self._records = Counting(self.journal, self.metrics)
        house = House(
            self.policy, self._records, self._checker, self.metrics, moved=self._session_moved, waited=self._wait_moved
        )
        self._house = house
        self.floor = Floor(house)
        self._nodes: dict[str, Node] = {}
        self.web = None if settings.web is None else listener(settings.web)
        self.board = self._board(house, settings.web) if settings.web is not None and settings.web.board else None
        self.boards: list[Switchboard] = []
        self._marks: list[Marks] = []
        self._stack = AsyncExitStack()
        self._tasks: list[asyncio.Task[None]] = []
        self._began = datetime.now(UTC)
        self._ruled = False

    def _board(self, house: House, settings: WebSettings) -> Board:
        board = Board(
            house, self._checker, self.floor.desk, self._nodes, board_settings(settings, self._settings.store)
        )
        board.faults = self._faults
        return board

    def _session_moved(self, session: Session) -> None:
        if self.board is not None:
            self.board.lookout.session_moved(session)

    def _wait_moved(self, supervisor: str) -> None:
        if self.board is not None:
            self.board.lookout.ring_moved(supervisor)

    async def __aenter__(self) -> Self:
        """Listen, open the journal, close what a crash left open in it, and connect to every node.

        Raises:
            WebError: the address of ``[web]`` cannot be had.
        """
        async with AsyncExitStack() as stack:
            await self._open(stack)
            self._stack = stack.pop_all()
        watching = (*(board.run() for board in self.boards), *(marks.run() for marks in self._marks))
        parts = (self.floor.rounds.run(), self.policy.run(), *watching)
        self._tasks = [asyncio.create_task(part) for part in parts]
        return self

    async def _open(self, stack: AsyncExitStack) -> None:
        stack.callback(self._checker.close)
        if self.web is not None:
            self.web.add(health_routes(self.metrics, self._unready, self._alarms))
            if self.board is not None:
                self.board.serve_on(self.web)
                self._add_pages(self.web, self.board)
                stack.enter_context(self.board.remembering())
            await stack.enter_async_context(self.web)
        await stack.enter_async_context(self.journal)
        upkeep = await stack.enter_async_context(Upkeep(self.journal, self._hooks(), self._keep))
        for name, dispatcher in upkeep.dispatchers.items():
            self.metrics.watch_hook(name, dispatcher)
        self.recovering = asyncio.create_task(self._close_what_a_crash_left())
        stack.callback(self.recovering.cancel)
        await self.policy.reload()
        await self._remember_locks()
        for node in self._settings.node:
            password = node.password.get_secret_value()
            access = Access(node.name, str(node.url).rstrip("/"), node.user, password, self._settings.app)
            ari = await stack.enter_async_context(Ari(access))
            marks = Marks(await stack.enter_async_context(Ari(access_for(access), only=EVENTS)))
            self._marks.append(marks)
            switchboard = Switchboard(ari, self.floor, marks)
            self._look_at(switchboard)
            self.boards.append(switchboard)
            self.floor.nodes.attach(switchboard)
        if self.board is not None:
            await stack.enter_async_context(self.board.running())

    def _add_pages(self, web: WebServer, board: Board) -> None:
        """The pages about the journal, the policy and the nodes."""
        limits = ReadLimits.for_megabytes(self._settings.policy_megabytes)
        web.add(History(self._house, self.journal, board.door).routes())
        web.add(PolicyPages(self._house, self.policy, board.door, limits).routes())
        parts = (self._house, self.floor, self.journal, self.policy, self.boards, board, self._began)
        web.add(Health(*parts).routes())

    def _look_at(self, switchboard: Switchboard) -> None:
        """Let the board see a node."""
        if self.board is not None:
            self._nodes[switchboard.node] = switchboard
            switchboard.outlook.devices = self.board.devices
            switchboard.outlook.onlooker = self.board.lookout

    async def _close_what_a_crash_left(self) -> None:
        """Give every session of an earlier controller its closing record, as soon as the journal can be read.

        A broken journal stops no start: nothing new may be heard until it works.
        """
        names = {node.name for node in self._settings.node}
        while True:
            try:
                closings = await self.journal.recover(self._began, alive=self._sessions, nodes=names)
            except (UnrecordedError, HistoryError) as error:
                log.warning("journal.not-recovered", error=str(error), again_in=RECOVER_AGAIN, alarm=True)
                await asyncio.sleep(RECOVER_AGAIN)
            else:
                break
        for closing in closings:
            self.metrics.count(closing)
            log.warning("session.recovered", session=closing.session, supervisor=closing.supervisor)

    async def _remember_locks(self) -> None:
        """Phones that were locked before a restart still are. Where the journal cannot be read nothing may begin."""
        guard, rules, now = self._house.guard, self.policy.policy.house.pins, datetime.now(UTC)
        guard.rules = rules
        try:
            async for entry in self.journal.read(Query(deeds=frozenset({Deed.PIN}), since=now - rules.lock)):
                if LOCKS in entry.record.detail:
                    guard.was_locked(entry.record.detail["endpoint"], entry.record.at, now)
        except HistoryError as error:
            log.warning("locks.not-remembered", error=str(error))

    def _faults(self) -> list[str]:
        """What everybody who looks at the board is told; the details are for admins."""
        return [] if self.journal.healthy else ["The journal cannot be written: nothing new may be heard."]

    def _hooks(self) -> list[Hook]:
        return [
            Hook(hook.name, str(hook.url), hook.secret, only_shown=hook.only_shown, deeds=hook.deeds)
            for hook in self._settings.webhook
        ]

    def _keep(self) -> timedelta | None:
        """For how long records are kept; without a policy nobody knows, and nothing is forgotten."""
        return timedelta(days=self.policy.policy.house.keeping.days) if self._ruled else None

    def _unready(self) -> list[str]:
        """What keeps new sessions from being possible."""
        reasons = [] if self._ruled else ["no policy has been in force yet, so nobody may do anything"]
        reasons += [] if self.journal.healthy else [f"the journal cannot be written: {self.journal.fault}"]
        return reasons + [f"node {node}: not connected" for node in self.floor.nodes.blind()]

    def _alarms(self) -> list[str]:
        """What an admin has to mend, although supervision goes on."""
        broken = "the policy's file cannot be used, the last good one stays in force"
        return [] if self.policy.healthy else [f"{broken}: {problem}" for problem in self.policy.problems[:1]]

    def _sessions(self) -> frozenset[str]:
        return frozenset(session.id for session in self.floor.lines.sessions())

    def _policy_told(self, news: PolicyNews) -> None:
        """Written down, and running sessions are decided anew, whether the policy is a new one or was kept."""
        now = datetime.now(UTC)
        if isinstance(news, PolicyChanged):
            self._ruled = True
            detail = {"before": news.old.hash}
            self._records.note(Record(Deed.POLICY, now, policy=news.new.hash, reason="in-force", detail=detail))
            self.floor.rights_changed()
            for switchboard in self.boards:
                switchboard.read_presence()
        else:
            detail = {"problem": str(news.problems[0]), "problems": str(len(news.problems))}
            self._records.note(Record(Deed.POLICY, now, policy=news.kept.hash, reason="kept-out", detail=detail))

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


def listener(settings: WebSettings) -> WebServer:
    """The listener.

    Raises:
        WebError: its certificate cannot be used.
    """
    files = (settings.certificate, settings.key)
    tls = None if files[0] is None or files[1] is None else tls_of(files[0], files[1])
    return WebServer(str(settings.address), settings.port, tls)


def board_settings(settings: WebSettings, store: Path | None = None) -> BoardSettings:
    """What the board goes by. Browsers keep cookies by the host alone, so two boards on one have two names for them."""
    proxy = settings.proxy
    return BoardSettings(
        door=DoorSettings(
            origin=settings.origin,
            cookie="__Host-supervise" if settings.secure else f"supervise-{settings.port}",
            secure=settings.secure,
            proxy=None if proxy is None else TrustedProxy(proxy.header, proxy.networks),
        ),
        lasting=Lasting(timedelta(minutes=settings.idle_minutes), timedelta(hours=settings.hours)),
        tokens=settings.tokens,
        oidc=settings.oidc,
        page=settings.page,
        store=store,
        members=settings.queue_members,
    )
