"""Scans that were read once and are no longer where they lay; their results are kept and counted."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from sqlalchemy import select

from gouji.batch.sources import is_remote
from gouji.ledger import Ledger
from gouji.ledger_tables import documents


def scans_gone(ledger: Ledger, seen: Collection[str]) -> tuple[str, ...]:
    """Paths, as they are shown, of scans on the list whose file is gone; `seen` are there for certain."""
    query = select(documents.c.shown, documents.c.location).order_by(documents.c.id)
    with ledger.view() as connection:
        rows = connection.execute(query).all()
    missing = (row for row in rows if row.location not in seen and not is_remote(row.location))
    return tuple(row.shown for row in missing if not Path(row.location).exists())
