"""SQLAlchemy engines for the two places a journal can be in, with what durability and time limits need of each.

Sources: https://sqlite.org/wal.html and https://sqlite.org/pragma.html (synchronous, busy_timeout, secure_delete);
PostgreSQL 15, chapters 20.5 (synchronous_commit) and 20.11 (statement_timeout, lock_timeout), and libpq's
tcp_user_timeout. That pysqlite must be told not to begin transactions by itself stands in SQLAlchemy's own pages on
SQLite.
"""

import sqlite3
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry

PATIENCE = 0.2
"""Seconds that one transaction waits for somebody else's lock; less than what a write may take in all."""

# Parameters are what people did: an error's text must not carry them into a log.
_COMMON: dict[str, Any] = {"hide_parameters": True, "pool_size": 2}
_CONNECT_SECONDS = 2
_READ_SECONDS = 30


def writing(place: URL) -> Engine:
    """An engine of one connection whose every transaction is durable when it is over."""
    if place.get_backend_name() == "sqlite":
        return _sqlite(place, "BEGIN IMMEDIATE", PATIENCE, "PRAGMA synchronous=FULL")
    return _postgresql(place, PATIENCE, "-c synchronous_commit=on")


def reading(place: URL) -> Engine:
    """An engine that cannot write; several threads may share it."""
    if place.get_backend_name() == "sqlite":
        return _sqlite(place, "BEGIN", PATIENCE, "PRAGMA query_only=ON")
    return _postgresql(place, _READ_SECONDS, "-c default_transaction_read_only=on")


def _sqlite(place: URL, begin: str, patience: float, *pragmas: str) -> Engine:
    engine = create_engine(place, connect_args={"timeout": patience, "check_same_thread": False}, **_COMMON)

    @event.listens_for(engine, "connect")
    def _(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        for pragma in ("PRAGMA journal_mode=WAL", "PRAGMA secure_delete=ON", *pragmas):
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _postgresql(place: URL, seconds: float, *options: str) -> Engine:
    milliseconds = int(seconds * 1000)
    limits = (f"-c statement_timeout={milliseconds}", f"-c lock_timeout={milliseconds}", "-c timezone=UTC")
    arguments: dict[str, Any] = {
        "connect_timeout": _CONNECT_SECONDS,
        "tcp_user_timeout": 1000 * _CONNECT_SECONDS,
        "application_name": "supervise",
        "options": " ".join((*limits, *options)),
    }
    return create_engine(place, connect_args=arguments, **_COMMON)
