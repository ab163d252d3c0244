"""What the journal says, read from its file while the controller writes it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from supervise.domain.records import Deed, Record
from supervise.history.reading.reader import Query, Reader
from supervise.history.storage.place import JournalPlace
from supervise.lab.callcentre import CallCentre

_LOOK_EVERY_S = 0.02


def records(centre: CallCentre, *deeds: Deed) -> list[Record]:
    """Every record of these kinds, or of all kinds, since the centre began (anew), the oldest first."""
    with _reader(centre) as reader:
        return [entry.record for entry in reader.entries(Query(deeds=frozenset(deeds), since=centre.began))]


async def until_recorded(centre: CallCentre, deed: Deed, *, count: int = 1, within: float = 5.0) -> list[Record]:
    """Wait until there are so many records of a kind; fail with all that there are."""
    loop = asyncio.get_running_loop()
    end = loop.time() + within
    while len(found := records(centre, deed)) < count:
        told = [f"{record.deed} {record.supervisor} {record.reason}" for record in records(centre)]
        assert loop.time() < end, f"not {count} records of {deed} within {within:g} s, but: {told}"
        await asyncio.sleep(_LOOK_EVERY_S)
    return found


async def until_closed(centre: CallCentre, *, count: int = 1, within: float = 5.0) -> list[Record]:
    """Wait until so many sessions are closed; each has one opening and one closing."""
    closings = await until_recorded(centre, Deed.CLOSED, count=count, within=within)
    opened = sorted(record.session for record in records(centre, Deed.OPENED))
    assert sorted(record.session for record in closings) == opened, "an opening without its closing, or one too many"
    assert len(set(opened)) == len(opened)
    return closings


async def until_none_is_open(centre: CallCentre, *, within: float = 5.0) -> None:
    """Wait until every session that was ever opened is closed; fail with those that are not."""
    loop = asyncio.get_running_loop()
    end = loop.time() + within
    with _reader(centre) as reader:
        while unclosed := reader.unclosed():
            assert loop.time() < end, f"sessions that nobody closed in the journal: {unclosed}"
            await asyncio.sleep(_LOOK_EVERY_S)


@contextmanager
def _reader(centre: CallCentre) -> Iterator[Reader]:
    reader = Reader(JournalPlace(str(centre.controller.journal)).url)
    try:
        yield reader
    finally:
        reader.close()
