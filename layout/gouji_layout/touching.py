"""Which rules belong to one table: those that touch each other, directly or through others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gouji_layout.rules import Segment

Floats = NDArray[np.float64]
_GAP, _SAME = 4.0, 0.25  # text heights that a rule may be broken for; pieces of one rule lie off each other


def continued(
    level: Sequence[Segment], upright: Sequence[Segment], near: float, unit: float
) -> list[Segment]:
    """Level pieces, with those that touch no upright one made part of the piece that they go on from.

    So a broken rule runs to its end where no border is drawn at the side of a table. A piece that touches
    an upright one may be of another table beside it.
    """
    lone = ~_touch(level, upright, near).any(axis=1)
    kept = [segment for segment, alone in zip(level, lone, strict=True) if not alone]
    left = [segment for segment, alone in zip(level, lone, strict=True) if alone]
    while kept and left:
        at, start, end = _columns(kept)
        their_at, their_start, their_end = (values.T for values in _columns(left))
        gap = np.maximum(their_start - end, start - their_end)
        goes_on = (np.abs(their_at - at) < _SAME * unit) & (gap < _GAP * unit)
        if not goes_on.any():
            break
        joined = goes_on.any(axis=0)
        for piece, to in zip(np.flatnonzero(joined), goes_on.argmax(axis=0)[joined], strict=True):
            whole, more = kept[to], left[piece]
            kept[to] = replace(whole, start=min(whole.start, more.start), end=max(whole.end, more.end))
        left = [piece for piece, taken in zip(left, joined, strict=True) if not taken]
    return kept + left


def _touch(level: Sequence[Segment], upright: Sequence[Segment], near: float) -> NDArray[np.bool_]:
    """(level, upright) which of them touch, with a gap of at most `near`."""
    y, x0, x1 = _columns(level)
    x, y0, y1 = (values.T for values in _columns(upright))
    touch = (x >= x0 - near) & (x <= x1 + near) & (y >= y0 - near) & (y <= y1 + near)
    return np.asarray(touch, dtype=np.bool_)


def _columns(segments: Sequence[Segment]) -> tuple[Floats, ...]:
    """Place, start and end of segments, each (segments, 1)."""
    return tuple(np.array([getattr(s, name) for s in segments])[:, None] for name in ("at", "start", "end"))


def touching(
    level: Sequence[Segment], upright: Sequence[Segment], near: float
) -> list[tuple[list[Segment], list[Segment]]]:
    """Segments that touch each other, directly or through others, with a gap of at most `near`."""
    leader = list(range(len(level) + len(upright)))

    def find(at: int) -> int:
        while leader[at] != at:
            leader[at] = leader[leader[at]]
            at = leader[at]
        return at

    if level and upright:
        for i, j in zip(*np.nonzero(_touch(level, upright, near)), strict=True):
            leader[find(int(i))] = find(len(level) + int(j))
    groups: dict[int, tuple[list[Segment], list[Segment]]] = {}
    for i, segment in enumerate(level):
        groups.setdefault(find(i), ([], []))[0].append(segment)
    for j, segment in enumerate(upright):
        groups.setdefault(find(len(level) + j), ([], []))[1].append(segment)
    return [group for group in groups.values() if len(group[0]) >= 2 and group[1]]
