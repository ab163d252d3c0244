"""Delivers the journal to a webhook: every record at least once, and a session's records in their order.

What fails is tried again, with growing delays, and what comes later of the same session waits behind it; other
sessions go on. A receiver that fails for everybody is given a rest: nothing more is read for it until one of its
parcels gets through, so that an outage of a day costs no more than a few parcels.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from operator import methodcaller
from time import monotonic
from typing import TypeVar

from aiohttp import ClientSession

from supervise.domain.ports import UnrecordedError
from supervise.history.errors import HistoryError
from supervise.history.journal import HistoryJournal
from supervise.history.reading.reader import Entry, Query, Reader
from supervise.history.saying import say
from supervise.history.storage import outbox
from supervise.history.storage.outbox import Parcel
from supervise.history.telling.webhooks import Hook, send

T = TypeVar("T", Parcel, Entry)

PAGE = 100
"""Records taken at a time."""
AT_ONCE = 8
"""Requests to one receiver at the same time."""
DOWN = 20
"""Sessions that have failed in a row before a receiver is taken to be down."""
POLL = 1.0
"""Seconds between two looks for new records."""
RELOAD = 30.0
"""Seconds after which the parcels are read again: somebody may have revived dead ones."""


class Dispatcher:
    """Serves one hook.

    Args:
        journal: the journal, open.
        hook: the receiver.
        client: makes the requests.
        clock: the time in UTC.
    """

    def __init__(
        self, journal: HistoryJournal, hook: Hook, client: ClientSession, clock: Callable[[], datetime]
    ) -> None:
        """Nothing happens before `run`."""
        self._journal = journal
        self._hook = hook
        self._client = client
        self._clock = clock
        self._reached: int | None = None
        self._parcels: list[Parcel] = []
        self._loaded = 0.0
        self._failed_in_a_row = 0
        self._waits_for = ""
        self._slots = asyncio.Semaphore(AT_ONCE)

    @property
    def waiting(self) -> int:
        """How many records could not be delivered yet."""
        return len(self._parcels)

    async def run(self) -> None:
        """Deliver for ever."""
        while True:
            if not await self._step_or_wait():
                await asyncio.sleep(POLL)

    async def _step_or_wait(self) -> bool:
        """While the journal does not work, what was sent since is sent again afterwards, as the contract allows."""
        try:
            moved = await self.step()
        except (UnrecordedError, HistoryError) as error:
            if str(error) != self._waits_for:
                say("warning", "webhook-waits", hook=self._hook.name, fault=str(error))
            self._waits_for, self._reached = str(error), None
            return False
        self._waits_for = ""
        return moved

    async def step(self) -> bool:
        """Deliver what is due and some of what is new; say whether there was anything."""
        if self._reached is None or monotonic() - self._loaded > RELOAD:
            await self._load()
        retried = await self._retry()
        if self._failed_in_a_row >= DOWN and self._parcels:
            return retried
        return await self._serve_new() or retried

    async def _load(self) -> None:
        self._reached = await self._journal.run(partial(outbox.reached, hook=self._hook.name))
        self._parcels = await self._journal.ask(partial(_kept, hook=self._hook.name))
        self._loaded = monotonic()

    async def _retry(self) -> bool:
        """Try the parcels again that are due, of each session the oldest first."""
        now = self._clock()
        rows = [row for row in _by_session(self._parcels) if row[0].due <= now]
        if not rows:
            return False
        results = await asyncio.gather(*(self._retry_row(row) for row in rows))
        delivered = [sequence for done, _ in results for sequence in done]
        failed = [parcel for _, parcel in results if parcel is not None]
        await self._journal.run(partial(outbox.settle, hook=self._hook.name, delivered=delivered, failed=failed))
        changed = {parcel.sequence: parcel for parcel in failed}
        left = [changed.get(parcel.sequence, parcel) for parcel in self._parcels if parcel.sequence not in delivered]
        self._parcels = [parcel for parcel in left if not parcel.dead]
        return True

    async def _retry_row(self, row: Sequence[Parcel]) -> tuple[list[int], Parcel | None]:
        """Deliver a session's parcels until one fails; return those delivered, and the one that failed."""
        done: list[int] = []
        for parcel in row:
            entry = await self._journal.ask(methodcaller("record", parcel.sequence))
            fault = None if entry is None else await self._deliver(entry)
            if fault is not None:
                return done, self._tried(parcel, fault)
            done.append(parcel.sequence)
        return done, None

    def _tried(self, parcel: Parcel, fault: str) -> Parcel:
        attempts = parcel.attempts + 1
        dead = attempts >= outbox.MOST
        if dead:
            say("error", "webhook-gave-up", hook=self._hook.name, record=parcel.sequence, fault=fault)
        return replace(parcel, attempts=attempts, due=self._clock() + outbox.delay(attempts), fault=fault, dead=dead)

    async def _serve_new(self) -> bool:
        """Deliver the next records; park what fails, and what must wait behind a parcel of its session."""
        entries = await self._journal.ask(partial(_next, after=self._reached or 0, most=self._appetite()))
        if not entries:
            return False
        blocked = {parcel.session for parcel in self._parcels} - {""}
        rows = _by_session(entries)
        parked = await asyncio.gather(*(self._serve_row(row, blocked) for row in rows))
        failed = [parcel for row in parked for parcel in row]
        last = entries[-1].sequence
        await self._journal.run(partial(outbox.advance, hook=self._hook.name, sequence=last, failed=failed))
        self._reached = last
        self._parcels += failed
        return True

    def _appetite(self) -> int:
        return 1 if self._failed_in_a_row >= DOWN else PAGE

    async def _serve_row(self, row: Sequence[Entry], blocked: set[str]) -> list[Parcel]:
        """Deliver a session's new records until one fails; return what could not be delivered."""
        now = self._clock()
        for place, entry in enumerate(row):
            fault = "" if entry.record.session in blocked else await self._deliver(entry)
            if fault is not None:
                first = Parcel(entry.sequence, entry.record.session, 0, now, "")
                behind = [Parcel(later.sequence, later.record.session, 0, now, "") for later in row[place + 1 :]]
                return [self._tried(first, fault) if fault else first, *behind]
        return []

    async def _deliver(self, entry: Entry) -> str | None:
        """Send a record, if the receiver wants it, and return why it failed."""
        event = self._hook.event(self._journal.name, entry)
        if event is None:
            return None
        async with self._slots:
            fault = await send(self._client, self._hook, event, self._clock())
        self._failed_in_a_row = 0 if fault is None else self._failed_in_a_row + 1
        if fault is not None:
            say("warning", "webhook-failed", hook=self._hook.name, record=entry.sequence, fault=fault)
        return fault


def _kept(reader: Reader, hook: str) -> list[Parcel]:
    with reader.connection() as connection:
        return outbox.kept(connection, hook, dead=False)


def _next(reader: Reader, after: int, most: int) -> list[Entry]:
    return next(reader.pages(Query(after=after)), [])[:most]


def _by_session(items: Iterable[T]) -> list[list[T]]:
    """The rows that are served one after the other within, and side by side; what has no session is its own row."""
    rows: dict[str | int, list[T]] = defaultdict(list)
    for item in items:
        rows[item.session or item.sequence].append(item)
    return list(rows.values())
