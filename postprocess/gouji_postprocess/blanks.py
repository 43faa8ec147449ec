"""What a place without a figure means in a rule: zero, zero where the rule then closes, or nothing at all.

Books differ: a blank may be zero, unknown or "less than half a unit", a dash may be "no such item".
`RuleSettings.meanings` says which, for a document or a run; here it is applied.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gouji_layout.geometry import CellRef
from gouji_ocr.amounts import Amount, AmountKind
from gouji_postprocess.rule import Relation, Rule, RuleSource
from gouji_postprocess.rule_settings import Nothing, RuleSettings

_GUESSED = frozenset({RuleSource.HEADINGS, RuleSource.NUMBERS})
_WORDS = {
    Nothing.UNKNOWN: "不详",
    Nothing.NOT_APPLICABLE: "不适用",
}


@dataclass(frozen=True, slots=True)
class NotApplied:
    """A rule that is not applied because places of it hold no figure: by the settings, or all but one."""

    rule: str
    cell: CellRef
    reason: str  # one Chinese sentence


def apply_meanings(
    rules: Sequence[Rule], amounts: Mapping[CellRef, Amount | None], settings: RuleSettings
) -> tuple[list[Rule], list[NotApplied]]:
    """Rules with places that mean "unknown" or "not applicable" left out; "below unit" widens the slack.

    Left out, too, are guessed sums of which one figure is given and signs stand for all others.
    """
    kept: list[Rule] = []
    left_out: list[NotApplied] = []
    for rule in rules:
        meanings = {cell: settle(amounts.get(cell), settings) for cell in rule.cells}
        stop = next((cell for cell, meaning in meanings.items() if meaning in _WORDS), None)
        if stop is not None:
            word = _WORDS[meanings[stop] or Nothing.UNKNOWN]
            left_out.append(NotApplied(rule.id, stop, f"{stop} 没有数字，按设置表示“{word}”，规则不适用"))
            continue
        if (alone := _alone_among_signs(rule, amounts, meanings)) is not None:
            left_out.append(NotApplied(rule.id, alone, f"除 {alone} 外都没有数字，无从核对，规则不适用"))
            continue
        small = sum(meaning is Nothing.BELOW_UNIT for meaning in meanings.values())
        # Each figure below half a unit may move a sum by at most half a unit.
        kept.append(replace(rule, slack=rule.slack + (small + 1) // 2) if small else rule)
    return kept, left_out


def _alone_among_signs(
    rule: Rule, amounts: Mapping[CellRef, Amount | None], meanings: Mapping[CellRef, Nothing | None]
) -> CellRef | None:
    """The only figure of a guessed sum with signs at its other places: of that year parts are not given.

    A published form says itself that its signs are zeros, and so may the settings.
    """
    figures = [cell for cell, meaning in meanings.items() if meaning is None]
    if rule.source not in _GUESSED or rule.relation is not Relation.EQUAL or len(figures) != 1:
        return None
    others = [cell for cell in meanings if cell not in figures]
    undecided = all(meanings[cell] is not Nothing.ZERO for cell in others)
    signs = any(one is not None and one.kind is not AmountKind.BLANK for one in map(amounts.get, others))
    amount = amounts.get(figures[0])
    return figures[0] if undecided and signs and amount is not None and amount.value else None


def settle(amount: Amount | None, settings: RuleSettings) -> Nothing | None:
    """What this place means by the settings; None for a figure, and for what cannot be read."""
    if amount is None or amount.kind is AmountKind.FIGURE:
        return None
    return settings.meanings.get(amount.kind, Nothing.ZERO_IF_CLOSED)


def zeros_that_close(
    rules: Sequence[Rule], amounts: Mapping[CellRef, Amount | None], settings: RuleSettings
) -> frozenset[CellRef]:
    """Places without a figure that may be taken for zero, because an equation with figures then closes.

    A total cannot be shown to be zero by its own blank: an equation of blanks alone proves nothing.
    """
    proven: set[CellRef] = set()
    for rule in rules:
        empty = [cell for cell in rule.cells if settle(amounts.get(cell), settings) is not None]
        figures = [cell for cell in rule.cells if cell not in empty]
        known = [amount for cell in figures if (amount := amounts.get(cell)) is not None]
        if rule.relation is not Relation.EQUAL or not empty or len(known) < len(figures) or not figures:
            continue
        if any(amount.decimals > rule.scale for amount in known):
            continue
        gap = sum(
            term.coefficient * amount.at_scale(rule.scale)
            for term in rule.terms
            if (amount := amounts.get(term.cell)) is not None and amount.kind is AmountKind.FIGURE
        )
        if abs(gap) <= rule.slack:
            proven.update(empty)
    return frozenset(proven)
