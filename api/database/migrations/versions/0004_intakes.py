"""Medical intakes."""

import sqlalchemy as sa
from alembic import op

from api.database.tables import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TIME = UtcDateTime()


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "intakes",
        sa.Column("session_id", sa.String(64), primary_key=True),
        sa.Column("tenant", sa.String(63), nullable=False, index=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False, index=True),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("intakes")
