"""Puts found scans into the ledger: new ones are queued, changed ones again, finished ones left alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, Row, bindparam, func, insert, or_, select, update

from gouji.ledger import Ledger
from gouji.ledger_tables import PageState, Step, documents, pages

_CHUNK = 500  # rows of one transaction, so that workers are not kept waiting
_ADVISORY_LOCK = 0x6C697374  # "list": one host at a time gives names on a shared server


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """What results depend on beside the file's bytes; another fingerprint means done anew."""

    reading: str  # revision and weights: pages are read again
    deciding: str  # forms, calibration, options: documents are decided again
    limits: str  # guards: what failed because of them is tried again


@dataclass(frozen=True, slots=True)
class Enlisted:
    """A scan as the folder walk found it."""

    name: str  # path below OUT/documents that it would have; two scans may ask for the same
    shown: str  # path below the folder that was read
    location: str  # where a worker opens it
    stamp: str  # unchanged: the file is taken to be unchanged
    archive_number: str | None = None


def enlist(ledger: Ledger, scans: Iterable[Enlisted], wanted: Fingerprints) -> Iterator[int]:
    """Queue scans; yields, chunk by chunk, how many of them need work.

    A file is known by its location. Another file that would take the same name gets a number
    behind it, unless the old file is gone and has the same bytes: then it was moved.

    Raises:
        OutputError: the ledger cannot be written.
    """
    stream = iter(scans)
    while chunk := list(islice(stream, _CHUNK)):
        with ledger.begin() as connection:
            queued = _enlist_chunk(connection, chunk, wanted)
        yield queued  # after the commit: whoever takes it may work long, or never come back


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
    if connection.dialect.name == "postgresql":
        # Another host may be enlisting the same folder. SQLite lets one writer in at a time anyway.
        connection.execute(select(func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
    known = _known(connection, chunk)
    by_location = {row.location: row for row in known}
    by_name = {row.name: row for row in known}
    given: set[str] = set()  # names of scans of this chunk that are not in the ledger by their location
    fresh: list[dict[str, object]] = []
    changed: list[dict[str, object]] = []
    scans: dict[str, Enlisted] = {}
    for scan in chunk:
        scans.setdefault(scan.location, scan)  # buckets that overlap lead to the same file twice
    for scan in scans.values():
        row = by_location.get(scan.location)
        if row is None:
            holder = by_name.get(scan.name)
            if holder is not None and scan.name not in given and _has_moved(holder, scan):
                row = holder
            elif holder is not None or scan.name in given:
                scan = replace(scan, name=_free_name(connection, scan.name, given))  # noqa: PLW2901
            given.add(scan.name)
        if row is None:
            fresh.append(_values(scan, wanted, Step.OPEN))
        else:
            step = _next_step(row, scan, wanted)
            if step != row.step or row.location != scan.location or _unlike(row, wanted):
                changed.append({"row": row.id, **_values(replace(scan, name=row.name), wanted, step)})
    if fresh:
        connection.execute(insert(documents), fresh)
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


def _free_name(connection: Connection, name: str, given: set[str]) -> str:
    number = 2
    while (free := f"{name}~{number}") in given or _held(connection, free):
        number += 1
    return free


def _held(connection: Connection, name: str) -> bool:
    return connection.execute(select(documents.c.id).where(documents.c.name == name)).first() is not None


def _has_moved(row: Row[tuple[object, ...]], scan: Enlisted) -> bool:
    """Whether a scan is one that was read elsewhere: its file is gone, and this is the same one.

    Another file of the same name, of a medium that is not at hand any more, has results of its own to lose.
    """
    if "://" in str(row.location) or Path(str(row.location)).exists():
        return False
    return row.sha256 is None or row.stamp == scan.stamp or _digest(scan.location) == row.sha256


def _digest(location: str) -> str | None:
    if "://" in location:
        return None
    try:
        with Path(location).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None  # the worker that opens it will say why
