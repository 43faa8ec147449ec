"""Documents, pages, questions, decisions (append-only by trigger) and runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the first tables."""
    # Written out rather than taken from ledger_tables: a migration says what was, not what is.
    op.create_table(
        "documents",
        sa.Column("id", _ID, primary_key=True, autoincrement=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("shown", sa.Text, nullable=False),
        sa.Column("location", sa.Text, nullable=False),
        sa.Column("archive_number", sa.Text, nullable=True),
        sa.Column("stamp", sa.String(80), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=True),
        sa.Column("page_count", sa.Integer, nullable=True),
        sa.Column("reading", sa.String(64), nullable=False),
        sa.Column("step", sa.String(10), nullable=False),
        sa.Column("deciding", sa.String(64), nullable=False),
        sa.Column("decided_with", sa.String(64), nullable=True),
        sa.Column("pages_failed", sa.Integer, nullable=False, server_default="0"),
        sa.Column("counts", sa.JSON, nullable=True),
        sa.Column("broken", sa.JSON, nullable=True),
        *_lease(),
        sa.Index("ix_documents_step", "step", "id"),
        sa.Index("ix_documents_sha256", "sha256"),
        sa.Index("ix_documents_location", "location"),
    )
    op.create_table(
        "pages",
        sa.Column("id", _ID, primary_key=True, autoincrement=True),
        sa.Column("key", sa.String(64), nullable=False, unique=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("reading", sa.String(64), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        *_lease(),
        sa.Column("megabytes", sa.Integer, nullable=True),
        sa.Column("blank", sa.Boolean, nullable=True),
        sa.Column("fingerprint", sa.String(64), nullable=True),
        sa.Index("ix_pages_state", "state", "id"),
        sa.Index("ix_pages_document", "sha256", "reading", "state"),
        sa.Index("ix_pages_finished", "finished_at"),
    )
    op.create_table(
        "questions",
        sa.Column("document", sa.Text, primary_key=True),
        sa.Column("ref", sa.String(40), primary_key=True),
        sa.Column("page", sa.Integer, nullable=False),
        sa.Column("table_index", sa.Integer, nullable=False),
        sa.Column("form", sa.String(80), nullable=True),
        sa.Column("quantity", sa.String(120), nullable=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("rules", sa.JSON, nullable=False),
        sa.Column("disagreement", sa.Boolean, nullable=False),
        sa.Index("ix_questions_confidence", "confidence"),
    )
    op.create_table(
        "decisions",
        sa.Column("id", _ID, primary_key=True, autoincrement=True),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("ref", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("source_suspect", sa.Boolean, nullable=False),
        sa.Column("by", sa.String(120), nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("seconds", sa.Float, nullable=True),
        sa.UniqueConstraint("document", "ref", "version"),
    )
    op.create_table(
        "runs",
        sa.Column("id", _ID, primary_key=True, autoincrement=True),
        sa.Column("started", sa.String(40), nullable=False),
        sa.Column("ended", sa.String(40), nullable=True),
        sa.Column("host", sa.String(200), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("settings", sa.JSON, nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("summary", sa.JSON, nullable=True),
    )
    _forbid_changes("decisions")


def _lease() -> list[sa.Column[object]]:
    return [
        sa.Column("owner", sa.String(200), nullable=True),
        sa.Column("lease_until", sa.Float, nullable=True),
        sa.Column("fence", sa.Integer, nullable=False, server_default="0"),
        sa.Column("claims", sa.Integer, nullable=False, server_default="0"),
        sa.Column("strikes", sa.Integer, nullable=False, server_default="0"),
        sa.Column("limits", sa.String(100), nullable=True),
        sa.Column("error_kind", sa.String(100), nullable=True),
        sa.Column("error", sa.Text, nullable=True),
        sa.Column("seconds", sa.Float, nullable=True),
        sa.Column("finished_at", sa.Float, nullable=True),
    ]


def _forbid_changes(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION gouji_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION gouji_append_only()"
    )
