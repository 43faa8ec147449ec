"""Which output folder a ledger belongs to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of one row."""
    op.create_table(
        "identity",
        sa.Column("one", sa.Integer, primary_key=True),
        sa.Column("id", sa.String(32), nullable=False),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("identity")
