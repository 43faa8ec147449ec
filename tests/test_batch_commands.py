"""The commands around a run: read with its exit codes, status, retry, ledger check, watch."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from batch_runs import environment, folder, results, run, scan, times_read, wait_until
from batch_work import WORK
from click.testing import CliRunner
from sqlalchemy import func, select, update

from gouji.batch.run import Request
from gouji.batch.sources import find_sources
from gouji.command import gouji
from gouji.commands import batch_options
from gouji.exits import ExitCode, NothingToReadError, OutputError
from gouji.ledger import open_ledger
from gouji.ledger_tables import PageState, pages


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Commands run with cheap pages."""
    real = batch_options.run_batch

    def cheap(request: Request, show: object) -> object:
        from dataclasses import replace

        return real(replace(request, work=WORK), show)  # type: ignore[arg-type]

    monkeypatch.setattr(batch_options, "run_batch", cheap)
    return environment(monkeypatch, tmp_path)


def call(*arguments: object) -> tuple[int, str]:
    """Run a command in this process; its exit code and what it printed."""
    done = CliRunner().invoke(gouji, [str(a) for a in arguments], standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return int(done.return_value or 0), done.output


def test_read_says_what_it_did_and_returns_zero(tmp_path: Path, read: Path) -> None:
    folder(tmp_path / "in", 2)
    code, said = call("read", tmp_path / "in", "-o", tmp_path / "out", "--workers", 1)
    assert code == ExitCode.DONE
    assert "report.html" in said


def test_read_returns_three_when_something_failed_and_names_it(tmp_path: Path, read: Path) -> None:
    scan(tmp_path / "in" / "raise.png", seed=1)
    code, said = call("read", tmp_path / "in", "-o", tmp_path / "out", "--workers", 1)
    assert code == ExitCode.SOME_FAILED
    assert "raise.png p1: this page makes no sense" in said


def test_read_counts_the_files_that_it_passed_over(tmp_path: Path, read: Path) -> None:
    folder(tmp_path / "in", 1)
    for name in ("年报.doc", "附表.doc", "图.gif", "Thumbs.db"):
        (tmp_path / "in" / name).touch()
    out = tmp_path / "in" / "out"
    call("read", tmp_path / "in", "-o", out, "--workers", 1)
    code, said = call("read", tmp_path / "in", "-o", out, "--workers", 1)  # its own results are there now
    assert code == ExitCode.DONE
    assert "3 (.doc 2, .gif 1)" in said
    assert json.loads((out / "summary.json").read_text())["passed_over"] == {".doc": 2, ".gif": 1}
    assert "未作为扫描件读取的文件" in (out / "report.html").read_text(encoding="utf-8")


def test_a_folder_of_other_files_is_said_to_hold_them(tmp_path: Path, read: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "年报.doc").touch()
    with pytest.raises(NothingToReadError, match=r"no scan in .*; not taken: 1 \(\.doc 1\)"):
        call("read", tmp_path / "in", "-o", tmp_path / "out", "--workers", 1)


def test_a_run_beside_another_says_that_pages_are_still_to_read(
    tmp_path: Path, read: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder(tmp_path / "in", 2)
    call("read", tmp_path / "in", "-o", tmp_path / "out", "--workers", 1)
    ledger = open_ledger(tmp_path / "out")
    with ledger.begin() as connection:  # as another run has it in hand
        now = time.time()
        first = select(func.min(pages.c.id)).scalar_subquery()
        held = {"state": PageState.RUNNING, "owner": "another/1.1.x/1", "lease_until": now + 600}
        connection.execute(update(pages).where(pages.c.id == first).values(**held))
    _, said = call("read", tmp_path / "in", "-o", tmp_path / "out", "--workers", 1)
    assert "pages still to read" in said
    assert "another run is still at work" in said


def test_quiet_prints_nothing(tmp_path: Path, read: Path) -> None:
    folder(tmp_path / "in", 1)
    assert call("read", tmp_path / "in", "-o", tmp_path / "out", "--workers", 1, "-q") == (0, "")


def test_status_counts_what_is_done_and_what_failed(tmp_path: Path, read: Path) -> None:
    folder(tmp_path / "in", 2, pages=3)
    scan(tmp_path / "in" / "raise.png", seed=9)
    run(tmp_path / "in", tmp_path / "out")
    _, said = call("status", tmp_path / "out", "--json")
    told = json.loads(said)
    assert told["pages"] == {"done": 6, "failed": 1}
    assert told["documents"] == {"done": 3}
    assert [item[0] for item in told["failed"]] == ["raise.png"]
    assert "nothing left to do" in call("status", tmp_path / "out")[1]


@pytest.mark.parametrize(
    "command",
    [
        ("status",),
        ("ledger", "check"),
        ("retry", "--failed"),
        ("audit",),
        ("users", "list"),
        ("users", "close", "甲"),
        ("users", "add", "甲", "--no-password"),
        ("reconcile",),
        ("check",),
        ("review",),
    ],
    ids=" ".join,
)
def test_a_folder_that_is_no_output_is_refused_and_left_as_it_is(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    words = 2 if command[0] in ("ledger", "users") else 1
    with pytest.raises((OutputError, NothingToReadError), match=r"no ledger|no results|no document"):
        call(*command[:words], tmp_path, *command[words:])
    assert list(tmp_path.iterdir()) == []


def test_retry_does_only_what_had_failed(tmp_path: Path, read: Path) -> None:
    folder(tmp_path / "in", 2)
    scan(tmp_path / "in" / "raise.png", seed=9)
    run(tmp_path / "in", tmp_path / "out")
    code, _ = call("retry", tmp_path / "out", "--failed", "--workers", 1, "-q")
    assert code == ExitCode.SOME_FAILED
    assert times_read(read) == {"001 1": 1, "002 1": 1, "raise 1": 4}


def test_the_ledger_check_agrees_with_a_whole_output_and_finds_a_lost_document(
    tmp_path: Path, read: Path
) -> None:
    scans = folder(tmp_path / "in", 2)
    run(scans, tmp_path / "out")
    assert call("ledger", "check", tmp_path / "out", "--originals") == (0, "the ledger and the files agree\n")
    (tmp_path / "out" / "documents" / "001" / "document.json").unlink()
    scan(scans / "002.png", seed=77)
    code, said = call("ledger", "check", tmp_path / "out", "--originals")
    assert code == ExitCode.SOME_FAILED
    assert "001" in said
    assert "scan changed since it was read" in said
    call("ledger", "check", tmp_path / "out", "--originals", "--mend")
    run(scans, tmp_path / "out")
    assert call("ledger", "check", tmp_path / "out", "--originals")[0] == ExitCode.DONE


def test_scans_dropped_into_a_watched_folder_are_read_until_the_run_is_stopped(
    tmp_path: Path, read: Path
) -> None:
    scans = folder(tmp_path / "in", 1)
    code = (
        "import sys; from gouji.batch import enlister; enlister.WATCH_SECONDS = 0.3;"
        "from gouji.batch.run import Request, run_batch;"
        f"run_batch(Request(places=(sys.argv[1],), out=sys.argv[2], workers=1, watch=True, work={WORK!r}))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(scans), str(tmp_path / "out")], start_new_session=True
    )
    try:
        wait_until(lambda: "001" in results(tmp_path / "out"))
        scan(scans / "later" / "002.png", seed=5)
        wait_until(lambda: "later/002" in results(tmp_path / "out"))
    finally:
        os.kill(process.pid, signal.SIGINT)
        process.wait(timeout=30)
    assert process.returncode == 0
    assert (tmp_path / "out" / "summary.json").exists()


def test_a_walk_gives_the_same_names_whatever_the_order_on_disk(tmp_path: Path) -> None:
    for name in ("b/10.png", "b/9.png", "a.png", "a.tif"):
        scan(tmp_path / name, seed=1)
    names = [item.name for item in find_sources([str(tmp_path)])]  # type: ignore[union-attr]
    assert names == ["a.png", "a.tif", "b/9", "b/10"]
