"""What the webhooks have reached, and what could not be delivered yet."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "hooks",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("reached", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "parcels",
        sa.Column("hook", sa.String, primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("session", sa.String, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("fault", sa.String, nullable=False),
        sa.Column("dead", sa.Boolean(create_constraint=False), nullable=False),
    )
