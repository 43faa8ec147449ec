"""This year's report beside last year's, from stored documents."""

from __future__ import annotations

from typing import Any

import pytest

from gouji_postprocess.report_title import ReportTitle, read_title, same_organ
from gouji_postprocess.rule import Verdict
from gouji_postprocess.years import check_archive, unplaced

APPLICANTS = ("natural_person", "organisation.company", "total")


def document(
    year: int, *, carried_in: str, carried_out: str, documents: str = "", organ: str = "宿迁市人民政府"
) -> dict[str, Any]:
    cells = []

    def cell(quantity: str, text: str) -> None:
        cells.append({"ref": f"p1t0r0c{len(cells)}", "text": text, "quantity": quantity})

    for row, texts in (("carried_in", carried_in), ("carried_out", carried_out)):
        for column, text in zip(APPLICANTS, texts.split(), strict=True):
            cell(f"applications.{row}.{column}", text)
    for part, text in zip(("made", "abolished", "in_force"), documents.split(), strict=False):
        cell(f"proactive.article_1.normative_documents.{part}", text)
    return {
        "source": {"path": f"{organ}{year}.pdf"},
        "pages": [{"text": [{"text": organ}, {"text": f"{year}年政府信息公开工作年度报告"}]}],
        "tables": [{"form": "2021/T3", "cells": cells}],
    }


def test_what_was_left_over_is_what_is_carried_in() -> None:
    findings = check_archive(
        [
            document(2024, carried_in="118 3 121", carried_out="0 0 0"),
            document(2023, carried_in="90 1 91", carried_out="118 3 121"),
        ]
    )
    assert [finding.verdict for finding in findings] == [Verdict.HOLDS] * 3
    assert {finding.rule for finding in findings} == {"R6"}
    assert "121 = 121" in findings[-1].formula


def test_a_break_is_said_in_the_units_that_are_printed() -> None:
    findings = check_archive(
        [
            document(2024, carried_in="118.50 3 121.50", carried_out="0 0 0"),
            document(2023, carried_in="90 1 91", carried_out="117.25 3 121.5"),
        ]
    )
    (broken,) = [finding for finding in findings if finding.verdict is Verdict.SOURCE_INCONSISTENT]
    assert broken.reason.endswith("相差1.25")


def test_a_break_between_the_years_names_both_cells() -> None:
    findings = check_archive(
        [
            document(2023, carried_in="0 0 0", carried_out="118 3 121"),
            document(2024, carried_in="118 2 120", carried_out="0 0 0"),
        ]
    )
    wrong = [finding for finding in findings if finding.verdict is Verdict.SOURCE_INCONSISTENT]
    assert {finding.what for finding in wrong} == {"上年结转·商业企业", "上年结转·总计"}
    assert {name for name, _ in wrong[0].cells} == {"宿迁市人民政府2023.pdf", "宿迁市人民政府2024.pdf"}


@pytest.mark.parametrize(
    ("in_force", "verdict"), [("420", Verdict.HOLDS), ("421", Verdict.SOURCE_INCONSISTENT)]
)
def test_what_is_in_force_rolls_forward(in_force: str, verdict: Verdict) -> None:
    findings = check_archive(
        [
            document(2023, carried_in="0 0 0", carried_out="0 0 0", documents="10 2 597"),
            document(2024, carried_in="0 0 0", carried_out="0 0 0", documents=f"50 227 {in_force}"),
        ]
    )
    (found,) = [finding for finding in findings if finding.rule == "R7"]
    assert found.verdict is verdict
    assert f"{in_force} = 597 + 50 - 227" in found.formula


def test_blanks_between_years_are_not_blamed() -> None:
    late = document(2024, carried_in="0 0 0", carried_out="0 0 0")
    late["tables"][0]["cells"][2]["text"] = ""
    early = document(2023, carried_in="0 0 0", carried_out="5 0 5")
    verdicts = {f.what: f.verdict for f in check_archive([early, late])}
    assert verdicts["上年结转·总计"] is Verdict.NOT_ASSESSABLE
    assert verdicts["上年结转·自然人"] is Verdict.SOURCE_INCONSISTENT


def test_other_organs_and_other_years_are_not_compared() -> None:
    one = document(2023, carried_in="0 0 0", carried_out="1 0 1")
    assert not check_archive([one, document(2025, carried_in="9 0 9", carried_out="0 0 0")])
    assert not check_archive(
        [one, document(2024, carried_in="9 0 9", carried_out="0 0 0", organ="洪泽区人民政府")]
    )


def test_documents_whose_title_cannot_be_read_are_named() -> None:
    nameless = document(2023, carried_in="0 0 0", carried_out="0 0 0")
    nameless["pages"] = [{"text": [{"text": "正文"}]}]
    assert unplaced([nameless]) == ["宿迁市人民政府2023.pdf"]
    assert not check_archive([nameless])


@pytest.mark.parametrize(
    ("lines", "organ", "year"),
    [
        (["威海市文登区人民政府", "2020年政府信息公开工作年度报告"], "威海市文登区人民政府", 2020),
        (["沭阳县发展和改革局2023年政府信息公开年度报告"], "沭阳县发展和改革局", 2023),
        (["上海市科学技术委员会", "２０２４年度", "政府信息公开工作年度报告"], "上海市科学技术委员会", 2024),
        (["附件1", "金湖县2023年政府信息公开工作", "年度报告"], "金湖县", 2023),
        (["二〇二一年政府信息公开工作年度报告"], "", 2021),
        (["关于开展培训的通知"], "", None),
    ],
)
def test_organ_and_year_are_read_from_the_title(lines: list[str], organ: str, year: int | None) -> None:
    assert read_title(lines) == ReportTitle(organ, year)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("上海市科学技术委员会", "上海市科学技木委员会", True),
        ("淮安市洪泽区人民政府", "淮安市洪泽区人民政府", True),
        ("金湖县", "洪泽县", False),
        ("沭阳县发展和改革局", "沭阳县教育局", False),
    ],
)
def test_names_of_organs_may_be_misread_but_not_exchanged(one: str, other: str, same: bool) -> None:
    assert same_organ(one, other) is same
