"""The joint grid of one table: where its rules are, and which of their pieces are really drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gouji_layout.edge_cover import edge_cover
from gouji_layout.geometry import Box
from gouji_layout.regular import mend_regular
from gouji_layout.rules import RuleInk, Segment
from gouji_layout.spans import SEEN, Span, spans

Floats = NDArray[np.float64]
_SURE = 0.8  # an edge inked this far is a rule beyond doubt
_SURE_BROKEN = 0.6  # the same for the few edges of a small table on a page whose rules are broken
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
