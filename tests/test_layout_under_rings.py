"""Edges that the ring of a seal hides are drawn where their rule is on both sides of it."""

from __future__ import annotations

import numpy as np

from gouji_layout.grid import Grid
from gouji_layout.ring_seals import Ring
from gouji_layout.spans import spans
from gouji_layout.under_rings import with_edges_under_rings

YS, XS = tuple(40.0 * at for at in range(7)), tuple(100.0 * at for at in range(6))


def grid_without(level: tuple[int, int] | None, upright: tuple[int, int] | None) -> Grid:
    """Six rows and five columns with one edge that was not seen."""
    edges = np.ones((7, 5)), np.ones((6, 6))
    for own, lost in zip(edges, (level, upright), strict=True):
        if lost is not None:
            own[lost] = 0.03
    cells, _, _ = spans(*edges)
    return Grid(YS, XS, *edges, tuple(cells))


def test_a_rule_along_the_side_or_the_top_of_a_ring_goes_on_beneath_it() -> None:
    aside = Ring(450.0, 100.0, 150.0)  # its left end runs along x = 300
    assert len(with_edges_under_rings(grid_without(None, (2, 3)), [aside]).cells) == 30
    star = Ring(305.0, 100.0, 150.0)
    assert len(with_edges_under_rings(grid_without(None, (2, 3)), [star]).cells) == 30
    above = Ring(250.0, 271.0, 150.0)  # its top runs along y = 120
    assert len(with_edges_under_rings(grid_without((3, 2), None), [above]).cells) == 30


def test_a_merged_cell_elsewhere_stays_one() -> None:
    merged = grid_without(None, (2, 3))
    assert len(merged.cells) == 29
    for ring in ([], [Ring(450.0, 250.0, 60.0)], [Ring(210.0, 100.0, 150.0)]):
        assert with_edges_under_rings(merged, ring) is merged


def test_a_rule_that_ends_at_the_ring_says_nothing() -> None:
    ring = Ring(450.0, 20.0, 150.0)
    assert len(with_edges_under_rings(grid_without(None, (0, 3)), [ring]).cells) == 29
