"""How likely each edge of a worn table is drawn, judged by a network that sees all edges of the grid at once.

Where rules are worn, an edge alone says little, and what stands around it says more than the nearest few:
whole rows and columns are drawn alike. The network (`worn-edges-v2`, docs/model-cards) is convolutions over
the places of the grid and means along its rows and columns, so it takes a grid of any size.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from gouji_layout.edge_evidence import OWN, Looks, edge_evidence, text_is_centred
from gouji_layout.edge_model import Chances, alone_terms, edge_models, odds_of, pressed
from gouji_layout.grid import Grid
from gouji_models.registry import weights

Floats = NDArray[np.float64]
_PLAIN, _PLAINLY = (0.8, 0.6, 0.75), 0.95  # ink, evidence and looks of a plain edge; its chance
_CONTRAST, _LOOKS = OWN.index("contrast"), OWN.index("looks")
TERMS = len(OWN) + 3
"""Planes of each direction: its evidence, what the first step says, how text is centred, the drawn share."""
PLANES = 2 * TERMS + 2


def worn_chances(grid: Grid, looks: Looks) -> tuple[Chances, Chances]:
    """Chances of the level (rows + 1, cols) and of the upright (rows, cols + 1) edges of a worn grid."""
    planes, own = grid_planes(grid, looks)
    (odds,) = _session().run(None, {"edges": planes[None]})
    drawn = 1 / (1 + np.exp(-np.asarray(odds[0], dtype=np.float64)))
    level, aside = (
        Chances(np.maximum(judged, _PLAINLY * plain(known)), known[..., _LOOKS], pressed(known))
        for judged, known in zip((drawn[0, :, :-1], drawn[1, :-1].T), own, strict=True)
    )
    return level, aside.turned()


def plain(own: Floats) -> NDArray[np.bool_]:
    """Which edges ink, rule network and looks all see, whatever the rest of the grid is like."""
    inked, seen, looks = (own[..., OWN.index(name)] for name in ("inked", "seen", "looks"))
    return np.asarray((inked > _PLAIN[0]) & (seen > _PLAIN[1]) & (looks > _PLAIN[2]), dtype=np.bool_)


def grid_planes(grid: Grid, looks: Looks) -> tuple[NDArray[np.float32], tuple[Floats, Floats]]:
    """What is known of all edges, (PLANES, rows + 1, cols + 1), and the evidence it is made of.

    The level edge from a crossing to the right and the upright edge from it downwards have the place of the
    crossing; the last two planes are 1 where there is such an edge.
    """
    text = looks.text(grid)
    own = edge_evidence(grid, looks, text)
    planes = np.zeros((PLANES, len(grid.ys), len(grid.xs)), np.float32)
    directions = ((grid.ys, grid.xs, grid.level), (grid.xs, grid.ys, grid.upright.T))
    for at, (lines, cuts, edges) in enumerate(directions):
        alone = edge_models()[at].first(alone_terms(own[at]))
        centred = text_is_centred(text[at], lines, cuts, alone, looks.ink[at].unit)
        known = own[at].copy()
        known[..., _CONTRAST] = np.clip(known[..., _CONTRAST], -0.5, 1.5)
        known[..., _LOOKS] = odds_of(known[..., _LOOKS])
        terms = np.concatenate([known, np.stack([odds_of(alone), centred / 3, edges], axis=-1)], axis=-1)
        terms = terms if at == 0 else terms.swapaxes(0, 1)
        rows, columns = terms.shape[:2]
        planes[at * TERMS : (at + 1) * TERMS, :rows, :columns] = np.moveaxis(terms, -1, 0)
        planes[2 * TERMS + at, :rows, :columns] = 1.0
    return planes, own


@cache
def _session() -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(weights("worn-edges-v2"), options, providers=["CPUExecutionProvider"])
