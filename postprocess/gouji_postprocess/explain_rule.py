"""A rule in its own words: one Chinese sentence, and the formula with the values in it."""

from __future__ import annotations

from collections.abc import Mapping

from gouji_layout.geometry import CellRef
from gouji_ocr.amounts import Amount, AmountKind
from gouji_postprocess.check import Check
from gouji_postprocess.formula_words import say_formula
from gouji_postprocess.rule import Relation, Rule, RuleSource

_FROM = {
    RuleSource.FORM: "表式规定",
    RuleSource.PRINTED: "表上印明",
    RuleSource.HEADINGS: "由表头推断",
    RuleSource.NUMBERS: "由数据推断",
    RuleSource.NARRATIVE: "正文所述",
    RuleSource.TABLES: "表间关系",
    RuleSource.YEARS: "年度衔接",
}


def explain(rule: Rule | Check, values: Mapping[CellRef, Amount | None]) -> tuple[str, str]:
    """The sentence that says what must hold and whence it is known, and the formula with values.

    Where a figure is missing or not a number its place shows `？`.
    """
    source = _FROM[rule.source]
    why = f"（{rule.why}）" if rule.why else ""
    if isinstance(rule, Check):
        shown = say_formula(rule.formula, lambda name: _value(values.get(CellRef.parse(name))))
        return f"{source}：{rule.words}{why}", shown
    return f"{source}：{rule.formula}{why}", _with_values(rule, values)


def _with_values(rule: Rule, values: Mapping[CellRef, Amount | None]) -> str:
    sides: dict[bool, list[str]] = {True: [], False: []}
    positive_left = rule.relation is Relation.AT_MOST or sum(t.coefficient > 0 for t in rule.terms) <= sum(
        t.coefficient < 0 for t in rule.terms
    )
    for term in rule.terms:
        left = (term.coefficient > 0) == positive_left
        factor = f"{abs(term.coefficient)}×" if abs(term.coefficient) != 1 else ""
        sides[left].append(factor + _value(values.get(term.cell)))
    sign = " ≤ " if rule.relation is Relation.AT_MOST else " = "
    text = " + ".join(sides[True] or ["0"]) + sign + " + ".join(sides[False] or ["0"])
    gap = residual(rule, values)
    if gap is None:
        return text
    if gap == 0 or (rule.relation is Relation.AT_MOST and gap < 0):
        return f"{text}，成立"
    return f"{text}，差 {_scaled(gap, rule.scale)}"


def residual(rule: Rule, values: Mapping[CellRef, Amount | None]) -> int | None:
    """`sum(coefficient * figure)` at the rule's scale, blanks as zero; None when a figure is missing."""
    total = 0
    for term in rule.terms:
        amount = values.get(term.cell)
        if amount is None:
            return None
        if amount.decimals > rule.scale:
            return None
        total += term.coefficient * amount.at_scale(rule.scale)
    return total


def _value(amount: Amount | None) -> str:
    if amount is None:
        return "？"
    if amount.kind is not AmountKind.FIGURE:
        return amount.note or "空"
    return _scaled(amount.value, amount.decimals)


def _scaled(value: int, decimals: int) -> str:
    sign, digits = ("-" if value < 0 else ""), str(abs(value)).rjust(decimals + 1, "0")
    return sign + (f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits)
