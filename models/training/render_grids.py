"""Gathers grids of worn tables with what is known of every edge, and whether it was drawn.

    python models/training/render_grids.py OUT.npz SET ...

A set is `random:PAGES:SEED` (random tables of `render_rules.py`, worn as levels 3 to 5 are) or, like those of
`fit_edges.py`, `SEED:LEVELS:TABLES` of made pages. Only pages whose grids are built on the rule network alone
are kept. Grids are found in them as in reading, with the lines of which there are only traces.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from fit_edges import cases, drawn, true_cells
from grid_files import ABSENT, DRAWN, UNKNOWN, Labelled, Truth, save
from numpy.typing import NDArray
from render_edges import covered_edges, printed_rules
from render_rules import straight_page

from gouji_layout.edge_evidence import Looks
from gouji_layout.grid import Grid
from gouji_layout.page import ScanPage
from gouji_layout.paper import Paper
from gouji_layout.rule_network import rule_evidence
from gouji_layout.rules import rule_ink
from gouji_layout.second_look import candidates, is_worn
from gouji_layout.table_text import table_text_height, work_scale
from gouji_layout.tables import ruled_grids
from gouji_layout.upright import upright
from gouji_layout.worn_edges import grid_planes
from gouji_layout.worn_grid import evidence_of

_LEVELS = (0.0, 0.0, 0.0, 0.2, 0.4, 0.4)  # shares of random pages worn like these levels of made ones
_TRICKY = 0.4  # of the random pages have texts whose strokes stand where rules could be
_PARTLY = 0.3  # covered shares from this to its counterpart are neither drawn nor absent
_FEWEST = 8  # edges that were drawn in a grid that is kept


def main(out: str, *sets: str) -> None:
    """Gather the sets and write them."""
    cv2.setNumThreads(1)
    grids = [one for text in sets for one in (_random(text) if text.startswith("random") else _made(text))]
    save(Path(out), grids)
    print(f"{len(grids)} grids")


def _random(text: str) -> Iterator[Labelled]:
    _, pages, seed = text.split(":")
    for at in range(int(pages)):
        rng = np.random.default_rng([20261129, int(seed), at])
        made = straight_page(rng, scaled=False, tricky=rng.random() < _TRICKY, levels=_LEVELS)
        paper = Paper.of(made.flat)
        unit = table_text_height(paper)
        scale = work_scale(unit)
        rules = printed_rules(made, scale)
        for grid, looks in _grids(paper.scaled(scale), unit * scale):
            edges = [
                covered_edges(rules[0], grid.ys, grid.xs, unit * scale),
                covered_edges(rules[1], grid.xs, grid.ys, unit * scale),
            ]
            known = known_edges(edges)
            if known is not None:
                yield grid_planes(grid, looks)[0], _truth(known)


def known_edges(shares: Sequence[NDArray[np.float64]]) -> list[Truth] | None:
    """Which edges of both directions were drawn, by the shares that rules cover; None if hardly any."""
    known = []
    for share in shares:
        own = np.where(share > 0.5, DRAWN, ABSENT).astype(np.uint8)
        own[(share > _PARTLY) & (share < 1 - _PARTLY)] = UNKNOWN
        own[[0, -1]] = np.where(own[[0, -1]] == DRAWN, DRAWN, UNKNOWN)  # a border need not be drawn
        known.append(own)
    return known if sum(int((own == DRAWN).sum()) for own in known) >= _FEWEST else None


def _made(text: str) -> Iterator[Labelled]:
    for case in cases(text):
        page = upright(ScanPage(1, case.image, case.dpi))
        paper = Paper.of(page)
        unit = table_text_height(paper)
        scale = work_scale(unit)
        for grid, looks in _grids(paper.scaled(scale), unit * scale):
            cells = true_cells(case, page, grid, scale)
            if cells is not None:
                yield grid_planes(grid, looks)[0], _truth(drawn(grid, cells, 0.3 * unit * scale))


def _grids(work: Paper, unit: float) -> Iterator[tuple[Grid, Looks]]:
    """Grids of a worn page; none of another."""
    ink = rule_ink(work.evened, unit)
    found = ruled_grids(ink)
    if is_worn(found):
        looks = Looks(ink, evidence_of(work.evened, rule_evidence(work.evened), unit), work.inked)
        yield from ((grid, looks) for grid in candidates(found, looks))


def _truth(edges: Sequence[NDArray[np.integer] | NDArray[np.bool_]]) -> Truth:
    """Truth of level edges (lines, edges) and of upright ones, laid as `grid_planes` lays them."""
    level, upright_edges = edges[0], edges[1].T
    truth = np.full((2, len(level), upright_edges.shape[1]), UNKNOWN, np.uint8)
    truth[0, :, :-1], truth[1, :-1] = level, upright_edges
    return truth


if __name__ == "__main__":
    main(*sys.argv[1:])
