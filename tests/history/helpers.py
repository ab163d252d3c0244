"""What several of the journal's test modules need."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest

from supervise.domain.ports import UnrecordedError
from supervise.domain.records import Deed, Record
from supervise.history.journal import PATIENCE, HistoryJournal

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
OPENING = Record(Deed.OPENED, NOON, session="s1", agent="bert")
# What a write may take beyond its own limit on a machine that does other things meanwhile.
GRACE = 0.5


class MovedClock:
    """A clock that stands until it is moved, in either direction."""

    def __init__(self) -> None:
        """It begins at noon of a summer's day."""
        self.now = NOON

    def __call__(self) -> datetime:
        """The time it shows."""
        return self.now

    def move(self, by: timedelta) -> None:
        """Show a later or an earlier time."""
        self.now += by


async def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds, at most so long as a server on a busy machine takes to mend itself."""
    deadline = monotonic() + 20
    while not holds():
        assert monotonic() < deadline, "it did not come to hold"
        await asyncio.sleep(0.01)


@asynccontextmanager
async def beating() -> AsyncIterator[list[float]]:
    """Watch the event loop: a list that grows by the seconds between two of its turns."""
    gaps: list[float] = []

    async def beat() -> None:
        while True:
            before = monotonic()
            await asyncio.sleep(0.002)
            gaps.append(monotonic() - before)

    task = asyncio.create_task(beat())
    try:
        yield gaps
    finally:
        task.cancel()


async def deeds(journal: HistoryJournal) -> list[tuple[str, str]]:
    """What the journal holds, in short."""
    return [(entry.record.session, entry.record.deed.value) async for entry in journal.read()]


async def refused(journal: HistoryJournal, record: Record) -> None:
    """Writing a record fails, and within the time a person may be kept waiting."""
    before = monotonic()
    with pytest.raises(UnrecordedError):
        await journal.write(record)
    assert monotonic() - before < PATIENCE + GRACE
