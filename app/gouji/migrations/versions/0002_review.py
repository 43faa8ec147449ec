"""The review page: index of figures, events (append-only by trigger), people, samples."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of the review page."""
    op.create_table(
        "review_documents",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String, nullable=False, unique=True),
        sa.Column("stamp", sa.String, nullable=False),
        sa.Column("organ", sa.String),
        sa.Column("year", sa.Integer),
        sa.Column("waiting", sa.Boolean, nullable=False),
    )
    op.create_table(
        "review_items",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("document", sa.Integer, sa.ForeignKey("review_documents.id"), nullable=False),
        sa.Column("base", sa.String, nullable=False),
        sa.Column("ref", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("disagree", sa.Boolean, nullable=False),
        sa.Column("suspect", sa.Boolean, nullable=False),
        sa.Column("cause", sa.String, nullable=False),
        sa.Column("form", sa.String),
        sa.Column("rules", sa.String, nullable=False),
        sa.Column("settles", sa.Float, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("claimed_by", sa.String),
        sa.Column("claimed_at", sa.Float),
        sa.UniqueConstraint("document", "base"),
        sa.Index("review_items_queue", "state", "status", "settles", "confidence"),
        sa.Index("review_items_status", "status"),
        sa.Index("review_items_text", "kind", "text"),
    )
    op.create_table(
        "review_events",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("who", sa.String, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("document", sa.String, nullable=False),
        sa.Column("base", sa.String, nullable=False),
        sa.Column("version", sa.Integer),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("stage", sa.String, nullable=False),
        sa.Column("before", sa.String, nullable=False),
        sa.Column("after", sa.String, nullable=False),
        sa.Column("suspect", sa.Boolean, nullable=False),
        sa.Column("why", sa.String, nullable=False),
        sa.Column("undoes", sa.Integer),
        sa.Column("seconds", sa.Float),
        sa.Column("keys", sa.Integer),
        sa.UniqueConstraint("document", "base", "version"),
        sa.Index("review_events_who", "who", "id"),
    )
    op.create_table(
        "review_people",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("password", sa.String),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("since", sa.String, nullable=False),
    )
    op.create_table(
        "review_samples",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.String, nullable=False),
        sa.Column("who", sa.String, nullable=False),
        sa.Column("seed", sa.Integer, nullable=False),
        sa.Column("wanted", sa.Integer, nullable=False),
        sa.Column("population", sa.String, nullable=False),
    )
    op.create_table(
        "review_sampled",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("sample", sa.Integer, sa.ForeignKey("review_samples.id"), nullable=False),
        sa.Column("document", sa.String, nullable=False),
        sa.Column("base", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("answer", sa.String),
        sa.Column("who", sa.String),
        sa.Column("at", sa.String),
        sa.Column("seconds", sa.Float),
        sa.UniqueConstraint("sample", "document", "base"),
    )
    op.create_table(
        "review_keys",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("value", sa.String, nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER review_events_no_{change.lower()} BEFORE {change} ON review_events "
                "BEGIN SELECT RAISE(ABORT, 'review_events is append-only'); END"
            )
    else:
        op.execute(
            "CREATE TRIGGER review_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON review_events "
            "FOR EACH STATEMENT EXECUTE FUNCTION gouji_append_only()"
        )
