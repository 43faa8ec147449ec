"""The batch run with the real chain: engines in the workers, second looks, reviewers' answers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gouji.batch.fingerprints import fingerprints
from gouji.batch.page_work import PageWork
from gouji.batch.run import Request, run_batch
from gouji.batch.settings import BatchSettings, Limits
from gouji.exits import SettingsError
from gouji.ledger import open_ledger
from gouji.options import ReadOptions
from gouji.review import journal
from gouji.review.answers import Action

SCANS = Path(__file__).parent.parent / "fixtures" / "scans" / "人口统计"

pytestmark = pytest.mark.slow


def read(out: Path, **options: Any) -> dict[str, Any]:
    """Read the one bundled picture and return its document."""
    run_batch(Request(places=(str(SCANS),), out=str(out), workers=1, options=ReadOptions(**options)))
    (path,) = (out / "documents").rglob("document.json")
    return dict(json.loads(path.read_text(encoding="utf-8")))


def cells(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {cell["ref"]: cell for table in document["tables"] for cell in table["cells"]}


def timeless(document: dict[str, Any]) -> dict[str, Any]:
    """Without the seconds that reading took, the one thing that may differ."""
    for page in document["pages"]:
        page.pop("seconds")
    return document


def test_what_a_reviewer_said_outlives_a_run_with_other_settings(tmp_path: Path) -> None:
    before = cells(read(tmp_path / "out"))
    ref, cell = next((r, c) for r, c in before.items() if c["kind"] == "figure")
    ledger = open_ledger(tmp_path / "out")
    with ledger.begin() as connection:
        journal.record(
            connection,
            who="王",
            role="reviewer",
            document="各乡镇常住人口受教育情况",
            base=ref,
            version=1,
            action=Action.ANSWER,
            stage="only",
            before=cell["text"],
            after="4321",
        )
    ledger.close()
    after = cells(read(tmp_path / "out", second_look=False))
    assert after[ref]["text"] == "4321"
    assert after[ref]["state"] == "reviewed"
    assert after[ref]["decided_by"] == "王"


def test_deciding_again_after_a_second_look_starts_from_the_first_readings(tmp_path: Path) -> None:
    first = read(tmp_path / "out")
    read(tmp_path / "out", second_look=False)
    assert timeless(read(tmp_path / "out")) == timeless(first)


def test_a_worker_with_other_weights_than_the_run_refuses_to_work(tmp_path: Path) -> None:
    wanted = fingerprints(ReadOptions(), Limits())
    settings = BatchSettings(
        out=str(tmp_path), options=ReadOptions(), wanted=replace(wanted, reading="of another version")
    )
    with pytest.raises(SettingsError, match="same version"):
        PageWork(settings, open_ledger(tmp_path))
