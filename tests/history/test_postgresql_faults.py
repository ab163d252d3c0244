"""The journal in PostgreSQL, when the server is locked, stopped, crashed or gone."""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

import supervise.history.journal
from supervise.domain.ports import UnrecordedError
from supervise.domain.records import Deed, Record
from supervise.history.journal import PATIENCE, HistoryJournal
from supervise.history.storage.place import JournalPlace
from supervise.history.storage.tables import records
from supervise.history.verify import check
from tests.history.conftest import Server, new_server
from tests.history.helpers import NOON, OPENING, beating, deeds, eventually, refused

pytestmark = pytest.mark.postgres


@pytest.fixture
def database(server: Server, tmp_path: Path) -> JournalPlace:
    """A new journal's place in the server."""
    name = f"faults{tmp_path.name}".lower().replace("-", "_")[:60]
    with server.connect("postgres") as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return JournalPlace(server.url(name), witness=tmp_path / "witness")


@pytest.fixture
async def journal(database: JournalPlace) -> AsyncIterator[HistoryJournal]:
    """An open journal with one session."""
    async with HistoryJournal(database) as opened:
        await opened.write(OPENING)
        yield opened


@contextmanager
def frozen(server: Server) -> Iterator[None]:
    """A server that takes connections and answers nothing."""
    children = Path(f"/proc/{server.postmaster}/task/{server.postmaster}/children").read_text().split()
    processes = [server.postmaster, *map(int, children)]
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


@pytest.mark.usefixtures("impatient")
async def test_a_locked_table_refuses_in_time(server: Server, database: JournalPlace, journal: HistoryJournal) -> None:
    """While somebody else's transaction holds the table nothing is recorded, nothing blocks, and then all is well."""
    async with beating() as gaps:
        with server.connect(str(database.url.database)) as other, other.transaction():
            other.execute("LOCK TABLE records IN ACCESS EXCLUSIVE MODE")
            await asyncio.gather(*(refused(journal, replace(OPENING, session=f"x{n}")) for n in range(3)))
            assert not journal.healthy
        await eventually(lambda: journal.healthy)
        await journal.write(replace(OPENING, session="s2"))
        assert await deeds(journal) == [("s1", "opened"), ("s2", "opened")]
    assert max(gaps) < PATIENCE


@pytest.mark.usefixtures("impatient")
async def test_a_frozen_server_does_not_freeze_us(
    server: Server, database: JournalPlace, journal: HistoryJournal
) -> None:
    """A server that hangs in the middle costs a refusal; what it then stores all the same is taken back."""
    async with beating() as gaps:
        with frozen(server):
            await refused(journal, replace(OPENING, session="s2"))
            await refused(journal, replace(OPENING, deed=Deed.CLOSED))
        await eventually(lambda: journal.healthy and journal.lag == 0)
        await eventually(lambda: not journal._reader.unclosed())
        await journal.write(Record(Deed.POLICY, NOON))
        story = await deeds(journal)
    assert [deed for session, deed in story if session == "s1"] == ["opened", "closed"]
    assert [deed for session, deed in story if session == "s2"] in ([], ["opened", "closed"])
    assert check(database).findings == []
    assert max(gaps) < PATIENCE


WAL_SEGMENT, WAL_PAGE = 1024 * 1024, 8192
"""A file that the server must be able to write, or it ends at once."""


def backends(server: Server, database: JournalPlace) -> list[int]:
    """The server's processes that serve a journal."""
    asked = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND application_name = 'supervise'"
    with server.connect("postgres") as other:
        return [int(str(pid)) for (pid,) in other.execute(asked, [database.url.database])]


@contextmanager
def no_file_beyond(server: Server, size: int, *processes: int) -> Iterator[None]:
    """No file of these processes, and of those that they start meanwhile, grows beyond a size."""
    server.limit_files(str(size), *processes)
    try:
        yield
    finally:
        server.limit_files("unlimited", *(process for process in processes if Path(f"/proc/{process}").exists()))


@contextmanager
def grown(server: Server, database: JournalPlace) -> Iterator[int]:
    """A table of records that is larger than a segment of the log, by rows that will never be; its size in bytes."""
    made = {"sequence": "1000000 + n", "session": "'x' || n", "deed": "'pin'", "detail": "repeat('x', 7950)"}
    values = ", ".join(made.get(column.name, f'r."{column.name}"') for column in records.c)
    one = "(SELECT * FROM records ORDER BY sequence LIMIT 1) r"
    with server.connect(str(database.url.database)) as other:
        other.execute("ALTER TABLE records ALTER COLUMN detail SET STORAGE PLAIN")
        with other.transaction(force_rollback=True):
            other.execute(f"INSERT INTO records SELECT {values} FROM {one}, generate_series(1, 200) n".encode())  # noqa: S608 - names of our own
            size = _size_of_table(other)
            assert size > WAL_SEGMENT
            yield size


def _size_of_table(connection: "psycopg.Connection[tuple[object, ...]]") -> int:
    (row,) = connection.execute("SELECT pg_relation_size('records')").fetchall()
    return int(str(row[0]))


@pytest.mark.usefixtures("impatient")
async def test_a_full_disk_refuses_new_sessions_and_keeps_closings(
    server: Server, database: JournalPlace, journal: HistoryJournal
) -> None:
    """When the table cannot grow nothing opens; what has ended is written as soon as there is room again."""
    promised = [("s1", "opened")]
    with (
        grown(server, database) as full,
        no_file_beyond(server, full, server.postmaster, *backends(server, database)),
    ):
        for number in range(100):  # some pages still have room
            try:
                await journal.write(replace(OPENING, session=f"n{number}"))
            except UnrecordedError:
                break
            promised.append((f"n{number}", "opened"))
        assert "could not extend file" in (journal.fault or "")
        await refused(journal, replace(OPENING, session="full"))
        await refused(journal, replace(OPENING, deed=Deed.CLOSED))
        assert not journal.healthy
    with server.connect("postgres") as other:
        for process in backends(server, database):
            other.execute("SELECT pg_terminate_backend(%s)", [process])
    await eventually(lambda: journal.healthy and journal.lag == 0)
    await journal.write(replace(OPENING, session="after"))
    assert await deeds(journal) == [*promised, ("s1", "closed"), ("after", "opened")]
    report = check(database)
    assert (report.findings, report.torn) == ([], [])


@pytest.mark.usefixtures("impatient")
async def test_a_full_disk_under_the_servers_log_costs_no_promise(
    server: Server, database: JournalPlace, journal: HistoryJournal
) -> None:
    """When its own log cannot be written the server ends itself; when it is back the journal goes on, and is whole."""
    with no_file_beyond(server, 0, *backends(server, database)):
        await refused(journal, replace(OPENING, session="full"))
        await refused(journal, replace(OPENING, deed=Deed.CLOSED))
    await eventually(lambda: journal.healthy and journal.lag == 0)
    await journal.write(replace(OPENING, session="after"))
    await eventually(lambda: not {"s1", "full"} & {opening.session for opening in journal._reader.unclosed()})
    story = [deed for deed in await deeds(journal) if deed[0] != "full"]
    assert story == [("s1", "opened"), ("s1", "closed"), ("after", "opened")]
    report = check(database)
    assert (report.findings, report.torn) == ([], [])


STILL = ("bgwriter_lru_maxpages=0", "autovacuum=off", "checkpoint_timeout=1h")
"""Settings by which nothing but the log reaches the disk, as right before a power loss."""


async def test_every_torn_tail_is_mended_and_marked(tmp_path: Path) -> None:
    """Wherever a power loss has cut the server's own log, the journal opens, verifies and names what it lost."""
    promised = 40
    with new_server(*STILL) as server:
        place = JournalPlace(server.new_database(), witness=tmp_path / "witness")
        async with HistoryJournal(place) as journal:
            await journal.write(Record(Deed.POLICY, NOON))
            log, first = _begin_of_log(server)
            for number in range(1, promised):
                await journal.write(replace(OPENING, session=f"s{number}"))
            last = _end_of_log(server, log)
            await asyncio.to_thread(server.stop, "immediate")
        kept = [await _kept_of_torn(server, place, log, cut) for cut in range(first, last + WAL_PAGE, WAL_PAGE)]
        server.start()
    assert kept == sorted(kept)
    assert kept[-1] == promised
    assert len(set(kept)) > 3


def _begin_of_log(server: Server) -> tuple[str, int]:
    """A file of the log that begins now, after everything before it was put in its place; and its first whole page."""
    with server.connect("postgres") as other:
        other.execute("SELECT pg_switch_wal()")
        other.execute("CHECKPOINT")
        (row,) = other.execute("SELECT * FROM pg_walfile_name_offset(pg_current_wal_flush_lsn())").fetchall()
    return str(row[0]), (int(str(row[1])) // WAL_PAGE + 1) * WAL_PAGE


def _end_of_log(server: Server, log: str) -> int:
    with server.connect("postgres") as other:
        (row,) = other.execute("SELECT * FROM pg_walfile_name_offset(pg_current_wal_flush_lsn())").fetchall()
    assert row[0] == log, "more than a file of the log was written"
    return int(str(row[1]))


async def _kept_of_torn(server: Server, place: JournalPlace, log: str, cut: int) -> int:
    """How many promised records a journal still has whose server's log was cut there; the rest it must name."""
    witness = Path(shutil.copy(str(place.witness), f"{place.witness}-{cut}"))
    with server.copied(str(cut)) as torn:
        with (torn.folder / "data" / "pg_wal" / log).open("r+b") as file:
            file.seek(cut)
            file.write(bytes(WAL_SEGMENT - cut))
        torn.start()
        left = JournalPlace(torn.url(str(place.url.database)), witness=witness)
        async with HistoryJournal(left) as journal:
            await journal.write(replace(OPENING, session="after"))
            found = [session for session, deed in await deeds(journal) if deed != "journal"]
        report = check(left)
        torn.stop("immediate")
    assert found == ["", *(f"s{number}" for number in range(1, len(found) - 1)), "after"]
    assert (report.findings, report.torn) == ([], [(len(found), 40)] if len(found) <= 40 else [])
    return len(found) - 1


@pytest.mark.usefixtures("impatient")
async def test_a_crashed_server_keeps_every_promise(
    server: Server, database: JournalPlace, journal: HistoryJournal
) -> None:
    """A server that crashes and comes back has all that was promised, and records go on without our restart."""
    for number in range(20):
        await journal.write(replace(OPENING, session=f"n{number}"))
    await asyncio.to_thread(server.stop, "immediate")
    await refused(journal, replace(OPENING, session="down"))
    journal.note(replace(OPENING, deed=Deed.CLOSED))
    await asyncio.to_thread(server.start)
    await eventually(lambda: journal.healthy and journal.lag == 0)
    await journal.write(replace(OPENING, session="after"))
    expected = [("s1", "opened"), *((f"n{n}", "opened") for n in range(20)), ("s1", "closed"), ("after", "opened")]
    assert await deeds(journal) == expected
    report = check(database)
    assert (report.findings, report.torn) == ([], [])


async def test_a_connection_cut_between_records_costs_none(
    server: Server, database: JournalPlace, journal: HistoryJournal
) -> None:
    """When the server has thrown our idle connection out, the next record is written on a new one."""
    with server.connect("postgres") as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [database.url.database]
        )
    await journal.write(replace(OPENING, session="s2"))
    assert await deeds(journal) == [("s1", "opened"), ("s2", "opened")]


async def test_a_frozen_server_does_not_keep_us_from_ending(
    server: Server, database: JournalPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A controller can end, and start, while its server hangs."""
    monkeypatch.setattr(supervise.history.journal, "CLOSING", 0.3)
    monkeypatch.setattr(supervise.history.journal, "OPENING", 0.3)
    async with HistoryJournal(database) as journal:
        await journal.write(OPENING)
        with frozen(server):
            journal.note(replace(OPENING, deed=Deed.CLOSED))
            await asyncio.wait_for(journal.close(), 10)
            other = HistoryJournal(database)
            await asyncio.wait_for(other.open(), 10)
            assert not other.healthy
            await asyncio.wait_for(other.close(), 10)
    await asyncio.to_thread(journal._writer.join)
    await asyncio.to_thread(other._writer.join)
