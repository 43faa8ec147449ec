"""The same run on a Dask cluster: each Dask worker gets a supervisor with worker processes of its own.

Dask says which machines there are and starts the supervisors; it holds no work. Pages are claimed
from the ledger, so a lost machine costs only its leases, and page limits hold everywhere, because a
supervisor can kill its processes where Dask cannot kill a thread.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import platform
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import select

from gouji.batch.journal import Journal
from gouji.batch.settings import BatchSettings
from gouji.batch.sources import is_remote, out_path
from gouji.batch.supervisor import Ended, Signs, Supervisor
from gouji.exits import OutputError, SettingsError
from gouji.ledger import Ledger, open_ledger
from gouji.ledger_tables import runs
from gouji.ledger_work import Work
from gouji.store import Store

STOPPING = "stopping"
"""Outcome of a run that was asked to stop: supervisors on other machines look for it."""

_LOOK_SECONDS = 0.5
_STOP_LOOK_SECONDS = 2.0
_HERE = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True, slots=True)
class NodeEnded:
    """What one machine's supervisor did."""

    node: str
    pages: int
    documents: int
    retries: int
    failures: int
    most_megabytes: int
    reclaimed: int
    workers_started: int


def run_on_cluster(
    engine: str, settings: BatchSettings, ledger: Ledger, journal: Journal, signs: Signs
) -> Ended:
    """Run on every worker of a cluster until the ledger has no work left.

    Args:
        engine: "dask" for a cluster on this machine, or "dask://host:port" of a running scheduler.
        settings: of the run; `workers` is for the whole cluster of this machine, while on a running
            cluster each Dask worker gets as many processes as it has threads.
        ledger: the judge of what is done.
        journal: is told what the machines report.
        signs: what the run is told from outside.

    Raises:
        SettingsError: the address makes no sense, or Dask is not installed.
        OutputError: the cluster cannot be reached.
    """
    nodes = _Nodes(settings, journal)
    with _client(engine, settings) as client:
        while not signs.stopping():
            nodes.collect()
            if signs.more_to_come() or Work(ledger, settings.wanted, "driver").open_work():
                nodes.occupy(client)
            elif not nodes.busy:
                break
            journal.standing.at = f"{len(nodes.busy)} Dask workers"
            time.sleep(_LOOK_SECONDS)
        interrupted = signs.stopping()
        if interrupted:
            _say_stop(ledger, settings.run)
        nodes.wait()
    return Ended(interrupted, nodes.workers_started, nodes.reclaimed)


def run_node(settings: str) -> NodeEnded:
    """Supervise on this machine until nothing is left to claim; what Dask runs on each of its workers."""
    mine = BatchSettings.from_json(settings)
    node = f"{platform.node()}-{os.getpid()}"
    ledger = open_ledger(Path(mine.out), mine.ledger, worker=True)
    try:
        with _node_log(mine.out, node) as log:
            journal = Journal(Store(out_path(mine.out)), log)
            ended = Supervisor(mine, ledger, journal, Signs(stopping=_stop_sign(ledger, mine.run))).run()
    finally:
        ledger.close()
    counted = journal.standing
    return NodeEnded(
        node=node,
        pages=counted.pages,
        documents=counted.documents,
        retries=counted.retries,
        failures=counted.failures,
        most_megabytes=counted.most_megabytes,
        reclaimed=ended.reclaimed,
        workers_started=ended.workers_started,
    )


class _Nodes:
    """The supervisors that run now, by the address of their Dask worker."""

    def __init__(self, settings: BatchSettings, journal: Journal) -> None:
        self.busy: dict[str, Any] = {}
        self.workers_started = 0
        self.reclaimed = 0
        self._settings = settings
        self._journal = journal

    def occupy(self, client: Any) -> None:
        """Start a supervisor on every Dask worker that has none, also on one that just came."""
        for address, facts in client.scheduler_info(n_workers=-1)["workers"].items():
            if address not in self.busy:
                plain = replace(self._settings, workers=max(1, int(facts["nthreads"]))).to_json()
                self.busy[address] = client.submit(
                    run_node, plain, workers=[address], allow_other_workers=False, pure=False, retries=0
                )
        gone = set(self.busy) - set(client.scheduler_info(n_workers=-1)["workers"])
        for address in gone:
            # Its leases run out; whatever it had committed stands in the ledger.
            self._journal.noted("node lost", address=address)
            self.busy.pop(address).cancel()

    def collect(self) -> None:
        """Take in what supervisors that ended have done."""
        for address, future in list(self.busy.items()):
            if future.done():
                del self.busy[address]
                if future.status == "finished":
                    self._add(address, future.result())
                else:
                    self._failed(address, future)

    def wait(self) -> None:
        """Wait for all supervisors, within reason."""
        end = time.monotonic() + 60
        while self.busy and time.monotonic() < end:
            self.collect()
            time.sleep(_LOOK_SECONDS)

    def _add(self, address: str, ended: NodeEnded) -> None:
        standing = self._journal.standing
        standing.pages += ended.pages
        standing.documents += ended.documents
        standing.retries += ended.retries
        standing.failures += ended.failures
        standing.most_megabytes = max(standing.most_megabytes, ended.most_megabytes)
        self.workers_started += ended.workers_started
        self.reclaimed += ended.reclaimed
        self._journal.noted("node ended", address=address, node=ended.node, pages=ended.pages)

    def _failed(self, address: str, future: Any) -> None:
        error = future.exception()
        self._journal.noted("node failed", address=address, error=f"{type(error).__name__}: {error}")
        if isinstance(error, OutputError | SettingsError):
            raise error


@contextmanager
def _client(engine: str, settings: BatchSettings) -> Iterator[Any]:
    try:
        dask: Any = importlib.import_module("distributed")  # the extra "cluster"
    except ImportError as error:
        raise SettingsError("--engine dask needs the extra: pip install gouji[cluster]") from error
    _, _, address = engine.partition("://")
    if not engine.startswith("dask"):
        raise SettingsError(f"no engine {engine!r}: local, dask or dask://host:port")
    if not address:
        cluster = dask.LocalCluster(
            n_workers=settings.workers, threads_per_worker=1, processes=True, dashboard_address=None
        )
        with cluster, dask.Client(cluster) as client:
            yield client
        return
    if settings.ledger is None and not address.startswith(_HERE):
        raise SettingsError("many machines need one ledger: --ledger postgresql+psycopg://…")
    with contextlib.ExitStack() as stack:
        try:
            client = stack.enter_context(dask.Client(f"tcp://{address}", timeout=20))
        except OSError as error:
            raise OutputError(f"no Dask scheduler at {address}: {error}") from error
        yield client


@contextmanager
def _node_log(out: str, node: str) -> Iterator[TextIO | None]:
    if is_remote(out):
        yield None
        return
    with (Path(out) / f"log-{node}.jsonl").open("a", encoding="utf-8", buffering=1) as file:
        yield file


def _stop_sign(ledger: Ledger, run: int) -> Callable[[], bool]:
    """Looks every two seconds whether the run was asked to stop."""
    looked, stopped = 0.0, False

    def stopping() -> bool:
        nonlocal looked, stopped
        if not stopped and time.monotonic() - looked > _STOP_LOOK_SECONDS:
            looked = time.monotonic()
            with ledger.view() as connection:
                outcome = connection.execute(select(runs.c.outcome).where(runs.c.id == run)).scalar()
            stopped = outcome == STOPPING
        return stopped

    return stopping


def _say_stop(ledger: Ledger, run: int) -> None:
    with ledger.begin() as connection:
        connection.execute(runs.update().where(runs.c.id == run).values(outcome=STOPPING))
