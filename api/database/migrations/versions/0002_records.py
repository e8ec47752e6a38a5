"""Callers, budgets, the record of a call, consent, jobs, keys, webhooks, and who watches which session."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
SESSION_INDEXES = {
    "ix_sessions_receipt": ["receipt"],
    "sessions_by_day": ["tenant", "created_at"],
    "sessions_running": ["ended_at", "started_at"],
}
ONE_A_ROOM = "sessions_one_a_room"
TABLES = (
    "call_events",
    "consents",
    "jobs",
    "api_keys",
    "webhook_deliveries",
    "webhooks",
    "tasks",
    "media_events",
    "idempotency",
)


def _session_columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("caller", sa.String(128), nullable=False, server_default=""),
        sa.Column("identity", sa.String(128), nullable=False, server_default=""),
        sa.Column("spoken", sa.String(35), nullable=False, server_default=""),
        sa.Column("started_at", TIME, nullable=True),
        sa.Column("end_reason", sa.String(32), nullable=True),
        sa.Column("owner", sa.String(64), nullable=True),
        sa.Column("resumes", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("receipt", sa.String(64), nullable=True),
        sa.Column("language", sa.String(8), nullable=True),
        sa.Column("usd_micros", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("unpriced", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("turns", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("searches", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("slowest_ms", sa.Integer(), nullable=True),
    )


def _of_a_session() -> sa.Column[str]:
    key = sa.ForeignKey("sessions.id", ondelete="CASCADE")
    return sa.Column("session_id", sa.String(64), key, primary_key=True)


def _end_all_but_the_latest_of_a_room() -> None:
    """What was left running by mistake, in rooms that were named by callers."""
    sessions = sa.table("sessions", sa.column("room"), sa.column("created_at"), sa.column("ended_at"))
    later = sessions.alias("later")
    followed = sa.exists().where(later.c.room == sessions.c.room, later.c.created_at > sessions.c.created_at)
    op.execute(
        sa.update(sessions).where(sessions.c.ended_at.is_(None), followed).values(ended_at=sessions.c.created_at)
    )


def upgrade() -> None:
    """Add only: the version before goes on working beside it."""
    for column in _session_columns():
        op.add_column("sessions", column)
    for name, columns in SESSION_INDEXES.items():
        op.create_index(name, "sessions", columns)
    _end_all_but_the_latest_of_a_room()
    running = sa.text("ended_at IS NULL")
    op.create_index(ONE_A_ROOM, "sessions", ["room"], unique=True, sqlite_where=running, postgresql_where=running)
    op.create_table(
        "call_events",
        _of_a_session(),
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("at", TIME, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
    )
    op.create_index("call_events_in_order", "call_events", ["session_id", "at"])
    op.create_table(
        "consents",
        _of_a_session(),
        sa.Column("at", TIME, nullable=False),
        sa.Column("version", sa.String(32), nullable=False),
        sa.Column("language", sa.String(35), nullable=False),
        sa.Column("store_turns", sa.Boolean(), nullable=False),
        sa.Column("withdrawn_at", TIME, nullable=True),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("key", sa.String(160), nullable=False, unique=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("run_at", TIME, nullable=False, index=True),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("leased_until", TIME, nullable=True),
        sa.Column("error", sa.String(200), nullable=True),
        sa.Column("failed_at", TIME, nullable=True),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("tenant", sa.String(63), nullable=False, index=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("scopes", sa.String(200), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=True),
        sa.Column("revoked_at", TIME, nullable=True),
        sa.Column("replaces", sa.String(16), nullable=True),
    )
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("tenant", sa.String(63), nullable=False, index=True),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("secret", sa.String(300), nullable=False),
        sa.Column("events", sa.String(200), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column(
            "webhook_id", sa.String(32), sa.ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False, index=True
        ),
        sa.Column("tenant", sa.String(63), nullable=False, index=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("answer", sa.Integer(), nullable=True),
        sa.Column("delivered_at", TIME, nullable=True),
    )
    op.create_table(
        "tasks", sa.Column("id", sa.String(64), primary_key=True), sa.Column("seen_at", TIME, nullable=False)
    )
    op.create_table(
        "media_events",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("room", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("identity", sa.String(128), nullable=False),
        sa.Column("is_agent", sa.Boolean(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("owner", sa.String(64), nullable=True, index=True),
    )
    op.create_table(
        "idempotency",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("created_at", TIME, nullable=False, index=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
    )


def downgrade() -> None:
    """Drop what was added."""
    for table in TABLES:
        op.drop_table(table)
    for name in (*SESSION_INDEXES, ONE_A_ROOM):
        op.drop_index(name, "sessions")
    with op.batch_alter_table("sessions") as sessions:
        for column in reversed(_session_columns()):
            sessions.drop_column(column.name)
