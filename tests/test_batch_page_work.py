"""Deciding a document whose scan file, or charts, can no longer be read: it is decided, and says so."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import docx
import pytest
from PIL import Image

from gouji.batch.fingerprints import fingerprints
from gouji.batch.page_work import PageWork
from gouji.batch.settings import BatchSettings, Limits
from gouji.document import ErrorRecord
from gouji.inputs import DocumentInput
from gouji.ledger import open_ledger
from gouji.ledger_claims import Claim, Kind
from gouji.options import ReadOptions
from gouji.pipeline import Pipeline
from gouji_layout.page import Page
from gouji_layout.scan import DamagedScanError, sha256_of
from gouji_postprocess.calibration import Calibration
from gouji_postprocess.packs import load_packs

EARLIER = ErrorRecord(page=2, kind="TookTooLongError", message="too long")


class Decider(PageWork):
    """The real work without engines; keeps what second looks were offered."""

    opener: Callable[[int], Page] | None

    def load(self) -> Pipeline:
        return Pipeline(cast("Any", None), load_packs(), Calibration.bundled(), ReadOptions())


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Decider:
    settings = BatchSettings(
        out=str(tmp_path / "out"), options=ReadOptions(), wanted=fingerprints(ReadOptions(), Limits())
    )
    made = Decider(settings, open_ledger(tmp_path / "out"))
    decide = Pipeline.decide

    def spy(line: Pipeline, given: DocumentInput, **others: Any) -> Any:
        made.opener = others["open_page"]
        return decide(line, given, **others)

    monkeypatch.setattr(Pipeline, "decide", spy)
    monkeypatch.setattr("shutil.which", lambda _name: None)  # as on a machine without LibreOffice
    return made


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """A DOCX of one picture, with a workbook behind a chart that is none."""
    stored = io.BytesIO()
    Image.new("L", (400, 300), 255).save(stored, "PNG")
    document = docx.Document()
    document.add_picture(stored)
    path = tmp_path / "report.docx"
    document.save(str(path))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("word/embeddings/sheet1.xlsx", b"no workbook")
    return path


def decided(work: Decider, claim: Claim) -> list[dict[str, Any]]:
    """The errors in `document.json`."""
    work.decide_document(claim, DocumentInput(claim.name, claim.shown, claim.sha256, (), {}, (EARLIER,)))
    written = work.store.folder(claim.name) / "document.json"
    return list(json.loads(written.read_text(encoding="utf-8"))["errors"])


def claim_of(path: Path) -> Claim:
    return Claim(Kind.DECIDE, 1, 1, path.stem, path.name, str(path), sha256_of(path))


def test_a_scan_that_has_gone_is_said_to_cost_the_second_look_and_the_charts(
    work: Decider, report: Path
) -> None:
    claim = claim_of(report)
    report.unlink()
    earlier, gone = decided(work, claim)
    assert earlier == EARLIER.model_dump()
    assert (gone["page"], gone["kind"]) == (None, "FileChangedError")
    assert gone["message"].startswith("原扫描件无法打开，未作二次识别，图表未与表格核对")
    assert work.opener is None


def test_a_scan_that_was_replaced_is_said_to_cost_the_second_look(work: Decider, report: Path) -> None:
    claim = replace(claim_of(report), sha256="0" * 64)
    assert [error["kind"] for error in decided(work, claim)] == [
        "TookTooLongError",
        "FileChangedError",
    ]
    assert work.opener is None


def test_a_chart_that_cannot_be_read_is_said_and_does_not_cost_the_second_look(
    work: Decider, report: Path
) -> None:
    _, unread = decided(work, claim_of(report))
    assert unread["kind"] == "DamagedScanError"
    assert unread["message"].startswith("图表数据 sheet1.xlsx 无法读取，未与表格核对")
    assert work.opener is not None


def test_charts_that_cannot_be_opened_are_said_and_do_not_cost_the_second_look(
    work: Decider, report: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_path: Path) -> None:
        raise DamagedScanError("broken")

    monkeypatch.setattr("gouji.batch.page_work.read_charts", fail)
    _, unread = decided(work, claim_of(report))
    assert unread["message"] == "图表无法读取，未与表格核对：broken"
    assert work.opener is not None
