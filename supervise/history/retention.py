"""Forgetting, by whole segments, so that what is left is still a chain that can be proved.

A retired segment leaves its ends, its base and its last seal in the `segments` table, and the chain itself says that
it was retired. Runs of retired segments are kept as one, and each retirement writes the marks of all runs anew: a
mark is a record like others, and is itself retired one day.

A segment that holds the opening of a session that goes on is not retired.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, exists, select, update

from supervise.domain.records import Deed, Record
from supervise.history.marks import RETIRED
from supervise.history.storage import chain
from supervise.history.storage.rows import moment, row_of
from supervise.history.storage.tables import records, running, segments

SWEEP = 2000
"""Records removed in one transaction: a few milliseconds, between which others can write."""


def retire(connection: Connection, now: datetime, keep: timedelta) -> int:
    """Mark the segments whose every record is older than `keep` as retired, and return how many there were.

    Their records are still there; `sweep` removes them.
    """
    if _day_is_over(connection, now):
        chain.close_segment(connection, chain.newest(connection))
    old = list(
        connection.scalars(
            select(segments.c.first).where(
                segments.c.retired.is_(None),
                segments.c.last.is_not(None),
                segments.c.newest < moment(now - keep),
                ~exists().where(running.c.sequence.between(segments.c.first, segments.c.last)),
            )
        )
    )
    if old:
        connection.execute(update(segments).where(segments.c.first.in_(old)).values(retired=moment(now)))
        chain.append(connection, [row_of(_mark(run, now)) for run in _runs(connection)])
    return len(old)


def sweep(connection: Connection) -> int:
    """Remove some records of retired segments, and return how many; 0 means that none is left."""
    gone = (
        select(records.c.sequence)
        .join(segments, records.c.sequence.between(segments.c.first, segments.c.last))
        .where(segments.c.retired.is_not(None))
        .order_by(records.c.sequence)
        .limit(SWEEP)
    )
    return connection.execute(delete(records).where(records.c.sequence.in_(gone))).rowcount


def _day_is_over(connection: Connection, now: datetime) -> bool:
    day = connection.scalar(select(segments.c.day).where(segments.c.last.is_(None)))
    return day is not None and day != chain.day_of(moment(now))


def _runs(connection: Connection) -> list[dict[str, Any]]:
    """The retired segments, neighbours joined into one, in the table as well."""
    runs: list[dict[str, Any]] = []
    for row in connection.execute(select(segments).order_by(segments.c.first)).mappings().all():
        if row["retired"] is None:
            runs.append({})
        elif runs and runs[-1]:
            runs[-1] |= {key: row[key] for key in ("last", "last_seal", "newest", "retired")}
            connection.execute(delete(segments).where(segments.c.first == row["first"]))
            joined = {key: value for key, value in runs[-1].items() if key != "first"}
            connection.execute(update(segments).where(segments.c.first == runs[-1]["first"]).values(joined))
        else:
            runs.append(dict(row))
    return [run for run in runs if run]


def _mark(run: dict[str, Any], now: datetime) -> Record:
    detail = {
        "first": str(run["first"]),
        "last": str(run["last"]),
        "base": run["base"].hex(),
        "seal": run["last_seal"].hex(),
    }
    return Record(Deed.JOURNAL, now, reason=RETIRED, detail=detail)
