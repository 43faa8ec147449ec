"""Fit `edges-v4`: how likely an edge of a grid is drawn.

    python models/training/fit_edges.py edges-v4.json 4242:2-3:40 4343:3-5:40 4545:0-3:50

Each set is seed, levels and tables a level of made pages (`benchmarks.layout_cases`). The first step is
logistic; the second is a small network on what the first says of an edge and of those around it. Edges
that are plain by themselves are learnt again among neighbours that say anything: published forms have
edges that no made page has.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.layout_cases import Case, made_cases
from scipy.optimize import minimize

from gouji_layout.edge_evidence import OWN, Looks, edge_evidence, text_is_centred
from gouji_layout.edge_model import alone_terms, among_terms, legibility, wholeness
from gouji_layout.geometry import Box
from gouji_layout.grid import Grid
from gouji_layout.page import ScanPage
from gouji_layout.paper import Paper
from gouji_layout.rule_network import rule_evidence
from gouji_layout.rules import rule_ink
from gouji_layout.second_look import candidates
from gouji_layout.table_text import table_text_height, work_scale
from gouji_layout.tables import ruled_grids
from gouji_layout.upright import upright
from gouji_layout.worn_grid import evidence_of

_UNITS, _DECAY, _ROUNDS = 12, 3e-4, 200
_INKED, _CONTRAST = OWN.index("inked"), OWN.index("contrast")
_OWN_ODDS, _OWN_CHANCE, _PAIR, _REST, _BY_PAGE, _BY_REST, _BY_PAIR = 0, 1, 2, 5, 11, 13, 14
_BY_WHOLE, _LESS, _BY_LESS = 22, 23, 24


def main(out: str, *sets: str) -> None:
    """Gather, fit both steps for both directions, write the weights."""
    grids = [one for text in sets for case in cases(text) for one in labelled(case)]
    rng, weights = np.random.default_rng(5), [{}, {}]
    for at in (0, 1):
        terms = np.concatenate([flat(alone_terms(g["own"][at])) for g in grids])
        truth = np.concatenate([g["truth"][at].ravel() for g in grids])
        weights[at]["alone"] = fitted(terms, truth, 0, 1e-4)["direct"]
    for g in grids:
        g["alone"] = [
            sigmoid(alone_terms(g["own"][at]) @ w["alone"][1:] + w["alone"][0])
            for at, w in enumerate(weights)
        ]
    for at in (0, 1):
        terms, truth = [], []
        for g in grids:
            lines, cuts = ((g["ys"], g["xs"]), (g["xs"], g["ys"]))[at]
            centred = text_is_centred(g["text"][at], lines, cuts, g["alone"][at], g["unit"])
            own, worth = g["own"][at], (legibility(g["own"], g["alone"]), wholeness(g["own"], g["alone"]))
            plain = among_terms(own, g["alone"][at], centred, worth)
            terms.append(flat(plain))
            truth.append(g["truth"][at].ravel())
            for _ in range(2):
                other, clear = among_strangers(g, at, plain, centred, worth, rng)
                clear &= rng.random(clear.shape) < 0.4
                terms.append(other[clear])
                truth.append(g["truth"][at][clear])
        weights[at] |= fitted(np.concatenate(terms), np.concatenate(truth), _UNITS, _DECAY)
    rounded = [
        {k: np.vectorize(lambda v: float(f"{v:.5g}"))(w).tolist() for k, w in own.items()} for own in weights
    ]
    stored = dict(zip(("level", "upright"), rounded, strict=True))
    Path(out).write_text(json.dumps(stored, separators=(",", ":")) + "\n", encoding="utf-8")


def cases(text: str) -> Iterator[Case]:
    """Made pages of a set like 4343:3-5:60."""
    seed, levels, tables = text.split(":")
    first, _, last = levels.partition("-")
    for level in range(int(first), int(last or first) + 1):
        yield from made_cases(level, int(tables), int(seed))


def labelled(case: Case) -> Iterator[dict[str, Any]]:
    """Candidate grids of a page with what is known of their edges, and whether each is really drawn."""
    page = upright(ScanPage(1, case.image, case.dpi))
    paper = Paper.of(page)
    unit = table_text_height(paper)
    scale = work_scale(unit)
    work = paper.scaled(scale)
    ink = rule_ink(work.evened, unit * scale)
    evidence = evidence_of(work.evened, rule_evidence(work.evened), unit * scale)
    looks = Looks(ink, evidence, work.inked)
    for grid in candidates(ruled_grids(ink), looks):
        cells = true_cells(case, page, grid, scale)
        if cells is None:
            continue
        text = looks.text(grid)
        own = [known.own for known in edge_evidence(grid, looks, text)]
        truth = drawn(grid, cells, 0.3 * unit * scale)
        yield {"own": own, "truth": truth, "text": text, "ys": grid.ys, "xs": grid.xs, "unit": unit * scale}


def true_cells(case: Case, page: Any, grid: Grid, scale: float) -> np.ndarray | None:
    """Edges (n, 4) of the true cells where the grid was found; None where there is no table."""
    frame = Box(grid.xs[0], grid.ys[0], grid.xs[-1], grid.ys[-1])
    best, most = None, 0.3 * frame.area
    for table in case.truth["tables"]:
        boxes = [
            Box.around(page.straightening.to_page(case.to_image(Box(*cell["box"]).corners())))
            for cell in table["cells"]
        ]
        cells = scale * np.array([(b.left, b.top, b.right, b.bottom) for b in boxes])
        whole = Box(*cells[:, :2].min(axis=0).tolist(), *cells[:, 2:].max(axis=0).tolist())
        if frame.overlap(whole) > most:
            best, most = cells, frame.overlap(whole)
    return best


def drawn(grid: Grid, cells: np.ndarray, beside: float) -> tuple[np.ndarray, np.ndarray]:
    """Whether different cells lie on both sides of each edge."""

    def owner(x: float, y: float) -> int:
        left, top, right, bottom = cells.T
        inside = np.flatnonzero((left <= x) & (x < right) & (top <= y) & (y < bottom))
        return int(inside[0]) if inside.size else -1

    ys, xs = np.array(grid.ys), np.array(grid.xs)
    middles_y, middles_x = (ys[1:] + ys[:-1]) / 2, (xs[1:] + xs[:-1]) / 2
    level = [[owner(x, y - beside) != owner(x, y + beside) for x in middles_x] for y in ys]
    sides = [[owner(x - beside, y) != owner(x + beside, y) for y in middles_y] for x in xs]
    return np.array(level), np.array(sides)


def among_strangers(
    g: dict[str, Any],
    at: int,
    plain: np.ndarray,
    centred: np.ndarray,
    worth: tuple[float, float],
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Terms of edges whose neighbours say anything, and which edges are plain enough to need none."""
    own, alone, truth = g["own"][at], g["alone"][at], g["truth"][at]
    said = alone.copy()
    for line in said:
        if rng.random() < 0.7:
            a, b = sorted(rng.integers(0, len(line) + 1, 2))
            line[a:b] = rng.choice([0.003, 0.997])
    for slot in said.T:
        if rng.random() < 0.3:
            a, b = sorted(rng.integers(0, len(slot) + 1, 2))
            slot[a:b] = rng.choice([0.003, 0.997])
    said = np.where(rng.random(said.shape) < 0.15, alone, said)
    terms = among_terms(own, said, centred, worth)
    first = alone_terms(own).shape[-1]  # from here on the terms of the second step
    odds = plain[..., first + _OWN_ODDS]
    terms[..., first + _OWN_ODDS], terms[..., first + _OWN_CHANCE] = odds, plain[..., first + _OWN_CHANCE]
    terms[..., first + _BY_PAGE] = odds * worth[0]
    terms[..., first + _BY_REST] = terms[..., first + _REST] * odds
    terms[..., first + _BY_PAIR] = terms[..., first + _PAIR] * odds
    terms[..., first + _BY_WHOLE] = odds * worth[1]
    terms[..., first + _BY_LESS] = terms[..., first + _LESS] * odds
    printed = (alone > 0.93) | ((own[..., _INKED] > 0.86) & (own[..., _CONTRAST] > 0.6))
    return terms, (printed & truth) | ((alone < 0.04) & ~truth)


def fitted(terms: np.ndarray, truth: np.ndarray, units: int, decay: float) -> dict[str, np.ndarray]:
    """Weights of a logistic step with so many hidden units beside it, by L-BFGS."""
    mean, spread = terms.mean(axis=0), terms.std(axis=0) + 1e-6
    z, n = (terms - mean) / spread, terms.shape[1]
    rng = np.random.default_rng(0)
    start = np.concatenate(
        [
            (rng.normal(size=(n, units)) / np.sqrt(n)).ravel(),
            np.zeros(units),
            0.1 * rng.normal(size=units),
            np.zeros(n + 1),
        ]
    )
    ends = np.cumsum([n * units, units, units, n])

    def parts(w: np.ndarray) -> list[np.ndarray]:
        inner, *others = np.split(w, ends)
        return [inner.reshape(n, units), *others]

    def loss(w: np.ndarray) -> tuple[float, np.ndarray]:
        inner, shift, out, direct, constant = parts(w)
        hidden = np.tanh(z @ inner + shift)
        odds = hidden @ out + z @ direct + constant
        size = (inner**2).sum() + (out**2).sum() + (direct**2).sum()
        slope = (sigmoid(odds) - truth) / len(truth)
        back = np.outer(slope, out) * (1 - hidden**2)
        grown = [(z.T @ back + decay * inner).ravel(), back.sum(axis=0), hidden.T @ slope + decay * out]
        grown += [z.T @ slope + decay * direct, np.array([slope.sum()])]
        return np.logaddexp(0, -odds * (2 * truth - 1)).mean() + decay / 2 * size, np.concatenate(grown)

    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _ROUNDS}).x
    inner, shift, out, direct, constant = parts(found)
    return {
        "hidden": np.vstack([shift - (mean / spread) @ inner, inner / spread[:, None]]),
        "out": out,
        "direct": np.concatenate([constant - (direct * mean / spread).sum(), direct / spread]),
    }


def sigmoid(odds: np.ndarray) -> np.ndarray:
    """Chance of odds given as logarithms."""
    return 1 / (1 + np.exp(-np.clip(odds, -30, 30)))


def flat(terms: np.ndarray) -> np.ndarray:
    """(lines, edges, n) as (lines x edges, n)."""
    return terms.reshape(-1, terms.shape[-1])


if __name__ == "__main__":
    main(*sys.argv[1:])
