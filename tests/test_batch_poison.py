"""A folder full of poison finishes: every bad file is named with its reason, every good one is done."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from batch_poison import GOOD, KINDS, poisoned_folder
from batch_runs import environment, results, run, scan

import gouji_layout.scan as errors
from gouji.batch.settings import Limits


@pytest.mark.slow
def test_every_bad_file_is_named_with_its_reason_and_every_good_one_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment(monkeypatch, tmp_path)
    poisoned_folder(tmp_path / "in")
    scan(tmp_path / "in" / "bad" / "hang.png", seed=70)
    scan(tmp_path / "in" / "bad" / "bomb.png", seed=71)
    scan(tmp_path / "in" / "bad" / "crash.png", seed=72)
    limits = Limits(page_seconds=15, document_seconds=60, megabytes=700)
    report = run(tmp_path / "in", tmp_path / "out", limits=limits).report
    failed = {failure.path.removeprefix("bad/"): failure for failure in report.tally.failures}
    assert set(failed) == set(KINDS) | {"hang.png", "bomb.png", "crash.png", "dangling.png"}
    assert "link" in failed["dangling.png"].message
    assert failed["hang.png"].kind == "TookTooLongError"
    assert failed["bomb.png"].kind == "TooMuchMemoryError"
    assert failed["crash.png"].kind == "WorkerDiedError"
    for name, (_, kind) in KINDS.items():
        assert issubclass(getattr(errors, failed[name].kind), getattr(errors, kind)), failed[name]
        assert failed[name].message
    assert set(GOOD) <= set(results(tmp_path / "out"))
    _report_is_sound(tmp_path / "out")


def _report_is_sound(out: Path) -> None:
    record = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert len(record["failures"]) == len(KINDS) + 4
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<b>&\n" not in page  # a file's name is text, whatever it holds
    assert "\x1b" not in page
    assert "http://" not in page
    assert "https://" not in page
