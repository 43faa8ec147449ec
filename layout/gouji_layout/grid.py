"""The joint grid of one table: where its rules are, and which of their pieces are really drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.rules import RuleInk, Segment
from gouji_layout.spans import Span, spans

Floats = NDArray[np.float64]
_SURE = 0.8  # an edge inked this far is a rule beyond doubt
_LEAST_RULE = 2.2  # text heights of sure edges that make a rule


@dataclass(frozen=True, eq=False)
class Grid:
    """Rules of one table and the inked share of every edge between their crossings."""

    ys: tuple[float, ...]
    xs: tuple[float, ...]
    level: Floats  # (len(ys), len(xs) - 1)
    upright: Floats  # (len(ys) - 1, len(xs))
    cells: tuple[Span, ...]


def find_grid(
    level_ink: RuleInk, upright_ink: RuleInk, level: Sequence[Segment], upright: Sequence[Segment]
) -> Grid | None:
    """Build the grid of one group of crossing segments; None when it is no table."""
    unit = level_ink.unit
    ys = _places(level, 0.45 * unit)
    xs = _places(upright, 0.45 * unit)
    reach = max(2, round(0.18 * unit))
    for _ in range(6):
        if len(ys) < 2 or len(xs) < 2:
            return None
        level_edges = edge_cover(level_ink, ys, xs, reach)
        upright_edges = edge_cover(upright_ink, xs, ys, reach).T
        widths, heights = np.diff(xs), np.diff(ys)
        keep_y = [i for i in range(len(ys)) if widths[level_edges[i] >= _SURE].sum() >= _LEAST_RULE * unit]
        keep_x = [
            j for j in range(len(xs)) if heights[upright_edges[:, j] >= _SURE].sum() >= _LEAST_RULE * unit
        ]
        if len(keep_y) == len(ys) and len(keep_x) == len(xs):
            break
        ys, xs = [ys[i] for i in keep_y], [xs[j] for j in keep_x]
    cells, _, _ = spans(level_edges, upright_edges)
    if len(cells) < 3:
        return None
    return Grid(tuple(ys), tuple(xs), level_edges, upright_edges, tuple(cells))


def edge_cover(ink: RuleInk, lines: Sequence[float], cuts: Sequence[float], reach: int) -> Floats:
    """Inked share of each edge: (lines, cuts - 1), edges of line i run between neighbouring cuts.

    An edge counts in full only when ink reaches both of its ends: text in a merged cell covers the
    middle of an edge that is not there, but hardly ever touches the rules beside it.
    """
    size, length = ink.thin.shape
    starts = np.clip(np.round(np.asarray(cuts[:-1])).astype(int) + 2, 0, length - 1)
    stops = np.clip(np.round(np.asarray(cuts[1:])).astype(int) - 1, 1, length)
    stops = np.maximum(stops, starts + 1)
    span = stops - starts
    tip = np.minimum(np.maximum(3, span // 7), max(3, int(0.35 * ink.unit)))
    tip = np.minimum(tip, span)
    cover = np.zeros((len(lines), len(span)))
    for i, line in enumerate(lines):
        low, high = max(round(line) - reach, 0), min(round(line) + reach + 1, size)
        if high <= low:
            continue
        thin = cv2.dilate(ink.thin[low:high], np.ones((3, 1), np.uint8))
        long_any = ink.long[low:high].max(axis=0)
        strong = _share(long_any[None], starts, stops)[0]
        share = _share(thin, starts, stops)
        best = share.argmax(axis=0)
        # The ends may lie a pixel off the best row when the rule is not quite straight.
        tips = np.zeros(len(span))
        for edge in range(len(span)):
            near = thin[max(best[edge] - 1, 0) : best[edge] + 2].max(axis=0)
            a, b, t = starts[edge], stops[edge], tip[edge]
            tips[edge] = min(near[a : a + t].mean(), near[b - t : b].mean())
        raw = share[best, np.arange(len(span))] - np.where(tips > 0.6, 0.25, 0.45)
        cover[i] = np.maximum(np.where(tips > 0.45, strong, 0.6 * strong), raw)
    return cover


def _share(mask: NDArray[np.uint8], starts: NDArray[np.int_], stops: NDArray[np.int_]) -> Floats:
    total = np.zeros((mask.shape[0], mask.shape[1] + 1))
    np.cumsum(mask, axis=1, out=total[:, 1:])
    return np.asarray((total[:, stops] - total[:, starts]) / (stops - starts), dtype=np.float64)


def _places(found: Sequence[Segment], apart: float) -> list[float]:
    """Positions of rules: segments nearer than `apart` across are one rule, weighted by length."""
    ordered = sorted(found, key=lambda segment: segment.at)
    groups: list[list[Segment]] = []
    for segment in ordered:
        if (
            groups
            and segment.at
            - float(np.average([s.at for s in groups[-1]], weights=[s.length for s in groups[-1]]))
            < apart
        ):
            groups[-1].append(segment)
        else:
            groups.append([segment])
    return [float(np.average([s.at for s in group], weights=[s.length for s in group])) for group in groups]
