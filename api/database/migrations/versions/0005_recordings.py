"""Recordings of calls, and the consent to them."""

import sqlalchemy as sa
from alembic import op

from api.database.tables import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TIME = UtcDateTime()


def upgrade() -> None:
    """Add the table and the column."""
    op.create_table(
        "recordings",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("session_id", sa.String(64), nullable=False, index=True),
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("room", sa.String(128), nullable=False, index=True),
        sa.Column("egress_id", sa.String(64), nullable=True, index=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("path", sa.String(500), nullable=False),
        sa.Column("location", sa.String(600), nullable=False),
        sa.Column("asked_at", TIME, nullable=False, index=True),
        sa.Column("started_at", TIME, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.String(200), nullable=True),
    )
    op.add_column("consents", sa.Column("record", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("consents", "record")
    op.drop_table("recordings")
