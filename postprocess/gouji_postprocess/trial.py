"""How a suggested rule of an unknown table fares against the numbers it would hold for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gouji_layout.geometry import CellRef
from gouji_ocr.amounts import AmountKind
from gouji_postprocess.sum_templates import Template
from gouji_postprocess.table_lines import Lane, SeenLine

MISREAD = 0.01  # chance that one figure is wrong, so that a rule that is meant does not hold
ACCEPT = 1.0
SISTERS = 0.9  # nats from groups of the same shape
FEW = 2


@dataclass(frozen=True, slots=True)
class Support:
    """How a suggested rule fared on the lines it applies to."""

    held: int
    tried: int
    score: float  # nats for the rule over chance, the prior included


@dataclass(frozen=True, slots=True)
class Trial:
    """A suggestion tried on all lines it applies to."""

    support: Support
    outcomes: tuple[bool | None, ...]  # by line of `over`: held, failed, says nothing


@dataclass(frozen=True, slots=True)
class Sum:
    """A suggestion on one line: the cells of its total and of its parts, with the signs of the parts."""

    refs: tuple[CellRef, ...]
    signs: tuple[int, ...]
    missing: frozenset[int] = frozenset()  # parts, counted from 1, that nobody reported on this line


def try_on(
    lane: Lane, lines: Sequence[SeenLine], over: Sequence[SeenLine], template: Template, *, by_row: bool
) -> Trial:
    """Try a suggestion on every line of `over`; `by_row`: its total and parts are columns, the lines rows."""
    score = 0.0
    outcomes: list[bool | None] = []
    for line in over:
        found = sum_on(lane, lines, line, template, by_row=by_row)
        outcome, gain = _outcome(lane, found, template) if found is not None else (None, 0.0)
        outcomes.append(outcome)
        score += gain
    held, tried = sum(o is True for o in outcomes), sum(o is not None for o in outcomes)
    return Trial(Support(held, tried, score), tuple(outcomes))


def accepted(template: Template, trial: Trial, prior: float, sisters: float) -> Trial | None:
    """The trial with its full score, or None when the suggestion is not believed."""
    support = trial.support
    score = prior + sisters + support.score
    if template.at_most:
        failed = support.tried - support.held
        believed = failed == 0 or (support.tried > FEW and failed * 4 <= support.tried)
    else:
        # Where sisters add up, one group may fail as a whole: that is an error in it, not another form.
        mostly = support.held * 2 > support.tried or sisters >= SISTERS
        believed = score >= ACCEPT and mostly
    return replace(trial, support=replace(support, score=score)) if believed else None


def sum_on(
    lane: Lane, lines: Sequence[SeenLine], line: SeenLine, template: Template, *, by_row: bool
) -> Sum | None:
    """Cells of the total and its parts on one line, parts that nobody reported left out.

    None where the total, all parts, or a cell that should stand there is missing.
    """
    places = [
        (line.at, lines[i].at) if by_row else (lines[i].at, line.at)
        for i in (template.total, *(part for _, part in template.parts))
    ]
    missing = frozenset(k for k, place in enumerate(places) if place in lane.unreported)
    told = [lane.cells.get(place) for k, place in enumerate(places) if k not in missing]
    if 0 in missing or len(told) < 2 or any(cell is None for cell in told):
        return None
    refs = tuple(cell.ref for cell in told if cell is not None)
    signs = tuple(sign for k, (sign, _) in enumerate(template.parts, start=1) if k not in missing)
    return Sum(refs, signs, missing)


def _outcome(lane: Lane, found: Sum, template: Template) -> tuple[bool | None, float]:
    amounts = [lane.amount(ref) for ref in found.refs]
    if any(amount is None for amount in amounts):
        return None, 0.0
    known = [amount for amount in amounts if amount is not None]
    if known[0].kind is not AmountKind.FIGURE:
        return None, 0.0
    scale = max(amount.decimals for amount in known)
    total = known[0].at_scale(scale)
    parts = [sign * a.at_scale(scale) for sign, a in zip(found.signs, known[1:], strict=True)]
    filled = sum(part != 0 for part in parts)
    if total == 0 and filled == 0:
        return None, 0.0
    if template.at_most:
        return sum(parts) <= total, 0.0
    slack = len(parts) // 2 + 1 if scale else 0
    held = abs(total - sum(parts)) <= slack
    if not held and (found.missing or any(amount.kind is not AmountKind.FIGURE for amount in known)):
        return None, 0.0  # a place without a figure is zero only where the sum then closes
    chance = 0.35 if filled <= 1 else min(0.3, (3 + 2 * slack) / (3 + abs(total)))
    wrong = 1 - (1 - MISREAD) ** (len(parts) + 1)
    return held, math.log((1 - wrong) / chance) if held else math.log(wrong / (1 - chance))
