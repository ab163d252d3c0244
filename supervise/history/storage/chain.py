"""The chain in the database: where it ends, and how records are put to its end.

Every function works inside the caller's transaction. Reading the end and writing behind it happen under one lock, so
that several writers on one journal make one chain.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, update

from supervise.history.errors import SessionOverError
from supervise.history.storage.inserting import insert_records
from supervise.history.storage.rows import Row
from supervise.history.storage.schema import lock
from supervise.history.storage.seal import genesis, seal
from supervise.history.storage.tables import journal, records, running, segments

SEGMENT = 100_000
"""The most records in one segment, so that a segment can be closed, checked and removed quickly."""

_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Link:
    """A record's place in the chain: its number, and the seal over it and all before it."""

    sequence: int
    seal: bytes


Outcome = Link | SessionOverError
"""Where a record went, or why it may not go anywhere."""


def day_of(at: int) -> int:
    """The day of a moment, counted from 1970 in UTC."""
    return at // _DAY


def newest(connection: Connection) -> Link:
    """The end of the chain; for a journal without a record, what stands before the first."""
    row = connection.execute(
        select(records.c.sequence, records.c.seal).order_by(records.c.sequence.desc()).limit(1)
    ).first()
    if row is None:
        return Link(0, genesis(connection.scalars(select(journal.c.id)).one()))
    return Link(row[0], row[1])


def present(connection: Connection, links: Iterable[Link]) -> set[Link]:
    """Those of the links that stand in the database."""
    asked = set(links)
    found = connection.execute(
        select(records.c.sequence, records.c.seal).where(records.c.sequence.in_([link.sequence for link in asked]))
    )
    return asked & {Link(*row) for row in found}


def append(connection: Connection, rows: Sequence[Row], beyond: int = 0) -> list[Outcome]:
    """Put rows to the end of the chain, in order, and say for each where it is.

    An opening or a closing that its session has already is not written again: its caller could not know that an
    earlier attempt had reached the disk.

    Args:
        connection: in a transaction.
        rows: as `rows.row_of` makes them; they get their sequence and seal here.
        beyond: a number that may have been given out already and must not be given again.
    """
    lock(connection)
    before = newest(connection)
    end = Link(max(before.sequence, beyond), before.seal)
    ends = _ends(connection, rows)
    outcomes: list[Outcome] = []
    fresh: list[Row] = []
    for row in rows:
        outcome = _already(ends, row)
        if outcome is None:
            row["sequence"] = end.sequence + 1
            row["seal"] = seal(end.seal, row)
            outcome = end = Link(row["sequence"], row["seal"])
            fresh.append(row)
            if row["deed"] in ("opened", "closed"):
                ends[row["session"], row["deed"]] = outcome
        outcomes.append(outcome)
    if fresh:
        insert_records(connection, fresh)
        _follow_segments(connection, before, fresh)
        _follow_sessions(connection, fresh)
    return outcomes


def close_segment(connection: Connection, end: Link) -> None:
    """End the open segment, if there is one, with this record."""
    first = connection.scalar(select(func.max(segments.c.first)).where(segments.c.last.is_(None)))
    if first is None:
        return
    inside = records.c.sequence.between(first, end.sequence)
    latest = connection.scalar(select(func.max(records.c.at)).where(inside))
    connection.execute(
        update(segments).where(segments.c.first == first).values(last=end.sequence, last_seal=end.seal, newest=latest)
    )


def _ends(connection: Connection, rows: Sequence[Row]) -> dict[tuple[str, str], Link]:
    """The openings and closings that the sessions of these rows have already."""
    sessions = {row["session"] for row in rows if row["deed"] in ("opened", "closed")}
    if not sessions:
        return {}
    found = connection.execute(
        select(records.c.session, records.c.deed, records.c.sequence, records.c.seal).where(
            and_(
                records.c.session.in_(sessions),
                or_(records.c.deed == "opened", records.c.deed == "closed"),
            )
        )
    )
    return {(session, deed): Link(sequence, sealed) for session, deed, sequence, sealed in found}


def _already(ends: dict[tuple[str, str], Link], row: Row) -> Outcome | None:
    if row["deed"] == "opened" and (row["session"], "closed") in ends:
        return SessionOverError(f"session {row['session']} is over; a session has one opening")
    return ends.get((row["session"], row["deed"]))


def _follow_segments(connection: Connection, before: Link, fresh: Sequence[Row]) -> None:
    """Begin a new segment with each new day, whichever way the clock went, and when one is full."""
    row = connection.execute(
        select(segments.c.first, segments.c.day).where(segments.c.last.is_(None)).order_by(segments.c.first.desc())
    ).first()
    first, day = (0, None) if row is None else row
    end = before
    for record in fresh:
        sequence, today = record["sequence"], day_of(record["at"])
        if today != day or sequence - first >= SEGMENT:
            close_segment(connection, end)
            connection.execute(insert(segments).values(first=sequence, day=today, base=end.seal))
            first, day = sequence, today
        end = Link(sequence, record["seal"])


def _follow_sessions(connection: Connection, fresh: Sequence[Row]) -> None:
    closed = {row["session"] for row in fresh if row["deed"] == "closed"}
    opened = [row for row in fresh if row["deed"] == "opened" and row["session"] not in closed]
    if opened:
        connection.execute(
            insert(running), [{"session": row["session"], "sequence": row["sequence"]} for row in opened]
        )
    if closed:
        connection.execute(delete(running).where(running.c.session.in_(closed)))
