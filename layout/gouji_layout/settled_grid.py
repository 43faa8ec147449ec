"""A grid that ink has found, settled with what the rule network sees: its lines, and each edge by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gouji_layout.edge_cover import edge_cover
from gouji_layout.edge_evidence import Looks
from gouji_layout.grid import Grid, inked_edges, reach_of
from gouji_layout.rules import RuleInk
from gouji_layout.worn_grid import Evidence, least_rule, with_traces

Floats = NDArray[np.float64]
_SEEN_BY_NETWORK = 0.6  # evidence from which an edge would count if ink said as little
_UNSEEN = 0.08  # evidence that no edge of a rule stays below
_SEEN_TRACE, _SEEN_RULE = 0.5, 0.7  # of a line that ink lost: evidence of edges, share of what makes a rule
_INKED_RULE, _AGREED = 0.8, 0.5  # the same of its ink: share of what makes a rule, of what the network sees
_PLAIN = 0.9  # inked share of an edge that needs no network
_SURE = 0.7  # evidence of a rule beyond doubt, as where its ink is gone


def settled(grid: Grid, looks: Looks) -> Grid:
    """The grid with lines and edges that ink and network see together.

    Args:
        grid: by ink alone.
        looks: how its picture looks.
    """
    evidence = looks.evidence
    grid = _with_lost(_without_unseen(grid, evidence), looks)
    level = _together(grid.level, evidence[0].cover(grid.ys, grid.xs))
    upright = _together(grid.upright, evidence[1].cover(grid.xs, grid.ys).T)
    return replace(grid, level=level, upright=upright, seen=(grid.seen + _SEEN_BY_NETWORK) / 2)


def _with_lost(grid: Grid, looks: Looks) -> Grid:
    """The grid with lines between its own that network and ink see together, though not enough ink alone."""
    xs = _lost(grid.xs, grid.ys, looks.evidence[1], looks.ink[1])
    ys = _lost(grid.ys, xs, looks.evidence[0], looks.ink[0])
    xs = _lost(xs, ys, looks.evidence[1], looks.ink[1])  # a row that was found parts what runs along a column
    if len(xs) == len(grid.xs) and len(ys) == len(grid.ys):
        return grid
    level, upright = inked_edges(looks.ink, ys, xs)
    return replace(grid, ys=tuple(ys), xs=tuple(xs), level=level, upright=upright)


def _lost(lines: Sequence[float], cuts: Sequence[float], evidence: Evidence, ink: RuleInk) -> Sequence[float]:
    """Lines of one direction with those between them that network and ink see together."""
    found = with_traces(lines, cuts, evidence, _SEEN_TRACE, _SEEN_RULE)
    if len(found) == len(lines):
        return lines
    lengths = np.diff(np.asarray(cuts))
    seen = (evidence.cover(found, cuts) >= _SEEN_TRACE) * lengths
    inked = (edge_cover(ink, found, cuts, reach_of(ink.unit)) * seen).sum(axis=1)
    enough = (inked >= _INKED_RULE * least_rule(lengths, ink.unit)) & (inked >= _AGREED * seen.sum(axis=1))
    return [line for line, drawn in zip(found, enough, strict=True) if drawn or line in lines]


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
