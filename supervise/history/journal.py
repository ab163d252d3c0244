"""The journal as the rest of the program uses it, from the event loop and without ever blocking it."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any, Self, TypeVar

from sqlalchemy import Connection

from supervise.domain.ports import UnrecordedError
from supervise.domain.records import Deed, Record
from supervise.history import retention
from supervise.history.errors import (
    JournalBusyError,
    JournalClosedError,
    JournalFailedError,
    JournalUnreadableError,
    SessionOverError,
)
from supervise.history.reading.reader import EVERYTHING, Entry, Query, Reader
from supervise.history.recover import closings
from supervise.history.saying import say
from supervise.history.storage.chain import Link
from supervise.history.storage.place import JournalPlace
from supervise.history.storage.rows import row_of
from supervise.history.storage.store import Store
from supervise.history.storage.writer import Job, Result, Ticket, Writer

PATIENCE = 0.25
"""Seconds within which `write` has returned or raised."""
BACKLOG = 10_000
"""The most records that may wait for the disk at once."""
OPENING, CLOSING = 10.0, 5.0
"""Seconds that opening and closing wait for a storage that hangs; it is then left to itself."""
COUNTING = 1.0
"""Seconds that counting may take."""
REFUSED = 1000
"""How many refused openings are remembered."""

T = TypeVar("T")


def _now() -> datetime:
    return datetime.now(UTC)


class HistoryJournal:
    """Keeps records so that they survive a crash, and finds them again. Use as ``async with``.

    A journal whose storage does not work opens all the same: it is then not `healthy`, refuses every record, and goes
    on trying, so that the controller can say so on the phone.
    """

    def __init__(self, place: JournalPlace, clock: Callable[[], datetime] = _now) -> None:
        """Name the place; nothing happens before `open`.

        Args:
            place: where the journal is.
            clock: the time in UTC, for the records that the journal writes about itself.

        Raises:
            UnknownPlaceError: the place is none.
        """
        self._engine = place.url.get_backend_name()
        self._store = Store(place, clock)
        self._writer = Writer(self._store, self._settled_in_thread, clock)
        self._reader = Reader(place.url)
        self._waiting: dict[Ticket, asyncio.Future[Link]] = {}
        self._refused: deque[str] = deque(maxlen=REFUSED)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._open = False

    @property
    def name(self) -> str:
        """The journal's name; empty until the storage has been reached once."""
        return self._store.name

    @property
    def engine(self) -> str:
        """What keeps it: ``sqlite`` or ``postgresql``."""
        return self._engine

    @property
    def fault(self) -> str | None:
        """Why the last attempt to write failed, in the storage's words; None when it did not."""
        return self._writer.fault

    @property
    def healthy(self) -> bool:
        """Whether the last attempt to write reached the disk."""
        return self._open and self._writer.is_alive() and self._writer.fault is None

    @property
    def lag(self) -> float:
        """For how many seconds the oldest record that is not durable yet has been waiting; 0 when there is none."""
        oldest = next(iter(self._waiting), None)
        return 0.0 if oldest is None else monotonic() - oldest.handed

    async def __aenter__(self) -> Self:
        """Open."""
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close."""
        await self.close()

    async def open(self) -> None:
        """Start writing; return after the first attempt to reach the storage, whatever came of it."""
        self._loop = asyncio.get_running_loop()
        self._open = True
        self._writer.start()
        with suppress(UnrecordedError, TimeoutError):
            await asyncio.wait_for(self.run(lambda _: None), OPENING)

    async def close(self) -> None:
        """Write what is waiting, and end."""
        if self._open:
            self._open = False
            self._writer.queue.put(None)
            await asyncio.to_thread(self._writer.join, CLOSING)
            if self._writer.is_alive():
                say("error", "journal-left-hanging", records=len(self._waiting), fault=self.fault)
            self._reader.close()

    async def write(self, record: Record) -> None:
        """Return when the record is durable.

        A closing is kept even when this raises, and is written as soon as the storage works again: a session has one.
        An opening or closing that is durable already is not written twice. An opening that was refused stays refused:
        another attempt needs another session.

        Raises:
            UnrecordedError: it is not durable within `PATIENCE`, and what it announces must not be done. Should it
                reach the disk after all, a record that takes it back follows it.
            ValueError: it is not a record that can be kept (see `rows.row_of`).
        """
        opening = record.deed is Deed.OPENED
        if opening and record.session in self._refused:
            raise SessionOverError(f"the opening of session {record.session} has been refused")
        ticket = Ticket(row_of(record), keep=record.deed is Deed.CLOSED)
        future = self._hand_in(ticket)
        try:
            await self._wait(ticket, future)
        except UnrecordedError:
            if opening:
                self._refused.append(record.session)
            raise

    def note(self, record: Record) -> None:
        """Keep a record of what has happened anyway; it is written as soon as the storage lets it.

        Raises:
            JournalClosedError: the journal is not open.
            ValueError: as `write`.
        """
        ticket = Ticket(row_of(record), keep=True)
        try:
            self._hand_in(ticket).add_done_callback(asyncio.Future.exception)
        except JournalBusyError:
            say("error", "journal-record-lost", deed=record.deed, session=record.session)

    async def recover(
        self,
        now: datetime,
        alive: Callable[[], Collection[str]] = frozenset,
        nodes: Collection[str] | None = None,
    ) -> list[Record]:
        """Give every session that a crash has left without a closing one, and return those.

        They are durable when this returns, or, where the storage does not work, as soon as it does.

        Args:
            now: the time.
            alive: tells which sessions of this controller go on. It is asked when the openings have been read, so that
                a session that begins meanwhile is not taken for one that a crash has left.
            nodes: the nodes that this controller serves; None is all.

        Raises:
            JournalUnreadableError, JournalClosedError: nobody knows which sessions there are.
        """
        openings = await asyncio.to_thread(self._reader.unclosed)
        missing = closings(openings, now, alive(), nodes)
        for record in missing:
            self.note(record)
        with suppress(UnrecordedError):
            await self.run(lambda _: None)
        return missing

    async def read(self, query: Query = EVERYTHING) -> AsyncIterator[Entry]:
        """The records of a query, in the order of the journal or backwards, however many there are.

        Raises:
            JournalUnreadableError: the journal is broken or out of reach.
        """
        pages = self._reader.pages(query)
        while page := await asyncio.to_thread(next, pages, None):
            for entry in page:
                yield entry

    async def ask(self, question: Callable[[Reader], T]) -> T:
        """Ask something else of the reader, in a thread of its own.

        Raises:
            JournalUnreadableError: the journal is broken or out of reach.
        """
        return await asyncio.to_thread(question, self._reader)

    async def sessions(self, *, since: datetime, agent: str = "", supervisor: str = "", call: str = "") -> int:
        """How many sessions have been opened since a moment, for the policy's limits; see `Reader.sessions`.

        Raises:
            JournalFailedError: nobody can count them within a second, so that a limit must be taken as reached.
        """
        count = partial(self._reader.sessions, since=since, agent=agent, supervisor=supervisor, call=call)
        try:
            return await asyncio.wait_for(asyncio.to_thread(count), COUNTING)
        except (JournalUnreadableError, TimeoutError) as error:
            raise JournalFailedError(
                f"the sessions cannot be counted: {str(error) or 'the storage is busy'}"
            ) from error

    async def retire(self, now: datetime, keep: timedelta) -> int:
        """Forget what is older than `keep`, by whole segments, and return how many records are gone.

        Raises:
            UnrecordedError: the journal cannot be written; what has begun is finished by the next call.
        """
        await self.run(partial(retention.retire, now=now, keep=keep))
        gone = 0
        while count := await self.run(retention.sweep):
            gone += count
        return gone

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Do something with the database in the writing thread, in a transaction of its own.

        Raises:
            UnrecordedError: it did not become durable.
        """
        future: asyncio.Future[T] = self._running().create_future()

        def done(result: T, error: Exception | None) -> None:
            self._call(_resolve, future, error or result)

        self._writer.queue.put(Job(work, done))
        return await future

    async def _wait(self, ticket: Ticket, future: asyncio.Future[Link]) -> None:
        timer = future.get_loop().call_later(PATIENCE, self._expire, ticket, future)
        try:
            await future
        except asyncio.CancelledError:
            ticket.given_up = not ticket.keep
            if not future.cancelled() and not ticket.keep:
                self._writer.withdraw(ticket)
            raise
        finally:
            timer.cancel()

    def _hand_in(self, ticket: Ticket) -> asyncio.Future[Link]:
        future: asyncio.Future[Link] = self._running().create_future()
        if len(self._waiting) >= BACKLOG:
            raise JournalBusyError(f"{BACKLOG} records are waiting for the disk")
        self._waiting[ticket] = future
        future.add_done_callback(lambda _: self._waiting.pop(ticket, None))
        self._writer.queue.put(ticket)
        return future

    def _expire(self, ticket: Ticket, future: asyncio.Future[Link]) -> None:
        if not future.done():
            ticket.given_up = not ticket.keep
            why = self.fault or "the storage is busy"
            future.set_exception(JournalBusyError(f"not durable within {PATIENCE} s: {why}"))

    def _settle(self, results: Sequence[Result]) -> None:
        """Tell those who wait what became of their records, and take back what came too late for them."""
        for ticket, outcome in results:
            future = self._waiting.get(ticket)
            if future is not None and not future.done():
                _resolve(future, outcome)
            elif isinstance(outcome, Link) and not ticket.keep:
                self._writer.withdraw(ticket)

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None or not self._open or not self._writer.is_alive():
            raise JournalClosedError("the journal is not open")
        return self._loop

    def _settled_in_thread(self, results: Sequence[Result]) -> None:
        self._call(self._settle, results)

    def _call(self, function: Callable[..., None], *arguments: object) -> None:
        """Call something in the event loop, which may have ended while the thread was busy."""
        if self._loop is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(function, *arguments)


def _resolve(future: asyncio.Future[Any], outcome: object) -> None:
    if future.done():
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
