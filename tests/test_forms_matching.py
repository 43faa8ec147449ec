"""Which form a table is: damaged labels, other rows, parts of tables, and tables of no form."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from form_pages import report_tables, sample_values, table_from
from hypothesis import given, settings
from hypothesis import strategies as st

from gouji_layout.geometry import CellRef
from gouji_layout.table import Table
from gouji_ocr.reading import Reading
from gouji_postprocess.form import TableForm
from gouji_postprocess.form_layout import Grid, Joined, lay_out
from gouji_postprocess.labels import similarity
from gouji_postprocess.matching import FormMatch, agree_on_forms, match_form
from gouji_postprocess.packs import load_packs
from gouji_postprocess.rule import Relation
from gouji_postprocess.rules_for import gather

PACKS = load_packs()


def form(table_id: str) -> TableForm:
    found = PACKS.table(table_id)
    assert found is not None
    return found


def numbered(table_id: str) -> Grid:
    """The form with its own number in every figure cell, so that each can be told from the others."""
    return lay_out(form(table_id), {key: str(1000 + i) for i, key in enumerate(form(table_id).quantities())})


def misplaced(table_id: str, match: FormMatch, readings: list[Reading]) -> list[str]:
    texts = {reading.ref: reading.text for reading in readings}
    return [
        key
        for i, key in enumerate(form(table_id).quantities())
        if key in match.cells and texts[match.cells[key]] != str(1000 + i)
    ]


@pytest.mark.parametrize("table", [table.id for table in PACKS.tables])
def test_a_clean_page_of_every_form_is_known_in_full(table: str) -> None:
    page, readings = table_from(numbered(table))
    match = match_form(page, readings, PACKS)
    assert match is not None
    assert table in (match.id, *match.also)
    assert len(match.cells) == len(list(form(table).quantities()))
    assert not match.missing
    assert not match.unmatched
    assert not misplaced(table, match, readings)


@pytest.mark.parametrize(("report", "table", "page", "readings"), list(report_tables()))
def test_published_tables_are_known(report: str, table: str, page: Table, readings: list[Reading]) -> None:
    match = match_form(page, readings, PACKS)
    assert match is not None
    assert table in (match.id, *match.also), report
    rules = [rule for rule in gather(page, readings, match).rules if rule.void_cost == float("inf")]
    assert len(rules) == {"2019/T3": 37, "2021/T3": 39, "2019/T4": 3, "2021/T4": 3}[table]


@pytest.mark.parametrize("table", ["2019/T3", "2021/T3"])
def test_any_single_wrong_figure_breaks_a_pattern_of_rules_that_no_other_breaks(table: str) -> None:
    page, readings = table_from(numbered(table))
    match = match_form(page, readings, PACKS)
    assert match is not None
    rules = [r for r in gather(page, readings, match).rules if r.relation is Relation.EQUAL]
    broken = {
        cell: frozenset(rule.id for rule in rules if cell in rule.cells) for cell in match.cells.values()
    }
    assert all(a != b for a, b in combinations(broken.values(), 2))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), table=st.sampled_from(["2019/T3", "2021/T3", "2014/T1", "2019/T2"]))
def test_misread_labels_never_put_a_figure_in_the_wrong_place(seed: int, table: str) -> None:
    draw = random.Random(seed)
    grid = numbered(table)
    for row in grid:
        for col, text in enumerate(row):
            if isinstance(text, str) and len(text) > 3 and not text.isdigit():
                at = draw.randrange(len(text))
                row[col] = text[:at] + draw.choice(["", "口", "\n", text[at] + " "]) + text[at + 1 :]
    page, readings = table_from(grid)
    match = match_form(page, readings, PACKS)
    assert match is not None
    assert not misplaced(table, match, readings)
    assert len(match.cells) >= 0.9 * len(list(form(table).quantities()))


def test_a_missing_and_an_extra_row_are_reported_and_not_forced() -> None:
    grid = numbered("2014/T1")
    gone = next(i for i, row in enumerate(grid) if "传真申请数" in str(row[0]))
    grid[gone][0] = "本市特有的网格员代办数"
    page, readings = table_from(grid)
    match = match_form(page, readings, PACKS)
    assert match is not None
    assert any("传真申请数" in label for label in match.missing)
    assert [ref.row for ref in match.unmatched] == [gone]
    assert not misplaced("2014/T1", match, readings)
    assert "L1/value" in gather(page, readings, match).unbound


def test_two_columns_that_became_one_are_left_out_and_reported() -> None:
    grid: Grid = [[*row[:6], *row[7:]] for row in numbered("2019/T4")]
    grid[2][6] = "结果纠|其他结正果"
    grid[3][6] = "00"
    page, readings = table_from(grid)
    match = match_form(page, readings, PACKS)
    assert match is not None
    assert CellRef(1, 0, 3, 6) not in match.cells.values()
    assert CellRef(1, 0, 2, 6) in match.unmatched
    assert len(match.missing) == 2


def test_a_label_that_cannot_be_read_is_placed_between_its_neighbours_and_marked() -> None:
    grid = numbered("2019/T3")
    row = next(i for i, cells in enumerate(grid) if "6.属于四类过程性信息" in cells)
    grid[row][2] = ""
    page, readings = table_from(grid)
    match = match_form(page, readings, PACKS)
    assert match is not None
    assert {ref.row for ref in match.assumed} == {row}
    assert not misplaced("2019/T3", match, readings)


def test_the_lower_part_of_a_split_table_without_header_is_known_by_its_rows() -> None:
    grid = numbered("2021/T3")[16:]
    grid[0] = ["" if text is Joined.ABOVE else text for text in grid[0]]
    page, readings = table_from(grid)
    match = match_form(page, readings, PACKS)
    assert match is not None
    assert match.id == "2021/T3"
    assert match.columns_by_position
    assert not misplaced("2021/T3", match, readings)


def test_the_2019_table_is_not_taken_for_the_2021_one_nor_the_other_way() -> None:
    for table in ("2019/T3", "2021/T3"):
        page, readings = table_from(numbered(table))
        match = match_form(page, readings, PACKS)
        assert match is not None
        assert match.id == table
        assert not match.also


def test_table_four_takes_the_form_of_its_neighbours() -> None:
    three = match_form(*table_from(numbered("2021/T3")), PACKS)
    four = match_form(*table_from(numbered("2021/T4")), PACKS)
    settled = agree_on_forms([three, four, None], PACKS)
    assert [match.id if match else None for match in settled] == ["2021/T3", "2021/T4", None]


def test_table_four_alone_takes_the_form_of_the_year() -> None:
    four = match_form(*table_from(numbered("2019/T4")), PACKS)
    for year, expected in ((2020, "2019/T4"), (2023, "2021/T4")):
        settled = agree_on_forms([four], PACKS, year=year)
        assert [match.id for match in settled if match] == [expected]


@pytest.mark.parametrize(
    "rows",
    [
        [["姓名", "电话"], ["张三", "123"], ["李四", "456"]],
        [["项目", "合计", "其他"], ["总计", "5", "5"], ["其他", "1", "1"]],
        [["年份", "2019", "2020"], ["自然人", "1", "2"], ["总计", "1", "2"]],
        [[""]],
    ],
)
def test_a_table_of_no_form_is_left_alone(rows: Grid) -> None:
    assert match_form(*table_from(rows), PACKS) is None


def test_a_total_at_the_foot_of_other_columns_is_not_the_only_row_of_a_form() -> None:
    heads = ["地区", "总收入", "工资性收入", "经营收入", "财产性收入", "转移性收入", "其他收入", "非农收入"]
    body = [[f"{i}区", *(str(10 * i + k) for k in range(7))] for i in range(1, 9)]
    assert match_form(*table_from([heads, *body, ["合计", *"1234567"]]), PACKS) is None


def test_a_total_below_more_rows_than_a_header_has_finds_the_header_above_them() -> None:
    form = PACKS.table("accounts/T2")
    assert form is not None
    header, total = lay_out(form, {key: str(k) for k, key in enumerate(form.quantities())})
    rows = [[f"{201 + i} 教育支出{i}", *total[1:]] for i in range(9)]
    match = match_form(*table_from([header, *rows, total]), PACKS)
    assert match is not None
    assert match.id == "accounts/T2"
    assert {ref.row for ref in match.cells.values()} == {10}
    assert CellRef(1, 0, 0, 1) in match.known


def test_label_cells_get_the_text_of_the_form() -> None:
    grid = numbered("2019/T3")
    row = next(i for i, cells in enumerate(grid) if "2.其他法律行政法规禁止公开" in cells)
    grid[row][2] = "2.其他法律行政止公开"
    page, readings = table_from(grid)
    match = match_form(page, readings, PACKS)
    assert match is not None
    assert match.known[CellRef(1, 0, row, 2)] == "2.其他法律行政法规禁止公开"


@pytest.mark.parametrize(
    ("seen", "known", "alike"),
    [
        ("本年新", "本年新制作数量", True),
        ("本年增/减（指2020年增加或减少的事项数）", "本年增/减", True),
        ("三、本 年 度 办 理 结 果", "三、本年度办理结果", True),
        (
            "（二）部分公开（区分处理的， 只计…",
            "（二）部分公开（区分处理的，只计这一情形，不计其他情形）",
            True,
        ),
        ("结果维\n持", "结果维持", True),
        ("总计", "商业企业", False),
        ("结果维持", "尚未审结", False),
        ("规章", "行政许可", False),
    ],
)
def test_likeness_of_labels_forgives_print_and_not_meaning(seen: str, known: str, alike: bool) -> None:
    assert (similarity(seen, known) >= 0.6) is alike


def test_consistent_random_pages_hold_all_their_rules() -> None:
    for table in PACKS.tables:
        values = sample_values(table, random.Random(3))
        rules = gather(*_matched(table, values)).rules
        hard = [rule for rule in rules if rule.void_cost == float("inf")]
        by_cell = {ref: values[key] for key, ref in _matched(table, values)[2].cells.items()}
        for rule in hard:
            total = sum(term.coefficient * by_cell[term.cell] for term in rule.terms)
            assert total == 0 if rule.relation is Relation.EQUAL else total <= 0, rule.formula


def _matched(table: TableForm, values: dict[str, int]) -> tuple[Table, list[Reading], FormMatch]:
    page, readings = table_from(lay_out(table, {key: str(value) for key, value in values.items()}))
    match = match_form(page, readings, PACKS)
    assert match is not None
    return page, readings, match
