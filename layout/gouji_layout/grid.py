"""The joint grid of one table: where its rules are, and which of their pieces are really drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.geometry import Box
from gouji_layout.regular import mend_regular
from gouji_layout.row_sums import row_sums
from gouji_layout.rules import RuleInk, Segment, runs
from gouji_layout.spans import SEEN, Span, spans

Floats = NDArray[np.float64]
_SURE = 0.8  # an edge inked this far is a rule beyond doubt
_SURE_BROKEN = 0.6  # the same for the few edges of a small table on a page whose rules are broken
_THROUGHOUT = 0.97  # an edge inked from end to end is drawn however closely text stands beside it
_SHORT = 9.0  # text heights of a small table
_LONG = 6.0  # text heights of an edge along which text hardly makes that much of a rule anywhere
_WHOLE = 0.03  # a threshold lowered less than this says that the rules of the page are whole
_LEAST_RULE = 2.2  # text heights of sure edges that make a rule


@dataclass(frozen=True, eq=False)
class Grid:
    """Rules of one table and the inked share of every edge between their crossings."""

    ys: tuple[float, ...]
    xs: tuple[float, ...]
    level: Floats  # (len(ys), len(xs) - 1)
    upright: Floats  # (len(ys) - 1, len(xs))
    cells: tuple[Span, ...]
    seen: float = SEEN  # share from which an edge of this table counts as drawn
    open_xs: frozenset[float] = frozenset()  # borders that are not drawn
    open_ys: frozenset[float] = frozenset()
    form: str = ""  # name of the known form that its cells follow

    @property
    def box(self) -> Box:
        """Around it, in pixels of the picture it was found in."""
        return Box(self.xs[0], self.ys[0], self.xs[-1], self.ys[-1])


def find_grid(
    level_ink: RuleInk, upright_ink: RuleInk, level: Sequence[Segment], upright: Sequence[Segment]
) -> Grid | None:
    """Build the grid of one group of crossing segments; None when it is no table."""
    unit = level_ink.unit
    ys = places(level, 0.45 * unit)
    xs = places(upright, 0.45 * unit)
    for _ in range(8):
        # Strokes of text beyond the outermost rule hide that a border is not drawn, until they are dropped.
        open_xs, open_ys = open_sides(xs, level, unit), open_sides(ys, upright, unit)
        all_xs, all_ys = sorted([*xs, *open_xs]), sorted([*ys, *open_ys])
        if len(all_ys) < 2 or len(all_xs) < 2:
            return None
        level_edges, upright_edges = inked_edges((level_ink, upright_ink), all_ys, all_xs)
        widths, heights = np.diff(all_xs), np.diff(all_ys)
        sure = _SURE if _seen_from(level_edges, upright_edges) > SEEN - _WHOLE else _SURE_BROKEN
        sure_y = _supported(level_edges, widths, sure, unit)
        sure_x = _supported(upright_edges.T, heights, sure, unit)
        keep_y = [y for y, sure in zip(all_ys, sure_y, strict=True) if sure and y not in open_ys]
        keep_x = [x for x, sure in zip(all_xs, sure_x, strict=True) if sure and x not in open_xs]
        if len(keep_y) == len(ys) and len(keep_x) == len(xs):
            break
        ys, xs = keep_y, keep_x
    xs, ys = all_xs, all_ys
    seen = _seen_from(level_edges, upright_edges)
    mended = mend_regular(
        xs,
        np.diff(ys),
        lambda found: edge_cover(upright_ink, found, ys, reach_of(unit)),
        seen=seen,
        least=min(_LEAST_RULE * unit, 0.45 * (ys[-1] - ys[0])),
    )
    if mended != xs:
        xs = mended
        level_edges, upright_edges = inked_edges((level_ink, upright_ink), ys, xs)
    if seen < SEEN - _WHOLE:
        level_edges, upright_edges = inked_edges((level_ink, upright_ink), ys, xs, broken=True)
        level_edges = _continued(level_edges, seen)
        upright_edges = _continued(upright_edges.T, seen).T
    cells, _, _ = spans(level_edges, upright_edges, seen)
    if len(cells) < 3:
        return None
    return Grid(
        tuple(ys),
        tuple(xs),
        level_edges,
        upright_edges,
        tuple(cells),
        seen,
        frozenset(open_xs) & frozenset(xs),
        frozenset(open_ys) & frozenset(ys),
    )


def reach_of(unit: float) -> int:
    """Pixels that a rule may lie off its line, of the text height."""
    return max(2, round(0.18 * unit))


def inked_edges(
    ink: tuple[RuleInk, RuleInk], ys: Sequence[float], xs: Sequence[float], *, broken: bool = False
) -> tuple[Floats, Floats]:
    """Inked shares of the level (len(ys), len(xs) - 1) and upright (len(ys) - 1, len(xs)) edges."""
    reach = reach_of(ink[0].unit)
    level = edge_cover(ink[0], ys, xs, reach, broken=broken)
    return level, edge_cover(ink[1], xs, ys, reach, broken=broken).T


def edge_cover(
    ink: RuleInk, lines: Sequence[float], cuts: Sequence[float], reach: int, *, broken: bool = False
) -> Floats:
    """Inked share of each edge: (lines, cuts - 1), edges of line i run between neighbouring cuts.

    An edge counts in full only when ink reaches both of its ends: text in a merged cell covers the
    middle of an edge that is not there, but hardly ever touches the rules beside it. On a page whose
    rules are `broken`, pieces longer than any stroke are enough.
    """
    size, length = ink.thin.shape
    starts = np.clip(np.round(np.asarray(cuts[:-1])).astype(int) + 2, 0, length - 1)
    stops = np.clip(np.round(np.asarray(cuts[1:])).astype(int) - 1, 1, length)
    stops = np.maximum(stops, starts + 1)
    span = stops - starts
    tip = np.minimum(np.maximum(3, span // 7), max(3, int(0.35 * ink.unit)))
    tip = np.minimum(tip, span)
    cover = np.zeros((len(lines), len(span)))
    beside = (max(reach + 2, round(0.28 * ink.unit)), max(reach + 4, round(0.6 * ink.unit)))
    for i, line in enumerate(lines):
        low, high = max(round(line) - reach, 0), min(round(line) + reach + 1, size)
        if high <= low:
            continue
        thin = np.asarray(cv2.dilate(ink.thin[low:high], np.ones((3, 1), np.uint8)), dtype=np.uint8)
        share = _share(thin, starts, stops)
        best = share.argmax(axis=0)
        drawn, tips = np.zeros(len(span)), np.zeros(len(span))
        for edge in range(len(span)):
            # The rule may lie a pixel off its best row here and there when it is not quite straight.
            near = thin[max(best[edge] - 1, 0) : best[edge] + 2].max(axis=0)
            a, b, t = starts[edge], stops[edge], tip[edge]
            drawn[edge] = ruled_length(near[a:b], ink.unit) / (b - a)
            head, tail = near[a : a + t].mean(), near[b - t : b].mean()
            # At the border of the table the rule may end early: there may be nothing to reach.
            tips[edge] = tail if edge == 0 else head if edge == len(span) - 1 else min(head, tail)
        # Strokes of dense text have as much ink on both sides as on the line, and gaps; a rule has not.
        around = [
            _share(ink.thin[max(a, 0) : max(b, 1)], starts, stops).max(axis=0, initial=0.0)
            for a, b in (
                (round(line) - beside[1], round(line) - beside[0] + 1),
                (round(line) + beside[0], round(line) + beside[1] + 1),
            )
        ]
        inked = 0.5 * (share[best, np.arange(len(span))] + drawn)
        straight = np.where(inked >= _THROUGHOUT, inked, inked - 0.6 * np.minimum(*around))
        reached = (tips > 0.5) | (drawn > 0.55) if broken else tips > 0.5
        cover[i] = np.where(reached, straight, np.minimum(straight, 0.9) * 0.75)
    return cover


def ruled_length(flags: NDArray[np.uint8], unit: float) -> int:
    """How many of the inked places lie in pieces that only a rule makes.

    Such a piece is longer than a stroke, or starts at an end of the edge, where a rule must be and
    text hardly ever is.
    """
    pieces = runs(flags.astype(bool))
    near = 0.12 * unit
    return sum(
        end - start
        for start, end in pieces
        if end - start >= 1.1 * unit or start <= near or end >= len(flags) - near
    )


def _share(mask: NDArray[np.uint8], starts: NDArray[np.int_], stops: NDArray[np.int_]) -> Floats:
    return np.asarray(row_sums(mask, starts, stops) / (stops - starts), dtype=np.float64)


def _supported(edges: Floats, lengths: Floats, sure: float, unit: float) -> list[bool]:
    """Whether each line has enough sure edges: 2.2 text heights, or half of a table smaller than that."""
    whole = float(lengths.sum())
    if whole > _SHORT * unit:  # a line of many edges has sure ones even when the rules are broken
        sure = _SURE
    least = min(_LEAST_RULE * unit, 0.45 * whole)
    long = np.where(lengths > _LONG * unit, _SURE_BROKEN, sure)
    return [bool(lengths[line >= long].sum() >= least) for line in edges]


def _continued(edges: Floats, seen: float) -> Floats:
    """Edges along axis 1, raised where the same rule is drawn on both sides of them, lowered where on none.

    Only edges with some ink are moved: where a cell is merged there is none at all.
    """
    on = np.pad(edges >= seen, ((0, 0), (1, 1)), constant_values=False)
    known = np.pad(np.ones(edges.shape), ((0, 0), (1, 1)))
    share = (on[:, :-2] + on[:, 2:].astype(float)) / np.maximum(known[:, :-2] + known[:, 2:], 1)
    return np.where(edges > 0.15, edges + 0.3 * (share - 0.5), edges)


def _seen_from(level: Floats, upright: Floats) -> float:
    """From which share on an edge counts: lower on a page whose rules are broken everywhere."""
    drawn = np.concatenate([level.ravel(), upright.ravel()])
    drawn = drawn[drawn > 0.3]
    weak = float(np.percentile(drawn, 12)) if drawn.size else 1.0
    return float(np.clip(weak - 0.25, 0.36, SEEN))


def open_sides(places: Sequence[float], crossing: Sequence[Segment], unit: float) -> list[float]:
    """Borders that are not drawn: where the crossing rules end together beyond the outermost place."""
    if not places:
        return []
    found = []
    for sign, outer in ((-1, places[0]), (1, places[-1])):
        ends = [(s.start, s.end) if sign < 0 else (s.end, s.start) for s in crossing]
        inside = [far for far, near in ends if sign * (near - outer) < -0.9 * unit]
        reaching = sum(sign * (far - outer) > -0.9 * unit for far in inside)
        beyond = np.array([far for far in inside if sign * (far - outer) > 0.9 * unit])
        if len(beyond) < 2 or len(beyond) < 0.25 * reaching:
            continue
        border = float(np.median(beyond))
        if (np.abs(beyond - border) < 1.2 * unit).mean() > 0.5:
            found.append(border)
    return found


def places(found: Sequence[Segment], apart: float) -> list[float]:
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
