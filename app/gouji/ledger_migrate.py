"""Brings a ledger to the shape this version of gouji works with."""

from __future__ import annotations

from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from gouji.exits import OutputError

_ADVISORY_LOCK = 0x676F756A69  # "gouji": one migration at a time on a shared server


def migrate(engine: Engine) -> None:
    """Apply the migrations that are missing; does nothing on a ledger that is up to date.

    Raises:
        OutputError: the ledger was written by a newer gouji.
    """
    with as_file(files("gouji.migrations")) as folder:
        config = Config()
        config.set_main_option("script_location", str(folder))
        scripts = ScriptDirectory.from_config(config)
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _ADVISORY_LOCK})
            current = revision(connection)
            if current == scripts.get_current_head():
                return
            if current is not None and current not in {
                script.revision for script in scripts.walk_revisions()
            }:
                raise OutputError(
                    f"the ledger has the shape {current!r} of a newer gouji; use that version or a new OUT"
                )
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


def revision(connection: Connection) -> str | None:
    """The migration a ledger stands at; None for a database without one."""
    return MigrationContext.configure(connection).get_current_revision()
