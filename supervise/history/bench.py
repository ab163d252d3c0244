"""How fast is a journal in this place? Measured on the real thing, through the door that the floor uses."""

import asyncio
import random
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from time import perf_counter

from sqlalchemy import text

from supervise.domain.records import Deed, Record
from supervise.domain.words import Mode, Source, Visibility
from supervise.history.journal import HistoryJournal
from supervise.history.reading.reader import PAGE, Query, Reader
from supervise.history.storage.place import JournalPlace, file_of
from supervise.history.verify import verify

WRITERS = 200
"""Sessions that write at once in the measurement of throughput."""
_ALONE, _EACH = 500, 50
AGENTS, SUPERVISORS, NUMBERS = 500, 50, 20_000
_STEPS = (Deed.OPENED, Deed.VISIBILITY, Deed.MODE, Deed.MUTE, Deed.MODE, Deed.CLOSED)


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured. Times are in milliseconds.

    Attributes:
        records: how many records the journal had in the end.
        alone: latencies of records written one after the other, ascending.
        together: durable records a second from many writers at once.
        stall: the longest that the event loop stood still meanwhile.
        filled: durable records a second as notes, when nobody waits for one.
        size: bytes for each record, with indexes.
        queries: the time of each kind of query.
        verified: records a second that *verify* checks.
    """

    records: int
    alone: list[float]
    together: float
    stall: float
    filled: float
    size: float
    queries: dict[str, float]
    verified: float

    def told(self) -> dict[str, object]:
        """The figures for people and for a file."""
        return {
            "records": self.records,
            "write alone, ms": {f"p{part}": round(_part(self.alone, part), 2) for part in (50, 95, 99, 100)},
            f"durable records/s, {WRITERS} writers": round(self.together),
            "longest stall of the event loop meanwhile, ms": round(self.stall, 1),
            "durable records/s, nobody waiting": round(self.filled),
            "bytes/record with indexes": round(self.size),
            "queries, ms": {name: round(time, 2) for name, time in self.queries.items()},
            "verify, records/s": round(self.verified),
        }


async def measure(place: JournalPlace, records: int, progress: Callable[[int], None]) -> Figures:
    """Fill a new journal and measure it. Leaves it there.

    Args:
        place: where there is no journal yet.
        records: how many records to fill it with.
        progress: called with the records that there are.

    Raises:
        UnrecordedError, HistoryError: the place does not work.
    """
    async with HistoryJournal(place) as journal:
        filled = await _fill(journal, records - _ALONE - WRITERS * _EACH, progress)
        alone = await _alone(journal, _ALONE)
        together, stall = await _together(journal, _EACH)
        queries = await _queries(journal)
    reader = Reader(place.url)
    began = perf_counter()
    checked = verify(reader, (), progress).records
    verified = checked / (perf_counter() - began)
    size = _size(place, reader) / checked
    reader.close()
    return Figures(checked, sorted(alone), together, stall, filled, size, queries, verified)


async def _fill(journal: HistoryJournal, count: int, progress: Callable[[int], None]) -> float:
    began = perf_counter()
    for number, record in enumerate(_records(count, timedelta(days=365)), start=1):
        journal.note(record)
        if number % 5000 == 0:
            await _drained(journal)
            progress(number)
    await _drained(journal)
    return count / (perf_counter() - began)


async def _alone(journal: HistoryJournal, count: int) -> list[float]:
    taken = []
    for record in _records(count):
        began = perf_counter()
        await journal.write(record)
        taken.append(1000 * (perf_counter() - began))
    return taken


async def _together(journal: HistoryJournal, each: int) -> tuple[float, float]:
    async def write() -> None:
        for record in _records(each):
            await journal.write(record)

    stalls = [0.0]

    async def watch() -> None:
        while True:
            before = perf_counter()
            await asyncio.sleep(0.001)
            stalls.append(1000 * (perf_counter() - before) - 1)

    watching = asyncio.create_task(watch())
    began = perf_counter()
    await asyncio.gather(*(write() for _ in range(WRITERS)))
    taken = perf_counter() - began
    watching.cancel()
    return WRITERS * each / taken, max(stalls)


async def _drained(journal: HistoryJournal) -> None:
    """Wait until everything is durable, by writing one thing more."""
    await journal.run(lambda _: None)


async def _queries(journal: HistoryJournal) -> dict[str, float]:
    opening = (await _first_page(journal, Query(deeds=frozenset({Deed.OPENED}))))[0]
    asked = {
        "number, newest page": Query(number=opening.number, newest_first=True),
        "agent, newest page": Query(agent=opening.agent, newest_first=True),
        "supervisor, newest page": Query(supervisor=opening.supervisor, newest_first=True),
        "call": Query(call=opening.call),
        "session": Query(session=opening.session),
        "one hour, first page": Query(since=opening.at, until=opening.at + timedelta(hours=1)),
    }
    times = {name: await _timed(journal, query) for name, query in asked.items()}
    began = perf_counter()
    await journal.sessions(since=datetime.now(UTC) - timedelta(days=30), agent=opening.agent)
    times["sessions of an agent this month"] = 1000 * (perf_counter() - began)
    began = perf_counter()
    await journal.recover(datetime.now(UTC), nodes=frozenset())
    times["sessions without a closing"] = 1000 * (perf_counter() - began)
    return times


async def _timed(journal: HistoryJournal, query: Query) -> float:
    taken = []
    for _ in range(5):
        began = perf_counter()
        await _first_page(journal, query)
        taken.append(1000 * (perf_counter() - began))
    return sorted(taken)[2]


async def _first_page(journal: HistoryJournal, query: Query) -> list[Record]:
    found = []
    async for entry in journal.read(query):
        found.append(entry.record)
        if len(found) == PAGE:
            break
    return found


def _part(ascending: list[float], percent: int) -> float:
    return ascending[min(len(ascending) - 1, len(ascending) * percent // 100)]


def _records(count: int, over: timedelta = timedelta(0)) -> Iterator[Record]:
    """Records of plausible sessions, one after the other, spread over the time until now."""
    chance = random.Random(count)  # noqa: S311 - figures for a benchmark, no secret
    now = datetime.now(UTC)
    for number in range(count):
        step = number % len(_STEPS)
        if step == 0:
            opening = _opening(chance, now - over * (1 - number / count))
        yield replace(opening, deed=_STEPS[step], elapsed=timedelta(seconds=7 * step))


def _opening(chance: random.Random, at: datetime) -> Record:
    return Record(
        Deed.OPENED,
        at,
        node="pbx1",
        session=secrets.token_hex(12),
        supervisor=f"lead{chance.randrange(SUPERVISORS)}",
        agent=f"agent{chance.randrange(AGENTS)}",
        call=f"{at.timestamp():.0f}.{chance.randrange(10_000)}",
        number=f"+4930{chance.randrange(NUMBERS):07d}",
        mode=Mode.MONITOR,
        muted=True,
        visibility=Visibility.HIDDEN,
        source=Source.PHONE,
        rule="/etc/supervise/policy.yaml:42",
        policy=64 * "a",
        shown=True,
    )


def _size(place: JournalPlace, reader: Reader) -> int:
    file = file_of(place.url)
    if file is not None:
        return file.stat().st_size
    with reader.connection() as connection:
        return connection.scalar(text("SELECT pg_total_relation_size('records')")) or 0
