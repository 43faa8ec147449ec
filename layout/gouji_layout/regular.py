"""Columns of equal width: a rule too broken to be believed alone is believed where the pattern asks for it.

Forms often give all figures columns of one width. Where most columns of a table are equal, a column
of twice that width with traces of ink in its middle has lost a rule, and a rule that cuts an equal
column in two, with a gap in its middle, is the edge of a seal or of a picture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Cover = Callable[[Sequence[float]], Floats]
"""Inked shares (rules, edges) of rules at these places."""

_EQUAL = 0.08  # of the usual width that equal columns may differ
_MOST = 0.6  # share of columns that must be equal before the pattern says anything
_FEWEST = 5  # columns
_SLIVER = 0.35  # of the usual width: nothing is printed in a column that narrow
_HARDLY = 0.2  # of the rows; a rule that cuts an equal column in no more of them is the edge of a seal
_TRACE = 0.3  # inked share of an edge that counts as a trace of a rule
_TRACES = 0.55  # traces a lost rule must have, as a share of what a sure rule needs


def mend_regular(
    places: Sequence[float], lengths: Floats, cover: Cover, *, seen: float, least: float, parts: int = 3
) -> list[float]:
    """Rules across a table with equal columns, with lost ones found and false ones left out.

    Args:
        places: where rules were believed, ascending.
        lengths: of the edges along a rule, in pixels.
        cover: measures rules at other places.
        seen: share from which an edge counts as drawn.
        least: pixels of drawn edges that a sure rule needs; 0 asks for no trace at all.
        parts: equal columns at most that one of the kept ones may turn out to be.
    """
    kept = _without_false(list(places), lengths, cover, seen)
    usual = usual_width(np.diff(kept))
    if usual is None:
        return kept
    found: list[float] = []
    for left, right in pairwise(kept):
        many = round((right - left) / usual)
        if not 1 < many <= parts or abs((right - left) / many - usual) > _EQUAL * usual:
            continue
        for k in range(1, many):
            middle = left + k * (right - left) / many
            shifts = middle + np.arange(-0.05, 0.051, 0.0125) * usual
            edges = cover([float(at) for at in shifts])
            inked = (lengths * np.where(edges > _TRACE, edges, 0.0)).sum(axis=1)
            best = int(inked.argmax())
            if inked[best] >= _TRACES * least:
                found.append(float(shifts[best]))
    return sorted([*kept, *found])


def usual_width(widths: Floats) -> float | None:
    """The width most columns have; None where no width is usual."""
    if len(widths) < _FEWEST:
        return None
    shares = [float((np.abs(widths - width) < _EQUAL * width).mean()) for width in widths]
    best = int(np.argmax(shares))
    return (
        float(np.median(widths[np.abs(widths - widths[best]) < _EQUAL * widths[best]]))
        if (shares[best] >= _MOST)
        else None
    )


def _without_false(places: list[float], lengths: Floats, cover: Cover, seen: float) -> list[float]:
    """Leave out rules that cut a sliver off an equal column, or cut it in a few rows only or with a gap."""
    usual = usual_width(np.diff(places))
    if usual is None:
        return places
    edges = cover(places) >= seen
    false = set()
    for k in range(1, len(places) - 1):
        whole = places[k + 1] - places[k - 1]
        alone = min(places[k] - places[k - 1], places[k + 1] - places[k])
        drawn = np.flatnonzero(edges[k])
        in_one_piece = drawn.size == 0 or drawn[-1] - drawn[0] + 1 == drawn.size
        hardly = drawn.size <= _HARDLY * edges.shape[1]
        cuts = abs(whole - usual) < _EQUAL * usual and alone < 0.9 * usual
        if cuts and (alone < _SLIVER * usual or hardly or not in_one_piece):
            false.add(k)
    return [place for k, place in enumerate(places) if k not in false]
