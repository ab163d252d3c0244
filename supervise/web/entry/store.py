"""What of the board outlives a restart: who is signed in, and raised hands. One SQLite file that nobody else reads.

Writing is done by a thread of its own, in order, and is durable when `settled` returns. Another process may end
sign-ins in the file (``supervise signins``), which is noticed within a second.
"""

import asyncio
import os
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import structlog

from supervise.domain.board.board import Hand
from supervise.web.entry.signins import How, SignIn

LOOK_SECONDS = 1.0
"""How often there is a look at what another process has done to the file."""

BUSY_SECONDS = 2.0

_TABLES = """
CREATE TABLE IF NOT EXISTS signin (
    key BLOB PRIMARY KEY, person TEXT NOT NULL, how TEXT NOT NULL, began TEXT NOT NULL, used TEXT NOT NULL,
    proof TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS hand (
    agent TEXT PRIMARY KEY, since TEXT NOT NULL, reason TEXT NOT NULL, answered_by TEXT NOT NULL
) STRICT;
"""

T = TypeVar("T")

log = structlog.get_logger(__name__)


class StoreError(Exception):
    """The file cannot be used; the message names it."""


class Store:
    """The file. One that is none is put aside, and everybody signs in again."""

    def __init__(self, path: Path) -> None:
        """Open it, or make it.

        Raises:
            StoreError: it can be neither opened nor made.
        """
        self.path = path
        try:
            self._base = _opened(path)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise StoreError(f"{path}: {error}") from error
            broken = path.with_name(path.name + ".broken")
            log.warning("board.store-broken", file=str(path), kept_as=str(broken), error=str(error))
            path.replace(broken)
            self._base = _opened(path)
        except OSError as error:
            raise StoreError(f"{path}: {error.strerror}") from error
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="board-store")
        self._last: Future[object] | None = None
        self._version = self._data_version()

    def close(self) -> None:
        """Finish what is to be written."""
        self._thread.shutdown(wait=True)
        self._base.close()

    # --- reading

    def sign_ins(self) -> dict[bytes, SignIn]:
        """Everybody who was signed in."""
        rows = self._base.execute("SELECT key, person, how, began, used, proof FROM signin").fetchall()
        return {row[0]: _sign_in(row) for row in rows if row[2] in set(How)}

    def hands(self) -> Mapping[str, Hand]:
        """The hands that were up."""
        rows = self._base.execute("SELECT agent, since, reason, answered_by FROM hand").fetchall()
        return {agent: Hand(_moment(since), reason, answered) for agent, since, reason, answered in rows}

    # --- writing; none of these waits

    def put(self, one: SignIn) -> None:
        """Keep a sign-in as it is now."""
        row = (one.key, one.person, one.how.value, one.began.isoformat(), one.used.isoformat(), one.proof)
        self._later("INSERT OR REPLACE INTO signin VALUES (?, ?, ?, ?, ?, ?)", [row])

    def drop(self, keys: Collection[bytes]) -> None:
        """Forget sign-ins."""
        self._later("DELETE FROM signin WHERE key = ?", [(key,) for key in keys])

    def put_hand(self, agent: str, hand: Hand | None) -> None:
        """Keep a hand, or that it is down."""
        if hand is None:
            self._later("DELETE FROM hand WHERE agent = ?", [(agent,)])
            return
        row = (agent, hand.since.isoformat(), hand.reason, hand.answered_by)
        self._later("INSERT OR REPLACE INTO hand VALUES (?, ?, ?, ?)", [row])

    def _later(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        self._last = self._thread.submit(self._write, statement, list(rows))

    def _write(self, statement: str, rows: list[tuple[object, ...]]) -> None:
        """A board that cannot keep what it knows goes on with what it has in memory, and says so."""
        try:
            with self._base:
                self._base.executemany(statement, rows)
        except sqlite3.Error as error:
            log.warning("board.not-stored", file=str(self.path), error=str(error))

    async def settled(self) -> None:
        """Return when all that was to be written is durable."""
        if self._last is not None:
            await asyncio.wrap_future(self._last)

    # --- what others do to the file

    async def watch(self, living: Callable[[], Collection[bytes]], ended: Callable[[Collection[bytes]], None]) -> None:
        """Tell of sign-ins that were written and that another process has taken out, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.settled()
            known = set(living())
            there = await asyncio.wrap_future(self._thread.submit(self._looked))
            if there is not None and known - there:
                ended(known - there)

    def _looked(self) -> set[bytes] | None:
        """The sign-ins that are there, if another process has changed the file."""
        version = self._data_version()
        if version == self._version:
            return None
        self._version = version
        return {key for (key,) in self._base.execute("SELECT key FROM signin")}

    def _data_version(self) -> int:
        return int(self._base.execute("PRAGMA data_version").fetchone()[0])


def end_sign_ins(path: Path, person: str | None) -> int:
    """Take somebody's sign-ins out of a file, or everybody's; how many there were. A running controller notices.

    Raises:
        StoreError: the file is not there or cannot be used.
    """
    with closing(_existing(path)) as base, base:
        where, values = ("WHERE person = ?", (person,)) if person is not None else ("", ())
        return base.execute(f"DELETE FROM signin {where}", values).rowcount  # noqa: S608 - one of two constants


def list_sign_ins(path: Path) -> list[SignIn]:
    """Who is signed in by a file, who used it last first.

    Raises:
        StoreError: the file is not there or cannot be used.
    """
    with closing(_existing(path)) as base:
        rows = base.execute("SELECT key, person, how, began, used, proof FROM signin ORDER BY used DESC").fetchall()
        return [_sign_in(row) for row in rows]


def _existing(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise StoreError(f"{path}: there is no such file; it is made by a controller with a board")
    try:
        return _opened(path)
    except sqlite3.Error as error:
        raise StoreError(f"{path}: {error}") from error


def _opened(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    base = sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False)
    try:
        base.execute("PRAGMA journal_mode = WAL")
        base.execute("PRAGMA synchronous = FULL")
        base.executescript(_TABLES)
    except sqlite3.Error:
        base.close()
        raise
    return base


def _sign_in(row: tuple[bytes, str, str, str, str, str]) -> SignIn:
    key, person, how, began, used, proof = row
    return SignIn(person, How(how), "", _moment(began), _moment(used), proof, key=key)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
