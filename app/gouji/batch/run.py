"""A batch run from folder to report: walk, read, decide, report; stopped and continued at any point."""

from __future__ import annotations

import platform
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import TextIO

from sqlalchemy import insert, update

from gouji.batch.enlister import Enlister
from gouji.batch.fingerprints import fingerprints
from gouji.batch.gone import scans_gone
from gouji.batch.journal import Journal, Standing
from gouji.batch.settings import REAL_WORK, BatchSettings, Limits, usable_cores
from gouji.batch.sources import is_remote, out_path
from gouji.batch.supervisor import Ended, Signs, Supervisor
from gouji.exits import NothingToReadError, OutputError
from gouji.ledger import Ledger
from gouji.ledger_enlist import retry_failed
from gouji.ledger_of_folder import own_ledger
from gouji.ledger_progress import Progress, progress
from gouji.ledger_tables import runs
from gouji.options import ReadOptions
from gouji.run_report import RunReport, collect_report, write_report
from gouji.store import Store
from gouji.summary import kinds_line

Show = Callable[[Progress, Standing], None]
"""Is told now and then how far the run is."""

_SHOW_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asked for."""

    places: tuple[str, ...]  # files, folders, s3://bucket/folder
    out: str
    options: ReadOptions = field(default_factory=ReadOptions)
    ledger: str | None = None
    workers: int = 0  # 0: one a core
    limits: Limits = field(default_factory=Limits)
    lease_seconds: float = 60.0
    watch: bool = False
    engine: str = "local"  # or "dask", "dask://host:port"
    work: str = REAL_WORK
    retry_failed: bool = False


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of a run."""

    report: RunReport
    interrupted: bool


def run_batch(request: Request, show: Show = lambda _progress, _standing: None) -> Outcome:
    """Read everything below the places to the end.

    Raises:
        NothingToReadError: there is no scan.
        OutputError: results or the ledger cannot be written.
        SettingsError, PackError: a setting makes no sense.
        WorkersDieError: workers cannot start.
    """
    start = time.monotonic()
    if is_remote(request.out) and request.ledger is None:
        raise OutputError(
            "results in an object store need a ledger of their own: --ledger postgresql+psycopg://…"
        )
    settings = _settings(request)
    store = Store(out_path(request.out))
    store.prepare()
    ledger = own_ledger(store, request.ledger)
    run_id = _begin(ledger, request)
    settings = replace(settings, run=run_id)
    outcome = "failed"
    try:
        with _log(request.out) as log:
            journal = Journal(store, log)
            enlister = Enlister(ledger, settings.wanted, request.places, request.out, watch=request.watch)
            if request.retry_failed:
                retry_failed(ledger, settings.wanted)
            enlister.start()
            with _stop_signals() as stopped, _shown(ledger, journal, show):
                signs = Signs(enlister.at_work, stopped)
                ended = _engine(request.engine, settings, ledger, journal, signs)
            enlister.leave()
        outcome = "interrupted" if ended.interrupted else "done"
        if not (enlister.found or enlister.unreadable or ended.interrupted or request.retry_failed):
            others = f"; not taken: {kinds_line(enlister.passed_over)}" if enlister.passed_over else ""
            raise NothingToReadError(
                f"no scan in {', '.join(request.places)} (PDF, TIFF, PNG, JPEG, DOCX){others}"
            )
        report = collect_report(
            ledger,
            store,
            inputs=[_absolute(place) for place in request.places],
            options=request.options,
            seconds=time.monotonic() - start,
            unreadable=enlister.unreadable,
            passed_over=enlister.passed_over,
            gone=scans_gone(ledger, enlister.seen),
            standing=journal.standing,
            workers=settings.workers,
        )
        write_report(store, report)
    finally:
        _finish(ledger, run_id, outcome)
        ledger.close()
    return Outcome(report, ended.interrupted)


def _settings(request: Request) -> BatchSettings:
    return BatchSettings(
        out=request.out if is_remote(request.out) else str(Path(request.out).absolute()),
        options=request.options,
        wanted=fingerprints(request.options, request.limits),
        ledger=request.ledger,
        workers=request.workers or usable_cores(),
        limits=request.limits,
        lease_seconds=request.lease_seconds,
        shard=4 if request.ledger else 1,
        work=request.work,
    )


def _engine(engine: str, settings: BatchSettings, ledger: Ledger, journal: Journal, signs: Signs) -> Ended:
    if engine == "local":
        return Supervisor(settings, ledger, journal, signs).run()
    from gouji.batch.cluster import run_on_cluster  # noqa: PLC0415 - an extra

    return run_on_cluster(engine, settings, ledger, journal, signs)


@contextmanager
def _stop_signals() -> Iterator[Callable[[], bool]]:
    """Ctrl-C and TERM end the run after the pages in flight; a second one ends it at once."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return

    def ask(number: int, _frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _shown(ledger: Ledger, journal: Journal, show: Show) -> Iterator[None]:
    """Tell `show` every second how far things are, from a thread of its own."""
    ended = threading.Event()

    def tell() -> None:
        pause = _SHOW_SECONDS
        while not ended.wait(pause):
            start = time.monotonic()
            show(progress(ledger), journal.standing)
            # Counting a ledger of ten million pages takes a while; it must not take all the time.
            pause = max(_SHOW_SECONDS, 20 * (time.monotonic() - start))

    thread = threading.Thread(target=tell, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(timeout=10)


@contextmanager
def _log(out: str) -> Iterator[TextIO | None]:
    if is_remote(out):
        yield None  # object stores cannot append; the ledger and the report have the essence
        return
    with (Path(out) / "log.jsonl").open("a", encoding="utf-8", buffering=1) as file:
        yield file


def _begin(ledger: Ledger, request: Request) -> int:
    plain = {
        "places": [_absolute(place) for place in request.places],
        "options": request.options.as_record(),
        "engine": request.engine,
    }
    with ledger.begin() as connection:
        made = connection.execute(
            insert(runs).values(
                started=_now(),
                host=platform.node(),
                version=version("gouji"),
                settings=plain,
                outcome="running",
            )
        )
        assert made.inserted_primary_key is not None
        return int(made.inserted_primary_key[0])


def _finish(ledger: Ledger, run_id: int, outcome: str) -> None:
    with ledger.begin() as connection:
        connection.execute(update(runs).where(runs.c.id == run_id).values(ended=_now(), outcome=outcome))


def _absolute(place: str) -> str:
    return place if is_remote(place) else str(Path(place).absolute())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
