"""Forgetting by segments, with a clock that is moved by hand; on each engine."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import create_engine, text

from supervise.domain.records import Deed, Record
from supervise.history import retention
from supervise.history.findings import Fault, Finding
from supervise.history.housekeeping import Housekeeper
from supervise.history.journal import HistoryJournal
from supervise.history.marks import RETIRED
from supervise.history.reading.reader import Query
from supervise.history.storage.place import JournalPlace
from supervise.history.verify import check
from tests.history.helpers import NOON, OPENING, eventually

YEAR = timedelta(days=365)
DAY = timedelta(days=1)


async def days(journal: HistoryJournal, count: int, first: datetime = NOON) -> None:
    """A session of three records on each of some days."""
    for day in range(count):
        at = first + day * DAY
        session = f"{at:%Y%m%d}"
        await journal.write(replace(OPENING, session=session, at=at))
        await journal.write(replace(OPENING, session=session, at=at, deed=Deed.MODE))
        await journal.write(replace(OPENING, session=session, at=at + DAY / 24, deed=Deed.CLOSED))


async def left(journal: HistoryJournal) -> list[str]:
    """The sessions that the journal still knows."""
    found = [entry.record.session async for entry in journal.read(Query(deeds=frozenset({Deed.OPENED})))]
    return sorted(found)


async def test_what_is_older_than_the_policy_wants_is_gone(place: JournalPlace) -> None:
    """Exactly the days that are over for a year disappear, day by day, and the chain is whole after each."""
    async with HistoryJournal(place) as journal:
        await days(journal, 10)
        assert await journal.retire(NOON + YEAR, YEAR) == 0
        assert await journal.retire(NOON + YEAR + 1.5 * DAY, YEAR) == 6
        assert await left(journal) == [f"202607{day:02d}" for day in range(3, 11)]
        assert check(place).findings == []
        assert await journal.retire(NOON + YEAR + 4.5 * DAY, YEAR) == 9
        assert await left(journal) == [f"202607{day:02d}" for day in range(6, 11)]
        report = check(place)
        assert (report.findings, report.retired) == ([], [(1, 15)])
        assert await journal.retire(NOON + YEAR + 4.6 * DAY, YEAR) == 0


async def test_years_of_retiring_stay_provable(place: JournalPlace) -> None:
    """Marks of retirement are retired themselves, again and again, and the journal still verifies."""
    async with HistoryJournal(place) as journal:
        for step in range(12):
            at = NOON + step * 5 * DAY
            await days(journal, 5, at)
            await journal.retire(at + 5 * DAY, 7 * DAY)
            assert check(place).findings == []
        sessions = await left(journal)
        marks = [entry async for entry in journal.read() if entry.record.reason == RETIRED]
    assert len(sessions) == 7
    assert len(marks) <= 2


async def test_a_session_that_goes_on_is_not_forgotten(place: JournalPlace) -> None:
    """The opening of a running session outlives its time, and so does nothing else of another day."""
    async with HistoryJournal(place) as journal:
        await days(journal, 2)
        await journal.write(replace(OPENING, session="long", at=NOON + 2 * DAY))
        await days(journal, 2, NOON + 3 * DAY)
        await journal.retire(NOON + 2 * YEAR, YEAR)
        assert await left(journal) == ["long"]
        report = check(place)
        assert (report.findings, report.retired) == ([], [(1, 6), (8, 13)])
        await journal.write(replace(OPENING, session="long", at=NOON + 2 * YEAR, deed=Deed.CLOSED))
        await journal.retire(NOON + 2 * YEAR, YEAR)
        assert await left(journal) == []
    assert check(place).findings == []


async def test_an_idle_journal_is_emptied(place: JournalPlace) -> None:
    """The last day is forgotten too when nothing has been written since, and the journal goes on from there."""
    async with HistoryJournal(place) as journal:
        await days(journal, 1)
        assert await journal.retire(NOON + 2 * YEAR, YEAR) == 3
        assert [entry.sequence async for entry in journal.read()] == [4]
    async with HistoryJournal(place) as journal:
        await journal.write(Record(Deed.POLICY, NOON + 2 * YEAR))
        assert [entry.sequence async for entry in journal.read()] == [4, 5]
    assert check(place).findings == []


async def test_a_stopped_sweep_is_finished_later(place: JournalPlace) -> None:
    """A crash between the mark and the removal leaves a journal that verifies, and that the next call finishes."""
    async with HistoryJournal(place) as journal:
        await days(journal, 3)
        await journal.run(partial(retention.retire, now=NOON + 2 * YEAR, keep=YEAR))
    assert check(place).findings == []
    async with HistoryJournal(place) as journal:
        assert await journal.retire(NOON + 2 * YEAR, YEAR) == 9
    assert check(place).findings == []


async def test_retirement_nobody_wrote_is_found(place: JournalPlace) -> None:
    """Who removes records and calls it retention in the table, without a record in the chain, is found out."""
    async with HistoryJournal(place) as journal:
        await days(journal, 3)
    engine = create_engine(place.url)
    with engine.begin() as database:
        database.execute(text("UPDATE segments SET retired = 1 WHERE first = 4"))
        database.execute(text("DELETE FROM records WHERE sequence BETWEEN 4 AND 6"))
    engine.dispose()
    assert check(place).findings == [Finding(Fault.REMOVED, 4, 6)]


async def test_writing_goes_on_while_much_is_removed(place: JournalPlace) -> None:
    """Removing thousands of records does not keep a new one waiting for longer than a person may be."""
    async with HistoryJournal(place) as journal:
        for _ in range(6000):
            journal.note(Record(Deed.PIN, NOON))
        await eventually(lambda: journal.lag == 0)
        removal = asyncio.create_task(journal.retire(NOON + 2 * YEAR, YEAR))
        written = 0
        while not removal.done():
            await journal.write(Record(Deed.PIN, NOON + 2 * YEAR))
            written += 1
        assert await removal == 6000
    assert written > 2
    assert check(place).findings == []


async def test_a_clock_that_jumped_forgets_nothing(place: JournalPlace) -> None:
    """After a leap of the clock nothing is forgotten until it has gone right for a day."""
    now, ticks = NOON, 0.0

    def clock() -> datetime:
        return now

    def ticking() -> float:
        return ticks

    async with HistoryJournal(place) as journal:
        await days(journal, 2)
        keeper = Housekeeper(journal, lambda: YEAR, clock, ticking)
        now += 2 * YEAR
        gone = []
        for _ in range(4):
            gone.append(await keeper.look())
            now += DAY / 3
            ticks += DAY.total_seconds() / 3
    assert gone == [0, 0, 0, 6]
