"""A journal's writer that is there to be killed."""

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess

from supervise.domain.records import Deed, Record
from supervise.history import journal as patient
from supervise.history.journal import HistoryJournal
from supervise.history.storage.place import JournalPlace

_DEEDS = (Deed.OPENED, Deed.MODE, Deed.CLOSED)

_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload([__name__])  # to load all this takes longer than to write and be killed


@contextmanager
def writer(place: JournalPlace, supervisors: int) -> Iterator[tuple[ForkServerProcess, Connection]]:
    """A process that writes for so many supervisors at once, and where it tells how many records are durable."""
    reading, writing = _forking.Pipe(duplex=False)
    process = _forking.Process(target=_write, args=(place.text, supervisors, writing), daemon=True)
    process.start()
    writing.close()
    with reading:
        yield process, reading
    process.join()


def _write(place: str, supervisors: int, promises: "Connection[int, int]") -> None:
    patient.PATIENCE = 20
    asyncio.run(_supervise(JournalPlace(place), supervisors, promises))


async def _supervise(place: JournalPlace, supervisors: int, promises: "Connection[int, int]") -> None:
    promised = 0

    async def each(name: int) -> None:
        nonlocal promised
        for number in range(1000):
            record = Record(_DEEDS[number % 3], datetime.now(UTC), session=f"{name}-{number // 3}")
            await journal.write(record)
            promised += 1
            promises.send(promised)

    async with HistoryJournal(place) as journal:
        await asyncio.gather(*map(each, range(supervisors)))
