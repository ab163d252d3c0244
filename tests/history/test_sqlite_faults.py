"""The journal in a file, when the file, its disk or its folder fails."""

import asyncio
import resource
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from supervise.domain.ports import UnrecordedError
from supervise.domain.records import Deed, Record
from supervise.history.journal import PATIENCE, HistoryJournal
from supervise.history.storage.place import JournalPlace
from supervise.history.verify import check
from tests.history.helpers import NOON, OPENING, beating, deeds, eventually, refused

pytestmark = pytest.mark.unit


@contextmanager
def locked(place: JournalPlace) -> Iterator[None]:
    """Another process's transaction that does not end."""
    with closing(sqlite3.connect(place.text, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield


@contextmanager
def full_disk(size: int = 0) -> Iterator[None]:
    """No file of this process grows beyond a size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("impatient")
async def test_a_locked_journal_refuses_in_time_and_recovers(sqlite_place: JournalPlace) -> None:
    """While another process holds the file nothing is recorded, nothing blocks, and all is well afterwards."""
    async with HistoryJournal(sqlite_place) as journal, beating() as gaps:
        with locked(sqlite_place):
            await asyncio.gather(*(refused(journal, replace(OPENING, session=f"s{n}")) for n in range(5)))
            assert not journal.healthy
            assert "locked" in (journal.fault or "")
        await eventually(lambda: journal.healthy)
        await journal.write(replace(OPENING, session="s9"))
        assert await deeds(journal) == [("s9", "opened")]
    assert max(gaps) < PATIENCE


@pytest.mark.usefixtures("impatient")
async def test_a_full_disk_refuses_new_sessions_and_keeps_closings(sqlite_place: JournalPlace) -> None:
    """On a full disk nothing opens; what has ended is written as soon as there is room; the chain is whole."""
    async with HistoryJournal(sqlite_place) as journal:
        await journal.write(OPENING)
        with full_disk():
            await refused(journal, replace(OPENING, session="s2"))
            await refused(journal, replace(OPENING, deed=Deed.CLOSED))
            journal.note(Record(Deed.REFUSED, NOON, session="s3"))
            assert not journal.healthy
        await eventually(lambda: journal.healthy and journal.lag == 0)
        await journal.write(replace(OPENING, session="s4"))
        assert await deeds(journal) == [("s1", "opened"), ("s1", "closed"), ("s3", "refused"), ("s4", "opened")]
    assert check(sqlite_place).findings == []


async def test_the_disk_may_become_full_at_any_byte(tmp_path: Path) -> None:
    """Wherever in its file a write is cut short, what was promised is there and what was refused is not."""
    for room in range(4096, 200_000, 9000):
        place = JournalPlace(str(tmp_path / str(room) / "journal.db"))
        promised: list[tuple[str, str]] = []
        async with HistoryJournal(place) as journal:
            with full_disk(room):
                for number in range(8):
                    with_session = replace(OPENING, session=f"s{number}")
                    try:
                        await journal.write(with_session)
                    except UnrecordedError:
                        continue
                    promised.append((with_session.session, "opened"))
            assert await deeds(journal) == promised
        assert check(place).findings == []


@pytest.mark.usefixtures("impatient")
async def test_a_journal_that_cannot_be_opened_is_retried(tmp_path: Path) -> None:
    """A start without storage refuses every record, and goes on when the storage comes."""
    blocker = tmp_path / "blocked"
    blocker.touch()
    async with HistoryJournal(JournalPlace(str(blocker / "journal.db"))) as journal:
        assert not journal.healthy
        await refused(journal, OPENING)
        blocker.unlink()
        await eventually(lambda: journal.healthy)
        await journal.write(replace(OPENING, session="s2"))


@pytest.mark.usefixtures("impatient")
def test_what_is_no_database_is_not_overwritten(sqlite_place: JournalPlace) -> None:
    """A file of something else in the journal's place is refused and left as it is."""

    async def use() -> None:
        async with HistoryJournal(sqlite_place) as journal:
            await refused(journal, OPENING)

    diary = Path(sqlite_place.text)
    diary.write_text("my diary " * 1000)
    asyncio.run(use())
    assert diary.read_text() == "my diary " * 1000


async def test_a_journal_moved_away_is_noticed(sqlite_place: JournalPlace) -> None:
    """When the file is taken away under a running journal, records go to a new one, and it says what is missing."""
    async with HistoryJournal(sqlite_place) as journal:
        for number in range(3):
            await journal.write(replace(OPENING, session=f"s{number}"))
        _move_away(sqlite_place)
        await journal.write(replace(OPENING, session="s4"))
        found = [(entry.sequence, entry.record.deed.value) async for entry in journal.read()]
    assert found == [(4, "journal"), (5, "opened")]
    report = check(sqlite_place)
    assert (report.findings, report.torn) == ([], [(1, 3)])


async def test_every_torn_tail_is_mended_and_marked(sqlite_place: JournalPlace, tmp_path: Path) -> None:
    """Whatever a power loss leaves of the log, the journal opens, verifies, and names the promises it lost."""
    async with HistoryJournal(sqlite_place) as journal:
        for number in range(6):
            await journal.write(replace(OPENING, session=f"s{number}"))
        torn = _torn_copies(sqlite_place, tmp_path)
    lost: set[int] = set()
    for copy in torn:
        async with HistoryJournal(copy) as journal:
            await journal.write(replace(OPENING, session="after"))
            kept = [session for session, deed in await deeds(journal) if deed == "opened"]
        report = check(copy)
        missing = [(len(kept), 6)] if len(kept) <= 6 else []
        assert kept == [*(f"s{number}" for number in range(len(kept) - 1)), "after"]
        assert (report.findings, report.torn) == ([], missing)
        lost.add(7 - len(kept))
    assert lost == {0, 1, 2, 3, 4, 5, 6}


async def test_what_cannot_be_counted_is_an_error(sqlite_place: JournalPlace) -> None:
    """A journal that cannot be read gives no number of sessions, and not the number nought."""
    async with HistoryJournal(sqlite_place) as journal:
        await journal.write(OPENING)
        _move_away(sqlite_place)
        with pytest.raises(UnrecordedError):
            await journal.sessions(since=NOON, agent="bert")


def _move_away(place: JournalPlace) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(place.text + suffix).rename(place.text + suffix + ".away")


def _torn_copies(place: JournalPlace, folder: Path) -> list[JournalPlace]:
    """The journal's files as they are on the disk now, once for each page that its log may have been cut at."""
    log = Path(place.text + "-wal").read_bytes()
    header, frame = 32, 24 + 4096
    cuts = [*range(header, len(log) + 1, frame), *range(header + 700, len(log), 7 * frame)]
    copies = []
    for cut in cuts:
        copied = JournalPlace(str(folder / str(cut) / "journal.db"))
        Path(copied.text).parent.mkdir()
        for suffix in ("", ".witness"):
            shutil.copyfile(place.text + suffix, copied.text + suffix)
        Path(copied.text + "-wal").write_bytes(log[:cut])
        copies.append(copied)
    return copies
