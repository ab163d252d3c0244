"""The journal's tables, one schema for SQLite and PostgreSQL.

Moments are whole microseconds since 1970 in UTC: the same number on both engines, and no time zone can get into it.
The `journal` table has one row, which gives this journal its name; `running` holds the sessions that have no closing
yet, so that a start after a crash need not search millions of records.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    text,
)

metadata = MetaData()

# SQLite keeps an INTEGER PRIMARY KEY as the row's own address; a BIGINT one would cost a second tree.
_SEQUENCE = BigInteger().with_variant(Integer, "sqlite")

journal = Table(
    "journal",
    metadata,
    Column("id", String, primary_key=True),
    Column("created", BigInteger, nullable=False),
)

records = Table(
    "records",
    metadata,
    Column("sequence", _SEQUENCE, primary_key=True, autoincrement=False),
    Column("version", SmallInteger, nullable=False),
    Column("deed", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("elapsed", BigInteger),
    Column("node", String, nullable=False),
    Column("session", String, nullable=False),
    Column("supervisor", String, nullable=False),
    Column("agent", String, nullable=False),
    Column("call", String, nullable=False),
    Column("number", String, nullable=False),
    Column("mode", String),
    Column("muted", Boolean(create_constraint=False)),
    Column("visibility", String),
    Column("source", String),
    Column("rule", String, nullable=False),
    Column("policy", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("reason_code", String, nullable=False),
    Column("shown", Boolean(create_constraint=False), nullable=False),
    Column("detail", String, nullable=False),
    Column("seal", LargeBinary(32), nullable=False),
)

_ENDS = text("deed IN ('opened', 'closed')")
_OPENINGS = text("deed = 'opened'")

Index("records_by_session", records.c.session, records.c.sequence)
Index("records_by_agent", records.c.agent, records.c.sequence)
Index("records_by_supervisor", records.c.supervisor, records.c.sequence)
Index("records_by_number", records.c.number, records.c.sequence)
Index("records_by_call", records.c.call, records.c.sequence)
Index("records_by_time", records.c.at)
Index(
    "one_opening_one_closing",
    records.c.session,
    records.c.deed,
    unique=True,
    sqlite_where=_ENDS,
    postgresql_where=_ENDS,
)
Index("openings_by_agent", records.c.agent, records.c.at, sqlite_where=_OPENINGS, postgresql_where=_OPENINGS)
Index("openings_by_supervisor", records.c.supervisor, records.c.at, sqlite_where=_OPENINGS, postgresql_where=_OPENINGS)

running = Table(
    "running",
    metadata,
    Column("session", String, primary_key=True),
    Column("sequence", _SEQUENCE, nullable=False),
)

segments = Table(
    "segments",
    metadata,
    Column("first", _SEQUENCE, primary_key=True, autoincrement=False),
    Column("day", Integer, nullable=False),
    Column("base", LargeBinary(32), nullable=False),
    Column("last", BigInteger),
    Column("last_seal", LargeBinary(32)),
    Column("newest", BigInteger),
    Column("retired", BigInteger),
)

hooks = Table(
    "hooks",
    metadata,
    Column("name", String, primary_key=True),
    Column("reached", BigInteger, nullable=False),
)

parcels = Table(
    "parcels",
    metadata,
    Column("hook", String, primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("session", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("fault", String, nullable=False),
    Column("dead", Boolean(create_constraint=False), nullable=False),
)
