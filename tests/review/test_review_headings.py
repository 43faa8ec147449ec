"""Headings of cells: their row's labels and their column's heads, whatever is misread around them."""

from __future__ import annotations

import pytest

from fixtures.review_folder import Folder, document_of
from gouji.document import CellRecord, Document, TableRecord
from gouji.headings import Headings, TableHeadings, headings_by_table
from gouji_ocr.amounts import parse_amount
from gouji_ocr.reading import ReadingKind


@pytest.fixture(scope="module")
def document(made: Folder) -> Document:
    return document_of(made, made.names[0])


def cell(table: TableRecord, ref: str) -> CellRecord:
    return next(one for one in table.cells if one.ref == ref)


def changed(table: TableRecord, ref: str, **fields: object) -> TableRecord:
    cells = tuple(one.model_copy(update=fields) if one.ref == ref else one for one in table.cells)
    return table.model_copy(update={"cells": cells})


def table_of(document: Document, *rows: list[str], index: int = 0) -> TableRecord:
    """A table of these texts; a row of one text reaches across it."""
    width = max(map(len, rows))
    plain = document.tables[0].cells[0]
    cells = []
    for r, texts in enumerate(rows):
        for c, text in enumerate(texts):
            figure = ReadingKind.FIGURE if parse_amount(text) else ReadingKind.TEXT
            place = {
                "ref": f"p1t{index}r{r}c{c}",
                "row": r,
                "col": c,
                "rowspan": 1,
                "colspan": width if len(texts) == 1 else 1,
            }
            kind = figure if text else ReadingKind.BLANK
            cells.append(plain.model_copy(update={**place, "text": text, "kind": kind}))
    fields = {"page": 1, "index": index, "rows": len(rows), "cols": width, "cells": tuple(cells)}
    return document.tables[0].model_copy(update=fields)


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


def test_a_heading_misread_as_a_figure_takes_no_heading_from_other_cells(document: Document) -> None:
    table = document.tables[0]
    head = next(one for one in table.cells if one.text == "科研机构")
    misread = TableHeadings(changed(table, head.ref, kind=ReadingKind.FIGURE, text="1"))
    others = [one for one in table.cells if one.col != head.col]
    assert [misread.of(one) for one in others] == [TableHeadings(table).of(one) for one in others]


def test_each_half_of_a_table_has_its_own_labels(document: Document) -> None:
    table = table_of(
        document,
        ["收入", "", "", "支出", "", ""],
        ["项目", "行次", "金额", "项目", "行次", "金额"],
        ["一、拨款收入", "1", "88.00", "一、公共服务支出", "31", "55.00"],
        ["二、事业收入", "2", "7.00", "二、教育支出", "32", "40.00"],
    )
    found = TableHeadings(table)
    assert found.of(cell(table, "p1t0r2c5")) == Headings(("一、公共服务支出",), ("金额",))
    assert found.of(cell(table, "p1t0r2c2")) == Headings(("一、拨款收入",), ("金额",))


def test_a_number_before_the_label_hides_no_label(document: Document) -> None:
    table = table_of(document, ["序号", "单位", "金额"], ["1", "甲局", "88.00"], ["2", "乙局", "7.00"])
    assert TableHeadings(table).of(cell(table, "p1t0r2c2")) == Headings(("乙局",), ("金额",))


def test_a_row_across_the_whole_table_heads_the_rows_below_it(document: Document) -> None:
    table = table_of(
        document,
        ["指标", "本年", "上年"],
        ["户数", "12", "11"],
        ["其中：工业"],
        ["产值", "8.5", "8.1"],
        ["利润", "1.2", "1.1"],
    )
    found = TableHeadings(table)
    assert found.of(cell(table, "p1t0r4c2")) == Headings(("其中：工业", "利润"), ("上年",))
    assert found.of(cell(table, "p1t0r1c1")) == Headings(("户数",), ("本年",))


def test_a_part_without_heads_has_those_of_the_part_before(document: Document) -> None:
    parts = [
        table_of(document, ["指标", "本年", "上年"], ["户数", "12", "11"]),
        table_of(document, ["产值", "8.5", "8.1"], index=1),
        table_of(document, ["利润", "1.2", "1.1"], index=2),
    ]
    joined = [
        part.model_copy(update={"continues": (1, at - 1) if at else None}) for at, part in enumerate(parts)
    ]
    found = headings_by_table(document.model_copy(update={"tables": tuple(joined)}))
    assert found[1, 2].of(cell(joined[2], "p1t2r0c2")) == Headings(("利润",), ("上年",))
