"""Blanks, dashes and other signs in place of a figure: what they mean is settled for each document."""

from __future__ import annotations

import pytest
from form_pages import table_from

from gouji_layout.geometry import CellRef
from gouji_ocr.amounts import AmountKind, parse_amount
from gouji_postprocess.blanks import zeros_that_close
from gouji_postprocess.form_layout import lay_out
from gouji_postprocess.matching import match_form
from gouji_postprocess.packs import load_packs
from gouji_postprocess.rule import Rule
from gouji_postprocess.rule_settings import Nothing, RuleSettings
from gouji_postprocess.rules_for import Gathered, gather

PACKS = load_packs()


def gathered(
    values: dict[str, str], settings: RuleSettings | None = None
) -> tuple[Gathered, dict[str, CellRef]]:
    form = PACKS.table("2019/T4")
    assert form is not None
    table, readings = table_from(lay_out(form, values))
    match = match_form(table, readings, PACKS)
    assert match is not None
    return gather(table, readings, match, settings=settings), dict(match.cells)


def proven(values: dict[str, str]) -> set[str]:
    found, cells = gathered(values)
    texts = {cells[key]: values.get(key, "") for key in cells}
    amounts = {ref: parse_amount(text) for ref, text in texts.items()}
    closed = zeros_that_close(found.rules, amounts, RuleSettings())
    return {key for key, ref in cells.items() if ref in closed}


def test_a_blank_is_zero_where_the_equation_then_closes() -> None:
    values = {"disputes.review.upheld": "5", "disputes.review.pending": "2", "disputes.review.total": "7"}
    assert proven(values) == {"disputes.review.corrected", "disputes.review.other"}


def test_a_blank_total_over_figures_is_not_zero() -> None:
    assert not proven({"disputes.review.upheld": "5", "disputes.review.total": ""})


def test_blanks_alone_prove_nothing() -> None:
    assert not proven({})


@pytest.mark.parametrize(
    ("text", "kind"),
    [("", AmountKind.BLANK), ("—", AmountKind.DASH), ("/", AmountKind.SLASH), ("无", AmountKind.NONE)],
)
@pytest.mark.parametrize("meaning", [Nothing.UNKNOWN, Nothing.NOT_APPLICABLE])
def test_where_a_sign_means_no_figure_its_rules_are_not_applied_and_said(
    text: str, kind: AmountKind, meaning: Nothing
) -> None:
    values = {f"disputes.review.{k}": "1" for k in ("upheld", "corrected", "other")}
    values |= {"disputes.review.pending": text, "disputes.review.total": "3"}
    values |= {f"disputes.litigation.{g}.{k}": "0" for g in ("direct", "after_review") for k in _KINDS}
    found, cells = gathered(values, RuleSettings(meanings={kind: meaning}))
    assert len(found.rules) == 2
    assert [note.cell for note in found.not_applied] == [cells["disputes.review.pending"]]
    assert len(gathered(values)[0].rules) == 3


_KINDS = ("upheld", "corrected", "other", "pending", "total")


def test_figures_below_the_unit_widen_the_slack_of_their_rules() -> None:
    def slack(rules: tuple[Rule, ...]) -> int:
        return next(rule.slack for rule in rules if rule.id.endswith("R5a"))

    values = {"disputes.review.upheld": "…", "disputes.review.corrected": "…", "disputes.review.total": "1"}
    assert slack(gathered(values)[0].rules) == 1
    assert slack(gathered({"disputes.review.total": "1"})[0].rules) == 0
