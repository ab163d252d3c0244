"""The board under load: the real listener and policy, and calls that change as often as is asked, without an Asterisk.

Each change is a new caller whose number is the moment of the change, so that whoever reads it knows how long it took.
"""

import asyncio
import os
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from supervise.domain.board.board import Watched
from supervise.domain.board.presence import PresenceBook
from supervise.domain.calls.calls import CallBook, Channel
from supervise.domain.records import Record
from supervise.domain.rights.policy import Policy
from supervise.domain.rights.private import Mark
from supervise.domain.rights.rules import CallFacts, Direction, Question
from supervise.domain.sessions.session import MONITOR, Person, Session, Stage, Stance
from supervise.domain.words import Mode, Source, Visibility
from supervise.floor import Floor
from supervise.floor.desk import Desk
from supervise.floor.house import House
from supervise.floor.usage import UsageCounter
from supervise.lab.machine import allow_files
from supervise.policyfile.load import load_bytes
from supervise.policyfile.nodes import ReadLimits
from supervise.web.board import Board, BoardSettings
from supervise.web.entry.signins import How, Scope, proof_of
from supervise.web.entry.tokens import TokenFile
from supervise.web.server import WebServer

NODE = "pbx"

SWITCH_AT = 10
"""Beside so many changes of calls there is one switch of a session."""


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked of the board.

    Attributes:
        sockets: connections, of so many people that nobody has more than ten.
        agents: people on the board, half of them in a call.
        changes: calls that change in a second.
        stalled: how many of the connections read nothing, in per cent.
        seconds: how long.
        sessions: how many of the people who look supervise somebody meanwhile.
        silent: connections that send nothing, at the end.
    """

    sockets: int = 500
    agents: int = 1000
    changes: int = 50
    stalled: int = 5
    seconds: int = 20
    sessions: int = 40
    silent: int = 10_000

    @property
    def people(self) -> int:
        """How many people look."""
        return -(-self.sockets // 10)


@dataclass(frozen=True, slots=True)
class Spent:
    """What the controller's process has used.

    Attributes:
        processor: seconds of processor time.
        memory: kilobytes that are resident.
    """

    processor: float
    memory: int


def spent(pid: int) -> Spent:
    """What a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return Spent(ticks / os.sysconf("SC_CLK_TCK"), pages * os.sysconf("SC_PAGE_SIZE") // 1024)


class _Calls:
    """Half of the agents in a call each; one of them gets another caller at every change."""

    def __init__(self, agents: int) -> None:
        self.node = NODE
        self.book = CallBook()
        self.presence = PresenceBook()
        self._callers: dict[int, str] = {}
        self._count = 0
        for number in range(agents):
            self.presence.see_endpoint(endpoint(number), "online")
        self.busy = range(0, agents, 2)
        for number in self.busy:
            self.book.see(Channel(f"agent-{number}", f"PJSIP/{endpoint(number)}-00000001", up=True, created="2026"))
            self.book.entered(f"bridge-{number}", f"agent-{number}")
            self.change(number)

    def change(self, number: int) -> Sequence[Channel]:
        """Another caller for an agent; the channels that are touched."""
        self._count += 1
        caller = Channel(
            f"caller-{self._count}",
            f"PJSIP/trunk-{self._count:08x}",
            up=True,
            number=str(time.monotonic_ns()),
            created=f"2025-{self._count:09}",
        )
        gone = self._callers.get(number)
        if gone is not None:
            self.book.gone(gone)
        self._callers[number] = caller.id
        self.book.see(caller)
        self.book.entered(f"bridge-{number}", caller.id)
        agent = self.book.channel(f"agent-{number}")
        return [channel for channel in (agent, caller) if channel is not None]

    async def marks(self, channels: Collection[str], variable: str) -> Mapping[str, Mark]:
        """Nothing is private."""
        del variable
        return dict.fromkeys(channels, "")

    async def watch(self, channels: Collection[str]) -> bool:
        """It would be told at once."""
        del channels
        return True


class _Sessions(Desk):
    """Sessions that go on, and switch their modes; nothing of them is in any Asterisk."""

    def __init__(self, house: House, floor: Floor, calls: _Calls, load: Load) -> None:
        super().__init__(house, {}, UsageCounter(house, tuple), floor.lines)
        self.blind = floor.desk.blind
        self._house = house
        numbers = zip(range(min(load.sessions, load.people)), calls.busy, strict=False)
        self._watched = [self._begun(number, agent) for number, agent in numbers]
        self._count = 0

    def _begun(self, number: int, agent: int) -> Watched:
        supervisor, name = viewer(number), f"agent{agent}"
        session = Session(
            id=f"{number:032x}",
            node=NODE,
            supervisor=Person(supervisor, f"lead-{number}"),
            agent=Person(name, f"agent-{agent}"),
            call=f"bridge-{agent}",
            number="",
            source=Source.BOARD,
            stance=MONITOR,
            wanted=MONITOR,
            visibility=Visibility.VISIBLE,
            stage=Stage.LIVE,
        )
        facts = CallFacts(frozenset(), frozenset(), "", Direction.INBOUND)
        now = self._house.now()
        rights = self._house.source.policy.rights(Question(supervisor, name, now, facts))
        return Watched(session, now, 1, rights)

    def sessions(self) -> Iterator[Watched]:
        """All of them, as they are."""
        return iter(tuple(self._watched))

    def switch(self) -> Session:
        """Another mode for one of them."""
        self._count += 1
        place = self._count % len(self._watched)
        watched = self._watched[place]
        modes = list(Mode)
        mode = modes[(modes.index(watched.session.stance.mode) + 1) % len(modes)]
        stance = Stance(mode, muted=mode is Mode.MONITOR)
        session = replace(watched.session, stance=stance, wanted=stance)
        self._watched[place] = replace(watched, session=session, version=watched.version + 1)
        return session

    @property
    def some(self) -> bool:
        """Whether there are any."""
        return bool(self._watched)


class _Memory:
    """A journal that keeps nothing."""

    async def write(self, record: Record) -> None:
        """Kept nowhere."""

    def note(self, record: Record) -> None:
        """Kept nowhere."""

    async def sessions(self, *, since: datetime, agent: str) -> int:
        """None."""
        del since, agent
        return 0


class _NoSecrets:
    async def matches(self, secret: str, known: str | None) -> bool:
        """Nobody signs in by password."""
        del secret, known
        return False


@dataclass(frozen=True, slots=True)
class _Source:
    policy: Policy


def endpoint(number: int) -> str:
    """An agent's phone."""
    return str(10_000 + number)


def viewer(number: int) -> str:
    """Somebody who looks."""
    return f"lead{number}"


def _policy(load: Load) -> Policy:
    lines = ["people:"]
    lines += [f"  agent{number}: {{role: agent, endpoint: '{endpoint(number)}'}}" for number in range(load.agents)]
    lines += [f"  {viewer(number)}: {{role: lead, endpoint: '{90_000 + number}'}}" for number in range(load.people)]
    lines += ["roles: {lead: , agent: }"]
    lines += ["rules: [{who: lead, may: [monitor, coach, barge, see-board], whom: {roles: [agent]}, how: choice}]"]
    return load_bytes([("policy.yaml", "\n".join(lines).encode())], ReadLimits.for_megabytes(8)).policy


def serve(load: Load, wire: Connection) -> None:
    """Run the board in a process of its own, until it is told to end; tells its address, tokens, and a cookie."""
    allow_files()
    asyncio.run(_serve(load, wire))


async def _serve(load: Load, wire: Connection) -> None:
    calls = _Calls(load.agents)
    house = House(_Source(_policy(load)), _Memory(), _NoSecrets())
    with TemporaryDirectory(prefix="bench-board-") as folder:
        tokens = Path(folder) / "tokens.json"
        desk = _Sessions(house, Floor(house), calls, load)
        board = Board(house, _NoSecrets(), desk, {NODE: calls}, BoardSettings(tokens=tokens))
        server = WebServer("127.0.0.1", 0)
        board.serve_on(server)
        made = [TokenFile(tokens).make(viewer(n), viewer(n), [Scope.READ], None) for n in range(load.people)]
        async with server, board.running():
            id_, _ = board.door.sign_ins.begin(
                viewer(0), How.PASSWORD, proof_of(house.source.policy, viewer(0), How.PASSWORD)
            )
            wire.send((server.url, made, (board.door.settings.cookie, id_)))
            await _begin(wire)
            changing = asyncio.create_task(_change(load, calls, desk, board))
            await _begin(wire)
            changing.cancel()


async def _begin(wire: Connection) -> Any:
    """Wait for a word from the other process."""
    return await asyncio.to_thread(wire.recv)


async def _change(load: Load, calls: _Calls, desk: _Sessions, board: Board) -> None:
    """So many changes a second, evenly, whatever else goes on; beside each tenth of them somebody switches."""
    loop = asyncio.get_running_loop()
    began, done = loop.time(), 0
    while True:
        due = int((loop.time() - began) * load.changes)
        for number in range(done, due):
            touched = calls.change(calls.busy[number * 7 % len(calls.busy)])
            board.lookout.touched(NODE, touched)
            if number % SWITCH_AT == 0 and desk.some:
                board.lookout.session_moved(desk.switch())
        done = due
        await asyncio.sleep(1 / load.changes)
