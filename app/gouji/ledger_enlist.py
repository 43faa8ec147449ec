"""Puts found scans into the ledger: new ones are queued, changed ones again, finished ones left alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, Row, bindparam, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from gouji.ledger import Ledger
from gouji.ledger_tables import PageState, Step, documents, pages

_CHUNK = 500  # rows of one transaction, so that workers are not kept waiting


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """What results depend on beside the file's bytes; another fingerprint means done anew."""

    reading: str  # revision and weights: pages are read again
    deciding: str  # forms, calibration, options: documents are decided again
    limits: str  # guards: what failed because of them is tried again


@dataclass(frozen=True, slots=True)
class Enlisted:
    """A scan as the folder walk found it."""

    name: str  # path below OUT/documents
    shown: str  # path below the folder that was read
    location: str  # where a worker opens it
    stamp: str  # unchanged: the file is taken to be unchanged
    archive_number: str | None = None


def enlist(ledger: Ledger, scans: Iterable[Enlisted], wanted: Fingerprints) -> Iterator[int]:
    """Queue scans; yields, chunk by chunk, how many of them need work.

    A file is known by its location. Another file that would take the same name gets a number
    behind it, unless the old file is gone, in which case it was moved.

    Raises:
        OutputError: the ledger cannot be written.
    """
    stream = iter(scans)
    while chunk := list(islice(stream, _CHUNK)):
        with ledger.begin() as connection:
            yield _enlist_chunk(connection, chunk, wanted)


def retry_failed(ledger: Ledger, wanted: Fingerprints) -> tuple[int, int]:
    """Queue what was given up once more; (documents, pages)."""
    again = {"strikes": 0, "claims": 0, "error_kind": None, "error": None, "limits": None}
    with ledger.begin() as connection:
        touched = select(pages.c.sha256).where(pages.c.state == PageState.FAILED)
        reopened = connection.execute(
            update(documents)
            .where(documents.c.step == Step.DONE, documents.c.sha256.in_(touched))
            .values(step=Step.READ, reading=wanted.reading, deciding=wanted.deciding)
        ).rowcount
        failed = connection.execute(
            update(documents)
            .where(documents.c.step == Step.FAILED)
            .values(step=Step.OPEN, reading=wanted.reading, deciding=wanted.deciding, **again)
        ).rowcount
        page_count = connection.execute(
            update(pages)
            .where(pages.c.state == PageState.FAILED, pages.c.reading == wanted.reading)
            .values(state=PageState.TODO, **again)
        ).rowcount
    return reopened + failed, page_count


def _enlist_chunk(connection: Connection, chunk: Sequence[Enlisted], wanted: Fingerprints) -> int:
    known = _known(connection, chunk)
    by_location = {row.location: row for row in known}
    by_name = {row.name: row for row in known}
    fresh: list[dict[str, object]] = []
    changed: list[dict[str, object]] = []
    for scan in chunk:
        row = by_location.get(scan.location)
        if row is None and (holder := by_name.get(scan.name)) is not None:
            if _gone(holder.location):
                row = holder
            else:
                scan = replace(scan, name=_free_name(connection, scan.name))  # noqa: PLW2901
        if row is None:
            fresh.append(_values(scan, wanted, Step.OPEN))
        else:
            step = _next_step(row, scan, wanted)
            if step != row.step or row.location != scan.location or _unlike(row, wanted):
                changed.append({"row": row.id, **_values(replace(scan, name=row.name), wanted, step)})
    if fresh:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        # Another host may be enlisting the same folder.
        connection.execute(dialect.insert(documents).on_conflict_do_nothing(), fresh)
    if changed:
        columns: dict[str, object] = {n: bindparam(f"new_{n}") for n in changed[0] if n != "row"}
        connection.execute(
            update(documents)
            .where(documents.c.id == bindparam("row"))
            .values(
                **columns, strikes=0, claims=0, owner=None, lease_until=None, fence=documents.c.fence + 1
            ),
            [{("row" if k == "row" else f"new_{k}"): v for k, v in values.items()} for values in changed],
        )
    return len(fresh) + sum(values["step"] != Step.DONE for values in changed)


def _known(connection: Connection, chunk: Sequence[Enlisted]) -> list[Row[tuple[object, ...]]]:
    query = select(documents).where(
        or_(
            documents.c.location.in_([scan.location for scan in chunk]),
            documents.c.name.in_([scan.name for scan in chunk]),
        )
    )
    return list(connection.execute(query))


def _next_step(row: Row[tuple[object, ...]], scan: Enlisted, wanted: Fingerprints) -> str:
    """What the document needs, given what is known of it."""
    if row.stamp != scan.stamp or (row.sha256 is None and row.step != Step.FAILED):
        return Step.OPEN
    if row.step == Step.FAILED:
        return Step.OPEN if _unlike(row, wanted) or row.limits != wanted.limits else Step.FAILED
    if row.reading != wanted.reading or (row.pages_failed and row.limits != wanted.limits):
        return Step.OPEN  # its pages are queued again under other keys
    if row.step == Step.DONE and row.decided_with != wanted.deciding:
        return Step.DECIDE
    return str(row.step)


def _unlike(row: Row[tuple[object, ...]], wanted: Fingerprints) -> bool:
    return (row.reading, row.deciding) != (wanted.reading, wanted.deciding)


def _values(scan: Enlisted, wanted: Fingerprints, step: str) -> dict[str, object]:
    return {
        "name": scan.name,
        "shown": scan.shown,
        "location": scan.location,
        "archive_number": scan.archive_number,
        "stamp": scan.stamp,
        "step": step,
        "reading": wanted.reading,
        "deciding": wanted.deciding,
    }


def _free_name(connection: Connection, name: str) -> str:
    number = 2
    while connection.execute(select(documents.c.id).where(documents.c.name == f"{name}~{number}")).first():
        number += 1
    return f"{name}~{number}"


def _gone(location: str) -> bool:
    return "://" not in location and not Path(location).exists()
