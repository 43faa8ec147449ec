"""How a suggested rule of an unknown table fares against the numbers it would hold for."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gouji_layout.geometry import CellRef
from gouji_ocr.amounts import Amount, AmountKind
from gouji_postprocess.sum_templates import Hint, Template
from gouji_postprocess.table_lines import Lane, SeenLine

MISREAD = 0.01  # chance that one figure is wrong, so that a rule that is meant does not hold
ACCEPT = 1.0
SISTERS = 0.9  # nats from groups of the same shape
FEW = 2
_SUMS = {Hint.TOTAL_WORD, Hint.CODES, Hint.PARALLEL, Hint.NUMBERING}  # in which slips are told
_COPIED = 0.35  # chance that two places hold the same figure
_BEYOND = 3  # times the room for rounding: less may be rounding upon rounding
_GAPS = 100.0  # about so many gaps are what one slip leaves in a sum


@dataclass(frozen=True, slots=True)
class Support:
    """How a suggested rule fared on the lines it applies to."""

    held: int
    tried: int
    score: float  # nats for the rule over chance, the prior included
    near: int = 0  # of the places where it failed, those where one slip tells why


@dataclass(frozen=True, slots=True)
class Trial:
    """A suggestion tried on all lines it applies to."""

    support: Support
    outcomes: tuple[bool | None, ...]  # by line of `over`: held, failed, says nothing
    near: tuple[float, ...]  # by line: nats against this gap by chance if one slip leaves it, else 0


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
    sums = [sum_on(lane, lines, line, template, by_row=by_row) for line in over]
    told = [_outcome(lane, found, template) for found in sums]
    closed = Counter(place for one in told if one.held for place in one.nothing)
    zeros = frozenset(place for place, times in closed.items() if times >= FEW)
    if zeros:
        told = [_outcome(lane, found, template, zeros) for found in sums]
    held, tried = sum(one.held is True for one in told), sum(one.held is not None for one in told)
    support = Support(held, tried, sum(one.gain for one in told), sum(one.near > 0 for one in told))
    return Trial(support, tuple(one.held for one in told), tuple(one.near for one in told))


def accepted(template: Template, trial: Trial, prior: float, sisters: float) -> Trial | None:
    """The trial with its full score, or None when the suggestion is not believed."""
    support = trial.support
    score = prior + sisters + support.score
    if template.at_most:
        failed = support.tried - support.held
        believed = failed == 0 or (support.tried > FEW and failed * 4 <= support.tried)
    else:
        # Where sisters add up, one group may fail as a whole: that is an error in it, not another form.
        telling = support.tried - support.near
        mostly = support.held * 2 > telling or support.near == support.tried > 0 or sisters >= SISTERS
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


@dataclass(frozen=True, slots=True)
class _Outcome:
    held: bool | None  # None: says nothing
    gain: float = 0.0  # nats for the rule over chance
    near: float = 0.0  # see `Trial`
    nothing: frozenset[tuple[int, AmountKind]] = frozenset()  # parts without a figure, and what stands there


_NOTHING = _Outcome(None)


def _outcome(
    lane: Lane,
    found: Sum | None,
    template: Template,
    zeros: frozenset[tuple[int, AmountKind]] = frozenset(),
) -> _Outcome:
    """How a sum fares on one line; `zeros` are parts that elsewhere are zero where this stands in them."""
    known = _telling(lane, found)
    if found is None or not known:
        return _NOTHING
    scale = max(amount.decimals for amount in known)
    total = known[0].at_scale(scale)
    parts = [sign * a.at_scale(scale) for sign, a in zip(found.signs, known[1:], strict=True)]
    if template.at_most:
        return _Outcome(sum(parts) <= total)
    slack = lane.slack(len(parts), scale)
    gap = total - sum(parts)
    odds = min(0.3, (3 + 2 * slack) / (3 + abs(total)))  # that a figure closes a sum which it is not
    chance = _COPIED if sum(part != 0 for part in parts) <= 1 else odds
    wrong = 1 - (1 - MISREAD) ** (len(parts) + 1)
    holding = math.log((1 - wrong) / chance)
    nothing = frozenset((k, a.kind) for k, a in enumerate(known) if a.kind is not AmountKind.FIGURE)
    if abs(gap) <= slack:
        return _Outcome(True, holding, nothing=nothing)
    # A place without a figure is zero only where the sum then closes, or where it closes elsewhere.
    if found.missing or not nothing <= zeros:
        return _NOTHING
    if template.hint in _SUMS and odds * _GAPS < 1 and abs(gap) > _BEYOND * slack and _is_slip(gap):
        return _Outcome(False, min(holding, math.log(wrong / _GAPS / odds)), -math.log(odds))
    return _NOTHING if nothing else _Outcome(False, math.log(wrong / (1 - chance)))


def _telling(lane: Lane, found: Sum | None) -> list[Amount]:
    """The total and its parts; empty where one of them is not known, no total is printed, or all are zero."""
    known = [amount for ref in found.refs if (amount := lane.amount(ref)) is not None] if found else []
    complete = found is not None and len(known) == len(found.refs) and known[0].kind is AmountKind.FIGURE
    return known if complete and any(amount.value for amount in known) else []


def _is_slip(gap: int) -> bool:
    """Whether one wrong digit of one figure, or two neighbours that changed places, leave this gap.

    >>> [_is_slip(gap) for gap in (3, -700, 63, -1800, 17, 1001)]
    [True, True, True, True, False, False]
    """
    digits = str(abs(gap)).rstrip("0")
    return len(digits) == 1 or (len(digits) == 2 and int(digits) % 9 == 0)
