"""Shared trips and price alerts."""

import sqlalchemy as sa
from alembic import op

from api.database.tables import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TIME = UtcDateTime()


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "shared_trips",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("tenant", sa.String(63), nullable=False, index=True),
        sa.Column("session_id", sa.String(64), nullable=True, index=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False, index=True),
    )
    op.create_table(
        "price_alerts",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("tenant", sa.String(63), nullable=False, index=True),
        sa.Column("session_id", sa.String(64), nullable=True, index=True),
        sa.Column("owner", sa.String(128), nullable=False, index=True),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("max_price", sa.String(16), nullable=True),
        sa.Column("email", sa.String(254), nullable=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.Column("next_check_at", TIME, nullable=False),
        sa.Column("checked_at", TIME, nullable=True),
        sa.Column("last_amount", sa.String(16), nullable=True),
        sa.Column("told_amount", sa.String(16), nullable=True),
        sa.Column("currency", sa.String(3), nullable=False),
    )
    op.create_index("price_alerts_due", "price_alerts", ["status", "next_check_at"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("price_alerts")
    op.drop_table("shared_trips")
