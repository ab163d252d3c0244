"""Putting many rows into `records` as quickly as each engine can.

SQLAlchemy's own way costs a third of all the time that the writer needs (docs/decisions/0003), most of it for turning
parameters that are right already. So SQLite gets plain tuples, and PostgreSQL a COPY, which has no round trip a row.
"""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, column, insert, table
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import OperationalError

from supervise.history.storage.rows import Row
from supervise.history.storage.tables import records

_COLUMNS = tuple(each.name for each in records.columns)
_values = itemgetter(*_COLUMNS)
# Without types, so that nothing is converted on the way.
_INSERT = str(insert(table("records", *map(column, _COLUMNS))).compile(dialect=sqlite.dialect()))


def insert_records(connection: Connection, rows: Sequence[Row]) -> None:
    """Insert complete rows, which have their sequence and their seal."""
    if connection.dialect.name == "postgresql":
        _copy(connection, rows)
    else:
        connection.exec_driver_sql(_INSERT, [_values(row) for row in rows])


def _copy(connection: Connection, rows: Sequence[Row]) -> None:
    names = ", ".join(map(connection.dialect.identifier_preparer.quote, _COLUMNS))
    statement = f"COPY records ({names}) FROM STDIN"
    driver: Any = connection.connection.dbapi_connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(_values(row))
    except connection.dialect.loaded_dbapi.Error as error:
        # The driver's own error, since SQLAlchemy knows nothing of a COPY; from here on it is one of its kind.
        gone = connection.dialect.is_disconnect(error, driver, None)
        if gone:
            connection.invalidate(error)
        raise OperationalError(statement, None, error, connection_invalidated=gone) from error
