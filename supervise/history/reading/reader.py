"""Reading the journal: a query in, entries out, however many there are.

Pages are short queries that begin where the last one ended, so that no reader holds an old state of the database open
(which would keep SQLite's write-ahead log from ever shrinking) and a query over millions needs the memory of one page.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import URL, ColumnElement, Connection, RowMapping, Select, distinct, func, literal_column, select
from sqlalchemy.exc import SQLAlchemyError

from supervise.domain.records import Deed, Record
from supervise.domain.sessions.agents import CHOSEN, LEFT
from supervise.history.errors import JournalUnreadableError
from supervise.history.storage.engines import reading
from supervise.history.storage.place import file_of
from supervise.history.storage.rows import moment, record_of
from supervise.history.storage.tables import journal, records, running

PAGE = 500
"""Entries read at a time."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A record with its number in the journal and its seal."""

    sequence: int
    record: Record
    seal: bytes

    @property
    def session(self) -> str:
        """The session that the record belongs to; empty for none."""
        return self.record.session


@dataclass(frozen=True, slots=True)
class Query:
    """Which records; every condition that is given must hold.

    Attributes:
        number, agent, supervisor, call, session, node: the records that have exactly this.
        deeds: records of these kinds; none given is all.
        shown: whether the session may show in the call's and the customer's history.
        since, until: recorded at or after, and before.
        after, before: with a greater, a lesser sequence than this.
        newest_first: which end to begin at.
    """

    number: str | None = None
    agent: str | None = None
    supervisor: str | None = None
    call: str | None = None
    session: str | None = None
    node: str | None = None
    deeds: frozenset[Deed] = frozenset()
    shown: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: int = 0
    before: int | None = None
    newest_first: bool = False


EVERYTHING = Query()
"""All records, the oldest first."""


class Reader:
    """Reads a journal, also while a controller writes it. Several threads may share one.

    Every method raises `JournalUnreadableError` when the journal is missing, broken or not one.
    """

    def __init__(self, place: URL) -> None:
        """Name the place; the connection is made by the first query."""
        self._file = file_of(place)
        self._engine = reading(place)

    def entries(self, query: Query = EVERYTHING) -> Iterator[Entry]:
        """The records of a query, in the order of the journal or backwards."""
        for page in self.pages(query):
            yield from page

    def pages(self, query: Query = EVERYTHING) -> Iterator[list[Entry]]:
        """The same, a page at a time."""
        where, column = _conditions(query), records.c.sequence
        order = column.desc() if query.newest_first else column
        asked = select(records).where(*where).order_by(order).limit(PAGE)
        page = self._page(asked)
        while page:
            yield page
            if len(page) < PAGE:
                return
            edge = page[-1].sequence
            page = self._page(asked.where(column < edge if query.newest_first else column > edge))

    def _page(self, asked: Select[*tuple[Any, ...]]) -> list[Entry]:
        with self.connection() as connection:
            return [_entry(row) for row in connection.execute(asked).mappings()]

    def of_sessions(self, sessions: Collection[str]) -> dict[str, list[Entry]]:
        """All records of some sessions, by session."""
        found: dict[str, list[Entry]] = {}
        asked = select(records).where(records.c.session.in_(sessions)).order_by(records.c.sequence)
        with self.connection() as connection:
            for entry in map(_entry, connection.execute(asked).mappings()):
                found.setdefault(entry.record.session, []).append(entry)
        return found

    def record(self, sequence: int) -> Entry | None:
        """One record by its number."""
        return next(iter(self._page(select(records).where(records.c.sequence == sequence))), None)

    def newest(self) -> int:
        """The number of the newest record; 0 where there is none."""
        with self.connection() as connection:
            return connection.scalar(select(func.max(records.c.sequence))) or 0

    def name(self) -> str:
        """The journal's name."""
        with self.connection() as connection:
            return connection.scalar(select(journal.c.id)) or ""

    def unclosed(self) -> list[Record]:
        """The openings of the sessions that have no closing yet."""
        asked = select(records).join(running, running.c.sequence == records.c.sequence)
        with self.connection() as connection:
            return [_entry(row).record for row in connection.execute(asked.order_by(records.c.sequence)).mappings()]

    def sessions(self, *, since: datetime, agent: str = "", supervisor: str = "", call: str = "") -> int:
        """How many sessions there were since then, with all that is named: what a policy's limits count.

        One that was opened with another agent and came to be about this one counts as well, once.
        """
        named = {"agent": agent, "supervisor": supervisor, "call": call}
        # Spelled out, and not as a parameter, so that the engine sees that its index of openings covers it.
        opened = records.c.deed == literal_column("'opened'")
        where = [records.c[column] == value for column, value in named.items() if value]
        asked = select(func.count()).select_from(records).where(opened, records.c.at >= moment(since), *where)
        with self.connection() as connection:
            came = connection.scalar(_came_to([records.c.at >= moment(since), *where])) if agent else 0
            return (connection.scalar(asked) or 0) + (came or 0)

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection for one short query."""
        if self._file is not None and not self._file.exists():
            raise JournalUnreadableError(f"there is no journal at {self._file}")
        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise JournalUnreadableError(f"the journal cannot be read: {getattr(error, 'orig', error)}") from error

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()


def _came_to(mine: Sequence[ColumnElement[bool]]) -> Select[int]:
    """The sessions that came to be about an agent without having been opened with them."""
    opened = select(records.c.session).where(records.c.deed == Deed.OPENED, *mine)
    turned = records.c.deed == Deed.TARGET, records.c.reason.in_((CHOSEN, LEFT))
    return select(func.count(distinct(records.c.session))).where(*turned, *mine, records.c.session.not_in(opened))


def _entry(row: RowMapping) -> Entry:
    try:
        return Entry(row["sequence"], record_of(row), row["seal"])
    except ValueError as error:
        raise JournalUnreadableError(f"record {row['sequence']} was edited ({error}): run verify") from error


def _conditions(query: Query) -> list[ColumnElement[bool]]:
    columns = ("number", "agent", "supervisor", "call", "session", "node")
    given = {column: getattr(query, column) for column in columns}
    where = [records.c[column] == value for column, value in given.items() if value is not None]
    if query.deeds:
        where.append(records.c.deed.in_(sorted(query.deeds)))
    if query.shown is not None:
        where.append(records.c.shown == query.shown)
    if query.since is not None:
        where.append(records.c.at >= moment(query.since))
    if query.until is not None:
        where.append(records.c.at < moment(query.until))
    if query.before is not None:
        where.append(records.c.sequence < query.before)
    if query.after:
        where.append(records.c.sequence > query.after)
    return where
