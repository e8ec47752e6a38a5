"""Which version of the agent served a call."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("sessions", sa.Column("revision", sa.String(64), nullable=True))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("sessions", "revision")
