"""A folder comes out whole: whatever a page does, it costs only itself, and the report says so."""

from __future__ import annotations

import json
import os
import signal
import threading
from pathlib import Path

import pytest
from batch_runs import (
    environment,
    folder,
    kill,
    page_states,
    results,
    run,
    scan,
    start,
    times_read,
    wait_until,
)
from sqlalchemy import update

from gouji.batch.journal import read_log
from gouji.batch.settings import Limits
from gouji.exits import NothingToReadError
from gouji.ledger import open_ledger
from gouji.ledger_tables import pages
from gouji.options import ReadOptions


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Cheap pages; the file that tells what was read."""
    return environment(monkeypatch, tmp_path)


def test_every_page_of_a_folder_is_read_once_and_every_document_decided(tmp_path: Path, read: Path) -> None:
    scans = folder(tmp_path / "in", 6, pages=3)
    outcome = run(scans, tmp_path / "out")
    assert sorted(results(tmp_path / "out")) == [f"{n:03d}" for n in range(1, 7)]
    assert set(times_read(read).values()) == {1}
    assert outcome.report.tally.pages == 18
    assert not outcome.report.tally.failures
    assert not outcome.interrupted


def test_a_second_run_reads_nothing_and_starts_no_worker(tmp_path: Path, read: Path) -> None:
    scans = folder(tmp_path / "in", 3)
    run(scans, tmp_path / "out")
    before = results(tmp_path / "out")
    again = run(scans, tmp_path / "out")
    assert set(times_read(read).values()) == {1}
    assert results(tmp_path / "out") == before
    assert again.report.now.pages == 0
    assert again.report.tally.pages == 3
    started = [line for line in read_log(tmp_path / "out" / "log.jsonl") if line["event"] == "worker started"]
    assert len(started) <= 2


def test_a_replaced_file_is_read_again_and_only_that_one(tmp_path: Path, read: Path) -> None:
    scans = folder(tmp_path / "in", 3)
    run(scans, tmp_path / "out")
    scan(scans / "002.png", seed=99)
    run(scans, tmp_path / "out")
    assert times_read(read) == {"001 1": 1, "002 1": 2, "003 1": 1}


def test_a_changed_decision_setting_reads_no_page_again(tmp_path: Path, read: Path) -> None:
    scans = folder(tmp_path / "in", 2)
    run(scans, tmp_path / "out")
    again = run(scans, tmp_path / "out", options=ReadOptions(second_look=False))
    assert again.report.now.documents == 2
    assert set(times_read(read).values()) == {1}


def test_the_same_bytes_under_two_names_are_read_once_and_reported(tmp_path: Path, read: Path) -> None:
    scan(tmp_path / "in" / "a.png", seed=1)
    scan(tmp_path / "in" / "folder" / "b.png", seed=1)
    outcome = run(tmp_path / "in", tmp_path / "out")
    assert sum(times_read(read).values()) == 1
    assert sorted(results(tmp_path / "out")) == ["a", "folder/b"]
    assert outcome.report.duplicates == (("a", "folder/b"),)


def test_two_folders_with_the_same_file_names_do_not_overwrite_each_other(tmp_path: Path, read: Path) -> None:
    scan(tmp_path / "one" / "001.png", seed=1)
    scan(tmp_path / "two" / "001.png", seed=2)
    run(tmp_path / "one", tmp_path / "out")
    run(tmp_path / "two", tmp_path / "out")
    run(tmp_path / "two", tmp_path / "out")
    assert sorted(results(tmp_path / "out")) == ["001", "001~2"]
    assert sum(times_read(read).values()) == 2


def test_a_file_name_that_is_not_utf8_costs_only_that_file(tmp_path: Path, read: Path) -> None:
    scans = folder(tmp_path / "in", 2)
    scan(scans / os.fsdecode("人口.png".encode("gbk")), seed=3)
    report = run(scans, tmp_path / "out").report
    assert sorted(results(tmp_path / "out")) == ["001", "002"]
    assert [(f.path, f.kind) for f in report.tally.failures] == [(str(scans / "人口.png"), "UnreadablePath")]
    assert "convmv" in (tmp_path / "out" / "summary.json").read_text(encoding="utf-8")


def test_a_mistake_in_the_walk_ends_the_run_and_is_not_taken_for_an_empty_folder(
    tmp_path: Path, read: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_places: object) -> None:
        raise RuntimeError("a mistake")

    monkeypatch.setattr("gouji.batch.enlister.find_sources", stumble)
    with pytest.raises(RuntimeError, match="a mistake"):
        run(folder(tmp_path / "in", 1), tmp_path / "out")


def test_scans_that_are_gone_are_said_and_still_counted(tmp_path: Path, read: Path) -> None:
    scans = folder(tmp_path / "in", 3)
    assert run(scans, tmp_path / "out").report.gone == ()
    (scans / "002.png").unlink()
    report = run(scans, tmp_path / "out").report
    assert report.gone == ("002.png",)
    assert report.tally.documents == 3
    assert "原件已不在原处" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_missing_numbers_blank_pages_and_archive_numbers_are_reported(tmp_path: Path, read: Path) -> None:
    for number in (1, 2, 4):
        scan(tmp_path / "in" / "X043-WS·2011-Y" / f"{number:03d}.png", seed=number, blank=number == 2)
    report = run(tmp_path / "in", tmp_path / "out").report
    assert [gap.missing for gap in report.gaps] == [("003",)]
    assert [(sheet.document, sheet.page) for sheet in report.blank] == [("X043-WS·2011-Y/002", 1)]
    assert report.archive_numbers["X043-WS·2011-Y/004"] == "X043-WS·2011-Y-004"
    record = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert record["missing_numbers"][0]["missing"] == ["003"]


@pytest.mark.slow
def test_a_page_that_hangs_is_stopped_tried_again_and_put_aside_with_its_reason(
    tmp_path: Path, read: Path
) -> None:
    folder(tmp_path / "in", 3)
    scan(tmp_path / "in" / "hang.png", seed=50)
    limits = Limits(page_seconds=10, document_seconds=120, megabytes=1000)
    report = run(tmp_path / "in", tmp_path / "out", limits=limits).report
    assert times_read(read) == {"001 1": 1, "002 1": 1, "003 1": 1, "hang 1": 2}
    failure = json.loads((tmp_path / "out" / "quarantine" / "hang" / "p1.json").read_text(encoding="utf-8"))
    assert failure["kind"] == "TookTooLongError"
    assert [(f.path, f.page, f.kind) for f in report.tally.failures] == [("hang.png", 1, "TookTooLongError")]
    document = json.loads(results(tmp_path / "out")["hang"])
    assert document["errors"][0]["kind"] == "TookTooLongError"


def test_a_page_that_takes_all_memory_is_stopped_before_the_machine_is(tmp_path: Path, read: Path) -> None:
    scan(tmp_path / "in" / "bomb.png", seed=50)
    scan(tmp_path / "in" / "good.png", seed=51)
    limits = Limits(page_seconds=60, document_seconds=60, megabytes=700)
    report = run(tmp_path / "in", tmp_path / "out", limits=limits, workers=1).report
    assert [f.kind for f in report.tally.failures] == ["TooMuchMemoryError"]
    assert "good" in results(tmp_path / "out")


@pytest.mark.parametrize(
    ("name", "kind", "page"),
    [
        ("crash", "WorkerDiedError", 1),
        ("crashopen", "WorkerDiedError", None),
        ("raise", "ValueError", 1),
        ("undecidable", "ValueError", None),
    ],
)
def test_work_that_fails_is_tried_twice_and_costs_only_itself(
    tmp_path: Path, read: Path, name: str, kind: str, page: int | None
) -> None:
    folder(tmp_path / "in", 2)
    scan(tmp_path / "in" / f"{name}.png", seed=50)
    report = run(tmp_path / "in", tmp_path / "out").report
    assert [(f.path, f.page, f.kind) for f in report.tally.failures] == [(f"{name}.png", page, kind)]
    assert {"001", "002"} <= set(results(tmp_path / "out"))
    assert (tmp_path / "out" / "quarantine" / name).is_dir()


def test_failed_work_is_done_when_it_is_asked_for_again_and_leaves_quarantine(
    tmp_path: Path, read: Path
) -> None:
    place = scan(tmp_path / "in" / "raise.png", seed=50)
    assert run(tmp_path / "in", tmp_path / "out").report.tally.failures
    # The mended file: what made it fail is its name, which stands for anything wrong outside the file.
    place.rename(tmp_path / "in" / "mended.png")
    outcome = run(tmp_path / "in", tmp_path / "out", retry_failed=True)
    assert "mended" in results(tmp_path / "out")
    assert [f.path for f in outcome.report.tally.failures if f.path == "mended.png"] == []


def test_readings_that_were_damaged_are_read_again(tmp_path: Path, read: Path) -> None:
    scans = folder(tmp_path / "in", 2)
    run(scans, tmp_path / "out")
    for path in (tmp_path / "out" / "pages").rglob("*.gz"):
        path.write_bytes(b"not gzip")
    run(scans, tmp_path / "out", options=ReadOptions(second_look=False))
    assert set(times_read(read).values()) == {2}
    assert page_states(tmp_path / "out") == {"done": 2}


def test_an_empty_folder_is_said_to_be_empty(tmp_path: Path, read: Path) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(NothingToReadError):
        run(tmp_path / "in", tmp_path / "out")


def test_results_inside_the_folder_that_is_read_are_not_taken_for_scans(tmp_path: Path, read: Path) -> None:
    scans = folder(tmp_path / "in", 1)
    run(scans, scans / "out")
    scan(scans / "out" / "documents" / "picture.png", seed=5)
    run(scans, scans / "out")
    assert sorted(results(scans / "out")) == ["001"]


def test_workers_are_replaced_after_so_many_pages_and_nothing_is_lost(tmp_path: Path, read: Path) -> None:
    scans = folder(tmp_path / "in", 7)
    run(scans, tmp_path / "out", workers=1, limits=Limits(recycle_pages=3))
    started = [line for line in read_log(tmp_path / "out" / "log.jsonl") if line["event"] == "worker started"]
    assert len(started) == 3
    assert page_states(tmp_path / "out") == {"done": 7}
    assert set(times_read(read).values()) == {1}


def test_a_run_whose_supervisor_was_killed_goes_on_at_once_and_reads_only_pages_in_flight_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = environment(monkeypatch, tmp_path, seconds=0.15)
    scans = folder(tmp_path / "in", 5, pages=6)
    for so_many in (5, 14):
        process = start(scans, tmp_path / "out")
        wait_until(lambda so_many=so_many: sum(times_read(log).values()) >= so_many)
        kill(process)
    run(scans, tmp_path / "out")
    read = times_read(log)
    assert len(read) == 30
    assert sum(read.values()) <= 30 + 2 * 2  # two workers, two kills
    undisturbed = tmp_path / "undisturbed"
    run(scans, undisturbed)
    assert results(tmp_path / "out") == results(undisturbed)


def test_a_killed_worker_costs_a_second_reading_of_its_page_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = environment(monkeypatch, tmp_path, seconds=0.3)
    scans = folder(tmp_path / "in", 8)
    killed: list[int] = []

    def assassin() -> None:
        wait_until(lambda: sum(times_read(log).values()) >= 3)
        lines = read_log(tmp_path / "out" / "log.jsonl")
        pid = next(line["pid"] for line in lines if line["event"] == "worker started")
        os.kill(pid, signal.SIGKILL)
        killed.append(pid)

    thread = threading.Thread(target=assassin)
    thread.start()
    run(scans, tmp_path / "out")
    thread.join()
    assert killed
    assert len(results(tmp_path / "out")) == 8
    assert sum(times_read(log).values()) <= 9


def test_ctrl_c_ends_the_run_after_the_pages_in_flight(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = environment(monkeypatch, tmp_path, seconds=0.3)
    scans = folder(tmp_path / "in", 30)
    process = start(scans, tmp_path / "out")
    wait_until(lambda: sum(times_read(log).values()) >= 3)
    process.send_signal(signal.SIGINT)
    process.wait(timeout=30)
    states = page_states(tmp_path / "out")
    assert states["running"] == 0
    assert states["done"] == sum(times_read(log).values())  # what was begun was finished
    assert states["done"] < 30


def test_a_lease_that_ran_out_is_taken_over_and_the_late_finish_changes_nothing(
    tmp_path: Path, read: Path
) -> None:
    scans = folder(tmp_path / "in", 1)
    run(scans, tmp_path / "out")
    ledger = open_ledger(tmp_path / "out")
    with ledger.begin() as connection:
        gone = {"state": "running", "owner": "elsewhere~0/1.1.x/1", "lease_until": 1.0}
        connection.execute(update(pages).values(**gone))
        connection.exec_driver_sql("UPDATE documents SET step = 'read'")
    run(scans, tmp_path / "out")
    assert page_states(tmp_path / "out") == {"done": 1}


def test_no_temporary_file_is_left_in_the_results(tmp_path: Path, read: Path) -> None:
    run(folder(tmp_path / "in", 3), tmp_path / "out")
    assert not [path for path in (tmp_path / "out").rglob(".*") if path.is_file()]
