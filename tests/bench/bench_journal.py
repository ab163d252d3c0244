"""Measures what the journal adds to joining a call: the same sessions against a fake Asterisk, with and without it.

Run it by hand, on an idle machine: ``python -m tests.bench.bench_journal [PLACE ...]``. A place is a file that is not
there yet, or ``postgresql://user@host/database``; without one, a file in the working directory. It prints a table and
asserts nothing: a figure that is worse than it was is for people to judge.
"""

import argparse
import asyncio
import statistics
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from time import monotonic

import structlog
from rich.console import Console
from rich.progress import track
from rich.table import Table

from supervise.ari import Ari
from supervise.ari.switchboard import Switchboard
from supervise.domain.ports import Journal
from supervise.floor import Floor
from supervise.floor.house import House
from supervise.history.journal import HistoryJournal
from supervise.history.storage.place import JournalPlace
from tests.ari.fake_ari import FakeAri
from tests.support.fake_centre import SUPERVISOR, MemoryJournal, NoSecrets, PolicyHolder, dial, furnish
from tests.support.fake_house import FakeFigures

ROUNDS, EACH = 6, 50
"""The places take turns, so that what else the machine does concerns all of them."""

LONGEST = 5.0
WITHOUT = "without a journal"


class Exact(FakeFigures):
    """Keeps what is counted, to the microsecond."""

    def joined(self, seconds: float) -> None:
        """Keep it."""
        self.joins.append(seconds)


@asynccontextmanager
async def centre(journal: Journal) -> AsyncIterator[tuple[FakeAri, Switchboard, list[float]]]:
    """A floor with this journal, a call that can be joined, and how long joining took."""
    figures = Exact()
    async with FakeAri() as asterisk, Ari(asterisk.access) as ari:
        furnish(asterisk)
        floor = Floor(House(PolicyHolder(), journal, NoSecrets(), figures))
        board = Switchboard(ari, floor)
        floor.nodes.attach(board)
        running = [asyncio.create_task(work) for work in (board.run(), floor.rounds.run())]
        await _until(lambda: not floor.nodes.blind())
        yield asterisk, board, figures.joins
        await floor.close()
        await board.settle()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def joins(journal: Journal) -> list[float]:
    """Milliseconds from the wish to the sound, of a round of sessions."""
    async with centre(journal) as (asterisk, board, taken):
        while len(taken) < EACH:
            before = len(taken)
            dial(asterisk)
            await _until(partial(_longer, taken, before))
            asterisk.switch.hang_up(SUPERVISOR)
            await _until(partial(_only, board, "call"))
            await board.settle()
        return [1000 * seconds for seconds in taken]


def _longer(taken: list[float], than: int) -> bool:
    return len(taken) > than


def _only(board: Switchboard, bridge: str) -> bool:
    return set(board.book.all_bridges()) == {bridge}


async def _until(holds: Callable[[], bool]) -> None:
    end = monotonic() + LONGEST
    while not holds():
        if monotonic() > end:
            raise TimeoutError("the fake centre does not do what it should")
        await asyncio.sleep(0.001)


async def measure(places: list[str]) -> dict[str, list[float]]:
    """The joins of all rounds, for each place and for none."""
    found: dict[str, list[float]] = {WITHOUT: [], **{place: [] for place in places}}
    async with AsyncExitStack() as stack:
        journals: dict[str, Journal] = {WITHOUT: MemoryJournal()}
        for place in places:
            journals[place] = await stack.enter_async_context(HistoryJournal(JournalPlace(place)))
        for _ in track(range(ROUNDS), "measuring", transient=True):
            for name, journal in journals.items():
                found[name] += await joins(journal)
    return found


def main() -> None:
    """Measure, and show."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("places", nargs="*", default=["bench-journal.db"])
    places: list[str] = parser.parse_args().places
    taken = [place for place in places if "://" not in place and Path(place).exists()]
    if taken:
        parser.error(f"there is something at {taken[0]} already")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    table = Table("joining a call, ms", "p50", "p90", "p99", title=f"{ROUNDS * EACH} sessions each")
    for name, times in asyncio.run(measure(places)).items():
        parts = statistics.quantiles(times, n=100)
        table.add_row(name, *(f"{parts[part - 1]:.1f}" for part in (50, 90, 99)))
    Console().print(table)


if __name__ == "__main__":
    main()
