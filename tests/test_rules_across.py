"""Rules between tables: parts of one on several pages, volumes of several reports, units."""

from __future__ import annotations

from form_pages import matched, table_from

from gouji_layout.geometry import CellRef
from gouji_ocr.amounts import Amount, parse_amount
from gouji_postprocess.across import cells_of, rules_across
from gouji_postprocess.explain_rule import residual
from gouji_postprocess.form import Packs
from gouji_postprocess.form_layout import Joined, lay_out
from gouji_postprocess.matching import FormMatch, match_form
from gouji_postprocess.packs import load_packs, parse_pack
from gouji_postprocess.report_checks import report_findings
from gouji_postprocess.report_title import ReportTitle
from gouji_postprocess.rule import RuleSource
from gouji_postprocess.rules_for import gather

PACKS = load_packs()


def test_rules_that_span_the_parts_of_a_split_table_are_bound_across_pages() -> None:
    form = PACKS.table("2019/T3")
    assert form is not None
    grid = lay_out(form, dict.fromkeys(form.quantities(), "0"))
    lower = [["" if text is Joined.ABOVE else text for text in grid[15]], *grid[16:]]
    parts = [match_form(*table_from(part, page=page), PACKS) for page, part in ((1, grid[:15]), (2, lower))]
    assert [part.id if part else None for part in parts] == ["2019/T3", "2019/T3"]
    rules = rules_across(parts, PACKS)
    assert len(rules) == 14  # R2 and R3 of seven columns; the row totals each stand in one part
    assert all({term.cell.page for term in rule.terms} == {1, 2} for rule in rules)
    assert {rule.source for rule in rules} == {RuleSource.TABLES}


def test_only_lines_that_no_part_of_a_split_table_has_are_said_to_be_missing() -> None:
    form = PACKS.table("2019/T3")
    assert form is not None
    grid = lay_out(form, dict.fromkeys(form.quantities(), "0"))
    lower = [["" if text is Joined.ABOVE else text for text in grid[15]], *grid[16:-1]]
    parts = [match_form(*table_from(part, page=page), PACKS) for page, part in ((1, grid[:15]), (2, lower))]
    matches = [part for part in parts if part is not None]
    findings = report_findings(ReportTitle("某局", 2020), [], matches, {}, PACKS)
    (missing,) = [finding.detail for finding in findings if finding.code == "missing_labels"]
    assert missing.endswith("缺少：四、结转下年度继续办理")


def test_a_sentence_that_the_form_itself_prints_is_not_called_unread_in_a_part_of_it() -> None:
    form = PACKS.table("2019/T3")
    assert form is not None
    grid = lay_out(form, dict.fromkeys(form.quantities(), "0"))[:15]
    table, readings = table_from(grid)
    match = match_form(table, readings, PACKS)
    assert not gather(table, readings, match).unread
    other = gather(table, readings, match, page_text=["勾稽关系：第九项加第八项之和，等于第七项。"])
    assert [note.sentence for note in other.unread] == ["第九项加第八项之和,等于第七项"]


def test_two_whole_tables_of_one_form_are_not_taken_for_parts() -> None:
    values = {"disputes.review.total": "3"}
    one, _ = matched("2019/T4", values)
    other, _ = matched("2019/T4", values, page=2)
    assert not rules_across([one, other, None], PACKS)


def volume(*tables: str) -> list[FormMatch | None]:
    """Tables of the accounts, one a page."""
    found = []
    for page, table_id in enumerate(tables, start=1):
        form = PACKS.table(f"accounts/{table_id}")
        assert form is not None
        found.append(match_form(*table_from(lay_out(form), page=page), PACKS))
    return found


def pages_tied(*tables: str) -> set[tuple[int, ...]]:
    rules = rules_across(volume(*tables), PACKS)
    assert len({rule.id for rule in rules}) == len(rules)
    return {tuple(sorted({ref.page for ref in rule.cells})) for rule in rules}


def test_tables_of_one_report_in_a_volume_are_tied_to_each_other() -> None:
    assert pages_tied("T1", "T2") == {(1, 2)}
    assert pages_tied("T1", "T2", "T1", "T2") == {(1, 2), (3, 4)}


def test_where_a_report_of_a_volume_lacks_a_table_none_are_tied() -> None:
    assert pages_tied("T1", "T2", "T1") == set()
    assert pages_tied("T1", "T1", "T2", "T2") == set()


def test_a_quantity_that_stands_twice_is_not_compared_with_anything() -> None:
    matches = [match for match in volume("T1", "T2", "T1") if match is not None]
    assert {ref.page for ref in cells_of(matches).values()} == {2}


UNITS = """\
form: budget
title: 预算
years: [2000, 2099]
tables:
  - id: A
    key: a
    unit: 万元
    type: amount
    columns: [{key: x, label: 金额}, {key: y, label: 上年金额}]
    rows: [{key: total, label: 支出合计}, {key: staff, label: 人员经费}, {key: office, label: 公用经费}]
  - id: B
    key: b
    unit: 元
    type: amount
    columns: [{key: x, label: 本年数}, {key: y, label: 上年数}]
    rows: [{key: total, label: 总支出}, {key: wages, label: 工资福利}, {key: goods, label: 商品服务}]
across:
  - {id: X1, rule: a.total.x = b.total.x, why: 两表支出相等}
"""


def test_tables_in_different_units_are_compared_in_the_smaller_one_within_rounding() -> None:
    packs = Packs({"budget": parse_pack(UNITS)})
    pages = [
        [
            ["项目", "金额", "上年金额"],
            ["支出合计", "12.35", "1"],
            ["人员经费", "2", "1"],
            ["公用经费", "1", "1"],
        ],
        [
            ["科目", "本年数", "上年数"],
            ["总支出", "123480", "1"],
            ["工资福利", "2", "1"],
            ["商品服务", "1", "1"],
        ],
    ]
    matches = []
    values: dict[CellRef, Amount | None] = {}
    for page, rows in enumerate(pages, start=1):
        table, readings = table_from([list(row) for row in rows], page=page)
        matches.append(match_form(table, readings, packs))
        values |= {reading.ref: parse_amount(reading.text) for reading in readings}
    decimals = {ref: amount.decimals for ref, amount in values.items() if amount is not None}
    (rule,) = rules_across(matches, packs, decimals=decimals)
    assert sorted(abs(term.coefficient) for term in rule.terms) == [1, 10_000]
    gap = residual(rule, values)
    assert gap is not None
    assert 0 < abs(gap) <= rule.slack
