"""The floor: which line news belongs to, and what is done for all lines every now and then."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator

import structlog

from supervise.domain.calls.calls import Channel
from supervise.domain.calls.naming import OurId, is_rung
from supervise.domain.ports import OrderFailedError
from supervise.domain.sessions import happenings as h
from supervise.domain.sessions.handing import Sent
from supervise.domain.sessions.lamps import every_lamp, lamps, receiving
from supervise.domain.sessions.offering import Asker, Offer
from supervise.domain.sessions.session import Ending, Session, Stage
from supervise.domain.words import Mode
from supervise.floor.arriving.asking import Askers
from supervise.floor.board import Board
from supervise.floor.desk import Desk
from supervise.floor.house import Arrival, House
from supervise.floor.leases import Leases
from supervise.floor.line import Line
from supervise.floor.running.runner import Runner
from supervise.floor.usage import UsageCounter

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

BLIND_SECONDS = 5.0
"""How long a lost connection is borne before every session is ended."""

log = structlog.get_logger(__name__)


class Floor:
    """All lines of all nodes. Its methods that take news never wait (`supervise.domain.ports.Listener`).

    Attributes:
        desk: for whoever clicks instead of dialling.
        renew_seconds: how often leases are renewed.
    """

    def __init__(self, house: House) -> None:
        """Serve nobody yet."""
        self.renew_seconds = RENEW_SECONDS
        self._house = house
        self._boards: dict[str, Board] = {}
        self._lines: dict[tuple[str, str], Line] = {}
        self._tasks: dict[asyncio.Task[None], Line | None] = {}
        self._blind: dict[str, asyncio.TimerHandle | None] = {}
        self._usage = UsageCounter(house, self._runners)
        self.desk = Desk(house, self._boards, self._usage, lambda: iter(tuple(self._lines.values())))
        self.desk.blind = self._blind.__contains__
        self._askers = Askers(self._offers)
        self._leases = Leases()
        self._seen: set[str] = set()

    def attach(self, board: Board) -> None:
        """Take a node in; it is blind until it says that it is connected."""
        self._boards[board.node] = board
        self._blind[board.node] = None

    def sessions(self) -> Iterator[Session]:
        """Every session that has not ended."""
        sessions = (line.session for line in self._lines.values())
        return (session for session in sessions if session is not None and session.stage is not Stage.CLOSED)

    def blind(self) -> list[str]:
        """The nodes that cannot be seen now."""
        return sorted(self._blind)

    def _runners(self) -> Iterator[Runner]:
        return (line.runner for line in self._lines.values() if line.runner is not None)

    # --- news

    def arrived(self, node: str, channel: Channel, digits: str) -> None:
        """A phone has dialled a feature code, or somebody has picked up one that was rung.

        One that was rung for nobody any more is hung up: it would begin otherwise than it was clicked.
        """
        invited = self.desk.arrival(channel)
        if invited is None and is_rung(channel.id):
            self._start(self._boards[node].dismiss(channel.id, ()))
            return
        self._receive(node, invited or Arrival(channel.id, channel.endpoint, digits, self._house.new_session_id()))

    def _receive(self, node: str, arrival: Arrival) -> None:
        key = (node, arrival.channel)
        if key in self._lines:
            return
        line = Line(self._house, self._boards[node], self._usage, arrival)
        self._lines[key] = line
        self._start(self._serve(line), line)

    async def _serve(self, line: Line) -> None:
        try:
            await line.serve()
        except Exception:
            await line.stop(Ending.FAILED)
            raise
        finally:
            self._lines.pop((line.board.node, line.arrival.channel), None)

    def sent(self, node: str, sent: Sent) -> None:
        """Somebody calls a supervisor who is in a session; what is not that session's own rings their phone."""
        if not any(line.takes(sent) for line in self._lines_of(node)):
            self._start(self._boards[node].let_go(sent.channel.id))

    def asks(self, node: str, asker: Asker) -> None:
        """An agent asks to whom they can hand their call over, or has sent their customer there."""
        self._askers.begin(self._boards[node], asker)

    def _offers(self, node: str, asker: Asker) -> tuple[Offer, ...]:
        """The supervisors of an agent's call who may be named to them, by extension."""
        lines = self._lines_of(node) if asker.endpoint else []
        return tuple(sorted(offer for line in lines if (offer := line.offered_to(asker.endpoint)) is not None))

    def pressed(self, node: str, channel: str, digit: str) -> None:
        """A supervisor has pressed a key, or an agent who asks."""
        line = self._lines.get((node, channel))
        if line is not None:
            line.press(digit)
        else:
            self._askers.press(node, channel, digit)

    def tap_ready(self, node: str, tap: OurId) -> None:
        """A channel of ours is there; one that no session waits for is not left behind."""
        line = self._line_of(tap.session)
        if line is not None:
            line.put(h.TapReady(tap))
        else:
            self._start(self._boards[node].remove(tap))

    def tap_lost(self, node: str, tap: OurId) -> None:
        """A channel of ours has ended."""
        line = self._line_of(tap.session)
        if line is not None and line.board.node == node:
            line.put(h.TapLost(tap))

    def supervisor_gone(self, node: str, channel: str) -> None:
        """A supervisor's phone has hung up."""
        self.desk.gone(channel)
        self._askers.gone(node, channel)
        line = self._lines.get((node, channel))
        if line is None:
            for each in self._lines_of(node):
                each.consult_gone(channel)
            return
        if line.session is not None:
            if not line.gone and self._leases.ran_out(node, asyncio.get_running_loop().time()):
                self._house.figures.lapsed()
            line.gone = True
            line.put(h.SupervisorGone())
        else:
            self._cancel(line)

    def unreached(self, node: str, channel: str, *, busy: bool) -> None:
        """A phone that was called back into a call has ended; where a session waits for its answer, there is none."""
        for line in self._lines_of(node):
            line.put(h.AgentUnreached(channel, busy))

    def calls_moved(self, node: str, channels: Collection[str]) -> None:
        """Somebody came or went around these channels."""
        for line in self._lines.values():
            if line.board.node == node:
                line.moved(channels)
            if line.runner is None or line.board.node != node:
                continue
            line.runner.check_room()
            if not line.runner.concerns(channels):
                continue
            line.runner.check_call()
            self._start(line.runner.look_after_moving())

    def marked(self, node: str, channel: str, variable: str) -> None:
        """A variable has been set; the one that makes calls private is looked at, on every channel of those calls."""
        if variable != self._house.source.policy.house.private_variable:
            return
        for line in self._lines_of(node):
            if line.runner is not None and channel in line.runner.privacy.watched:
                self._start(line.runner.look_at_marks())

    def rights_changed(self) -> None:
        """The policy is another one, or time has passed: every running session is decided anew."""
        for line in self._lines.values():
            line.put(h.RightsChanged())
        self._start(self._look_at_marks())

    # --- seeing and being blind

    def connected(self, node: str) -> None:
        """Asterisk can be seen: go on with what is still there, take up or take down what is left over."""
        timer = self._blind.pop(node, None)
        if timer is not None:
            timer.cancel()
        if node in self._seen:
            self._house.figures.reconnected(node)
        self._seen.add(node)
        self._leases.renewed(node, asyncio.get_running_loop().time())
        board = self._boards[node]
        self._check_lines(board)
        self._start(self._clear(board, board.orphans(self._is_living)))
        for channel, digits in board.strays():
            self._start(board.renew([channel.id]))
            session = self._house.new_session_id()
            found = Arrival(channel.id, channel.endpoint, digits, session, at_most=Mode.MONITOR)
            self._receive(node, self.desk.arrival(channel) or found)

    async def _clear(self, board: Board, orphans: Iterable[OurId]) -> None:
        """Take down what is left over; agents on hold go back first, since a seat may be all that keeps their call."""
        await asyncio.gather(*(_logged(board.release(agent)) for agent in self._forgotten(board)))
        for orphan in orphans:
            self._start(self._remove_orphan(board, orphan))

    def _forgotten(self, board: Board) -> list[str]:
        """The agents on hold of whom no session knows."""
        known = {session.agent.channel for session in self.sessions()}
        return [agent for agent in board.held() if agent not in known]

    def disconnected(self, node: str) -> None:
        """Asterisk cannot be seen: nothing new may begin, and soon nothing may go on."""
        if self._blind.get(node) is None:
            self._blind[node] = asyncio.get_running_loop().call_later(BLIND_SECONDS, self._end_all, node)

    def _end_all(self, node: str) -> None:
        for line in self._lines_of(node):
            line.put(h.GoneBlind())

    def _check_lines(self, board: Board) -> None:
        """What happened while nobody looked."""
        for line in self._lines_of(board.node):
            if board.book.channel(line.arrival.channel) is None:
                self.supervisor_gone(board.node, line.arrival.channel)
                continue
            session = line.session
            if line.runner is None or session is None:
                continue
            line.runner.check_call()
            for tap in session.present:
                if board.book.channel(str(tap)) is None:
                    line.put(h.TapLost(tap))
            if session.recall and board.book.channel(session.recall) is None:
                line.put(h.AgentUnreached(session.recall))

    def _is_living(self, session: str) -> bool:
        return self._line_of(session) is not None

    # --- every now and then

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
        await asyncio.gather(*map(self._renew_on, self._boards.values()))

    async def _renew_on(self, board: Board) -> None:
        await board.renew(self._leased_on(board.node))
        if board.node not in self._blind:
            self._leases.renewed(board.node, asyncio.get_running_loop().time())

    def _leased_on(self, node: str) -> list[str]:
        return [channel for line in self._lines_of(node) for channel in line.leased]

    async def _look_at_carriers(self) -> None:
        await asyncio.gather(*(runner.look_at_carrier() for runner in self._runners()))

    async def _look_at_marks(self) -> None:
        """A node that cannot be seen is asked nothing: being blind has its own end."""
        lines = [line for line in self._lines.values() if line.board.node not in self._blind]
        await asyncio.gather(*(line.runner.look_at_marks() for line in lines if line.runner is not None))

    async def _look_at_marks_in_turn(self) -> None:
        """The same for those whose turn it is."""
        lines = [line for line in self._lines.values() if line.board.node not in self._blind]
        runners = [line.runner for line in lines if line.runner is not None and line.runner.privacy.due]
        await asyncio.gather(*(runner.look_at_marks() for runner in runners))

    async def _light(self) -> None:
        """Show who is supervised and who supervises, on every node that can be seen."""
        policy = self._house.source.policy
        rules = policy.house.session
        known = every_lamp((each for person in policy.people.values() for each in person.endpoints), rules)
        for board in (board for node, board in self._boards.items() if node not in self._blind):
            sessions = [session for session in self.sessions() if session.node == board.node]
            lit = lamps(sessions, board.book, policy) | receiving(sessions, policy)
            await _logged(board.show(lit, known))

    async def _decide_anew(self) -> None:
        self.rights_changed()

    async def reconcile(self) -> None:
        """Read everything again, on every node that can be seen; done every 15 s."""
        seeing = [board for node, board in self._boards.items() if node not in self._blind]
        for result in await asyncio.gather(*map(self._reconcile_one, seeing), return_exceptions=True):
            if isinstance(result, OrderFailedError):
                log.warning("reconcile.failed", error=str(result))
            elif isinstance(result, BaseException):
                raise result

    async def _reconcile_one(self, board: Board) -> None:
        """What has been an orphan for the time of two readings is one; something may just be on its way out."""
        orphans = set(board.orphans(self._is_living))
        if await board.catch_up():
            self._check_lines(board)
        await asyncio.gather(*(_logged(board.release(agent)) for agent in self._forgotten(board)))
        for line in self._lines_of(board.node):
            if line.runner is not None:
                line.runner.check_leak()
        if orphans:
            await asyncio.sleep(ORPHAN_SECONDS)
        for orphan in orphans & set(board.orphans(self._is_living)):
            await self._remove_orphan(board, orphan)

    async def _remove_orphan(self, board: Board, orphan: OurId) -> None:
        self._house.figures.orphaned()
        await board.remove(orphan)

    # --- the end

    async def close(self) -> None:
        """End every session in good order."""
        lines = list(self._lines.values())
        await self._askers.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(line.stop(Ending.SHUT_DOWN) for line in lines))
        await asyncio.gather(*(_logged(b.show(frozenset())) for n, b in self._boards.items() if n not in self._blind))

    # --- helpers

    def _line_of(self, session: str) -> Line | None:
        return next((line for line in self._lines.values() if line.arrival.session == session), None)

    def _lines_of(self, node: str) -> list[Line]:
        return [line for line in self._lines.values() if line.board.node == node]

    def _start(self, work: Awaitable[None], line: Line | None = None) -> None:
        task = asyncio.ensure_future(_logged(work))
        self._tasks[task] = line
        task.add_done_callback(lambda done: self._tasks.pop(done, None))

    def _cancel(self, line: Line) -> None:
        for task, of in self._tasks.items():
            if of is line:
                task.cancel()


async def _logged(work: Awaitable[None]) -> None:
    """Do something for one line; its failure must not take the others down, and must not be lost."""
    try:
        await work
    except OrderFailedError as error:
        log.warning("floor.failed", error=str(error))
    except Exception:  # whatever it is, it is told here, and the lines of other supervisors go on
        log.exception("floor.broken")


async def _every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        await work()
