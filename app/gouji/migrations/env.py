"""Alembic's entry: the connection is handed in by `gouji.ledger_migrate`, never taken from a file."""

from __future__ import annotations

from alembic import context

from gouji.ledger_tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter a column in place
)
with context.begin_transaction():
    context.run_migrations()
