"""Rules over a whole document: charts, odd reports, switches, words, checks."""

from __future__ import annotations

from fractions import Fraction

import pytest
from form_pages import matched, table_from

from gouji_layout.geometry import CellRef
from gouji_ocr.amounts import Amount, parse_amount
from gouji_postprocess.charts import ChartSeries, check_chart, is_filler
from gouji_postprocess.check import Check
from gouji_postprocess.explain_rule import explain
from gouji_postprocess.form_layout import lay_out
from gouji_postprocess.language import parse_formula
from gouji_postprocess.matching import FormMatch, match_form
from gouji_postprocess.packs import load_packs
from gouji_postprocess.report_checks import report_findings
from gouji_postprocess.report_title import ReportTitle
from gouji_postprocess.rule import Relation, Rule, RuleSource, Term, Verdict
from gouji_postprocess.rule_settings import RuleSettings, Switch
from gouji_postprocess.rules_for import gather

PACKS = load_packs()


SERIES = (
    ChartSeries("办件量", ("2017年", "2018年", "2019年", "2020年"), ("3", "8", "23", "42")),
    ChartSeries("系列 2", ("2017年", "2018年", "2019年", "2020年"), ("2.4", "4.4", "1.8", "2.8")),
    ChartSeries("系列 3", ("2017年", "2018年", "2019年", "2020年"), ("2", "2", "3", "5")),
)


@pytest.mark.parametrize(("total", "verdict"), [("42", Verdict.HOLDS), ("43", Verdict.SOURCE_INCONSISTENT)])
def test_a_chart_is_checked_in_the_year_of_the_report_and_its_filler_ignored(
    total: str, verdict: Verdict
) -> None:
    match, values = matched(
        "2019/T3", {"applications.received.total": total, "applications.carried_in.total": "0"}
    )
    findings = check_chart(SERIES, match.cells, values, year=2020)
    assert [(finding.series, finding.verdict) for finding in findings] == [
        ("办件量", verdict),
        ("系列 2", Verdict.NOT_ASSESSABLE),
        ("系列 3", Verdict.NOT_ASSESSABLE),
    ]


@pytest.mark.parametrize(
    ("shown", "verdict"),
    [
        ("1,234", Verdict.HOLDS),
        ("1234件", Verdict.HOLDS),
        ("1234.0", Verdict.HOLDS),
        ("1,235件", Verdict.SOURCE_INCONSISTENT),
        ("", Verdict.NOT_ASSESSABLE),
        ("-", Verdict.NOT_ASSESSABLE),
        ("约1200", Verdict.NOT_ASSESSABLE),
        ("0.12万件", Verdict.NOT_ASSESSABLE),
        ("95%", Verdict.NOT_ASSESSABLE),
        ("nan", Verdict.NOT_ASSESSABLE),
    ],
)
def test_only_a_plain_number_of_a_chart_is_compared_with_the_table(shown: str, verdict: Verdict) -> None:
    match, values = matched("2019/T3", {"applications.received.total": "1234"})
    (finding,) = check_chart([ChartSeries("收到申请", ("2020年",), (shown,))], match.cells, values, year=2020)
    assert finding.verdict is verdict
    assert shown in finding.reason


def test_a_series_that_was_filled_in_is_no_filler_whatever_its_name() -> None:
    assert not is_filler(ChartSeries("系列 2", ("2019", "2020"), ("17", "25")))


def codes(
    title: ReportTitle, text: str, matches: list[FormMatch], values: dict[CellRef, Amount | None]
) -> set[str]:
    return {finding.code for finding in report_findings(title, [text], matches, values, PACKS)}


def test_a_stale_period_and_a_form_of_other_years_are_reported() -> None:
    match, values = matched("2019/T2", {})
    found = codes(ReportTitle("某局", 2022), "统计期限自2020年1月1日起至2020年12月31日止。", [match], values)
    assert {"stale_period", "form_of_other_years"} <= found
    fine = codes(ReportTitle("某局", 2020), "统计期限自2020年1月1日起至2020年12月31日止。", [match], values)
    assert not fine & {"stale_period", "form_of_other_years"}


def test_missing_tables_are_said_and_are_no_error() -> None:
    match, values = matched("2019/T3", {})
    findings = report_findings(ReportTitle("某局", 2020), [], [match], values, PACKS)
    missing = [finding for finding in findings if finding.code == "missing_table"]
    assert len(missing) == 2
    assert all(finding.verdict is Verdict.NOT_ASSESSABLE for finding in missing)


@pytest.mark.parametrize(("organ", "found"), [("桃江县松木塘镇人民政府", True), ("上海市人民政府", False)])
def test_a_township_cannot_issue_regulations(organ: str, found: bool) -> None:
    match, values = matched("2021/T2", {"proactive.article_1.regulations.in_force": "2"})
    assert ("cannot_issue_regulations" in codes(ReportTitle(organ, 2022), "", [match], values)) is found


def test_all_done_and_something_left_contradict_each_other() -> None:
    match, values = matched("2021/T3", {"applications.carried_out.total": "1"})
    assert "not_all_done" in codes(ReportTitle("某委", 2024), "所有申请均已按要求办理完成。", [match], values)


@pytest.mark.parametrize(
    ("switch", "left"),
    [
        (Switch(rule="R3/*"), 30),
        (Switch(source=RuleSource.FORM, form="2019"), 0),
        (Switch(form="2021"), 37),
        (Switch(rule="R1/*", document="other"), 37),
        (Switch(rule="R1/*", document="this*"), 14),
    ],
)
def test_a_switched_off_rule_leaves_a_trace(switch: Switch, left: int) -> None:
    form = PACKS.table("2019/T3")
    assert form is not None
    table, readings = table_from(lay_out(form, dict.fromkeys(form.quantities(), "0")))
    match = match_form(table, readings, PACKS)
    settings = RuleSettings(document="this one", switches=(switch,), printed=False)
    gathered = gather(table, readings, match, settings=settings)
    assert len(gathered.rules) == left
    assert len(gathered.switched_off) == 37 - left
    assert all("停用" in str(trace) for trace in gathered.switched_off)


TOTAL, A, B = (CellRef(1, 0, 1, col) for col in range(3))
RULE = Rule(
    "r", (Term(1, TOTAL), Term(-1, A), Term(-1, B)), RuleSource.FORM, "总计 = 甲 + 乙", scale=1, why="表式"
)


def test_a_rule_explains_itself_in_chinese_and_with_its_values() -> None:
    values = {TOTAL: parse_amount("12"), A: parse_amount("7.5"), B: parse_amount("4")}
    sentence, formula = explain(RULE, values)
    assert sentence == "表式规定：总计 = 甲 + 乙（表式）"
    assert formula == "12 = 7.5 + 4，差 0.5"
    assert explain(RULE, {TOTAL: parse_amount("11.5"), A: parse_amount("7.5"), B: parse_amount("4")})[
        1
    ].endswith("成立")
    assert "？" in explain(RULE, {TOTAL: parse_amount("12")})[1]


def test_an_at_most_rule_reads_from_the_smaller_to_the_larger() -> None:
    rule = Rule("r", (Term(1, A), Term(-1, B)), RuleSource.HEADINGS, "其中 ≤ 总数", relation=Relation.AT_MOST)
    assert explain(rule, {A: parse_amount("3"), B: parse_amount("9")})[1] == "3 ≤ 9，成立"
    assert explain(rule, {A: parse_amount("9"), B: parse_amount("3")})[1] == "9 ≤ 3，差 6"


def check(formula: str, **texts: str) -> tuple[Verdict, Fraction | None, str]:
    refs = {name: CellRef(1, 0, 0, k) for k, name in enumerate(texts)}
    text = formula
    for name, ref in refs.items():
        text = text.replace(name, str(ref))
    made = Check("c", parse_formula(text), RuleSource.FORM, formula)
    return made.assess({refs[name]: parse_amount(value) for name, value in texts.items()})


MEN, WOMEN = "149966801", "142665891"  # census of 2020


@pytest.mark.parametrize(
    ("formula", "texts", "verdict"),
    [
        ("rr ~ xx / yy * 100", {"rr": "105.12", "xx": MEN, "yy": WOMEN}, Verdict.HOLDS),
        ("rr ~ xx / yy * 100", {"rr": "105.13", "xx": MEN, "yy": WOMEN}, Verdict.ROUNDING),
        ("rr ~ xx / yy * 100", {"rr": "150.12", "xx": MEN, "yy": WOMEN}, Verdict.SOURCE_INCONSISTENT),
        ("gg ~ (now - old) / old * 100", {"gg": "100", "now": "5", "old": "0"}, Verdict.NOT_ASSESSABLE),
        ("gg ~ (now - old) / old * 100", {"gg": "-3.7", "now": "963", "old": "1000"}, Verdict.HOLDS),
        ("sum(aa, bb, cc) = 100", {"aa": "33.33", "bb": "33.33", "cc": "33.33"}, Verdict.ROUNDING),
        ("sum(aa, bb) = 100", {"aa": "33.33", "bb": "56.67"}, Verdict.SOURCE_INCONSISTENT),
        ("max(aa, bb) <= cc", {"aa": "3", "bb": "4", "cc": "4"}, Verdict.HOLDS),
        ("max(aa, bb) <= cc", {"aa": "3", "bb": "5", "cc": "4"}, Verdict.SOURCE_INCONSISTENT),
        ("aa ~ bb / cc", {"aa": "", "bb": "5", "cc": "4"}, Verdict.NOT_ASSESSABLE),
    ],
)  # fmt: skip
def test_checks_that_are_not_linear(formula: str, texts: dict[str, str], verdict: Verdict) -> None:
    found, _, reason = check(formula, **texts)
    assert found is verdict
    assert reason


def test_a_large_figure_is_checked_exactly() -> None:
    huge = str(10**30 + 1)
    assert check("aa = bb + 1 - 1", aa=huge, bb=huge)[0] is Verdict.HOLDS
    assert check("aa = bb + 1 - 1", aa=huge, bb=str(10**30))[1] == 1
