"""A journal's storage as its one writer uses it: opened, mended if a power loss tore it, appended to.

Nothing here is for several threads: a store belongs to the thread that writes (see `writer`).
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, Engine, update

from supervise.domain.records import Deed, Record
from supervise.history.marks import TORN
from supervise.history.saying import say
from supervise.history.storage import chain, schema
from supervise.history.storage.chain import Link, Outcome
from supervise.history.storage.engines import writing
from supervise.history.storage.place import JournalPlace, file_of
from supervise.history.storage.rows import Row, row_of
from supervise.history.storage.tables import journal
from supervise.history.storage.witness import Witness

ANCHOR = 1000
"""After how many records an anchor goes to the log."""

T = TypeVar("T")


class Store:
    """A journal that records are appended to.

    Every method may raise `sqlalchemy.exc.SQLAlchemyError`, `sqlite3.Error`, `OSError` or `HistoryError`; nothing is
    then promised about what was asked for, and the next call begins afresh.
    """

    def __init__(self, place: JournalPlace, clock: Callable[[], datetime]) -> None:
        """Name the place; nothing is touched before `open`."""
        self.name = ""
        self.end = Link(0, b"")
        self._place = place.url
        self._witness_path = place.witness_path
        self._clock = clock
        self._engine: Engine | None = None
        self._witness: Witness | None = None
        self._identity: tuple[int, int] | None = None
        self._anchored = -1

    def open(self) -> Engine:
        """Open the journal, making or mending it if need be; at once if it is open and still in its place."""
        if self._engine is not None and self._identity == self._found():
            return self._engine
        self.close()
        self._make_folder()
        engine = writing(self._place)
        try:
            with engine.begin() as connection:
                self.name = schema.bring_up(connection, self._clock())
                self.end = chain.newest(connection)
                self._ask_witness(connection)
            self._identity = self._found()
        except BaseException:
            engine.dispose()
            raise
        self._engine = engine
        say("info", "journal-opened", journal=self.name, place=self._place.render_as_string())
        self._anchor()
        return engine

    def append(self, rows: Sequence[Row]) -> list[Outcome]:
        """Make rows durable at the end of the chain, and say for each where it is."""
        with self.open().begin() as connection:
            outcomes = chain.append(connection, rows)
        self._remember(max((link for link in outcomes if isinstance(link, Link)), key=_sequence, default=self.end))
        return outcomes

    def present(self, links: Iterable[Link]) -> set[Link]:
        """Those links of earlier, failed attempts that are durable after all."""
        return self.run(lambda connection: chain.present(connection, links))

    def probe(self) -> None:
        """Find out, by a durable write that changes nothing, whether the journal works."""
        with self.open().begin() as connection:
            connection.execute(update(journal).values(created=journal.c.created))

    def run(self, job: Callable[[Connection], T]) -> T:
        """Do something else with the database in a transaction of its own."""
        with self.open().begin() as connection:
            result = job(connection)
            end = chain.newest(connection)
        self._remember(end)
        return result

    def close(self) -> None:
        """Leave an anchor and let go of the database and the witness; a later call opens them again."""
        if self._engine is not None:
            self._anchor()
            self._engine.dispose()
            self._engine = None
        if self._witness is not None:
            with suppress(OSError):  # a witness that is older than the chain does no harm
                self._witness.close()
            self._witness = None

    def _remember(self, end: Link) -> None:
        if end.sequence <= self.end.sequence:
            return
        self.end = end
        if self._witness is not None:
            self._witness.write(end)
        if end.sequence - self._anchored >= ANCHOR:
            self._anchor()

    def _anchor(self) -> None:
        """Say the end of the chain in the log, which is kept somewhere else than the journal."""
        if self.end.sequence != self._anchored:
            say("info", "journal-anchor", journal=self.name, record=self.end.sequence, seal=self.end.seal.hex())
            self._anchored = self.end.sequence

    def _ask_witness(self, connection: Connection) -> None:
        """Compare the chain's end with what had been promised, and mark what is missing."""
        if self._witness_path is None:
            return
        self._witness = Witness(self._witness_path)
        seen = self._witness.read()
        if seen is not None and seen.sequence > self.end.sequence:
            self._mark_torn(connection, seen)
        self._witness.write(self.end)

    def _mark_torn(self, connection: Connection, promised: Link) -> None:
        """Say in the chain itself which records a power loss, or somebody, has taken from its end."""
        lost = {
            "first": str(self.end.sequence + 1),
            "last": str(promised.sequence),
            "seal": promised.seal.hex(),
        }
        say("error", "journal-torn", journal=self.name, **lost)
        mark = Record(Deed.JOURNAL, self._clock(), reason=TORN, detail=lost)
        outcomes = chain.append(connection, [row_of(mark)], beyond=promised.sequence)
        self.end = max((outcome for outcome in outcomes if isinstance(outcome, Link)), key=_sequence)

    def _found(self) -> tuple[int, int] | None:
        """Which file is in the journal's place: it may have been moved away under our hands."""
        path = file_of(self._place)
        if path is None:
            return None
        try:
            found = path.stat()
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

    def _make_folder(self) -> None:
        path = file_of(self._place)
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)


def _sequence(link: Link) -> int:
    return link.sequence
