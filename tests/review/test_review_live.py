"""Headings and live formulas of a card."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.review_folder import Folder, document_of
from gouji.document import CellRecord, Document, TableRecord
from gouji.review.headings import TableHeadings
from gouji.review.live import in_style_of
from gouji.review.settling import expected_settled, whole
from gouji_ocr.reading import ReadingKind
from gouji_postprocess.decision import State


@pytest.fixture(scope="module")
def document(made: Folder) -> Document:
    return document_of(made, made.names[0])


def cell(table: TableRecord, ref: str) -> CellRecord:
    return next(one for one in table.cells if one.ref == ref)


def changed(table: TableRecord, ref: str, **fields: object) -> TableRecord:
    cells = tuple(one.model_copy(update=fields) if one.ref == ref else one for one in table.cells)
    return table.model_copy(update={"cells": cells})


def test_headings_go_from_the_outermost_to_the_nearest(document: Document) -> None:
    table = document.tables[0]
    found = TableHeadings(table).of(cell(table, "p1t0r10c4"))
    assert found.row == ("三、本年度办理结果", "（三）不予公开", "4.保护第三方合法权益")
    assert found.col == ("申请人情况", "法人或其他组织", "商业企业")


def test_a_misread_figure_never_passes_for_a_heading(document: Document) -> None:
    table = changed(document.tables[0], "p1t0r9c4", kind=ReadingKind.TEXT, text="东经6料")
    assert TableHeadings(table).of(cell(table, "p1t0r10c4")).col[-1] == "商业企业"
    assert TableHeadings(table).of(cell(table, "p1t0r9c8")).row[-1] == "3.危及“三安全一稳定”"


def test_headings_of_an_earlier_part_of_the_table_do_not_reach_below_its_figures(document: Document) -> None:
    table = document.tables[0]
    for one in table.cells:
        if one.row == 13 and one.col >= 3:  # a second header in the middle, as table 二 has
            table = changed(table, one.ref, kind=ReadingKind.TEXT, text=f"栏{one.col}")
    assert TableHeadings(table).of(cell(table, "p1t0r15c4")).col == ("栏4",)
    assert TableHeadings(table).of(cell(table, "p1t0r12c4")).col[-1] == "商业企业"


@pytest.mark.parametrize(
    ("value", "scale", "model", "expected"),
    [
        (1234500, 2, "99,999.00", "12,345.00"),
        (-700, 2, "1.00", "-7.00"),
        (42, 0, "", "42"),
        (705, 2, "7", "7.05"),  # more decimals than the cell prints are not rounded away
        (12, 0, "/", "12"),
    ],
)
def test_what_a_rule_wants_is_shown_as_the_paper_would_print_it(
    value: int, scale: int, model: str, expected: str
) -> None:
    assert in_style_of(value, scale, model) == expected


def test_blank_and_dash_count_as_zero_but_words_and_surplus_decimals_do_not() -> None:
    assert [whole(text, 1) for text in ("", "—", "1.5", "1.55", "不清")] == [0, 0, 15, None, None]


def test_nothing_is_expected_where_no_candidate_fits_the_rules(document: Document) -> None:
    table = document.tables[0]
    for ref in [one.ref for one in table.cells if one.state is State.DOUBTFUL]:
        listed = tuple(
            candidate.model_copy(update={"text": str(int(candidate.text) + 500 + at)})
            for at, candidate in enumerate(cell(table, ref).candidates)
        )
        table = changed(table, ref, candidates=listed)
    gains = expected_settled(document.model_copy(update={"tables": (table, *document.tables[1:])}))
    assert gains
    assert set(gains.values()) == {0.0}


def test_a_document_without_doubts_expects_nothing(document: Document, tmp_path: Path) -> None:
    table = document.tables[1]
    assert expected_settled(document.model_copy(update={"tables": (table,), "rules": ()})) == {}
