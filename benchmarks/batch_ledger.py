"""What the ledger costs: a page's share of its transactions, and everything at ten million pages."""

from __future__ import annotations

import os
import sqlite3
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import text

from gouji.document import Document, SourceRecord
from gouji.ledger import LEDGER_FILE, Ledger, open_ledger
from gouji.ledger_claims import Kind
from gouji.ledger_enlist import Enlisted, Fingerprints, enlist
from gouji.ledger_leases import reclaim, renew
from gouji.ledger_progress import backlog, progress, slowest, standstill
from gouji.ledger_work import Work

WANTED = Fingerprints("r" * 16, "d" * 16, "l" * 16)
_PAGES_A_DOCUMENT = 10


def overhead(folder: Path, pages: int, url: str | None) -> dict[str, Any]:
    """Run the queue with no work in it: enlist, open, read, decide; milliseconds a page."""
    line: dict[str, Any] = {"ledger": "postgresql" if url else "sqlite"}
    for a_file in (1, _PAGES_A_DOCUMENT):
        out = folder / f"out{a_file}"
        ledger, worker = open_ledger(out, url), open_ledger(out, url, worker=True)
        files = pages // a_file
        scans = [
            Enlisted(f"{a_file}/{n:06d}", f"{n:06d}.tif", f"/nowhere/{a_file}/{n}", "1") for n in range(files)
        ]
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in enlist(ledger, scans, WANTED):
            pass
        _work_off(worker, a_file)
        line[f"pages_a_file_{a_file}"] = {
            "pages": files * a_file,
            "milliseconds_a_page": round((time.perf_counter() - wall) / pages * 1000, 2),
            "processor_milliseconds_a_page": round((time.process_time() - cpu) / pages * 1000, 2),
        }
        ledger.close()
    return line | {"bar_milliseconds": 10}


def ledger_at_size(folder: Path, rows: int, url: str | None) -> dict[str, Any]:
    """Fill a ledger with finished pages and a tail of waiting ones, and time what a run asks of it."""
    out = folder / "out"
    ledger = open_ledger(out, url)
    start = time.process_time(), time.perf_counter()
    _fill(ledger, rows)
    filled = time.process_time() - start[0], time.perf_counter() - start[1]
    os.sync()  # or the disk is still busy with the fill while the ledger is timed
    work = Work(open_ledger(out, url, worker=True), WANTED, "me/1.1.x/1")
    claims, finishes = [], []
    processor = time.process_time()
    while len(claims) < 300:
        claim, seconds = _timed(lambda: work.claim(1)[0])
        claims.append(seconds)
        if claim.kind is Kind.DECIDE:
            work.decided(claim, _empty(claim.name, claim.sha256), 1.0, then=0)
            continue
        _, seconds = _timed(lambda claim=claim: work.read(claim, {"seconds": 1.0, "blank": False}, 0))
        finishes.append(seconds)
    processor = time.process_time() - processor
    line: dict[str, Any] = {
        "ledger": "postgresql" if url else "sqlite",
        "rows": rows,
        "claim_and_finish_processor_milliseconds": round(processor / len(claims) * 1000, 2),
        "fill_seconds": round(filled[1], 1),
        "fill_processor_seconds": round(filled[0], 1),
        "claim_milliseconds": _spread(claims),
        "finish_milliseconds": _spread(finishes),
        "seconds": {
            name: round(_timed(action)[1], 3)
            for name, action in {
                "progress": lambda: progress(ledger),
                "status": lambda: standstill(ledger),
                "backlog": lambda: backlog(ledger, 16),
                "renew": lambda: renew(ledger, "me/1.1.x", 60),
                "reclaim": lambda: reclaim(ledger, WANTED, lambda _owner: False),
                "slowest": lambda: slowest(ledger),
            }.items()
        },
    }
    if url is None:
        with ledger.begin() as connection:
            connection.execute(text("SELECT 1"))
        size = sum(path.stat().st_size for path in out.glob(f"{LEDGER_FILE}*"))
        line["gigabytes"] = round(size / 1e9, 2)
        line["bytes_a_page"] = round(size / rows)
    return line


def _work_off(ledger: Ledger, a_file: int) -> None:
    work = Work(ledger, WANTED, "me/1.1.x/1")
    claims = work.claim()
    while claims:
        (claim,) = claims
        match claim.kind:
            case Kind.OPEN:
                sha256 = f"{claim.name:0>64}"
                claims = work.opened(claim, sha256, [f"{claim.name}#{n}" for n in range(a_file)])
            case Kind.READ:
                claims = work.read(claim, {"seconds": 1.0, "blank": False, "fingerprint": "f" * 64})
            case Kind.DECIDE:
                claims = work.decided(claim, _empty(claim.name, claim.sha256), 1.0)


def _empty(name: str, sha256: str) -> Document:
    return Document(name=name, source=SourceRecord(path=name, sha256=sha256), pages=(), tables=())


def _fill(ledger: Ledger, rows: int) -> None:
    """All done but the last thousand documents; keys and hashes as long and as random as real ones.

    A thousand documents with waiting pages are more than a run ever has: workers open a file only
    when no page waits.
    """
    files = rows // _PAGES_A_DOCUMENT
    if ledger.shared:
        numbers = "SELECT generate_series(1, {n}) AS n"
        noise = "encode(sha256(('{salt}' || {of})::bytea), 'hex')"
    else:
        numbers = (
            "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {n}) SELECT n FROM c"
        )
        # Multiplied modulo a prime, numbers scatter like hashes and never meet; SQL can compute it.
        factors = (2654435761, 2246822519, 3266489917, 668265263, 374761393, 2870177450, 1013904223, 1664525)
        noise = (
            "printf('" + "%08x" * 8 + "'" + "".join(f", (({{of}}) * {f}) % 4294967291" for f in factors) + ")"
        )
    sha = noise.format(of="(n - 1) / 10", salt="file")
    done = rows - min(rows // 10, 10_000)
    fill_documents = (
        "INSERT INTO documents (name, shown, location, stamp, sha256, page_count, reading, deciding,"
        " decided_with, step) SELECT 'archive/' || n, n || '.pdf', '/archive/' || n, '1 1', "
        f"{noise.format(of='n - 1', salt='file')}, 10, '{WANTED.reading}', '{WANTED.deciding}',"
        f" '{WANTED.deciding}', CASE WHEN n * 10 <= {done} THEN 'done' ELSE 'read' END"
        f" FROM ({numbers.format(n=files)}) AS t"
    )
    fill_pages = (
        "INSERT INTO pages (key, sha256, number, reading, state, seconds, finished_at, megabytes, blank,"
        f" fingerprint) SELECT {noise.format(of='n', salt='page')}, {sha}, (n - 1) % 10 + 1,"
        f" '{WANTED.reading}', CASE WHEN n <= {done} THEN 'done' ELSE 'todo' END, n % 97 / 10.0,"
        f" 1.0, 400, false, {noise.format(of='n + 7', salt='print')}"
        f" FROM ({numbers.format(n=rows)}) AS t"
    )
    statements = [fill_documents, fill_pages]
    if not ledger.shared:
        _fill_sqlite(ledger, statements)
        return
    with ledger.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    with ledger.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _fill_sqlite(ledger: Ledger, statements: list[str]) -> None:
    """Fill without a log and with the indexes made at the end: only the filled ledger is measured."""
    database = str(ledger.engine.url.database)
    ledger.close()
    connection = sqlite3.connect(database, isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-2000000"):
        connection.execute(f"PRAGMA {pragma}")
    indexes = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        " AND tbl_name IN ('documents', 'pages')"
    ).fetchall()
    connection.execute("BEGIN")
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    for statement in [*statements, *(sql for _, sql in indexes)]:
        connection.execute(statement)
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()


def _timed(action: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    result = action()
    return result, time.perf_counter() - start


def _spread(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    return {
        "median": round(statistics.median(ordered) * 1000, 2),
        "p99": round(ordered[int(len(ordered) * 0.99)] * 1000, 2),
    }
