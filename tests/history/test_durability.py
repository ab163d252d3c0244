"""What durability rests on: the settings of each engine, as the engine itself reports them."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from supervise.history.journal import HistoryJournal
from supervise.history.storage.engines import reading, writing
from supervise.history.storage.place import JournalPlace
from tests.history.helpers import OPENING


async def test_a_commit_waits_for_the_disk(place: JournalPlace) -> None:
    """The connection that writes is one whose commits are forced to the disk, and waits for locks only briefly."""
    async with HistoryJournal(place):
        pass
    engine = writing(place.url)
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            asked = ("PRAGMA journal_mode", "PRAGMA synchronous", "PRAGMA busy_timeout", "PRAGMA secure_delete")
            expected = ["wal", 2, 200, 1]
        else:
            asked = ("SHOW synchronous_commit", "SHOW lock_timeout", "SHOW statement_timeout", "SHOW TimeZone")
            expected = ["on", "200ms", "200ms", "UTC"]
        assert [connection.scalar(text(question)) for question in asked] == expected
    engine.dispose()


async def test_who_reads_cannot_write(place: JournalPlace) -> None:
    """The connections of queries refuse to change anything."""
    async with HistoryJournal(place) as journal:
        await journal.write(OPENING)
    engine = reading(place.url)
    with engine.connect() as connection, pytest.raises(DBAPIError, match=r"readonly|read-only"):
        connection.execute(text("DELETE FROM records"))
    engine.dispose()
