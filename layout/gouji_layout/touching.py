"""Which rules belong to one table: those that touch each other, directly or through others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gouji_layout.grid import places
from gouji_layout.rules import Segment

Floats = NDArray[np.float64]
_NEAR = 0.8  # text heights within which rules touch
_LONG = 8.0  # text heights of a piece that is a rule for sure, and no strokes in line
_GAP, _SAME = 4.0, 0.25  # text heights that a rule may be broken for; pieces of one rule lie off each other
_TOGETHER = 1.2  # text heights within which rules end in one place
_MOST, _FEWEST = 0.6, 3  # share and number of the rules of a table that do
_ROW = (0.9, 3.0)  # text heights from a table to a border that no upright rule reaches
_TALLER = 1.3  # of its highest row: the height of the row there
_WHOLE, _NEARLY = 0.8, 0.9  # of its width: the inked length of such a border; of one whose ends are worn


class _Sets:
    """Numbers that belong together."""

    def __init__(self, count: int) -> None:
        self._leader = list(range(count))

    def of(self, at: int) -> int:
        """The number that stands for all that belong with this one."""
        while self._leader[at] != at:
            self._leader[at] = self._leader[self._leader[at]]
            at = self._leader[at]
        return at

    def join(self, one: int, other: int) -> None:
        """Let two numbers belong together, and all that do with either."""
        self._leader[self.of(one)] = self.of(other)


def touching(
    level: Sequence[Segment], upright: Sequence[Segment], unit: float
) -> list[tuple[list[Segment], list[Segment]]]:
    """Segments that touch each other, directly or through others; `unit` is the text height in pixels.

    Level ones of each group run on over gaps to where most of them end, if no upright one stands there. The
    rule of their width a row above or below them is their border, though no upright one reaches it.
    """
    pieces = _Sets(len(level) + len(upright))
    if level and upright:
        touch = _touch(level, upright, _NEAR * unit)
        for i, j in np.argwhere(touch).tolist():
            pieces.join(i, len(level) + j)
        own = np.array([pieces.of(at) if touch[at].any() else -1 for at in range(len(level))])
        for i, j in _going_on(level, upright, own, unit):
            pieces.join(i, j)
    groups: dict[int, tuple[list[Segment], list[Segment]]] = {}
    for i, segment in enumerate(level):
        groups.setdefault(pieces.of(i), ([], []))[0].append(segment)
    for j, segment in enumerate(upright):
        groups.setdefault(pieces.of(len(level) + j), ([], []))[1].append(segment)
    lone = [group[0][0] for group in groups.values() if not group[1]]
    # The border of a row merged over the full width may touch no more than a piece of one side.
    hardly = [group for group in groups.values() if len(group[0]) == 1 and group[1]]
    tables = []
    for own_level, own_upright in groups.values():
        if len(own_level) >= 2 and own_upright:
            whole = _lengthened(own_level, lone, unit)
            more = _borders(whole, [*lone, *(piece for [piece], _ in hardly)], unit)
            sides = [side for [piece], pieces in hardly for side in pieces if piece in more]
            tables.append(([*whole, *more], [*own_upright, *sides]))
    return tables


def _going_on(
    level: Sequence[Segment], upright: Sequence[Segment], own: NDArray[np.int_], unit: float
) -> list[tuple[int, int]]:
    """Pairs of pieces of one rule that stand in two tables side by side, while another rule is whole there.

    No rule crosses the paper between two tables, and both have borders there; where a crease breaks the rules
    of one table it has none.

    Args:
        level: pieces of rules.
        upright: the same.
        own: the table of each level one, -1 if no upright one touches it.
        unit: text height in pixels.
    """
    at, start, end = _columns(level)
    x, y0, y1 = (values.T for values in _columns(upright))
    near = _NEAR * unit
    beside = (y0 - near < at) & (at < y1 + near)
    ended, begun = (np.any(beside & (np.abs(x - side) < near), axis=1) for side in (end, start))
    gap = start.T - end
    goes_on = (np.abs(at - at.T) < _SAME * unit) & (gap > 0) & (gap < _GAP * unit)
    goes_on &= ~(np.asarray(ended)[:, None] & begun)
    goes_on &= (own[:, None] != own) & (own[:, None] >= 0) & (own >= 0)
    return [
        (i, j)
        for i, j in np.argwhere(goes_on).tolist()
        if any(
            whole.start < level[i].end and whole.end > level[j].start and table in {own[i], own[j]}
            for whole, table in zip(level, own, strict=True)
        )
    ]


def _borders(level: Sequence[Segment], others: Sequence[Segment], unit: float) -> list[Segment]:
    """Pieces of a rule of the width of a table that lies a row above or below its own level ones."""
    rules = _rules(level, unit)
    if len(rules) < _FEWEST:
        return []
    first, last = np.median([(min(_starts(own)), max(_ends(own))) for _, own in rules], axis=0)
    near, furthest = _TOGETHER * unit, float(np.diff([at for at, _ in rules]).max()) * _TALLER
    found: list[Segment] = []
    for edge, sign in ((rules[0][0], -1), (rules[-1][0], 1)):
        row = [s for s in others if _ROW[0] * unit < sign * (s.at - edge) < min(furthest, _ROW[1] * unit)]
        for _, own in _rules(row, unit)[::sign]:
            begun, ended = min(_starts(own)) - first, last - max(_ends(own))
            length = sum(s.length for s in own) / (last - first)
            together = max(begun, ended) < near or length > _NEARLY
            if min(begun, ended) > -near and together and length > _WHOLE:
                found += own
                break
    return found


def _rules(level: Sequence[Segment], unit: float) -> list[tuple[float, list[Segment]]]:
    """Level rules from the top, each with its pieces."""
    near = _SAME * unit
    return [(at, own) for at in places(level, near) if (own := [s for s in level if abs(s.at - at) < near])]


def _starts(pieces: Sequence[Segment]) -> list[float]:
    return [piece.start for piece in pieces]


def _ends(pieces: Sequence[Segment]) -> list[float]:
    return [piece.end for piece in pieces]


def _lengthened(level: Sequence[Segment], lone: Sequence[Segment], unit: float) -> list[Segment]:
    """Level pieces of one table, made longer by those that touch no upright one and go on from them.

    So broken rules run to their ends where no border is drawn at the side of a table. It is done where most
    rules end together then: strokes and print of the other side do not.
    """
    kept, left = list(level), list(lone)
    while left:
        at, start, end = _columns(kept)
        their_at, their_start, their_end = (values.T for values in _columns(left))
        gap = np.maximum(their_start - end, start - their_end)
        goes_on = (np.abs(their_at - at) < _SAME * unit) & (gap < _GAP * unit) & (end - start > _LONG * unit)
        if not goes_on.any():
            break
        joined: NDArray[np.bool_] = np.asarray(goes_on.any(axis=0))
        for piece, to in zip(np.flatnonzero(joined), goes_on.argmax(axis=0)[joined], strict=True):
            whole, more = kept[to], left[piece]
            kept[to] = replace(whole, start=min(whole.start, more.start), end=max(whole.end, more.end))
        left = [piece for piece, taken in zip(left, joined, strict=True) if not taken]
    at, starts, ends = _columns(kept)
    same = np.abs(at - at.T) < _SAME * unit  # pieces of one rule
    firsts, lasts = np.where(same, starts.T, np.inf).min(axis=1), np.where(same, ends.T, -np.inf).max(axis=1)
    long = (ends - starts)[:, 0] > _LONG * unit
    rule = same.argmax(axis=1)  # the first piece of its rule
    begins, stops = (_with_most(far, long, rule, unit) for far in (firsts, lasts))
    return [
        replace(own, start=longer.start if first else own.start, end=longer.end if last else own.end)
        for own, longer, first, last in zip(level, kept, begins, stops, strict=True)
    ]


def _with_most(
    far: Floats, long: NDArray[np.bool_], rule: NDArray[np.int_], unit: float
) -> NDArray[np.bool_]:
    """Which pieces are of rules that end where most of the long ones do; none where these are few."""
    if not long.any():
        return long
    near = np.abs(far - np.median(far[long])) < _TOGETHER * unit
    enough = len(np.unique(rule[near & long])) >= _FEWEST and near[long].mean() > _MOST
    return near & bool(enough)


def _touch(level: Sequence[Segment], upright: Sequence[Segment], near: float) -> NDArray[np.bool_]:
    """(level, upright) which of them touch, with a gap of at most `near`."""
    y, x0, x1 = _columns(level)
    x, y0, y1 = (values.T for values in _columns(upright))
    touch = (x >= x0 - near) & (x <= x1 + near) & (y >= y0 - near) & (y <= y1 + near)
    return np.asarray(touch, dtype=np.bool_)


def _columns(segments: Sequence[Segment]) -> tuple[Floats, ...]:
    """Place, start and end of segments, each (segments, 1)."""
    return tuple(np.array([getattr(s, name) for s in segments])[:, None] for name in ("at", "start", "end"))
