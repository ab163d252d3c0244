"""What goes on beside the journal: nothing of it ends for good, and nothing of it takes a session down."""

import asyncio
from datetime import timedelta

import pytest

from supervise.history import upkeep
from supervise.history.housekeeping import Housekeeper
from supervise.history.journal import HistoryJournal
from supervise.history.storage.place import JournalPlace
from supervise.history.upkeep import Upkeep
from tests.history.helpers import OPENING, MovedClock, eventually

pytestmark = pytest.mark.unit


async def test_a_part_that_breaks_is_begun_again(sqlite_place: JournalPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it raises, retention is tried again, and ends only with the controller."""
    begun: list[int] = []

    async def break_down(_: Housekeeper) -> None:
        begun.append(1)
        await asyncio.sleep(0)
        raise ValueError("nobody thought of this")

    monkeypatch.setattr(upkeep, "AGAIN", 0.01)
    monkeypatch.setattr(Housekeeper, "run", break_down)
    async with HistoryJournal(sqlite_place) as journal, Upkeep(journal, (), lambda: None):
        await eventually(lambda: len(begun) >= 3)


async def test_while_nobody_says_how_long_nothing_is_retired(sqlite_place: JournalPlace, clock: MovedClock) -> None:
    """However old a record is, it stays until a policy says how long records are kept."""
    ticks = 0.0
    async with HistoryJournal(sqlite_place, clock) as journal:
        await journal.write(OPENING)
        clock.move(timedelta(days=3650))
        housekeeper = Housekeeper(journal, lambda: None, clock, lambda: ticks)
        assert await housekeeper.look() == 0
        assert len([entry async for entry in journal.read()]) == 1
