"""Any story of sessions, failures and crashes gives each session one opening and one closing, in a whole chain."""

import asyncio
import resource
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from supervise.domain.ports import UnrecordedError
from supervise.domain.records import Deed, Record
from supervise.history.journal import HistoryJournal
from supervise.history.storage.place import JournalPlace
from supervise.history.storage.store import Store
from supervise.history.verify import check
from tests.history.conftest import Server
from tests.history.helpers import NOON, OPENING

SESSIONS = tuple(f"s{number}" for number in range(5))

open_ = st.tuples(st.just("open"), st.sampled_from(SESSIONS))
change = st.tuples(st.just("change"), st.sampled_from(SESSIONS))
close = st.tuples(st.just("close"), st.sampled_from(SESSIONS))
crash = st.tuples(st.just("crash"), st.sampled_from(("take-up", "take-down")))
disk = st.tuples(st.just("disk"), st.sampled_from(("full", "free")))
jump = st.tuples(st.just("jump"), st.sampled_from(("1", "-1", "48", "-48")))
retire = st.tuples(st.just("retire"), st.just(""))
STEPS = st.lists(st.one_of(open_, open_, change, close, close, crash, disk, jump, retire), max_size=25)


@contextmanager
def disk_limit() -> Iterator[None]:
    """The limit of file sizes is afterwards what it was before."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@dataclass
class Controller:
    """A controller as the journal sees one: it does only what is recorded, and remembers what it did."""

    folder: Path
    lives: int = 0
    now: datetime = NOON
    running: set[str] = field(default_factory=set)
    tried: set[str] = field(default_factory=set)
    openings: set[str] = field(default_factory=set)

    @property
    def place(self) -> JournalPlace:
        """Where its journal is in this life."""
        return JournalPlace(str(self.folder / str(self.lives) / "journal.db"))

    async def open(self, journal: HistoryJournal, session: str) -> None:
        """Begin a session that has never been begun, if it can be recorded."""
        if session in self.tried:
            return
        self.tried.add(session)
        try:
            await journal.write(replace(OPENING, session=session, at=self.now))
        except UnrecordedError:
            return
        self.running.add(session)
        self.openings.add(session)

    async def change(self, journal: HistoryJournal, session: str) -> None:
        """Change the mode of a running session, if it can be recorded."""
        if session in self.running:
            try:
                await journal.write(replace(OPENING, session=session, at=self.now, deed=Deed.MODE))
            except UnrecordedError:
                return

    async def close(self, journal: HistoryJournal, session: str) -> None:
        """End a running session, recorded or not."""
        if session in self.running:
            self.running.remove(session)
            journal.note(replace(OPENING, session=session, at=self.now, deed=Deed.CLOSED))

    def fill_disk(self, journal: HistoryJournal, *, full: bool) -> None:
        """Let no file grow, or any."""
        del journal
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (0 if full else hard, hard))

    def die(self, journal: HistoryJournal) -> None:
        """Leave the files as they are at this moment to the next life."""
        self.fill_disk(journal, full=False)
        old = self.place
        self.lives += 1
        Path(self.place.text).parent.mkdir()
        for suffix in (".witness", "", "-wal"):
            if Path(old.text + suffix).exists():
                shutil.copyfile(old.text + suffix, self.place.text + suffix)


@dataclass
class OnServer(Controller):
    """The same on a server: the storage stays where it is, and is out of reach for whoever is dead."""

    server_place: JournalPlace = field(default_factory=lambda: JournalPlace(""))

    @property
    def place(self) -> JournalPlace:
        """Where its journal is in every life."""
        return self.server_place

    def fill_disk(self, journal: HistoryJournal, *, full: bool) -> None:
        """Let the storage refuse everything, or nothing."""
        store = journal._store
        store.open = out_of_reach if full else partial(Store.open, store)  # type: ignore[method-assign]  # a full disk

    def die(self, journal: HistoryJournal) -> None:
        """Leave what the server has at this moment to the next life."""
        self.fill_disk(journal, full=True)
        self.lives += 1


def out_of_reach() -> NoReturn:
    """What a storage says that takes nothing."""
    raise OSError("no space left on device")


async def tell(controller: Controller, steps: list[tuple[str, str]]) -> None:
    """Live through a story, life after life, and end it in order."""
    left = iter([*steps, ("disk", "free")])
    over = False
    while not over:
        async with HistoryJournal(controller.place) as journal:
            if controller.lives:
                await journal.recover(controller.now, alive=lambda: controller.running)
            over = await live(controller, journal, left)
            if over:
                for session in sorted(controller.running):
                    await controller.close(journal, session)


async def live(controller: Controller, journal: HistoryJournal, steps: Iterator[tuple[str, str]]) -> bool:
    """Take steps until a crash, or until there are no more; say whether there are no more."""
    for step, what in steps:
        match step:
            case "open" | "change" | "close":
                await getattr(controller, step)(journal, what)
            case "disk":
                controller.fill_disk(journal, full=what == "full")
            case "jump":
                controller.now += timedelta(hours=int(what))
            case "retire":
                await forget(journal, controller.now)
            case "crash":
                controller.die(journal)
                controller.running = controller.running if what == "take-up" else set()
                return False
    return True


async def forget(journal: HistoryJournal, now: datetime) -> None:
    """Retire what is old, if it can be recorded."""
    try:
        await journal.retire(now, timedelta(days=3650))
    except UnrecordedError:
        return


@pytest.mark.unit
@given(STEPS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_session_has_one_opening_and_one_closing(steps: list[tuple[str, str]]) -> None:
    """Whatever happens, in whatever order, every session that began has one opening and one closing, provably."""
    with tempfile.TemporaryDirectory() as folder, disk_limit():
        controller = Controller(Path(folder))
        Path(controller.place.text).parent.mkdir()
        live_through(controller, steps)


@pytest.mark.postgres
@given(STEPS)
@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_every_session_has_one_opening_and_one_closing_on_a_server(
    server: Server, steps: list[tuple[str, str]]
) -> None:
    """The same stories in PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder:
        place = JournalPlace(server.new_database(), witness=Path(folder) / "witness")
        live_through(OnServer(Path(folder), server_place=place), steps)


def live_through(controller: Controller, steps: list[tuple[str, str]]) -> None:
    """Tell a story, and look at what the journal made of it."""
    asyncio.run(tell(controller, steps))
    story = asyncio.run(read(controller.place))
    report = check(controller.place)
    ends: dict[str, list[Deed]] = defaultdict(list)
    for record in story:
        if record.deed in (Deed.OPENED, Deed.CLOSED):
            ends[record.session].append(record.deed)
    assert controller.openings <= set(ends)
    assert set(map(tuple, ends.values())) <= {(Deed.OPENED, Deed.CLOSED)}
    assert (report.findings, report.torn) == ([], [])


async def read(place: JournalPlace) -> list[Record]:
    """Everything that the journal keeps."""
    async with HistoryJournal(place) as journal:
        return [entry.record async for entry in journal.read()]
