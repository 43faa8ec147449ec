"""Heads of columns that no upright rule parts: each over its column, some over several with heads below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, reduce
from itertools import combinations

import numpy as np

from gouji_layout.aligned_columns import Column, middles_between
from gouji_layout.aligned_lines import Line, lines_of, pieces_of
from gouji_layout.geometry import Box
from gouji_layout.rules import Segment
from gouji_layout.spans import Span

_GAP = 0.75  # text heights between two heads on one line
_OVER = 0.75  # text heights that lines of one head may stand off each other's middles
_BELOW = 0.2  # text heights that a head may reach into the one below
_CENTRED = 0.3  # text heights that a head in the middle of two rows stands off it
_DROPPED = 6.0  # text heights off the middle that a head over nothing counts for
_LEFT_OUT = 0.4  # text heights off the middle that a column without a common head counts for
_LEFT_OUT_SURELY = 3.0  # the same where heads of one row stand between the lines of the others


@dataclass(frozen=True, slots=True)
class Head:
    """Heads of a table: their cells, and where their text stands."""

    cells: tuple[Span, ...]
    cut: float | None  # y between two rows of heads, in pixels; None when there is one row
    below: tuple[Box | None, ...]  # around the text of each column's own head

    @property
    def rows(self) -> int:
        """Rows that the heads take."""
        return 1 if self.cut is None else 2


@dataclass(frozen=True, slots=True)
class _Common:
    """A head over several columns."""

    text: Box
    first: int
    last: int


def head_of(lines: Sequence[Line], columns: Sequence[Column], rules: Sequence[Segment], unit: float) -> Head:
    """The heads in the lines above a body.

    Args:
        lines: above the body, top to bottom.
        columns: of the body.
        rules: level ones among these lines, shorter than the table: each lies below a common head.
        unit: text height in pixels.
    """
    pieces = [piece for line in lines for piece in pieces_of(line, _GAP * unit)]
    common = _by_rules(pieces, columns, rules, unit) or _by_places(pieces, columns, unit)
    own = _own_heads(
        [piece for piece in pieces if all(piece is not one.text for one in common)], columns, unit
    )
    below = tuple(reduce(Box.union, heads) if heads else None for heads in own)
    if not common:
        return Head(tuple(Span(0, at, 1, 1) for at in range(len(columns))), None, below)
    under = {at for one in common for at in range(one.first, one.last + 1)}
    cells = [Span(0, one.first, 1, one.last - one.first + 1) for one in common]
    cells += [Span(1, at, 1, 1) if at in under else Span(0, at, 2, 1) for at in range(len(columns))]
    lowest = max(one.text.bottom for one in common)
    tops = [head.top for at in under if (head := below[at])]
    return Head(tuple(sorted(cells)), (lowest + min(tops, default=lowest + unit)) / 2, below)


def _own_heads(pieces: Sequence[Box], columns: Sequence[Column], unit: float) -> list[list[Box]]:
    """Pieces of text over each column; those of one line stand over different ones."""
    own: list[list[Box]] = [[] for _ in columns]
    cuts = middles_between(columns)
    for line in lines_of(pieces, unit):
        over = [int(np.searchsorted(cuts, piece.centre[0])) for piece in line]
        if len(set(over)) < len(over) <= len(columns):
            over = _in_order(line, columns)
        for piece, at in zip(line, over, strict=True):
            own[at].append(piece)
    return own


def _in_order(line: Sequence[Box], columns: Sequence[Column]) -> list[int]:
    """A column for each piece of a line, one after the other, all together as near as can be."""
    off = [[max(left - piece.right, piece.left - right, 0.0) for left, right in columns] for piece in line]
    choices = combinations(range(len(columns)), len(line))
    return list(min(choices, key=lambda chosen: sum(off[at][col] for at, col in enumerate(chosen))))


def _by_rules(
    pieces: Sequence[Box], columns: Sequence[Column], rules: Sequence[Segment], unit: float
) -> list[_Common]:
    """Common heads, each with a rule between it and the heads below."""
    found = []
    for rule in rules:
        under = [at for at, column in enumerate(columns) if rule.start < sum(column) / 2 < rule.end]
        over = [
            p for p in pieces if p.centre[1] < rule.at and rule.start - unit < p.centre[0] < rule.end + unit
        ]
        if len(under) > 1 and len(over) == 1:
            found.append(_Common(over[0], under[0], under[-1]))
    return found


def _by_places(pieces: Sequence[Box], columns: Sequence[Column], unit: float) -> list[_Common]:
    """Common heads by where they stand: above the middle of heads that have no other line above them."""
    uppers = [
        piece
        for piece in pieces
        if not any(_is_below(piece, other, unit) for other in pieces)
        and any(_is_below(other, piece, unit) for other in pieces)
    ]
    if not uppers:
        return []
    rest = [piece for piece in pieces if all(piece is not upper for upper in uppers)]
    stacks = [reduce(Box.union, heads) if heads else None for heads in _own_heads(rest, columns, unit)]
    middle = (min(piece.top for piece in pieces) + max(piece.bottom for piece in pieces)) / 2
    low = [
        stack
        if stack
        and stack.centre[1] > middle + _CENTRED * unit
        and all(_is_below(stack, upper, unit) for upper in uppers)
        else None
        for stack in stacks
    ]
    between = any(stack and abs(stack.centre[1] - middle) < _CENTRED * unit for stack in stacks)
    cuts = middles_between(columns)
    own_low = [low[int(np.searchsorted(cuts, upper.centre[0]))] for upper in uppers]
    if not between and all(
        own and _off(upper, own, own) < _OVER * unit for upper, own in zip(uppers, own_low, strict=True)
    ):
        return []  # heads of two lines, the others set at the foot
    return _laid_over(sorted(uppers), low, _LEFT_OUT_SURELY if between else _LEFT_OUT, unit)


def _is_below(low: Box, high: Box, unit: float) -> bool:
    """Whether a text stands on a lower line than another."""
    return low.top >= high.bottom - _BELOW * unit


def _off(upper: Box, first: Box, last: Box) -> float:
    """How far the middle of a head lies off that of the heads below, or an edge off that of the only one."""
    off = abs(upper.centre[0] - (first.centre[0] + last.centre[0]) / 2)
    if first is last:
        off = min(off, abs(upper.left - first.left), abs(upper.right - first.right))
    return off


def _laid_over(
    uppers: Sequence[Box], low: Sequence[Box | None], left_out: float, unit: float
) -> list[_Common]:
    """The heads over several columns, laid so that all together stand in the middle of what is below them."""

    @cache
    def best(at: int, start: int) -> tuple[float, tuple[_Common, ...]]:
        """Cheapest way to lay the heads from this one on over the columns from `start` on."""
        if at == len(uppers):
            return left_out * sum(low is not None for low in low[start:]), ()
        ways = [(_DROPPED + (rest := best(at + 1, start))[0], rest[1])]
        for first in range(start, len(low)):
            skipped = left_out * sum(low is not None for low in low[start:first])
            for last in range(first, len(low)):
                begin, end = low[first], low[last]
                if begin is None or end is None or low[last - 1 if last > first else last] is None:
                    break
                cost, rest_laid = best(at + 1, last + 1)
                cost += skipped + _off(uppers[at], begin, end) / unit
                ways.append((cost, (_Common(uppers[at], first, last), *rest_laid)))
        return min(ways, key=lambda way: way[0])

    return [one for one in best(0, 0)[1] if one.last > one.first]
