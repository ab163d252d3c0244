"""Brings the tables up to date when a journal is opened."""

import secrets
from datetime import datetime
from importlib import import_module
from pathlib import Path

from sqlalchemy import Connection, insert, inspect, select, text

from supervise.history.errors import JournalUnreadableError
from supervise.history.storage import tables
from supervise.history.storage.rows import moment

NEWEST = "0002"
"""The revision that this program writes."""

_LOCK = 0x53555045
"""The number of the advisory lock under which a PostgreSQL journal is changed."""


def lock(connection: Connection) -> None:
    """Keep every other writer out until the transaction ends; SQLite's transaction has done so by beginning."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})


def bring_up(connection: Connection, now: datetime) -> str:
    """Make the tables newest, give a new journal its name, and return the name.

    Runs in the caller's transaction, so that a journal is old or new and never between.

    Raises:
        JournalUnreadableError: a newer program wrote it.
    """
    lock(connection)
    revision = _revision(connection)
    if revision != NEWEST:
        if revision is not None and revision > NEWEST:
            raise JournalUnreadableError(f"the journal has version {revision}, this program knows {NEWEST}: upgrade it")
        _migrate(connection)
    name = connection.scalar(select(tables.journal.c.id))
    return name or _name(connection, now)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return None if revision is None else str(revision)


def take_time(connection: Connection) -> None:
    """Let this transaction last; nobody waits for it as for a record."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))


def _migrate(connection: Connection) -> None:
    take_time(connection)
    # Imported here, since all but the first start can do without its 100 ms.
    command, config = import_module("alembic.command"), import_module("alembic.config").Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _name(connection: Connection, now: datetime) -> str:
    name = secrets.token_hex(8)
    connection.execute(insert(tables.journal).values(id=name, created=moment(now)))
    return name
