"""How likely each edge of a worn table is drawn, judged by a network that sees all edges of the grid at once.

Where rules are worn, an edge alone says little, and what stands around it says more than the nearest few:
whole rows and columns are drawn alike. The network (`worn-edges-v3`, docs/model-cards) is convolutions over
the places of the grid and means along its rows and columns, so it takes a grid of any size.
"""

from __future__ import annotations

from functools import cache, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gouji_layout.edge_evidence import OWN, Looks, edge_evidence, text_is_centred
from gouji_layout.edge_model import Chances, alone_terms, edge_models, odds_of, pressed
from gouji_layout.edge_network import HIDDEN
from gouji_layout.grid import Grid
from gouji_layout.place_texts import MEASURES, place_texts
from gouji_models.sessions import session

Floats = NDArray[np.float64]
Planes = NDArray[np.float32]
_PLAIN, _PLAINLY = (0.8, 0.6, 0.75), 0.95  # ink, evidence and looks of a plain edge; its chance
_CONTRAST, _LOOKS = OWN.index("contrast"), OWN.index("looks")
_HIDDEN_SCALE = 0.25
TERMS = len(OWN) + 3
"""Planes of each direction: its evidence, what the first step says, how text is centred, the drawn share."""
THERE = 2 * TERMS
"""First of two planes that are 1 where there is a level edge, and where there is an upright one."""
PLACES = THERE + 2
"""First of the planes of the text in the place below and right of each crossing."""
LOOKED = PLACES + MEASURES
"""First of the planes of how each level edge looks, and after them of each upright one."""
PLANES = LOOKED + 2 * HIDDEN
_LEFT_RIGHT, _ABOVE_BELOW = [PLACES + 2, PLACES + 3], [PLACES + 4, PLACES + 5]


def worn_chances(grid: Grid, looks: Looks) -> tuple[Chances, Chances]:
    """Chances of the level (rows + 1, cols) and of the upright (rows, cols + 1) edges of a worn grid.

    The mean of what the network says of the grid and of its mirror images, which it learnt from alike.
    """
    planes, own = grid_planes(grid, looks)
    ways: list[tuple[int, ...]] = [(), (2,), (1,), (1, 2)]  # axes it is mirrored along
    shown = np.stack([reduce(mirrored, way, planes) for way in ways])
    (said,) = _session().run(None, {"edges": shown})
    odds = np.mean([reduce(mirrored_edges, way, one) for one, way in zip(said, ways, strict=True)], axis=0)
    drawn = 1 / (1 + np.exp(-np.asarray(odds, dtype=np.float64)))
    level, aside = (
        Chances(np.maximum(judged, _PLAINLY * plain(known)), known[..., _LOOKS], pressed(known))
        for judged, known in zip((drawn[0, :, :-1], drawn[1, :-1].T), own, strict=True)
    )
    return level, aside.turned()


def mirrored(planes: Planes, axis: int) -> Planes:
    """Planes of `grid_planes` of a grid mirrored top to bottom (axis 1) or left to right (axis 2)."""
    flipped = np.flip(planes, axis).copy()
    at = 2 - axis  # the direction whose edges, as the places, begin at the other crossing then
    for first, count in ((at * TERMS, TERMS), (THERE + at, 1), (LOOKED + at * HIDDEN, HIDDEN)):
        flipped[first : first + count] = np.roll(flipped[first : first + count], -1, axis)
    flipped[PLACES:LOOKED] = np.roll(flipped[PLACES:LOOKED], -1, axis)
    sides = _LEFT_RIGHT if axis == 2 else _ABOVE_BELOW
    flipped[sides] = flipped[sides[::-1]]
    return flipped


def mirrored_edges(edges: NDArray[Any], axis: int) -> NDArray[Any]:
    """What is said of the edges, (2, rows + 1, cols + 1), of a grid mirrored so; twice it is as before."""
    flipped = np.flip(edges, axis).copy()
    flipped[2 - axis] = np.roll(flipped[2 - axis], -1, axis - 1)
    return flipped


def plain(own: Floats) -> NDArray[np.bool_]:
    """Which edges ink, rule network and looks all see, whatever the rest of the grid is like."""
    inked, seen, looks = (own[..., OWN.index(name)] for name in ("inked", "seen", "looks"))
    return np.asarray((inked > _PLAIN[0]) & (seen > _PLAIN[1]) & (looks > _PLAIN[2]), dtype=np.bool_)


def grid_planes(grid: Grid, looks: Looks) -> tuple[Planes, tuple[Floats, Floats]]:
    """What is known of all edges, (PLANES, rows + 1, cols + 1), and their own evidence.

    The level edge from a crossing to the right and the upright edge from it downwards have the place of the
    crossing, and so has the place of the grid between both.
    """
    text = looks.text(grid)
    known_of = edge_evidence(grid, looks, text)
    own = known_of[0].own, known_of[1].own
    planes = np.zeros((PLANES, len(grid.ys), len(grid.xs)), np.float32)
    planes[PLACES:LOOKED, :-1, :-1] = place_texts(grid, looks.evidence[0].evened, looks.ink[0].unit)
    directions = ((grid.ys, grid.xs, grid.level), (grid.xs, grid.ys, grid.upright.T))
    for at, (lines, cuts, edges) in enumerate(directions):
        alone = edge_models()[at].first(alone_terms(own[at]))
        centred = text_is_centred(text[at], lines, cuts, alone, looks.ink[at].unit)
        known = own[at].copy()
        known[..., _CONTRAST] = np.clip(known[..., _CONTRAST], -0.5, 1.5)
        known[..., _LOOKS] = odds_of(known[..., _LOOKS])
        terms = np.concatenate([known, np.stack([odds_of(alone), centred / 3, edges], axis=-1)], axis=-1)
        hidden = known_of[at].hidden * _HIDDEN_SCALE
        there = np.ones((*edges.shape, 1))
        for first, values in ((at * TERMS, terms), (THERE + at, there), (LOOKED + at * HIDDEN, hidden)):
            laid = np.moveaxis(values if at == 0 else values.swapaxes(0, 1), -1, 0)
            planes[first : first + len(laid), : laid.shape[1], : laid.shape[2]] = laid
    return planes, own


@cache
def _session() -> Any:
    return session("worn-edges-v3")
