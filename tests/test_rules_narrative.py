"""What the text of a report says beside its tables: agreements, differences, and traps of scope."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gouji_layout.geometry import CellRef
from gouji_ocr.amounts import Amount, parse_amount
from gouji_postprocess.claims import claims_of, listed_parts, sentences_of
from gouji_postprocess.narrative import NarrativeFinding, narrative_findings
from gouji_postprocess.rule import Verdict

COLUMNS = (
    "natural_person",
    "organisation.company",
    "organisation.research",
    "organisation.public_welfare",
    "organisation.legal_service",
    "organisation.other",
    "total",
)
ROWS = {
    "received": ["713", "0", "0", "0", "0", "0", "713"],
    "carried_in": ["28", "8", "0", "0", "0", "0", "36"],
    "outcome.granted": ["200", "0", "0", "0", "0", "0", "200"],
    "outcome.partly_granted": ["50", "0", "0", "0", "0", "0", ""],
    "outcome.refused.state_secret": ["10", "0", "0", "0", "0", "0", "10"],
    "outcome.refused.third_party": ["5", "0", "0", "0", "0", "0", "5"],
    "outcome.total": ["718", "0", "0", "0", "0", "0", "718"],
    "carried_out": ["31", "0", "0", "0", "0", "0", "31"],
}


def tables() -> tuple[dict[str, CellRef], dict[CellRef, Amount | None]]:
    cells, values = {}, {}
    for r, (row, texts) in enumerate(ROWS.items()):
        for c, (column, text) in enumerate(zip(COLUMNS, texts, strict=True)):
            ref = CellRef(1, 0, r, c)
            cells[f"applications.{row}.{column}"] = ref
            values[ref] = parse_amount(text)
    for c, (key, text) in enumerate({"review.total": "61", "litigation.direct.total": "3"}.items()):
        cells[f"disputes.{key}"] = CellRef(2, 0, 0, c)
        values[CellRef(2, 0, 0, c)] = parse_amount(text)
    cells["disputes.litigation.after_review.total"] = CellRef(2, 0, 0, 9)
    values[CellRef(2, 0, 0, 9)] = parse_amount("10")
    return cells, values


def findings(text: str, year: int = 2025) -> list[NarrativeFinding]:
    return narrative_findings([text], *tables(), year=year)


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("全年新收政府信息公开申请713件。", "收到申请", 713),
        ("全县受理政府信息公开申请749件。", "收到申请", 749),  # received and carried in
        ("上年结转36件。", "上年结转", 36),
        ("本年办结718件。", "本年度办理结果总计", 718),
        ("结转下年度继续办理31件。", "结转下年度继续办理", 31),
        ("转下一年度办理答复的有31件。", "结转下年度继续办理", 31),
        ("申请人中自然人741件。", "自然人申请", 741),
        ("法人或其他组织申请8件。", "法人或其他组织申请", 8),
        ("予以公开200件。", "予以公开", 200),
        ("部分公开50件。", "部分公开", 50),  # its total is blank in the table: the row is added up
        ("予以公开及部分公开250件。", "予以公开与部分公开", 250),
        ("不予公开15件。", "不予公开", 15),
        ("行政复议61件。", "行政复议", 61),
        ("行政诉讼13件。", "行政诉讼", 13),
        ("政府信息公开行政复议诉讼案件74件。", "行政复议与行政诉讼", 74),
    ],
)
def test_a_figure_in_the_text_is_found_in_the_tables(text: str, name: str, value: int) -> None:
    (found,) = findings(text)
    assert found.name == name
    assert found.found == Decimal(value)
    assert found.verdict is Verdict.HOLDS
    assert found.cells


def test_a_different_figure_is_evidence_and_says_so() -> None:
    (found,) = findings("全年新收政府信息公开申请731件。")
    assert found.verdict is Verdict.SOURCE_INCONSISTENT
    assert "不据此改表" in found.reason


@pytest.mark.parametrize(
    "text",
    [
        "区政府办代表区政府受理政府信息公开申请17件。",
        "全市全年备案行政复议案件134件。",
        "收到政府信息公开申请700余件。",
        "收到政府信息公开申请0.7万件。",
        "2024年收到政府信息公开申请650件。",
        "收到政府信息公开申请比上年增加12件。",
    ],
)
def test_other_scopes_years_and_round_figures_are_not_held_against_the_table(text: str) -> None:
    found = findings(text)
    assert all(finding.verdict is Verdict.NOT_ASSESSABLE for finding in found)


@pytest.mark.parametrize("text", ["举办培训班3次。", "网站公开信息1200条。", "电话0631-8988877。", "共3人。"])
def test_figures_about_other_things_are_left_alone(text: str) -> None:
    assert not findings(text)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("不予公开15件，占2.09%。", Verdict.HOLDS),
        ("不予公开15件，占2.08%。", Verdict.ROUNDING),
        ("不予公开15件，占12.09%。", Verdict.SOURCE_INCONSISTENT),
    ],
)
def test_percentages_are_worked_out_over_all_results(text: str, verdict: Verdict) -> None:
    assert findings(text)[-1].verdict is verdict


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("发布文件19件，其中主动公开16件、依申请公开2件、不予公开1件。", Verdict.HOLDS),
        ("解读材料16件（主要负责人解读2件，图文13件，动漫1件）。", Verdict.HOLDS),
        ("解读材料16件（主要负责人解读2件，图文12件，动漫1件）。", Verdict.SOURCE_INCONSISTENT),
        ("收件3607件（甲县3500件、乙县50件、55、2）。", Verdict.HOLDS),
        ("公开信息66条，其中机构1条、动态18条、公告2条、规划9条。", Verdict.SOURCE_INCONSISTENT),
        ("公开信息66条，其中机构1条、动态18条。", Verdict.NOT_ASSESSABLE),
        ("文件19件，其中主动公开16件、依申请公开2件、不予公开1件，另印发通知8件。", Verdict.HOLDS),
    ],
)
def test_lists_in_the_text_add_up_to_their_total(text: str, verdict: Verdict) -> None:
    found = [finding for finding in findings(text) if finding.name == "正文列举"]
    assert [finding.verdict for finding in found] == [verdict]


def test_parts_of_a_list_about_something_else_are_not_compared_with_the_tables() -> None:
    found = findings("发布文件19件，其中主动公开16件、依申请公开2件、不予公开1件。")
    assert [finding.name for finding in found] == ["正文列举"]


def test_picture_markers_in_the_middle_of_words_are_taken_out() -> None:
    lines = ["逐项认定公[image: image10.png]BR | XERT | =@", "开属性。收到申请713件。"]
    assert sentences_of(lines) == ["逐项认定公开属性。", "收到申请713件。"]


def test_numbers_keep_their_unit_scale_and_place() -> None:
    claims = claims_of("支出1,234.5万元,其中人员0.2亿元。")
    assert [claim.value for claim in claims] == [Decimal("1234.5"), Decimal("0.2")]
    assert [claim.unit for claim in claims] == ["万元", "亿元"]
    assert not list(listed_parts(claims))


def test_what_cannot_be_read_as_a_figure_is_not_taken_for_nothing() -> None:
    cells, values = tables()
    values[cells["disputes.review.total"]] = None
    assert not narrative_findings(["行政复议61件。"], cells, values, year=2025)
