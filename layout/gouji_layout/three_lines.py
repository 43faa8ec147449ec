"""Tables between level rules alone: one above the heads, one below them, one at the foot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gouji_layout.aligned_columns import (
    LEAST_ROWS,
    Column,
    are_columns,
    columns_of,
    columns_reached,
)
from gouji_layout.aligned_lines import Line, lines_of, texts_of
from gouji_layout.geometry import Box
from gouji_layout.rules import Segment

_LONG = 12.0  # text heights of a rule that may bound a table
_SAME_END = 1.5  # text heights that the rules of one table end off each other
_DOUBLE = 0.6  # text heights between the lines of a double rule
_HEAD_LINES = 5  # of a head at most
_HALF = 0.5  # of the columns that a row between rules of its own has text in
_BESIDE = 1.0  # text heights that text may reach beyond its rules


@dataclass(frozen=True, slots=True)
class Frame:
    """Lines of a table, and the rules that bound it and its head; measures are in pixels."""

    head: tuple[Line, ...]
    body: tuple[Line, ...]
    left: float
    right: float
    bounds: tuple[float, ...]  # y of its rules from border to border, top to bottom
    short: tuple[Segment, ...]  # rules in its head that part common heads from those below

    @property
    def box(self) -> Box:
        """Around the table."""
        return Box(self.left, self.bounds[0], self.right, self.bounds[-1])


def frames_of(words: Sequence[Box], rules: Sequence[Segment], unit: float) -> Iterator[Frame]:
    """Tables between level rules with the same ends.

    Args:
        words: in no other table.
        rules: level ones in no other table.
        unit: text height in pixels.
    """
    for stack in _stacks([rule for rule in rules if rule.length > _LONG * unit], unit):
        left, right = min(rule.start for rule in stack), max(rule.end for rule in stack)
        within = [w for w in words if left - _BESIDE * unit < w.centre[0] < right + _BESIDE * unit]
        ys = [
            rule.at for at, rule in enumerate(stack) if not at or rule.at - stack[at - 1].at > _DOUBLE * unit
        ]
        parts = [
            lines_of([w for w in within if above < w.centre[1] < below], unit)
            for above, below in pairwise(ys)
        ]
        for first, body, last in _tables(parts, unit):
            head = Box(left, ys[first] + _DOUBLE * unit, right, ys[body]) if body > first else None
            yield Frame(
                head=tuple(line for part in parts[first:body] for line in part),
                body=tuple(line for part in parts[body:last] for line in part),
                left=left,
                right=right,
                bounds=tuple(ys[first : last + 1]),
                short=tuple(
                    rule for rule in rules if head and rule not in stack and _is_in(rule, head, unit)
                ),
            )


def _is_in(rule: Segment, head: Box, unit: float) -> bool:
    """Whether a rule lies in a head, not along its border."""
    ends = head.left - unit < rule.start and rule.end < head.right + unit
    return ends and head.top < rule.at < head.bottom - _DOUBLE * unit


def _stacks(rules: Sequence[Segment], unit: float) -> list[list[Segment]]:
    """Rules with the same ends, each group from the top down."""
    stacks: list[list[Segment]] = []
    for rule in sorted(rules, key=lambda rule: rule.at):
        for stack in stacks:
            if max(abs(rule.start - stack[0].start), abs(rule.end - stack[0].end)) < _SAME_END * unit:
                stack.append(rule)
                break
        else:
            stacks.append([rule])
    return [stack for stack in stacks if len(stack) > 1]


def _tables(parts: Sequence[Sequence[Line]], unit: float) -> list[tuple[int, int, int]]:
    """First part of each table between rules, first part of its body, and the one past its last."""
    columns = [columns_of(part, unit) for part in parts]
    bodies = [at for at, part in enumerate(parts) if are_columns(part, columns[at], unit)]
    if not bodies:
        return []
    main = max(bodies, key=lambda at: len(parts[at]))
    fits = [_fits(part, columns[main], unit) for part in parts]
    last = main + 1
    while last < len(parts) and fits[last]:
        last += 1
    body = main
    while body and fits[body - 1] and (len(parts[body - 1]) >= LEAST_ROWS or (body > 1 and fits[body - 2])):
        body -= 1
    first = body
    if body and _is_head(parts[body - 1], columns[main], unit):
        first -= 1
    elif body < main and len(parts[body]) <= _HEAD_LINES:
        body += 1  # heads of several lines look like rows
    above, below = _tables(parts[:first], unit), _tables(parts[last:], unit)
    moved = [(one + last, two + last, three + last) for one, two, three in below]
    return [*above, (first, body, last), *moved]


def _fits(lines: Sequence[Line], columns: Sequence[Column], unit: float) -> bool:
    """Whether lines may be rows of these columns: no word is over two, and one line is in most of them."""
    reached = [[columns_reached(word, columns, unit) for word in line] for line in lines]
    if any(len(own) > 1 for line in reached for own in line):
        return False
    return any(len({own[0] for own in line}) >= _HALF * len(columns) for line in reached)


def _is_head(lines: Sequence[Line], columns: Sequence[Column], unit: float) -> bool:
    """Whether lines above a body may be its heads; a title and a unit of measure have fewer pieces."""
    pieces = max((len(texts_of(line, unit)) for line in lines), default=0)
    return len(lines) <= _HEAD_LINES and pieces >= max(2, _HALF * len(columns))
