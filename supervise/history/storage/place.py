"""Where a journal is."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from supervise.history.errors import UnknownPlaceError


@dataclass(frozen=True, slots=True)
class JournalPlace:
    """A journal's place, and its witness's.

    Attributes:
        text: a file's path for SQLite, or a URL: ``postgresql://user@host/database``.
        witness: the file that remembers the newest record (see `witness`); by default it stands beside SQLite's file,
            and there is none for PostgreSQL.
    """

    text: str
    witness: Path | None = None

    @property
    def url(self) -> URL:
        """The place as SQLAlchemy names it.

        Raises:
            UnknownPlaceError: it is a URL of something else, or none at all.
        """
        return place_of(self.text)

    @property
    def witness_path(self) -> Path | None:
        """The witness's file, if there is one."""
        file = file_of(self.url)
        return self.witness or (file and file.with_name(file.name + ".witness"))


def place_of(text: str) -> URL:
    """Where a journal is: a path of a file, or a URL of SQLite or PostgreSQL.

    Raises:
        UnknownPlaceError: it is a URL of something else, or none at all.
    """
    if "://" not in text:
        return URL.create("sqlite", database=str(Path(text).absolute()))
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise UnknownPlaceError(f"{text!r} is no place for a journal: {error}") from error
    match url.get_backend_name():
        case "sqlite" if url.database and url.database != ":memory:":
            return url.set(drivername="sqlite", database=str(Path(url.database).absolute()))
        case "postgresql":
            return url.set(drivername="postgresql+psycopg")
    raise UnknownPlaceError(
        f"{url.render_as_string()} is no place for a journal: give a file's path, or postgresql://user@host/database"
    )


def file_of(place: URL) -> Path | None:
    """The journal's file, where it is in one."""
    return Path(place.database or "") if place.get_backend_name() == "sqlite" else None
