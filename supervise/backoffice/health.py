"""How the controller is, for admins."""

import asyncio
import platform
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aiohttp import web

from supervise import __version__
from supervise.ari.switchboard import Switchboard
from supervise.domain.board.sight import moment
from supervise.floor import Floor
from supervise.floor.house import House
from supervise.history.errors import HistoryError
from supervise.history.journal import HistoryJournal
from supervise.policyfile.watch import PolicyWatch
from supervise.web.answers import answered
from supervise.web.board import Board
from supervise.web.entry.signins import Scope
from supervise.web.errors import Problem
from supervise.web.shapes import Json

READING = 2.0
"""Seconds that counting the journal's records may take; a page does not wait longer."""


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that an admin should know.

    Attributes:
        level: ``warning`` or ``error``.
        says: what.
        todo: what to do about it.
    """

    level: str
    says: str
    todo: str


@dataclass(slots=True)
class Health:
    """The route ``/api/health``.

    Attributes:
        warned: what else there is to say, such as what the check at the start has found.
    """

    house: House
    floor: Floor
    journal: HistoryJournal
    policy: PolicyWatch
    boards: Collection[Switchboard]
    board: Board
    began: datetime
    warned: Callable[[], Iterable[Warned]] = field(default=lambda: ())

    def routes(self) -> Iterable[web.RouteDef]:
        """The one."""
        return (web.get("/api/health", self._health),)

    async def _health(self, request: web.Request) -> web.Response:
        person = self.board.door.viewer(request, Scope.ADMIN).person
        if not self.house.source.policy.may_administer(person):
            raise Problem(403, "not-allowed", "This page is for admins.")
        warnings = [*self._warnings(), *self.warned()]
        return answered(
            {
                "ok": not any(each.level == "error" for each in warnings),
                "version": __version__,
                "python": platform.python_version(),
                "since": moment(self.began.astimezone(UTC)),
                "nodes": [self._node(each) for each in self.boards],
                "journal": await self._journal(),
                "board": {"people": self.board.live.people, "sockets": self.board.live.connections},
                "warnings": [{"level": each.level, "says": each.says, "todo": each.todo} for each in warnings],
            }
        )

    def _node(self, board: Switchboard) -> Json:
        blind = board.node in self.floor.nodes.blind()
        sessions = sum(session.node == board.node for session in self.floor.lines.sessions())
        return {
            "name": board.node,
            "connected": not blind,
            "since": None if board.since is None else moment(board.since.astimezone(UTC)),
            "asterisk": board.version,
            "calls": len(_calls(board)),
            "sessions": sessions,
            "lease_s": None if blind else 10,
            "says": "cannot be seen: nothing new may begin" if blind else "",
        }

    async def _journal(self) -> Json:
        says = self.journal.fault or ""
        try:
            async with asyncio.timeout(READING):
                newest = await self.journal.ask(lambda reader: reader.newest())
        except (HistoryError, TimeoutError) as error:
            newest, says = 0, says or str(error) or "the journal does not answer in time"
        return {
            "ok": self.journal.healthy,
            "engine": self.journal.engine,
            "records": newest,
            "lag_ms": round(self.journal.lag * 1000),
            "says": says,
        }

    def _warnings(self) -> Sequence[Warned]:
        found = [
            Warned("error", f"{node} cannot be seen", "is Asterisk up, and ARI reachable?")
            for node in self.floor.nodes.blind()
        ]
        if not self.journal.healthy:
            found.append(Warned("error", f"the journal cannot be written: {self.journal.fault}", "see docs/journal.md"))
        if self.policy.problems:
            words = f"the policy on disk is broken: {self.policy.problems[0]}"
            found.append(Warned("error", words, "mend it; the last good one is in force"))
        return found + [Warned("warning", str(each), "see the page Policy") for each in self.policy.warnings]


def _calls(board: Switchboard) -> frozenset[str]:
    """The calls of a node, by the channel that has been there longest."""
    found = (board.book.call_of(channel.id) for channel in board.book.channels())
    return frozenset(call.id for call in found if call is not None)
