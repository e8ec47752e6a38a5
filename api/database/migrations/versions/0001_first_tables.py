"""Sessions, turns and summaries."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("tenant", sa.String(63), nullable=False, index=True),
        sa.Column("room", sa.String(128), nullable=False, index=True),
        sa.Column("metadata_json", sa.Text(), nullable=False),
        sa.Column("status_json", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("token_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
    )
    session = sa.ForeignKey("sessions.id", ondelete="CASCADE")
    op.create_table(
        "turns",
        sa.Column("session_id", sa.String(64), session, primary_key=True),
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
    )
    op.create_index("turns_in_order", "turns", ["session_id", "started_at"])
    session = sa.ForeignKey("sessions.id", ondelete="CASCADE")
    op.create_table(
        "summaries",
        sa.Column("session_id", sa.String(64), session, primary_key=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("summaries", "turns", "sessions"):
        op.drop_table(table)
