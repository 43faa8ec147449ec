"""Deciding whole documents from stored readings: tables over pages, prose beside them, answers of persons."""

from __future__ import annotations

import io
import math
from dataclasses import replace

import numpy as np
import openpyxl
import pytest
from form_pages import quarters, table_from

from gouji.decide_document import decide_document
from gouji.document import Document, ErrorRecord
from gouji.export_xlsx import tables_workbook
from gouji.inputs import Answer, DocumentInput
from gouji.options import ReadOptions
from gouji.records import PageReading
from gouji.summary import Tally
from gouji_layout.geometry import Box, CellRef, Straightening
from gouji_layout.page import IntakeFacts
from gouji_layout.table import Cell, Table
from gouji_ocr.amounts import parse_amount
from gouji_ocr.reading import Candidate, Opinion, Reading, ReadingKind, TextLine
from gouji_postprocess.calibration import Calibration
from gouji_postprocess.decision import State
from gouji_postprocess.form_layout import Joined, lay_out
from gouji_postprocess.packs import load_packs

PAGE = (1000, 1400)
CROPS = [
    ["东乡", "3166", "1203", "1963"],
    ["西乡", "2815", "987", "1828"],
    ["南乡", "3847", "1179", "2668"],
    ["北乡", "3000", "1102", "1898"],
]


def reading(ref: CellRef, box: Box, text: str, second: str = "") -> Reading:
    amount = parse_amount(text)
    if not text:
        return Reading(ref, box, ReadingKind.BLANK, (Candidate("", -1e-5),))
    kind = ReadingKind.FIGURE if amount is not None else ReadingKind.TEXT
    if kind is ReadingKind.TEXT:
        return Reading(ref, box, kind, (Candidate(text, -0.001),))
    candidates = [Candidate(text, math.log(0.6) if second else -1e-5)]
    if second:
        candidates.append(Candidate(second, math.log(0.4)))
    opinion = Opinion("figures-v6", tuple(candidates))
    return Reading(ref, box, kind, tuple(candidates), None, (opinion,))


def page(number: int, rows: list[list[str]], top: float, prose: tuple[str, ...] = ()) -> PageReading:
    """A page with one table of plain cells, 40 pixels a row; `a|b` is a figure read as a, perhaps b."""
    cells, readings = [], []
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            ref = CellRef(number, 0, r, c)
            box = Box(100 + 200 * c, top + 40 * r, 300 + 200 * c, top + 40 * r + 40)
            cells.append(Cell(ref, box))
            readings.append(reading(ref, box, *text.split("|")))
    box = Box(100, top, 100 + 200 * len(rows[0]), top + 40 * len(rows))
    lines = tuple(
        TextLine(Box(100, 20 + 30 * i, 900, 45 + 30 * i), line, -0.01) for i, line in enumerate(prose)
    )
    return PageReading(
        number,
        *PAGE,
        200.0,
        Straightening(PAGE, PAGE),
        IntakeFacts(),
        (Table(number, 0, box, tuple(cells)),),
        (tuple(readings),),
        lines=lines,
    )


def decide(
    *pages: PageReading, answers: dict[CellRef, Answer] | None = None, off: tuple[str, ...] = ()
) -> Document:
    given = DocumentInput("x", "x.pdf", "0" * 64, pages)
    options = ReadOptions(switched_off=off)
    return decide_document(
        given, packs=load_packs(), calibration=Calibration.bundled(), options=options, answers=answers
    ).document


FIRST = [
    ["项目", "2021年", "2022年", "2023年"],
    ["东区", "112", "203", "318"],
    ["西区", "54", "61", "77"],
    ["南区", "9", "18", "25"],
]
SECOND = [["北区", "31", "44", "52"], ["合计", "206", "326", "472"]]


def test_sums_are_found_in_a_table_that_goes_on_over_the_page() -> None:
    document = decide(page(1, FIRST, 1210), page(2, SECOND, 60))
    assert document.tables[1].continues == (1, 0)
    sums = [rule for rule in document.rules if {"p1t0r1c1", "p2t0r0c1", "p2t0r1c1"} <= set(rule.cells)]
    assert len(sums) == 1
    assert sums[0].verdict.value == "holds"
    states = {cell.ref: cell.state.value for table in document.tables for cell in table.cells}
    assert states["p1t0r2c2"] == states["p2t0r0c2"] == "confirmed"


def test_shares_of_a_total_on_another_page_are_verified_there() -> None:
    shares = [["地区", "人口", "比重（%）"], ["东区", "1203", "35.7"], ["西区", "902", "26.8"]]
    rest = [["南区", "803", "23.8"], ["北区", "460", "18.7"], ["合计", "3368", "100.0"]]
    document = decide(page(1, shares, 1210), page(2, rest, 60))
    found = {rule.cells: rule.verdict.value for table in document.tables for rule in table.rules}
    assert found["p1t0r1c2", "p1t0r1c1", "p2t0r2c1"] == "holds"
    assert found["p2t0r1c2", "p2t0r1c1", "p2t0r2c1"] == "source_inconsistent"


ACROSS = [
    ["地区", "合计", "小麦", "玉米"],
    ["东乡", "3166", "1203", "1963"],
    ["西乡", "2815", "987", "1828"],
    ["南乡", "3847", "1179", "2668"],
]
FURTHER = [
    ["北乡", "4164", "2054", "2110"],
    ["上乡", "2905", "1102", "1803"],
    ["下乡", "3310", "1800", "1510"],
]


def test_every_page_of_a_table_is_reconciled_where_no_rule_crosses_from_page_to_page() -> None:
    document = decide(page(1, ACROSS, 1210), page(2, FURTHER, 60))
    assert [len(table.rules) for table in document.tables] == [3, 3]
    assert {rule.verdict.value for table in document.tables for rule in table.rules} == {"holds"}
    states = {cell.ref: cell.state.value for table in document.tables for cell in table.cells}
    assert {states[f"p2t0r{row}c{col}"] for row in range(3) for col in (1, 2, 3)} == {"confirmed"}


def test_a_total_that_is_wrong_on_the_second_page_is_not_accepted() -> None:
    wrong = [["北乡", "4164", "2054", "2110"], ["上乡", "2915", "1102", "1803"], FURTHER[2]]
    document = decide(page(1, ACROSS, 1210), page(2, wrong, 60))
    cells = {cell.ref: cell for table in document.tables for cell in table.cells}
    stood = {
        ref
        for ref in ("p2t0r1c1", "p2t0r1c2", "p2t0r1c3")
        if cells[ref].state.value in ("accepted", "confirmed")
    }
    assert all(cells[ref].source_suspect for ref in stood)


def test_a_rule_printed_beside_one_part_of_a_table_holds_for_all_parts() -> None:
    first = [["地区", "甲项", "乙项", "丙项"], ["栏次", "1", "2", "3"], *ACROSS[1:]]
    document = decide(page(1, first, 1170), page(2, FURTHER, 60, prose=("注：1栏=2栏+3栏。",)))
    printed = [rule for table in document.tables for rule in table.rules if rule.source.value == "printed"]
    assert len(printed) == 6
    assert {rule.verdict.value for rule in printed} == {"holds"}


def test_a_rule_between_tables_that_is_switched_off_leaves_a_note() -> None:
    form = load_packs().table("2019/T3")
    assert form is not None
    grid = lay_out(form, dict.fromkeys(form.quantities(), "0"))
    lower = [["" if text is Joined.ABOVE else text for text in grid[15]], *grid[16:]]
    parts = []
    for number, rows in enumerate((grid[:15], lower), start=1):
        table, readings = table_from(rows, page=number)
        parts.append(replace(page(number, [["0"]], 60), tables=(table,), readings=(tuple(readings),)))
    assert len(decide(*parts).rules) == 14
    document = decide(*parts, off=("across/*",))
    notes = [note for note in document.notes if note.code == "switched_off"]
    assert not document.rules
    assert len(notes) == 14
    assert {note.quote for note in notes} == {"--switch-off across/*"}


def test_the_workbook_lists_each_rule_with_its_pages_and_the_text_around_the_tables() -> None:
    header = ["地区", "合计", "小麦", "玉米"]
    first = [["合计", "12828", "4471", "8357"], *CROPS[:2]]
    second = CROPS[2:]
    document = decide(page(1, [header, *first], 1210, prose=("单位：万亩",)), page(2, second, 60))
    book = openpyxl.load_workbook(io.BytesIO(tables_workbook(document)))
    rows = list(book["勾稽关系"].iter_rows(min_row=2, values_only=True))
    pages = {"、".join(sorted({cell[1] for cell in str(row[8]).split()})): row[0] for row in rows}
    assert pages == {"1": 1, "2": 2, "1、2": "1、2"}
    assert list(book["表外文字"].iter_rows(min_row=2, values_only=True)) == [(1, "单位：万亩")]


def test_the_workbook_colours_rules_by_their_verdict_and_gives_their_gaps_as_numbers() -> None:
    rows = [["地区", "合计", "小麦", "玉米"], ["合计", "12829", "4471", "8357"], *CROPS]
    document = decide(page(1, rows, 100))
    sheet = openpyxl.load_workbook(io.BytesIO(tables_workbook(document)))["勾稽关系"]
    by_verdict = {row[5].value: row for row in sheet.iter_rows(min_row=2)}
    assert len(by_verdict) > 1
    colours = {verdict: row[5].fill.fgColor.rgb for verdict, row in by_verdict.items()}
    assert len(set(colours.values())) == len(colours)
    assert {row[6].value for row in sheet.iter_rows(min_row=2)} >= {1}


def test_the_workbook_says_which_pages_are_missing_and_opens_there() -> None:
    rows = [["地区", "合计", "小麦", "玉米"], ["合计", "12828", "4471", "8357"], *CROPS]
    whole = decide(page(1, rows, 100))
    lost = ErrorRecord(page=2, kind="DamagedScanError", message="cut short")
    partial = whole.model_copy(update={"errors": (lost,)})
    for document, opened in ((whole, "第1页表1"), (partial, "说明")):
        book = openpyxl.load_workbook(io.BytesIO(tables_workbook(document)))
        assert book.active.title == opened
        said = dict(row[:2] for row in book["说明"].iter_rows(values_only=True) if row[0])
        assert said.get("第 2 页未能识别") == (
            "文件损坏 DamagedScanError：cut short" if document is partial else None
        )
        assert said["待复核"]
        assert book["第1页表1"].freeze_panes == "B2"


def test_amounts_in_brackets_are_numbers_that_show_their_brackets() -> None:
    rows = [["项目", "增减"], ["甲", "(1,015.50)"], ["乙", "（3）"], ["丙", "12"], ["丁", "(05)"]]
    sheet = openpyxl.load_workbook(io.BytesIO(tables_workbook(decide(page(1, rows, 100))))).worksheets[0]
    shown = [(sheet.cell(row, 2).value, sheet.cell(row, 2).number_format) for row in range(2, 6)]
    assert shown[0] == (-1015.5, '#,##0.00;"("#,##0.00")"')
    assert shown[1] == (-3, '0;"（"0"）"')
    assert shown[2][0] == 12
    assert shown[3][0] == "(05)"


def test_blanks_are_counted_where_a_figure_was_expected_or_is_asked_for() -> None:
    rows = [["", "上年数", "本年数"], *([*row[:3]] for row in [*FIRST[1:], *SECOND])]
    rows[2][1], rows[5][1] = "", "152"
    document = decide(page(1, rows, 200))
    blank = {cell.ref: cell for cell in document.tables[0].cells if cell.kind.value == "blank"}
    assert {ref: cell.counts_as_figure for ref, cell in blank.items()} == {
        "p1t0r0c0": False,
        "p1t0r2c1": True,
    }
    asked = blank["p1t0r0c0"].model_copy(update={"state": State.DOUBTFUL})
    assert asked.counts_as_figure
    tally = Tally()
    tally.add(document)
    assert sum(tally.figures.values()) == 10


def test_a_printed_rule_has_a_verdict_in_each_of_two_bands() -> None:
    head = ["项目", "行次", "本年", "上年"]
    bands = [
        *[head, ["收入", "1", "10", "11"], ["财政", "2", "6", "6"], ["其他", "3", "4", "5"]],
        *[head, ["支出", "1", "9", "9"], ["人员", "2", "5", "5"], ["公用", "3", "4", "4"]],
    ]
    (table,) = decide(page(1, bands, 1000, prose=("勾稽关系：第1行=第2行+第3行。",))).tables
    cells = {cell for rule in table.rules for cell in rule.cells}
    assert {f"p1t0r{row}c{col}" for row in (1, 2, 3, 5, 6, 7) for col in (2, 3)} <= cells
    assert len({rule.id for rule in table.rules}) == len(table.rules)


def test_a_printed_rule_that_was_not_understood_is_quoted_as_it_was_read() -> None:
    document = decide(page(1, [*FIRST, *SECOND], 200, prose=("勾稽关系：9栏=8栏+7栏。",)))
    (note,) = [note for note in document.notes if note.code == "rule_not_understood"]
    assert note.quote == "9栏=8栏+7栏"
    assert note.detail.endswith("句中所指的行或栏在表中没有全部找到，未采用")


def test_a_total_that_holds_in_places_only_is_listed_with_what_is_missing() -> None:
    rows = quarters("175", "282", "449", "219")
    (table,) = decide(page(1, rows, 100)).tables
    listed = {rule.cells[0]: (rule.verdict.value, rule.residual_after) for rule in table.rules}
    assert listed["p1t0r4c1"] == ("holds", 0)
    assert listed["p1t0r4c3"] == ("not_assessable", 29)
    assert listed["p1t0r4c4"] == ("not_assessable", 56)
    total = next(cell for cell in table.cells if cell.ref == "p1t0r4c3")
    assert total.reason == "读作 449，识别可信，所列勾稽关系只供参考"


def test_two_tables_on_pages_of_their_own_are_not_joined() -> None:
    document = decide(page(1, FIRST, 200), page(2, SECOND, 600))
    assert document.tables[1].continues is None


def test_a_persons_answer_settles_a_cell_and_is_signed() -> None:
    ref = CellRef(1, 0, 1, 1)
    document = decide(
        page(1, [*FIRST, *SECOND], 100), answers={ref: Answer("113", "甲", source_suspect=True)}
    )
    cell = next(c for c in document.tables[0].cells if c.ref == str(ref))
    assert (cell.text, cell.read, cell.state.value, cell.decided_by) == ("113", "112", "reviewed", "甲")
    assert cell.source_suspect


def test_labels_that_read_as_their_form_prints_them_ask_nobody() -> None:
    form = load_packs().table("2021/T2")
    assert form is not None
    table, clean = table_from(lay_out(form))
    hesitant = [
        replace(one, candidates=(Candidate(one.text, math.log(0.3)),))
        if one.kind is ReadingKind.TEXT
        else one
        for one in clean
    ]
    seen = replace(page(1, FIRST, 100), tables=(table,), readings=(tuple(hesitant),))
    (found,) = decide(seen).tables
    labels = [cell for cell in found.cells if cell.kind is ReadingKind.TEXT]
    assert found.form == "2021/T2"
    assert len(labels) > 15
    assert {cell.state for cell in labels} == {State.ACCEPTED}
    assert {cell.reason for cell in labels} == {f"读作 {cell.text}，与表式一致" for cell in labels}


def test_organ_and_year_are_read_from_the_title() -> None:
    title = "示例甲县人民政府2023年政府信息公开工作年度报告"
    document = decide(page(1, [*FIRST, *SECOND], 300, prose=(title,)))
    assert (document.organ, document.year) == ("示例甲县人民政府", 2023)


def test_deciding_the_same_readings_twice_gives_the_same_document() -> None:
    pages = page(1, FIRST, 1210), page(2, SECOND, 60)
    assert decide(*pages) == decide(*pages)


@pytest.mark.parametrize("seed", range(3))
def test_every_cell_of_every_table_is_decided_whatever_is_read(seed: int) -> None:
    random = np.random.default_rng(seed)
    words = ["", "-", "/", "0", "12", "1,234.5", "其中：", "合计", "３", "1O", "（12）", "22（其中修订16件）"]
    rows = [[str(random.choice(words)) for _ in range(5)] for _ in range(8)]
    document = decide(page(1, rows, 200))
    cells = document.tables[0].cells
    assert len(cells) == 40
    assert all(cell.reason for cell in cells)
