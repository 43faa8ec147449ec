"""Many machines: a lost worker, a lost machine, a pulled cable cost only their leases."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from batch_runs import (
    HERE as TESTS,
)
from batch_runs import environment, folder, page_states, results, run, times_read, wait_until
from moto.server import ThreadedMotoServer
from postgres_server import postgres_server, programs
from s3fs import S3FileSystem
from two_hosts import HERE, Host, two_hosts
from upath import UPath

from gouji.batch.journal import read_log
from gouji.batch.settings import Limits
from gouji.exits import OutputError, SettingsError

pytestmark = pytest.mark.slow


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An S3 bucket of a local server; workers reach it through the environment."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    S3FileSystem.clear_instance_cache()  # one of an earlier test holds an earlier server's address
    place = f"s3://archive-{uuid.uuid4().hex[:8]}"  # the server's memory outlives it
    UPath(place).mkdir()
    yield place
    server.stop()


def test_scans_in_a_bucket_are_read_into_a_local_folder(
    tmp_path: Path, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = environment(monkeypatch, tmp_path)
    _upload(folder(tmp_path / "in", 3, pages=2), f"{bucket}/2011")
    for _ in range(2):
        outcome = run([f"{bucket}/2011"], tmp_path / "out")
    assert sorted(results(tmp_path / "out")) == ["001", "002", "003"]
    assert set(times_read(log).values()) == {1}
    assert not outcome.report.tally.failures


def test_results_go_into_a_bucket_when_the_ledger_is_elsewhere(
    tmp_path: Path, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment(monkeypatch, tmp_path)
    scans = folder(tmp_path / "in", 3)
    with pytest.raises(OutputError, match="--ledger"):
        run(scans, f"{bucket}/out")
    run(scans, f"{bucket}/out", ledger=f"sqlite:///{tmp_path / 'ledger.db'}")
    document = json.loads(UPath(f"{bucket}/out/documents/002/document.json").read_text(encoding="utf-8"))
    assert document["name"] == "002"
    assert UPath(f"{bucket}/out/summary.json").exists()


def test_a_cluster_of_this_machine_reads_every_page_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = environment(monkeypatch, tmp_path)
    outcome = run(folder(tmp_path / "in", 5, pages=2), tmp_path / "out", engine="dask")
    assert set(times_read(log).values()) == {1}
    assert len(results(tmp_path / "out")) == 5
    assert outcome.report.now.pages == 10


def test_an_engine_nobody_knows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment(monkeypatch, tmp_path)
    with pytest.raises(SettingsError, match="no engine"):
        run(folder(tmp_path / "in", 1), tmp_path / "out", engine="ray")


def test_two_hosts_share_a_ledger_and_one_whose_cable_is_pulled_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if programs() is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    log = environment(monkeypatch, tmp_path, seconds=0.3)
    scans = folder(tmp_path / "in", 20, pages=4)
    with two_hosts() as hosts, postgres_server(HERE, "10.201.77.0/24") as url:
        runs = [host.start(_run(scans, tmp_path / "out", url)) for host in hosts]
        try:
            wait_until(lambda: len(_hosts_at_work(tmp_path / "out")) == 4, 180)
            wait_until(lambda: sum(times_read(log).values()) >= 20, 120)
            hosts[1].unplug()
            assert runs[0].wait(timeout=240) == 0
            states = page_states(tmp_path / "out", url)
        finally:
            _end(runs)
    assert states == {"done": 80}
    assert len(results(tmp_path / "out")) == 20


def test_a_dask_worker_killed_on_one_of_two_hosts_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if programs() is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    log = environment(monkeypatch, tmp_path, seconds=0.3)
    scans = folder(tmp_path / "in", 20, pages=4)
    with two_hosts() as hosts, postgres_server(HERE, "10.201.77.0/24") as url:
        scheduler = subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", HERE, "--port", "8786"],
            start_new_session=True,
        )
        nodes = [host.start(_dask_worker(host)) for host in hosts]
        victims: list[int] = []

        def disaster() -> None:
            wait_until(lambda: sum(times_read(log).values()) >= 20, 240)
            os.killpg(nodes[1].pid, signal.SIGKILL)
            victims.append(nodes[1].pid)

        killer = _thread(disaster)
        try:
            outcome = run(
                scans,
                tmp_path / "out",
                engine=f"dask://{HERE}:8786",
                ledger=url,
                lease_seconds=8.0,
                limits=Limits(page_seconds=30),
            )
            states = page_states(tmp_path / "out", url)
        finally:
            killer.join()
            _end([*nodes, scheduler])
    assert victims
    assert states == {"done": 80}
    assert len(results(tmp_path / "out")) == 20
    assert not outcome.report.tally.failures


def _run(scans: Path, out: Path, url: str) -> list[object]:
    plain = json.dumps([str(scans), str(out), 2, url, 6.0])
    return [sys.executable, TESTS / "batch_runs.py", plain]


def _dask_worker(host: Host) -> list[object]:
    options = ["--nthreads", "2", "--host", host.address, "--name", host.name, "--no-dashboard"]
    return [sys.executable, "-m", "distributed.cli.dask_worker", f"tcp://{HERE}:8786", *options]


def _hosts_at_work(out: Path) -> set[str]:
    """Workers that both runs started; they share the log, because they share the machine."""
    return {str(line.get("pid")) for line in read_log(out / "log.jsonl") if line["event"] == "worker started"}


def _thread(action: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=action)
    thread.start()
    return thread


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        process.wait()


def _upload(scans: Path, place: str) -> None:
    for path in scans.iterdir():
        UPath(f"{place}/{path.name}").write_bytes(path.read_bytes())
