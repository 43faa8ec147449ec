"""The evaluation over files: which truth belongs to which result, and what bad input says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_evaluate_scores import TRUTH

from gouji.document import CellRecord, Document, PageRecord, SourceRecord, StraighteningRecord, TableRecord
from gouji.evaluate import ResultError, TruthError, evaluate, measures
from gouji_layout.table import TableKind
from gouji_ocr.reading import ReadingKind
from gouji_postprocess.decision import State


def write_results(folder: Path, *, path: str = "甲/年报.png", pages: int = 1) -> None:
    cells = tuple(
        CellRecord(
            ref=f"p{pages}t0r{c.row}c{c.col}",
            row=c.row,
            col=c.col,
            box=(c.col, c.row, c.col + 1, c.row + 1),
            kind=ReadingKind.FIGURE if c.numeric else ReadingKind.TEXT,
            text=c.text,
            read=c.text,
            state=State.CONFIRMED,
            confidence=0.99,
            reason="清晰",
        )
        for c in TRUTH
    )
    document = Document(
        name="年报",
        source=SourceRecord(path=path, sha256="0"),
        pages=tuple(
            PageRecord(
                number=number,
                width=100,
                height=100,
                dpi=200,
                quarter_turns=0,
                degrees=0,
                straightening=StraighteningRecord(scan_size=(100, 100)),
                seconds={"read": 1.5, "look": 0.5},
            )
            for number in range(1, pages + 1)
        ),
        tables=(
            TableRecord(
                page=pages, index=0, box=(0, 0, 9, 9), kind=TableKind.RULED, rows=4, cols=2, cells=cells
            ),
        ),
    )
    target = (folder / "documents" / path).with_suffix("")
    target.mkdir(parents=True)
    (target / "document.json").write_text(document.model_dump_json(by_alias=True), encoding="utf-8")


def write_truth(folder: Path, image: str, number: int | None = None) -> None:
    cells = [
        {
            "row": c.row,
            "col": c.col,
            "rowspan": 1,
            "colspan": 1,
            "text": c.text,
            "numeric": c.numeric,
            "box": None,
        }
        for c in TRUTH
    ]
    truth = {"image": image, "level": 1, "source_error": None, "tables": [{"box": None, "cells": cells}]}
    if number:
        truth["page"] = number
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"t{number or ''}.json").write_text(json.dumps(truth, ensure_ascii=False), encoding="utf-8")


def test_files_are_matched_by_name_and_page(tmp_path: Path) -> None:
    write_results(tmp_path / "out", pages=2)
    write_truth(tmp_path / "truth", "年报.png", 2)
    evaluation = evaluate(tmp_path / "truth", tmp_path / "out")
    assert measures(evaluation.total)["figures_exact"] == 1
    assert evaluation.as_record()["seconds_a_page"] == 2.0
    assert evaluation.unmatched == ()


def test_a_page_without_a_result_is_named_and_wrong(tmp_path: Path) -> None:
    write_results(tmp_path / "out")
    write_truth(tmp_path / "truth", "乙/年报.png")
    evaluation = evaluate(tmp_path / "truth", tmp_path / "out")
    assert evaluation.unmatched == ("t.json",)
    assert measures(evaluation.total)["silent_missing"] == 3


def test_of_files_with_one_name_the_one_in_the_folder_of_the_truth_is_meant(tmp_path: Path) -> None:
    for county in "甲乙":
        write_results(tmp_path / "out", path=f"{county}/年报.png", pages=2 if county == "甲" else 1)
        write_truth(tmp_path / "truth" / county, "年报.png", 2 if county == "甲" else None)
    evaluation = evaluate(tmp_path / "truth", tmp_path / "out")
    assert evaluation.unmatched == ()
    assert measures(evaluation.total)["figures_exact"] == 1


def test_a_truth_that_could_be_of_several_files_is_refused(tmp_path: Path) -> None:
    for county in "甲乙":
        write_results(tmp_path / "out", path=f"{county}/年报.png")
    write_truth(tmp_path / "truth", "年报.png")
    with pytest.raises(TruthError, match=r"乙/年报\.png, 甲/年报\.png"):
        evaluate(tmp_path / "truth", tmp_path / "out")


def test_bad_input_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "truth").mkdir()
    with pytest.raises(TruthError, match="no truth files"):
        evaluate(tmp_path / "truth", tmp_path)
    (tmp_path / "truth" / "x.json").write_text("[]", encoding="utf-8")
    with pytest.raises(TruthError, match=r"x\.json"):
        evaluate(tmp_path / "truth", tmp_path)
    (tmp_path / "truth" / "x.json").unlink()
    write_truth(tmp_path / "truth", "a.png")
    with pytest.raises(ResultError, match=r"document\.json"):
        evaluate(tmp_path / "truth", tmp_path)
