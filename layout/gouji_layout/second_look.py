"""A second look at tables whose rules are not beyond doubt, with the rule network.

The ink decides alone while every edge is clearly drawn or clearly absent; the network is asked where a
gap in a rule and text that touches a rule look alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gouji_layout.edge_evidence import Looks
from gouji_layout.edge_model import Chances, edge_chances
from gouji_layout.foreign_rows import without_foreign_rows
from gouji_layout.grid import Grid
from gouji_layout.lone_gaps import with_lone_gaps_closed
from gouji_layout.paper import Paper
from gouji_layout.rule_network import rule_evidence
from gouji_layout.rules import RuleInk
from gouji_layout.spans import spans
from gouji_layout.worn_grid import Evidence, evidence_of, worn_grids

Floats = NDArray[np.float64]
_DOUBT = (0.2, 0.86)  # inked shares between which an edge is neither drawn nor absent beyond doubt
_WHOLE = 0.5  # a grid that had to lower its threshold below this is worn
_SEEN_BY_NETWORK = 0.6  # evidence from which an edge would count if ink said as little
_UNSEEN = 0.08  # evidence that no edge of a rule stays below
_OPEN = 0.2  # of the drawn share: edges nearer to the threshold are decided by their chance
_OPEN_WORN = 1.0  # the same where grids were built on the network alone: all of them
_ADDED, _LOST = 0.9, 0.4  # chances beyond which edges far from the threshold are decided by them, too
_UNLIKE_A_RULE = 0.3  # chance by its looks of an edge that may be taken away like this
_PLAIN = 0.9  # inked share of an edge that needs no network
_SURE = 0.7  # evidence of a rule beyond doubt, as where its ink is gone


def second_look(grids: Sequence[Grid], paper: Paper, ink: tuple[RuleInk, RuleInk]) -> list[Grid]:
    """The grids again, with doubtful edges decided by ink, network and what stands around them together.

    Args:
        grids: found by ink alone.
        paper: of the picture they were found in.
        ink: of its rules.
    """
    if grids and not any(_doubtful(grid) for grid in grids):
        return list(grids)
    evidence = evidence_of(paper.evened, rule_evidence(paper.evened), ink[0].unit)
    looks = Looks(ink, evidence, paper.inked)
    height, unit = paper.evened.shape[0], ink[0].unit
    weighed = [_weighed(grid, looks, worn=_worn(grids)) for grid in candidates(grids, evidence)]
    return [without_foreign_rows(grid, height, unit) for grid in weighed]


def candidates(grids: Sequence[Grid], evidence: tuple[Evidence, Evidence]) -> list[Grid]:
    """Grids by ink and network, or on worn pages by the network alone, each edge still by itself."""
    if _worn(grids):
        return worn_grids(evidence) or list(grids)
    return [_settled(grid, evidence) for grid in grids]


def _worn(grids: Sequence[Grid]) -> bool:
    return not grids or any(grid.seen < _WHOLE for grid in grids)


def _weighed(grid: Grid, looks: Looks, *, worn: bool) -> Grid:
    """The grid with every edge that is near the threshold decided by how likely it is among the others."""
    level, upright = (
        reweighed(edges, chances, grid.seen, _OPEN_WORN if worn else _OPEN)
        for edges, chances in zip((grid.level, grid.upright), edge_chances(grid, looks), strict=True)
    )
    if worn:  # where rules are whole, one that is not seen is not there
        upright = with_lone_gaps_closed(grid, upright, looks.text(grid)[0], looks.ink[0].unit)
    cells, _, _ = spans(level, upright, grid.seen)
    return replace(grid, level=level, upright=upright, cells=tuple(cells))


def reweighed(edges: Floats, chances: Chances, seen: float, near: float) -> Floats:
    """Drawn shares, put where the chance of their edge says if ink and rule network leave a doubt.

    They do as `near` the threshold as this. Elsewhere an edge is added where its neighbours say that it was
    drawn, and taken away where neither they nor its own looks speak for it.
    Where text stands close on both sides, as in a narrow column of characters above one another, its
    strokes look like a worn rule: such an edge may lose its place, but not win one.
    """
    drawn = edges >= seen
    added = ~drawn & (chances.drawn > _ADDED)
    lost = drawn & (chances.drawn < _LOST) & (chances.looks < _UNLIKE_A_RULE)
    unsure = ((np.abs(edges - seen) < near) | added | lost) & (drawn | ~chances.pressed)
    return np.where(unsure, seen + chances.drawn - 0.5, edges)


def _doubtful(grid: Grid) -> bool:
    shares = np.concatenate([grid.level.ravel(), grid.upright.ravel()])
    return bool(((shares > _DOUBT[0]) & (shares < _DOUBT[1])).any())


def _settled(grid: Grid, evidence: tuple[Evidence, Evidence]) -> Grid:
    grid = _without_unseen(grid, evidence)
    level = _together(grid.level, evidence[0].cover(grid.ys, grid.xs))
    upright = _together(grid.upright, evidence[1].cover(grid.xs, grid.ys).T)
    return replace(grid, level=level, upright=upright, seen=(grid.seen + _SEEN_BY_NETWORK) / 2)


def _without_unseen(grid: Grid, evidence: tuple[Evidence, Evidence]) -> Grid:
    """Leave out inner rules of which the network sees nothing: strokes of a line of text."""
    rows = [at for at, _ in enumerate(grid.ys) if 0 < at < len(grid.ys) - 1]
    columns = [at for at, _ in enumerate(grid.xs) if 0 < at < len(grid.xs) - 1]
    by_rows = evidence[0].cover(grid.ys, grid.xs).max(axis=1)
    by_columns = evidence[1].cover(grid.xs, grid.ys).max(axis=1)
    level, upright, ys, xs = grid.level, grid.upright, list(grid.ys), list(grid.xs)
    for at in reversed(columns):
        if by_columns[at] < _UNSEEN:
            level, upright = _joined(level, xs, at, axis=1), np.delete(upright, at, axis=1)
            del xs[at]
    for at in reversed(rows):
        if by_rows[at] < _UNSEEN:
            level, upright = np.delete(level, at, axis=0), _joined(upright, ys, at, axis=0)
            del ys[at]
    return replace(grid, level=level, upright=upright, ys=tuple(ys), xs=tuple(xs))


def _joined(edges: Floats, cuts: Sequence[float], at: int, *, axis: int) -> Floats:
    """Edges along an axis with the two beside a cut made one."""
    edges = np.moveaxis(edges, axis, 0)
    before, after = cuts[at] - cuts[at - 1], cuts[at + 1] - cuts[at]
    whole = (before * edges[at - 1] + after * edges[at]) / (before + after)
    kept = np.concatenate([edges[: at - 1], whole[None], edges[at + 1 :]])
    return np.asarray(np.moveaxis(kept, 0, axis), dtype=np.float64)


def _together(inked: Floats, network: Floats) -> Floats:
    """Drawn shares of edges by both witnesses; a network that is sure of a rule needs no ink."""
    both = (inked + network) / 2
    plain = np.where((inked >= _PLAIN) & (network > _UNSEEN), inked, both)
    return np.where(network >= _SURE, np.maximum(both, network), plain)
