"""What the journal's tests share: a journal's place on each engine, and a PostgreSQL of their own."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import psycopg
import pytest

import supervise.history.journal
from supervise.history.journal import PATIENCE
from supervise.history.storage.place import JournalPlace
from tests.history.helpers import MovedClock

# Every test that asks for a `place` runs on both engines; the engine brings the test's category with it.
ENGINES = [
    pytest.param("sqlite", marks=pytest.mark.unit),
    pytest.param("postgresql", marks=pytest.mark.postgres),
]


_databases = count()


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL that only this test run can reach, by a socket in a folder of its own."""

    programs: Path
    folder: Path
    settings: tuple[str, ...] = ()

    @property
    def postmaster(self) -> int:
        """The process id of the server."""
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs as the user it insists on, who is not root."""
        subprocess.run(
            [self.programs / program, "-D", self.folder / "data", *arguments],
            user="postgres" if os.geteuid() == 0 else None,
            cwd=self.folder,
            check=True,
            capture_output=True,
            timeout=60,
        )

    def start(self) -> None:
        """Start the server and wait until it answers."""
        settings = ("listen_addresses=''", f"unix_socket_directories='{self.folder}'", *self.settings)
        options = " ".join(f"-c {setting}" for setting in settings)
        self.run("pg_ctl", "start", "-w", "-l", str(self.folder / "log"), "-o", options)

    def stop(self, how: str = "fast") -> None:
        """Stop the server: `fast` lets it finish, `immediate` is a crash."""
        self.run("pg_ctl", "stop", "-w", "-m", how)

    @contextmanager
    def copied(self, name: str) -> Iterator["Server"]:
        """A copy of this server, which must not run; it does not run yet either."""
        copy = replace(self, folder=self.folder.with_name(f"{self.folder.name}-{name}"))
        subprocess.run(["cp", "-a", self.folder, copy.folder], check=True, timeout=60)
        try:
            yield copy
        finally:
            shutil.rmtree(copy.folder)

    def limit_files(self, size: str, *processes: int) -> None:
        """Let no file of these processes of the server grow beyond a size; only its own user may say so."""
        user = "postgres" if os.geteuid() == 0 else None
        for process in processes:
            subprocess.run(["prlimit", f"--pid={process}", f"--fsize={size}:"], user=user, check=True, timeout=10)

    def url(self, database: str) -> str:
        """A database's address."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def new_database(self) -> str:
        """The address of a database that nobody has used."""
        name = f"journal{next(_databases)}"
        with self.connect("postgres") as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)

    def connect(self, database: str) -> "psycopg.Connection[tuple[object, ...]]":
        """A connection for the test itself."""
        return psycopg.connect(self.url(database), autocommit=True)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A running PostgreSQL that the tests share."""
    with new_server() as running:
        yield running


@contextmanager
def new_server(*settings: str) -> Iterator[Server]:
    """A running PostgreSQL, gone without a trace afterwards."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.fail("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="journal-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    running = Server(found[-1].parent, folder, settings)
    try:
        running.run(
            "initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--wal-segsize=1"
        )
        running.start()
        yield running
        running.stop("immediate")
    finally:
        shutil.rmtree(folder)


@pytest.fixture(params=ENGINES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> JournalPlace:
    """A new journal's place, on each engine."""
    if request.param == "sqlite":
        return JournalPlace(str(tmp_path / "journal.db"))
    server: Server = request.getfixturevalue("server")
    return JournalPlace(server.new_database(), witness=tmp_path / "witness")


@pytest.fixture
def sqlite_place(tmp_path: Path) -> JournalPlace:
    """A new journal's place in a file."""
    return JournalPlace(str(tmp_path / "journal.db"))


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is no fault of the journal: writes may take long, but where a test is `impatient`."""
    monkeypatch.setattr(supervise.history.journal, "PATIENCE", 20)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, patient: None) -> None:  # noqa: ARG001 - it comes after
    """Writes take as long as they may in life."""
    monkeypatch.setattr(supervise.history.journal, "PATIENCE", PATIENCE)


@pytest.fixture
def clock() -> MovedClock:
    """A clock of the test's own."""
    return MovedClock()
