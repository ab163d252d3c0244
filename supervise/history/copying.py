"""Moving a journal to another engine: the same records, the same seals, the same name, so the same chain."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, RowMapping, Table, delete, func, insert, select

from supervise.history.errors import HistoryError
from supervise.history.reading.reader import Reader
from supervise.history.storage import schema
from supervise.history.storage.engines import writing
from supervise.history.storage.place import JournalPlace
from supervise.history.storage.tables import journal, records, running, segments

CHUNK = 2000
"""Records copied at a time."""


def copy_journal(source: JournalPlace, target: JournalPlace, progress: Callable[[int], None]) -> int:
    """Copy everything in one transaction of the target, and return how many records there were.

    Args:
        source: the journal; nobody should be writing it.
        target: where there is no journal yet.
        progress: called with the sequence reached.

    Raises:
        HistoryError: there is none at the source, or one at the target.
        sqlalchemy.exc.SQLAlchemyError: the target's engine fails; it is then as it was.
    """
    reader = Reader(source.url)
    engine = writing(target.url)
    try:
        with reader.connection() as old, engine.begin() as new:
            schema.bring_up(new, datetime.now(UTC))
            schema.take_time(new)
            if new.scalar(select(func.count()).select_from(segments)):
                raise HistoryError(f"there is a journal already at {target.url.render_as_string()}")
            new.execute(delete(journal))
            for table in (journal, segments, running):
                _insert(new, table, old.execute(select(table)).mappings().all())
            return _copy_records(old, new, progress)
    finally:
        engine.dispose()
        reader.close()


def _copy_records(old: Connection, new: Connection, progress: Callable[[int], None]) -> int:
    copied, after = 0, 0
    while True:
        asked = select(records).where(records.c.sequence > after).order_by(records.c.sequence).limit(CHUNK)
        rows = old.execute(asked).mappings().all()
        if not rows:
            return copied
        _insert(new, records, rows)
        copied += len(rows)
        after = rows[-1]["sequence"]
        progress(after)


def _insert(connection: Connection, table: Table, rows: Sequence[RowMapping]) -> None:
    if rows:
        connection.execute(insert(table), [dict(row) for row in rows])
