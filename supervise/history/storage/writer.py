"""The one thread that writes the journal.

It takes whatever has gathered, makes it durable in one transaction, and begins again: a single record waits for one
fsync and for nothing else, and under load the records that came during one fsync share the next. Why a thread and
not an asynchronous driver: docs/decisions/0003.
"""

import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from supervise.domain.ports import UnrecordedError
from supervise.domain.records import Deed
from supervise.history.errors import HistoryError, JournalBusyError, JournalFailedError
from supervise.history.marks import WITHDRAWN
from supervise.history.saying import say
from supervise.history.storage.chain import Link, Outcome
from supervise.history.storage.rows import Row, record_of, row_of
from supervise.history.storage.store import Store

BATCH = 256
"""The most records in one transaction: it keeps the interpreter from the event loop for a few milliseconds."""
KEPT = 10_000
"""The most records kept for later while the storage fails."""
RETRY = (0.05, 0.5)
"""Seconds between attempts while the storage fails: at first, and at most."""

UNOPENED = "not opened yet"
"""The fault of a writer that has not reached its storage yet."""

# PostgreSQL: query_canceled (statement_timeout) and lock_not_available (lock_timeout).
_LOCK_STATES = ("57014", "55P03")
_STORAGE = (SQLAlchemyError, sqlite3.Error, OSError, HistoryError)

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Ticket:
    """A record on its way to the disk.

    Attributes:
        row: the record.
        keep: it tells what has happened anyway, so that it is tried until it is durable.
        given_up: its caller does not wait any more and will not do what it announces.
        handed: when it was handed in, by the monotonic clock.
    """

    row: Row
    keep: bool
    given_up: bool = False
    handed: float = field(default_factory=monotonic)

    @property
    def link(self) -> Link | None:
        """Where the last attempt put it, durable or not."""
        return Link(self.row["sequence"], self.row["seal"]) if "seal" in self.row else None


@dataclass(slots=True, eq=False)
class Job:
    """Something else to be done with the database, between two batches."""

    work: Callable[[Connection], Any]
    done: Callable[[Any, Exception | None], None]


Result = tuple[Ticket, Outcome | UnrecordedError]
"""What became of a ticket."""
Settled = Callable[[Sequence[Result]], None]


class Writer(Thread):
    """Takes tickets and jobs from its queue until it is told to stop.

    Args:
        store: what it writes to; nobody else may use it.
        settled: called in this thread with what became of a batch.
        clock: the time in UTC, for the records that it writes about the journal itself.
    """

    def __init__(self, store: Store, settled: Settled, clock: Callable[[], datetime]) -> None:
        """Nothing happens before `start`."""
        super().__init__(name="journal-writer", daemon=True)
        self.queue: SimpleQueue[Ticket | Job | None] = SimpleQueue()
        self.fault: str | None = UNOPENED
        self._store = store
        self._settled = settled
        self._clock = clock
        self._kept: deque[Ticket] = deque()
        self._doubtful: deque[Ticket] = deque(maxlen=KEPT)
        self._pause = RETRY[0]
        self._ending = False

    def run(self) -> None:
        """Write until told to stop, then what is left."""
        try:
            while not self._ending:
                tickets, jobs = self._gather()
                self._write(tickets)
                for job in jobs:
                    self._do(job)
            self._finish()
        finally:
            self.fault = self.fault or "the writer has ended"

    def withdraw(self, ticket: Ticket) -> None:
        """Say in the journal that a record came too late and what it announces was not done; from any thread."""
        self.queue.put(Ticket(_withdrawal(ticket.row, self._clock()), keep=True))

    def _gather(self) -> tuple[list[Ticket], list[Job]]:
        """Wait for something to do, and take all that is there."""
        tickets: list[Ticket] = []
        jobs: list[Job] = []
        try:
            item = self.queue.get(timeout=self._patience())
            while True:
                match item:
                    case None:
                        self._ending = True
                    case Ticket():
                        tickets.append(item)
                    case Job():
                        jobs.append(item)
                if len(tickets) >= BATCH:
                    break
                item = self.queue.get_nowait()
        except Empty:
            pass
        return tickets, jobs

    def _patience(self) -> float | None:
        """Seconds until something is to be done even if nothing new arrives."""
        if self.fault:
            return self._pause
        return 0 if self._kept or self._doubtful else None

    def _write(self, arrived: Sequence[Ticket]) -> None:
        """Make what has arrived durable, and with it some of what an earlier attempt had to leave."""
        kept = [self._kept.popleft() for _ in range(min(BATCH, len(self._kept)))]
        tickets = [*kept, *(ticket for ticket in arrived if not ticket.given_up)]
        if tickets or self._doubtful:
            result = self._attempt(lambda: self._append(tickets))
            if isinstance(result, UnrecordedError):
                self._put_back(tickets, result)
            else:
                self._settled(result)
        elif self.fault:
            self._attempt(self._store.probe)

    def _append(self, tickets: Sequence[Ticket]) -> list[Result]:
        """Append what is not durable yet; an attempt that had failed may have reached the disk all the same."""
        links = [ticket.link for ticket in (*tickets, *self._doubtful)]
        found = self._store.present(link for link in links if link) if any(links) else set()
        late = [ticket for ticket in self._doubtful if ticket.link in found]
        done: list[Result] = [(ticket, link) for ticket in tickets if (link := ticket.link) in found]
        todo = [ticket for ticket in tickets if ticket.link not in found]
        todo += [Ticket(_withdrawal(ticket.row, self._clock()), keep=True) for ticket in late]
        outcomes = self._store.append([ticket.row for ticket in todo])
        self._doubtful.clear()
        return [*done, *zip(todo, outcomes, strict=True)]

    def _put_back(self, tickets: Sequence[Ticket], error: UnrecordedError) -> None:
        """Keep for later what is to be kept, and tell the rest."""
        failed: list[Result] = []
        for ticket in tickets:
            if ticket.keep and len(self._kept) < KEPT:
                self._kept.append(ticket)
                continue
            failed.append((ticket, error))
            if ticket.keep:
                say("error", "journal-record-lost", deed=ticket.row["deed"], session=ticket.row["session"])
            elif ticket.link:
                self._doubtful.append(ticket)
        self._settled(failed)

    def _finish(self) -> None:
        """Write what is left, as far as the storage lets it, and let go."""
        self._write([])
        while self._kept and not self.fault:
            self._write([])
        for ticket in self._kept:
            say("error", "journal-record-lost", deed=ticket.row["deed"], session=ticket.row["session"])
        self._store.close()

    def _do(self, job: Job) -> None:
        result = self._attempt(lambda: self._store.run(job.work))
        failed = isinstance(result, UnrecordedError)
        job.done(None if failed else result, result if failed else None)

    def _attempt(self, work: Callable[[], T]) -> T | UnrecordedError:
        """Do something with the storage, once more on a new connection if the old one turns out to be dead."""
        try:
            try:
                result = work()
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
                result = work()
        except _STORAGE as error:
            return self._failed(error)
        if self.fault not in (None, UNOPENED):
            say("info", "journal-works", records=self._store.end.sequence)
        self.fault, self._pause = None, RETRY[0]
        return result

    def _failed(self, error: Exception) -> UnrecordedError:
        words = str(error.orig if isinstance(error, DBAPIError) else error)
        if words != self.fault:
            say("error", "journal-fails", fault=words)
        self.fault, self._pause = words, min(2 * self._pause, RETRY[1])
        if _is_lock(error):
            return JournalBusyError(words)
        # After any other failure nothing is known about the connection: the next attempt makes a new one.
        self._store.close()
        return JournalFailedError(words)


def _is_lock(error: Exception) -> bool:
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", None) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return getattr(cause, "sqlstate", None) in _LOCK_STATES


def _withdrawal(row: Row, now: datetime) -> Row:
    """What follows a record that became durable after its caller had been told that it was not."""
    taken = record_of(row)
    deed = Deed.CLOSED if taken.deed is Deed.OPENED else Deed.JOURNAL
    detail = {"withdrawn": str(row.get("sequence", ""))}
    unknown = replace(taken, mode=None, muted=None, visibility=None, elapsed=None, rule="")
    return row_of(replace(unknown, deed=deed, at=now, reason=WITHDRAWN, detail=detail))
