"""Grids of tables whose rules are worn: built on what the rule network sees instead of on ink."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.grid import Grid, open_sides, places, reach_of
from gouji_layout.page import Gray, Mask
from gouji_layout.regular import mend_regular
from gouji_layout.row_sums import row_sums
from gouji_layout.rules import RuleInk, Segment, segments
from gouji_layout.show_through import contrast, printed_here
from gouji_layout.spans import spans
from gouji_layout.touching import touching

Floats = NDArray[np.float64]
_SURE = 127  # evidence above this, of 255, says more yes than no
_GAP = 0.5
SEEN = 0.58  # evidence, of 1, from which an edge counts
_TRACE, _CONTINUED = 0.15, 0.2
_PROOF = 0.67  # evidence that one edge of every rule has; strokes above one another have less
_FAINT = 0.5  # of the usual contrast of a border
_BEYOND = 1.6  # text heights
_LEAST_RULE = 1.4  # text heights of seen edges that make a rule
_LEAST_LEVEL, _LEAST_UPRIGHT = 3.0, 0.9  # text heights of a piece; an upright one may stand in one tight row
_DRAWN = 0.62  # evidence from which an edge helps to prove a rule
_SAME = 0.45  # text heights between pieces of one rule
_REACHING, _SOMETHING = 3, 0.4  # rules that go on to a border, evidence that half of its edges have
_LEAST_CELLS = 3
_WEAK = 0.15  # mean evidence of an edge that counts as a trace of a rule
_WEAK_RULE = 0.3  # evidence of traces together that may be a rule, as a share of what a seen one needs
_MIDDLE = np.array([1.0, 2.0, 3.0, 2.0, 1.0])  # weights that find the middle of a trace some pixels wide
_EQUAL_PARTS = 8  # columns at most that a wide one may turn out to be
_APART = 0.9  # text heights between a trace and the rules around it
_WHOLE = 0.75  # evidence below this at both borders of a row may be two tables seen as one


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the network sees of rules of one direction, laid so that they run along axis 1."""

    seen: Gray  # 0 (surely no rule here) to 255 (surely one)
    evened: Gray
    unit: float  # text height in pixels

    def segments(self, least: float) -> list[Segment]:
        """Pieces of rules at least `least` text heights long."""
        mask: Mask = np.asarray(self.seen > _SURE, dtype=np.uint8)
        return segments(RuleInk(mask, mask, self.unit), least, gap=_GAP)

    def cover(self, lines: Sequence[float], cuts: Sequence[float]) -> Floats:
        """Mean evidence of each edge: (lines, cuts - 1), edges of line i run between neighbouring cuts."""
        size, length = self.seen.shape
        reach = reach_of(self.unit)
        starts = np.clip(np.round(np.asarray(cuts[:-1])).astype(int) + 4, 0, length - 1)
        stops = np.clip(np.round(np.asarray(cuts[1:])).astype(int) - 3, 1, length)
        stops = np.maximum(stops, starts + 1)
        found = np.zeros((len(lines), len(starts)))
        for at, line in enumerate(lines):
            low, high = max(round(line) - reach, 0), min(round(line) + reach + 1, size)
            if high > low:
                total = np.concatenate([[0.0], np.cumsum(self.seen[low:high].max(axis=0) / 255.0)])
                found[at] = (total[stops] - total[starts]) / (stops - starts)
        return found


def evidence_of(evened: Gray, seen: tuple[Gray, Gray], unit: float) -> tuple[Evidence, Evidence]:
    """Evidence of level and of upright rules."""
    seen_aside, aside = (np.asarray(cv2.transpose(plane), dtype=np.uint8) for plane in (seen[1], evened))
    return Evidence(seen[0], evened, unit), Evidence(seen_aside, aside, unit)


def worn_grids(evidence: tuple[Evidence, Evidence]) -> list[Grid]:
    """Grids of all tables the network sees."""
    level = evidence[0].segments(_LEAST_LEVEL)
    upright = evidence[1].segments(_LEAST_UPRIGHT)
    level, upright = printed_here((evidence[0].evened, evidence[1].evened), level, upright)
    groups = touching(level, upright, evidence[0].unit)
    grids = []
    while groups:
        own = groups.pop()
        grid = _grid(evidence, *own)
        if grid is None:
            continue
        gap = _gap(grid, evidence[1])
        if gap is None:
            grids.append(_traced(grid, evidence))
        else:
            groups += _cut_apart(*own, *gap)
    return grids


def _grid(
    evidence: tuple[Evidence, Evidence], level: Sequence[Segment], upright: Sequence[Segment]
) -> Grid | None:
    """The grid of one group of crossing segments; None when it is no table."""
    unit = evidence[0].unit
    ys, xs = places(level, _SAME * unit), places(upright, _SAME * unit)
    open_xs = _far(open_sides(xs, level, unit), xs, unit)
    open_ys = _far(open_sides(ys, upright, unit), ys, unit)
    xs, ys = sorted([*xs, *open_xs]), sorted([*ys, *open_ys])
    while True:  # until no line loses what supports it by the loss of others
        if len(ys) < 2 or len(xs) < 2:
            return None
        level_edges = evidence[0].cover(ys, xs)
        upright_edges = evidence[1].cover(xs, ys).T
        sure_y = _supported(level_edges, np.diff(xs), unit) | _reached(level_edges, upright_edges)
        sure_x = _supported(upright_edges.T, np.diff(ys), unit) | _reached(upright_edges.T, level_edges.T)
        keep_y = [y for y, sure in zip(ys, sure_y, strict=True) if sure or y in open_ys]
        keep_x = [x for x, sure in zip(xs, sure_x, strict=True) if sure or x in open_xs]
        if len(keep_y) == len(ys) and len(keep_x) == len(xs):
            break
        ys, xs = keep_y, keep_x
    mended = mend_regular(
        xs,
        np.diff(ys),
        lambda places: evidence[1].cover(places, ys),
        seen=SEEN,
        least=least_rule(np.diff(ys), unit),
    )
    if mended != xs:
        xs = mended
        level_edges, upright_edges = evidence[0].cover(ys, xs), evidence[1].cover(xs, ys).T
    level_edges, upright_edges = _continued(level_edges), _continued(upright_edges.T).T
    cells, _, _ = spans(level_edges, upright_edges, SEEN)
    if len(cells) < _LEAST_CELLS:
        return None
    return Grid(
        tuple(ys), tuple(xs), level_edges, upright_edges, tuple(cells), SEEN,
        frozenset(open_xs) & frozenset(xs), frozenset(open_ys) & frozenset(ys),
    )  # fmt: skip


def _traced(grid: Grid, evidence: tuple[Evidence, Evidence]) -> Grid:
    """The grid with lines of which traces are seen, and those that would make all columns equal.

    Many of them were never printed: `second_look` leaves out those of which no edge was likely drawn.
    """
    xs = mend_regular(
        with_traces(grid.xs, grid.ys, evidence[1], _WEAK, _WEAK_RULE),
        np.diff(grid.ys),
        lambda places: evidence[1].cover(places, grid.ys),
        seen=SEEN,
        least=0.0,
        parts=_EQUAL_PARTS,
    )
    return with_lines(grid, with_traces(grid.ys, xs, evidence[0], _WEAK, _WEAK_RULE), xs, evidence)


def with_lines(
    grid: Grid, ys: Sequence[float], xs: Sequence[float], evidence: tuple[Evidence, Evidence]
) -> Grid:
    """The grid with other lines, their edges by what the network sees; its cells are those before."""
    level = _continued(evidence[0].cover(ys, xs))
    upright = _continued(evidence[1].cover(xs, ys)).T
    return replace(grid, ys=tuple(ys), xs=tuple(xs), level=level, upright=upright)


def least_rule(lengths: Floats, unit: float) -> float:
    """Pixels of seen edges that make a rule: some text heights, or half of a table smaller than that."""
    return min(_LEAST_RULE * unit, 0.45 * float(lengths.sum()))


def with_traces(
    lines: Sequence[float], cuts: Sequence[float], evidence: Evidence, weak: float, rule: float
) -> list[float]:
    """Lines of a grid and places between them where edges are seen under one another.

    Args:
        lines: where rules were believed, ascending.
        cuts: the rules across them.
        evidence: of rules of their direction.
        weak: mean evidence from which an edge counts.
        rule: evidence of such edges together, as a share of the length that makes a rule.
    """
    unit, size = evidence.unit, evidence.seen.shape[0]
    stops = np.clip(np.round(np.asarray(cuts)).astype(int), 0, evidence.seen.shape[1])
    lengths = np.diff(np.asarray(cuts))
    first, last = max(round(lines[0]), 0), min(round(lines[-1]) + 1, size)
    band = evidence.seen[first:last, stops[0] : stops[-1]]
    if min(band.shape) < 2:
        return list(lines)
    near = np.asarray(cv2.dilate(band, np.ones((3, 1), np.uint8)), dtype=np.uint8)
    ends = stops - stops[0]
    starts, stops = np.minimum(ends[:-1] + 4, ends[1:] - 1), np.maximum(ends[1:] - 3, ends[:-1] + 1)
    starts, stops = np.maximum(starts, 0), np.minimum(stops, band.shape[1])  # cuts beyond the picture
    mean = row_sums(near, starts, stops) / 255.0 / np.maximum(stops - starts, 1)
    traced = np.where(mean >= weak, mean, 0.0) @ lengths
    least = rule * least_rule(lengths, unit)
    apart = round(_APART * unit)
    found = list(lines)
    middles = np.convolve(traced, _MIDDLE, "same")
    for at in sorted(np.flatnonzero(traced >= least), key=lambda at: -middles[at]):
        if min(abs(at + first - line) for line in found) >= apart:
            found.append(float(at + first))
    return sorted(found)


def _supported(edges: Floats, lengths: Floats, unit: float) -> NDArray[np.bool_]:
    """Whether enough of each line is seen."""
    enough = (edges >= _DRAWN) @ lengths >= least_rule(lengths, unit)
    return np.asarray(enough & (edges.max(axis=1) >= _PROOF), dtype=np.bool_)


def _reached(edges: Floats, across: Floats) -> NDArray[np.bool_]:
    """Whether each line is a border that the rules across it go on to, of which something is seen itself.

    Args:
        edges: of the lines.
        across: edges of the rules between them, (gaps, rules).
    """
    reached = np.zeros(len(edges), dtype=bool)
    for line, gap in ((0, 0), (-1, -1)):
        rules = across[gap] >= _DRAWN
        reached[line] = (
            rules.sum() >= _REACHING and rules.mean() > 0.5 and np.median(edges[line]) >= _SOMETHING
        )
    return reached


def _continued(edges: Floats) -> Floats:
    """Edges along axis 1, raised where the same rule is drawn on both sides of them, lowered where on none.

    Only edges of which something is seen are moved: where a cell is merged there is next to nothing.
    """
    on = np.pad((edges >= _DRAWN).astype(float), ((0, 0), (1, 1)))
    share = (on[:, :-2] + on[:, 2:]) / 2
    return np.where(edges > _TRACE, edges + _CONTINUED * (share - 0.5), edges)


def _far(borders: Sequence[float], places: Sequence[float], unit: float) -> list[float]:
    """Borders that are not drawn and further out than the network sees a rule go on by mistake."""
    return [border for border in borders if min(abs(border - place) for place in places) > _BEYOND * unit]


def _gap(grid: Grid, upright: Evidence) -> tuple[float, float] | None:
    """Where two tables of one width were joined: a row without upright rules in a table with both sides.

    The network sees borders go on through a heading between two tables; there is no ink there.
    """
    borders = (grid.upright[:, [0, -1]] >= grid.seen).all(axis=1)
    if grid.open_xs or borders.mean() < 0.5:
        return None
    dark = np.array(
        [
            [contrast(upright.evened, x, low + 3, high - 3) for x in (grid.xs[0], grid.xs[-1])]
            for low, high in pairwise(grid.ys)
        ]
    )
    faint = (dark < _FAINT * np.median(dark, axis=0)).all(axis=1)
    for row, edges in enumerate(grid.upright):
        between = 0 < row < len(grid.upright) - 1
        absent = faint[row] or (edges[[0, -1]] < _WHOLE).all()
        if between and (edges[1:-1] < grid.seen).all() and absent:
            return grid.ys[row], grid.ys[row + 1]
    return None


def _cut_apart(
    level: Sequence[Segment], upright: Sequence[Segment], low: float, high: float
) -> list[tuple[list[Segment], list[Segment]]]:
    """Segments above and below a gap between two tables."""
    middle = (low + high) / 2
    above = [replace(s, end=min(s.end, low)) for s in upright if s.start < low]
    below = [replace(s, start=max(s.start, high)) for s in upright if s.end > high]
    return [([s for s in level if s.at < middle], above), ([s for s in level if s.at > middle], below)]
