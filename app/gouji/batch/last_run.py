"""The last run of an output folder as a request, to go on with what it left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select

from gouji.batch.run import Request
from gouji.batch.settings import Limits
from gouji.exits import OutputError
from gouji.ledger_of_folder import standing_ledger
from gouji.ledger_tables import runs
from gouji.options import ReadOptions


def last_request(out: Path, ledger: str | None, *, workers: int, limits: Limits, engine: str) -> Request:
    """A request that tries again what the last run gave up.

    Raises:
        OutputError: there was no run.
    """
    opened = standing_ledger(out, ledger)
    with opened.view() as connection:
        settings: Any = connection.execute(
            select(runs.c.settings).order_by(runs.c.id.desc()).limit(1)
        ).scalar()
    opened.close()
    if settings is None:
        raise OutputError(f"nothing was ever read into {out}")
    return Request(
        places=tuple(settings["places"]),
        out=str(out),
        options=ReadOptions.from_record(settings["options"]),
        ledger=ledger,
        workers=workers,
        limits=limits,
        engine=engine,
        retry_failed=True,
    )
