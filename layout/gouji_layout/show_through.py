"""Rules of the other side of the sheet, which show through: paler and softer than all rules of this one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from gouji_layout.page import Gray
from gouji_layout.paper import has_two_levels
from gouji_layout.rules import Segment

_PALE = 0.3  # of the usual contrast of the rules of a page; a fine rule beside a heavy frame has more
_PALEST, _STEP = 0.6, 1.3  # what shows through may have so much of it where nothing is nearly as pale
_BESIDE = 5  # pixels: what shows through is as wide as that and is no thin dark line
_NEAR = 2  # pixels a rule may lie off its middle
_BENT = 8  # pixels that a long rule on curved paper may
_STEEP = 1  # pixels by which it then goes up or down
_ONE_RULE = 5.0  # pixels that pieces of one rule lie apart at most
_ALONG = 25  # in pixels over which noise is averaged; a rule is straight so far
_LONG = 8  # times that length: a rule may be bent

Floats = NDArray[np.float64]


def printed_here(
    evened: tuple[Gray, Gray], level: Sequence[Segment], upright: Sequence[Segment]
) -> tuple[list[Segment], list[Segment]]:
    """The segments that were printed on this side of the sheet."""
    if has_two_levels(evened[0]):  # nothing pale is left, and the contrast of a rule says how broken it is
        return list(level), list(upright)
    sets = ((evened[0], level), (evened[1], upright))
    contrasts = [_contrasts(gray, found) for gray, found in sets]
    every = np.array([*contrasts[0], *contrasts[1]])
    if not every.size:
        return list(level), list(upright)
    length = np.array([segment.length for segment in (*level, *upright)])
    least = _least(every, length)
    kept = [
        [segment for segment, own in zip(found, values, strict=True) if own > least]
        for (_, found), values in zip(sets, contrasts, strict=True)
    ]
    return kept[0], kept[1]


def _contrasts(gray: Gray, found: Sequence[Segment]) -> list[float]:
    """Of each segment, those of one rule together: a single piece may be worn or cross print."""
    own = [contrast(gray, s.at, s.start, s.end) for s in found]
    together = list(own)
    for at, segment in enumerate(found):
        rule = [k for k, other in enumerate(found) if abs(other.at - segment.at) <= _ONE_RULE]
        together[at] = float(np.average([own[k] for k in rule], weights=[found[k].length for k in rule]))
    return together


def _least(contrasts: Floats, length: Floats) -> float:
    """The contrast that rules of this side have: above the widest step between pale ones and others."""
    order = np.argsort(contrasts)
    share = np.cumsum(length[order]) / length.sum()
    usual = float(contrasts[order][np.searchsorted(share, 0.75)])
    steps = [
        _PALE * usual,
        *(c for c in contrasts[order] if _PALE * usual < c < _PALEST * usual),
        _PALEST * usual,
    ]
    wide = [(high / low, low) for low, high in pairwise(steps) if low > 0]
    step, low = max(wide, default=(0.0, 0.0))
    return low if step > _STEP else _PALE * usual


def contrast(gray: Gray, at: float, start: float, end: float) -> float:
    """How much darker than the paper on both sides a rule is on average, in grey levels.

    The rule runs along axis 1; it is looked for a little off its place, piece by piece, and a long one where
    it is bent.
    """
    pieces = max(round((end - start) / _ALONG), 1)
    room = round(min(at, len(gray) - 1 - at)) - _BESIDE - 2
    near = _NEAR if pieces < _LONG else max(min(_BENT, room), _NEAR)
    low = round(at) - _BESIDE - near - 1
    high = round(at) + _BESIDE + near + 2
    band = gray[max(low, 0) : high, max(round(start), 0) : max(round(end), 1)]
    if not band.size or len(band) < high - low:
        return 0.0
    cuts = np.arange(0, max(band.shape[1] - _ALONG // 2, 1), _ALONG)
    sizes = np.diff([*cuts, band.shape[1]])
    rows = np.add.reduceat(band, cuts, axis=1, dtype=np.float64) / sizes
    rows = (rows[:-2] + rows[1:-1] + rows[2:]) / 3
    middle = rows[_BESIDE : _BESIDE + 2 * near + 1]
    beside = np.minimum(rows[: 2 * near + 1], rows[2 * _BESIDE :])
    darker = beside - middle
    if near == _NEAR:
        return float(np.average(darker.max(axis=0), weights=sizes))
    best = np.full(len(darker) + 2 * _STEEP, -np.inf)
    best[_STEEP:-_STEEP] = 0.0
    for piece, size in zip(darker.T, sizes, strict=True):
        best[_STEEP:-_STEEP] = sliding_window_view(best, 2 * _STEEP + 1).max(axis=1) + piece * size
    return float(best.max() / sizes.sum())
