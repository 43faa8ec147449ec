"""Tables that do not round: there a sum that is off by less than rounding is an error like any other.

Sums that are printed or guessed may be off by what rounding their parts can make where figures have decimals.
But where the other sums of a table close to the last digit, and each that does not misses by the same as
another in the same figure, it is that figure that is wrong. And where figures are in yuan with two decimals
nothing is below their last digit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from gouji_layout.geometry import CellRef
from gouji_ocr.amounts import Amount
from gouji_postprocess.explain_rule import residual
from gouji_postprocess.rule import Relation, Rule, RuleSource
from gouji_postprocess.table_lines import FEN

_STATED = {RuleSource.PRINTED, RuleSource.HEADINGS, RuleSource.NUMBERS}
_CROSSING = 2  # sums that miss: one alone may well be rounded
_MORE = 3  # times as many must close to the last digit
_FILLED = 3  # figures other than nothing in a sum that proves something


def without_needless_slack(
    rules: Sequence[Rule], amounts: Mapping[CellRef, Amount | None], *, yuan: bool = False
) -> list[Rule]:
    """The rules of a table, none of them with room for rounding where the table does not round.

    Args:
        rules: all rules of one table.
        amounts: its figures as they were read.
        yuan: whether its money is in yuan.
    """
    if yuan:
        rules = [_exact(rule) if rule.scale == FEN else rule for rule in rules]
    loose = {rule.id: rule for rule in rules if _may_round(rule) and _proves(rule, amounts)}
    gaps = {name: gap for name, rule in loose.items() if (gap := residual(rule, amounts)) is not None}
    exact = [name for name, gap in gaps.items() if gap == 0]
    near = [loose[name] for name, gap in gaps.items() if 0 < abs(gap) <= loose[name].slack]
    if len(near) < _CROSSING or len(exact) < _MORE * len(near) or not _miss_alike(near, gaps):
        return list(rules)
    return [_exact(rule) for rule in rules]


def _exact(rule: Rule) -> Rule:
    return replace(rule, slack=0) if _may_round(rule) else rule


def _may_round(rule: Rule) -> bool:
    return rule.slack > 0 and rule.relation is Relation.EQUAL and rule.source in _STATED


def _proves(rule: Rule, amounts: Mapping[CellRef, Amount | None]) -> bool:
    found: Iterable[Amount | None] = (amounts.get(cell) for cell in rule.cells)
    return sum(amount is not None and amount.value != 0 for amount in found) >= _FILLED


def _miss_alike(rules: Sequence[Rule], gaps: Mapping[str, int]) -> bool:
    """Whether each of these sums closes with a figure, printed otherwise, that closes another one, too."""
    moves = [
        {(term.cell, Fraction(-gaps[rule.id], term.coefficient * 10**rule.scale)) for term in rule.terms}
        for rule in rules
    ]
    times = Counter(move for mine in moves for move in mine)
    return all(any(times[move] > 1 for move in mine) for mine in moves)
