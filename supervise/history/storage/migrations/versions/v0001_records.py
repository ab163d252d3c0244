"""The first tables: the chain of records, its segments, the running sessions, the journal's name."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_ENDS = sa.text("deed IN ('opened', 'closed')")
_OPENINGS = sa.text("deed = 'opened'")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "journal",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("created", sa.BigInteger, nullable=False),
    )
    _create_records()
    op.create_table(
        "running",
        sa.Column("session", sa.String, primary_key=True),
        sa.Column("sequence", _SEQUENCE, nullable=False),
    )
    op.create_table(
        "segments",
        sa.Column("first", _SEQUENCE, primary_key=True, autoincrement=False),
        sa.Column("day", sa.Integer, nullable=False),
        sa.Column("base", sa.LargeBinary(32), nullable=False),
        sa.Column("last", sa.BigInteger),
        sa.Column("last_seal", sa.LargeBinary(32)),
        sa.Column("newest", sa.BigInteger),
        sa.Column("retired", sa.BigInteger),
    )


def _create_records() -> None:
    op.create_table(
        "records",
        sa.Column("sequence", _SEQUENCE, primary_key=True, autoincrement=False),
        sa.Column("version", sa.SmallInteger, nullable=False),
        sa.Column("deed", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("elapsed", sa.BigInteger),
        *(sa.Column(name, sa.String, nullable=False) for name in ("node", "session", "supervisor", "agent")),
        *(sa.Column(name, sa.String, nullable=False) for name in ("call", "number")),
        sa.Column("mode", sa.String),
        sa.Column("muted", sa.Boolean(create_constraint=False)),
        sa.Column("visibility", sa.String),
        sa.Column("source", sa.String),
        *(sa.Column(name, sa.String, nullable=False) for name in ("rule", "policy", "reason", "reason_code")),
        sa.Column("shown", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("detail", sa.String, nullable=False),
        sa.Column("seal", sa.LargeBinary(32), nullable=False),
    )
    for name in ("session", "agent", "supervisor", "number", "call"):
        op.create_index(f"records_by_{name}", "records", [name, "sequence"])
    op.create_index("records_by_time", "records", ["at"])
    op.create_index(
        "one_opening_one_closing",
        "records",
        ["session", "deed"],
        unique=True,
        sqlite_where=_ENDS,
        postgresql_where=_ENDS,
    )
    for name in ("agent", "supervisor"):
        op.create_index(
            f"openings_by_{name}",
            "records",
            [name, "at"],
            sqlite_where=_OPENINGS,
            postgresql_where=_OPENINGS,
        )
