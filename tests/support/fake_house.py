"""What a floor is given besides a switchboard, made of memory: secrets, a journal, figures, a policy, an onlooker."""

import asyncio
from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from supervise.domain.calls.calls import Channel
from supervise.domain.ports import UnrecordedError
from supervise.domain.records import Deed, Record
from supervise.domain.rights.policy import Policy
from supervise.domain.sessions.session import Session
from supervise.domain.words import Mode


class FakeSecrets:
    """Knows one PIN, and what is kept of it."""

    def __init__(self, pin: str, kept: str) -> None:
        """Know it."""
        self._known = (pin, kept)

    async def matches(self, secret: str, known: str | None) -> bool:
        """Whether it is that PIN, for whoever has one."""
        return (secret, known) == self._known


class FakeJournal:
    """Keeps records in memory; can be broken."""

    def __init__(self, story: list[object]) -> None:
        """Tell everything to `story` as well."""
        self.records: list[Record] = []
        self.broken = False
        self.slow: asyncio.Event | None = None
        self._story = story

    async def write(self, record: Record) -> None:
        """Keep a record, or refuse."""
        if self.slow is not None:
            await self.slow.wait()
        if self.broken:
            raise UnrecordedError("the disk is full")
        self.note(record)

    def note(self, record: Record) -> None:
        """Keep a record."""
        self.records.append(record)
        self._story.append(record)

    async def sessions(self, *, since: datetime, agent: str) -> int:
        """How many there were."""
        await asyncio.sleep(0)
        return sum(r.deed is Deed.OPENED and r.agent == agent and r.at >= since for r in self.records)

    def reasons(self, deed: Deed) -> list[str]:
        """The reasons in the records of one kind."""
        return [record.reason for record in self.records if record.deed is deed]


class FakeFigures:
    """Keeps what is counted."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.joins: list[float] = []
        self.switches: list[tuple[Mode, float]] = []
        self.orphans = self.lapses = 0
        self.reconnects: list[str] = []

    def joined(self, seconds: float) -> None:
        """Keep it."""
        self.joins.append(round(seconds, 3))

    def switched(self, mode: Mode, seconds: float) -> None:
        """Keep it."""
        self.switches.append((mode, round(seconds, 3)))

    def orphaned(self) -> None:
        """Count it."""
        self.orphans += 1

    def lapsed(self) -> None:
        """Count it."""
        self.lapses += 1

    def reconnected(self, node: str) -> None:
        """Keep it."""
        self.reconnects.append(node)


class Holder:
    """The policy in force."""

    def __init__(self, holds: Policy) -> None:
        """Hold it."""
        self.policy = holds


class Onlooker(Protocol):
    """What is told of what moves."""

    def session_moved(self, session: Session) -> None:
        """A session."""

    def touched(self, node: str, channels: Collection[Channel]) -> None:
        """Channels."""

    def ring_moved(self, supervisor: str) -> None:
        """Somebody whose phone rings or waits."""
