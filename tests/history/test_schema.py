"""The tables: made, brought up to date, refused when they are newer, and moved to another engine."""

import asyncio
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import alembic.command
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

import supervise.history
from supervise.domain.records import Deed
from supervise.history.copying import copy_journal
from supervise.history.journal import HistoryJournal
from supervise.history.reading.reader import Reader
from supervise.history.storage import schema
from supervise.history.storage.engines import writing
from supervise.history.storage.place import JournalPlace
from supervise.history.storage.tables import metadata
from supervise.history.verify import check
from tests.history.helpers import NOON, OPENING, refused


async def test_the_steps_make_the_tables_that_the_program_uses(place: JournalPlace) -> None:
    """What the migrations build is what the code believes in, on each engine."""
    async with HistoryJournal(place):
        pass
    engine = create_engine(place.url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


async def test_an_older_journal_is_brought_up_to_date(place: JournalPlace) -> None:
    """A journal of the first version is taken over with its records and its name."""
    engine = writing(place.url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(supervise.history.__file__).parent / "storage/migrations"))
        config.attributes["connection"] = connection
        alembic.command.upgrade(config, "0001")
        connection.execute(text("INSERT INTO journal (id, created) VALUES ('old', 0)"))
    engine.dispose()
    async with HistoryJournal(place) as journal:
        await journal.write(OPENING)
    report = check(place)
    assert (report.journal, report.records, report.findings) == ("old", 1, [])


@pytest.mark.usefixtures("impatient")
async def test_a_newer_journal_is_left_alone(place: JournalPlace) -> None:
    """A journal that a newer program has written is neither changed nor written, and the fault says what to do."""
    async with HistoryJournal(place) as journal:
        await journal.write(OPENING)
    engine = create_engine(place.url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    async with HistoryJournal(place) as journal:
        await refused(journal, replace(OPENING, session="s2"))
        assert "upgrade" in (journal.fault or "")


async def test_two_first_starts_make_one_journal(place: JournalPlace) -> None:
    """Two controllers that find nothing make one set of tables and one name."""
    async with HistoryJournal(place) as one, HistoryJournal(place) as two:
        await asyncio.gather(one.write(OPENING), two.write(replace(OPENING, session="s2")))
        assert one.name == two.name != ""
    assert schema.NEWEST > "0001"
    assert check(place).findings == []


async def test_a_journal_moves_to_the_other_engine_and_back(
    sqlite_place: JournalPlace, place: JournalPlace, tmp_path: Path
) -> None:
    """Copied there and back, retired segments and running sessions and all, the journal is the same and goes on."""
    there = JournalPlace(place.text + "2") if place.url.get_backend_name() == "sqlite" else place
    async with HistoryJournal(sqlite_place) as journal:
        await journal.write(replace(OPENING, session="old", at=NOON.replace(year=2020)))
        await journal.write(replace(OPENING, session="old", deed=Deed.CLOSED, at=NOON.replace(year=2020)))
        await journal.write(replace(OPENING, agent="Zoë 🎧", detail={"a": "b"}))
        await journal.retire(NOON, NOON - NOON.replace(year=2025))
    end = check(sqlite_place).end
    assert copy_journal(sqlite_place, there, lambda _: None) == 2
    back = JournalPlace(str(tmp_path / "back.db"))
    copy_journal(there, back, lambda _: None)
    for copy in (there, back):
        report = check(copy)
        assert (report.end, report.findings, report.retired) == (end, [], [(1, 2)])
        with closing(Reader(copy.url)) as reader:
            assert [record.agent for record in reader.unclosed()] == ["Zoë 🎧"]
    async with HistoryJournal(back) as journal:
        await journal.write(replace(OPENING, deed=Deed.CLOSED))
    assert check(back).findings == []
