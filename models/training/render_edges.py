"""Renders pictures of edges of random tables, and whether each was drawn.

    python models/training/render_edges.py OUT.npz PAGES SEED [TRICKY]

The pages are those of `render_rules.py`. Grids are found in them as in reading, by ink and rule network;
an edge was drawn where a printed rule covers most of it. Edges in doubt are kept, and a few of the others.
On a share of TRICKY pages (0 when left out) strokes of texts stand where rules could be.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from render_rules import Points, StraightPage, run_points, straight_page

from gouji_layout.edge_cover import edge_cover
from gouji_layout.edge_evidence import Looks
from gouji_layout.edge_network import edge_patch, edge_planes
from gouji_layout.grid import Grid, reach_of
from gouji_layout.paper import Paper
from gouji_layout.rule_network import rule_evidence
from gouji_layout.rules import rule_ink
from gouji_layout.second_look import candidates
from gouji_layout.table_text import table_text_height, work_scale
from gouji_layout.tables import ruled_grids
from gouji_layout.worn_grid import evidence_of

Floats = NDArray[np.float64]
_DOUBT = 0.12  # mean of ink and evidence between which and its counterpart an edge is in doubt
_KEEP = {(True, True): 0.55, (True, False): 1.0, (False, True): 0.05, (False, False): 0.15}
"""Share that is kept of edges by whether they are in doubt and whether they were drawn."""
_MOST = 150  # edges of one grid
_PARTLY = 0.3  # covered shares from this to its counterpart are neither drawn nor absent
_NEAR = 0.35  # text heights that a rule may lie off the line of the grid


def main() -> None:
    """Render one shard."""
    out, pages, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    tricky = float(sys.argv[4]) if len(sys.argv) > 4 else 0.0
    cv2.setNumThreads(1)
    patches: list[np.ndarray] = []
    drawn: list[bool] = []
    page_of: list[int] = []
    for at in range(pages):
        for patch, there in edges(np.random.default_rng([20261129, seed, at]), tricky=at < tricky * pages):
            patches.append(patch)
            drawn.append(there)
            page_of.append(at)
    np.savez(out, patches=np.stack(patches), drawn=np.array(drawn), pages=np.array(page_of))
    print(f"{len(drawn)} edges, {np.mean(drawn):.2f} of them drawn")


def edges(rng: np.random.Generator, *, tricky: bool) -> Iterator[tuple[np.ndarray, bool]]:
    """Patches of the edges of one page, and whether they were drawn."""
    made = straight_page(rng, scaled=False, tricky=tricky)
    paper = Paper.of(made.flat)
    unit = table_text_height(paper)
    scale = work_scale(unit)
    work, unit = paper.scaled(scale), unit * scale
    looks = Looks(
        rule_ink(work.evened, unit),
        evidence_of(work.evened, rule_evidence(work.evened), unit),
        work.inked,
    )
    rules = printed_rules(made, scale)
    for grid in candidates(ruled_grids(looks.ink), looks):
        kept: list[tuple[int, float, tuple[float, float], bool]] = []
        for at, lines, cuts in _directions(grid):
            inked = edge_cover(looks.ink[at], lines, cuts, reach_of(unit))
            both = (inked + looks.evidence[at].cover(lines, cuts)) / 2
            shares = covered_edges(rules[at], lines, cuts, unit)
            for row, col in np.ndindex(both.shape):
                if _PARTLY < shares[row, col] < 1 - _PARTLY:
                    continue
                there = bool(shares[row, col] > 0.5)
                doubtful = bool(_DOUBT < both[row, col] < 1 - _DOUBT) or there != (both[row, col] > 0.5)
                if rng.random() < _KEEP[doubtful, there]:
                    kept.append((at, lines[row], (cuts[col], cuts[col + 1]), there))
        planes = [edge_planes(looks.evidence, at) for at in (0, 1)]
        for pick in rng.permutation(len(kept))[:_MOST]:
            at, line, ends, there = kept[pick]
            yield edge_patch(planes[at], line, ends, unit), there


def _directions(grid: Grid) -> tuple[tuple[int, tuple[float, ...], tuple[float, ...]], ...]:
    return (0, grid.ys, grid.xs), (1, grid.xs, grid.ys)


def printed_rules(made: StraightPage, scale: float) -> tuple[list[Points], list[Points]]:
    """Points of the printed level and upright rules in the picture scaled, along the rule first."""
    found: tuple[list[Points], list[Points]] = ([], [])
    for run in made.page.runs:
        points = (run_points(run, made) + 0.5) * scale - 0.5
        along = points if run[0] else points[:, ::-1]
        found[0 if run[0] else 1].append(along[np.argsort(along[:, 0])])
    return found


def covered_edges(rules: list[Points], lines: Sequence[float], cuts: Sequence[float], unit: float) -> Floats:
    """Share of each edge that printed rules cover, (lines, edges)."""
    found = np.zeros((len(lines), len(cuts) - 1))
    for (row, col), _ in np.ndenumerate(found):
        line, first, last = lines[row], cuts[col], cuts[col + 1]
        for points in rules:
            start, stop = max(first, points[0, 0]), min(last, points[-1, 0])
            if stop > start and abs(np.interp((start + stop) / 2, *points.T) - line) < _NEAR * unit:
                found[row, col] += (stop - start) / (last - first)
    return found


if __name__ == "__main__":
    main()
