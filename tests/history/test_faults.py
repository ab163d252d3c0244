"""The journal in a crash, in a hurry and in doubt, on each engine: what is believed is there, what is not is not."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text

from supervise.domain.records import Deed, Record
from supervise.history.findings import Fault, Finding
from supervise.history.journal import HistoryJournal
from supervise.history.storage.place import JournalPlace
from supervise.history.verify import check
from tests.history.crashing import writer
from tests.history.helpers import NOON, OPENING, deeds, eventually, refused


@pytest.mark.usefixtures("impatient")
async def test_a_late_record_is_taken_back(place: JournalPlace) -> None:
    """An opening whose caller was told *no* and which reaches the disk all the same is followed by its closing."""
    async with HistoryJournal(place) as journal:
        hold = asyncio.Event()
        loop = asyncio.get_running_loop()
        append = journal._store.append

        def slowly(rows: list[dict[str, object]]) -> object:
            outcomes = append(rows)
            asyncio.run_coroutine_threadsafe(hold.wait(), loop).result()
            return outcomes

        journal._store.append = slowly  # type: ignore[method-assign,assignment]  # a disk that answers too late
        await refused(journal, OPENING)
        await refused(journal, OPENING)
        hold.set()
        await eventually(lambda: journal._store.end.sequence == 2)
        assert await deeds(journal) == [("s1", "opened"), ("s1", "closed")]


@pytest.mark.usefixtures("impatient")
async def test_a_commit_whose_answer_is_lost_is_found_again(place: JournalPlace) -> None:
    """What reached the disk although the storage said *no* is taken back; what was to be kept is not doubled."""
    async with HistoryJournal(place) as journal:
        await journal.write(replace(OPENING, session="s0"))
        append = journal._store.append

        def answer_lost(rows: list[dict[str, object]]) -> object:
            append(rows)
            journal._store.append = append  # type: ignore[method-assign]  # it happens once
            raise OSError("connection reset by peer")

        journal._store.append = answer_lost  # type: ignore[method-assign,assignment]  # a server that hangs up
        closing, opening = replace(OPENING, session="s0", deed=Deed.CLOSED), replace(OPENING, session="s1")
        kept = asyncio.create_task(journal.write(closing))
        journal.note(Record(Deed.REFUSED, NOON, session="s2"))
        await refused(journal, opening)
        await kept
        await eventually(lambda: journal.lag == 0 and not journal._reader.unclosed())
        story = await deeds(journal)
    assert sorted(story) == sorted(
        [("s0", "opened"), ("s0", "closed"), ("s2", "refused"), ("s1", "opened"), ("s1", "closed")]
    )


async def test_a_cancelled_caller_leaves_no_open_session(place: JournalPlace) -> None:
    """Whoever stops waiting for an opening, at whatever moment, leaves none without a closing."""
    async with HistoryJournal(place) as journal:
        for number in range(30):
            task = asyncio.create_task(journal.write(replace(OPENING, session=f"s{number}")))
            for _ in range(number):
                await asyncio.sleep(0)
            if not task.done():
                await asyncio.sleep(0.0001 * number)
            task.cancel()
            await asyncio.wait([task])
            if not task.cancelled():
                await journal.write(replace(OPENING, session=f"s{number}", deed=Deed.CLOSED))
        await journal.write(Record(Deed.POLICY, NOON))
        await eventually(lambda: not journal._reader.unclosed())
        found = await deeds(journal)
    for number in range(30):
        assert [deed for session, deed in found if session == f"s{number}"] in ([], ["opened", "closed"])


@pytest.mark.parametrize(
    ("kill_at", "supervisors"),
    [*((number, 1) for number in (1, 2, 3, 4, 5, 6, 7, 20, 21, 22, 100)), (50, 20), (51, 20), (77, 20)],
)
async def test_a_killed_writer_has_kept_every_promise(place: JournalPlace, kill_at: int, supervisors: int) -> None:
    """Killed after any record of one or of many, a journal has what it had called durable, verifies, and recovers."""
    promised = 0
    with writer(place, supervisors) as (process, promises), suppress(EOFError):
        while True:
            promised = promises.recv()
            if promised == kill_at:
                process.kill()
    async with HistoryJournal(place) as journal:
        found = await deeds(journal)
        await journal.recover(NOON)
        story = await deeds(journal)
    assert promised <= len(found) <= promised + supervisors
    for session in {session for session, _ in story}:
        ends = [deed for name, deed in story if name == session and deed != "mode"]
        assert ends == ["opened", "closed"]
    report = check(place)
    assert (report.findings, report.torn) == ([], [])


async def test_clock_jumps_change_neither_order_nor_chain(place: JournalPlace) -> None:
    """Hours and days forwards and back: records keep their order, the chain is whole."""
    jumps = (0, 1, -1, 25, -49, 24 * 365, 0, -24 * 365)
    async with HistoryJournal(place) as journal:
        for number, hours in enumerate(jumps):
            await journal.write(Record(Deed.POLICY, NOON + timedelta(hours=hours), session=str(number)))
        assert [session for session, _ in await deeds(journal)] == [str(number) for number in range(len(jumps))]
    assert check(place).findings == []


async def test_two_writers_make_one_chain(place: JournalPlace) -> None:
    """Two journals on one file, writing at once, lose nothing and do not break each other's seals."""
    async with HistoryJournal(place) as one, HistoryJournal(place) as two:

        async def write(journal: HistoryJournal, name: str) -> None:
            for number in range(100):
                journal.note(Record(Deed.PIN, NOON, session=f"{name}{number}"))
                await asyncio.sleep(0)

        await asyncio.gather(write(one, "one"), write(two, "two"))
        await eventually(lambda: one.lag == two.lag == 0)
        found = [session for session, _ in await deeds(one)]
    assert sorted(found) == sorted(f"{name}{number}" for name in ("one", "two") for number in range(100))
    assert [session for session in found if session.startswith("one")] == [f"one{number}" for number in range(100)]
    assert check(place).findings == []


async def test_a_foreign_hand_during_a_run_is_found(place: JournalPlace) -> None:
    """A record edited while the journal is being written is found where it is."""
    async with HistoryJournal(place) as journal:
        for number in range(5):
            await journal.write(replace(OPENING, session=f"s{number}"))
        engine = create_engine(place.url)
        with engine.begin() as database:
            database.execute(text("UPDATE records SET agent = 'dora' WHERE sequence = 3"))
        engine.dispose()
        await journal.write(replace(OPENING, session="s9"))
    assert check(place).findings == [Finding(Fault.EDITED, 3, 3)]
