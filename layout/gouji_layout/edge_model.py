"""How likely each edge of a grid is drawn: first by itself, then among its neighbours.

Fitted by `models/training/fit_edges.py` on made pages; weights and card are `edges-v4`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gouji_layout.edge_evidence import OWN, Looks, edge_evidence, text_is_centred
from gouji_layout.grid import Grid
from gouji_models.registry import weights

Floats = NDArray[np.float64]
_UNLIKE = 2.0  # how fast rows that differ in other edges lose their say
_PRESSED = 0.25  # of the distance beyond which text says nothing
_DRAWN, _NEARLY_ALL = 0.9, 10  # chance of an edge that is drawn; percentile of their ink
_ONE_ALONE = 0.3  # of a row: how much one row alike weighs less than many


@dataclass(frozen=True, eq=False)
class EdgeModel:
    """Weights of one direction: a logistic step on n terms, then a small network on m."""

    alone: Floats  # (n + 1,), the constant first
    hidden: Floats  # (m + 1, units), the constants first
    out: Floats  # (units,)
    direct: Floats  # (m + 1,), past the hidden units, the constant first

    def first(self, terms: Floats) -> Floats:
        """Chance of edges by themselves, of terms (..., n)."""
        return _chance(terms @ self.alone[1:] + self.alone[0])

    def second(self, terms: Floats) -> Floats:
        """Chance of edges among their neighbours, of terms (..., m)."""
        hidden = np.tanh(terms @ self.hidden[1:] + self.hidden[0])
        return _chance(hidden @ self.out + terms @ self.direct[1:] + self.direct[0])


@dataclass(frozen=True, eq=False)
class Chances:
    """Of the edges of one direction, as the grid has them."""

    drawn: Floats  # how likely each edge is drawn, 0 to 1
    looks: Floats  # the same by its own picture alone
    pressed: NDArray[np.bool_]  # text stands close on both sides: its strokes look like a worn rule

    def turned(self) -> Chances:
        """Of (lines, edges) laid out as the upright edges of a grid are, or back."""
        return Chances(self.drawn.T, self.looks.T, self.pressed.T)


def edge_chances(grid: Grid, looks: Looks) -> tuple[Chances, Chances]:
    """Chances of the level (rows + 1, cols) and of the upright (rows, cols + 1) edges of a grid."""
    text = looks.text(grid)
    own = [known.own for known in edge_evidence(grid, looks, text)]
    models = edge_models()
    alone = [model.first(alone_terms(o)) for model, o in zip(models, own, strict=True)]
    worth = legibility(own, alone), wholeness(own, alone)
    found = []
    for at, (lines, cuts) in enumerate(((grid.ys, grid.xs), (grid.xs, grid.ys))):
        centred = text_is_centred(text[at], lines, cuts, alone[at], looks.ink[at].unit)
        drawn = models[at].second(among_terms(own[at], alone[at], centred, worth))
        looked = own[at][..., OWN.index("looks")]
        found.append(Chances(drawn, looked, pressed(own[at])))
    return found[0], found[1].turned()


def pressed(own: Floats) -> NDArray[np.bool_]:
    """Whether text stands close on both sides of each edge, of evidence (lines, edges, len(OWN))."""
    return np.asarray(own[..., OWN.index("far_text")] < _PRESSED, dtype=np.bool_)


def _chance(odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -30, 30))), dtype=np.float64)


def odds_of(chance: Floats) -> Floats:
    """Log-odds as terms have them, -2 to 2."""
    return np.asarray(np.clip(np.log((chance + 1e-4) / (1 - chance + 1e-4)), -8, 8) / 4, dtype=np.float64)


def alone_terms(own: Floats) -> Floats:
    """Terms of the first step, (lines, edges, n), of evidence (lines, edges, len(OWN))."""
    inked, seen, throughout, contrast, off, length, crossing, near, far, both, border, looks = np.moveaxis(
        own, -1, 0
    )
    contrast = np.clip(contrast, -0.5, 1.5)
    odds = odds_of(looks)
    terms = (
        *(inked, seen, throughout, contrast, off, length, crossing, near, far, both, border),
        *(inked * seen, inked * contrast, seen * contrast, off * seen),
        *(inked**2, seen**2, contrast**2),
        *(crossing * inked, crossing * seen),
        *(length * inked, length * seen, length * contrast),
        *(near * inked, near * seen, near * contrast),
        *(both * near, both * (1 - crossing), border * inked, border * seen, border * contrast),
        *(odds, looks, odds * inked, odds * seen, odds * crossing, odds * length, odds * border),
    )
    return np.stack(terms, axis=-1)


def legibility(own: Sequence[Floats], alone: list[Floats]) -> float:
    """How surely the network sees what is drawn: low on a worn page."""
    seen = np.concatenate([o[..., 1].ravel() for o in own])
    chances = np.concatenate([a.ravel() for a in alone])
    return float((seen * chances).sum() / max(chances.sum(), 1e-6))


def wholeness(own: Sequence[Floats], alone: list[Floats]) -> float:
    """Inked share that nearly all rules of the page reach: a stroke in the place of one has less.

    >>> wholeness((np.array([[[0.9], [1.0], [1.0], [0.2]]]),), [np.array([[1.0, 1.0, 1.0, 0.1]])])
    0.92
    """
    inked = np.concatenate([o[..., 0].ravel() for o in own])
    drawn = inked[np.concatenate([a.ravel() for a in alone]) > _DRAWN]
    return float(np.percentile(drawn, _NEARLY_ALL)) if drawn.size else 0.0


def among_terms(own: Floats, alone: Floats, centred: Floats, worth: tuple[float, float]) -> Floats:
    """Terms of the second step: those of the first, and what the first said of the edges around."""
    length = own[..., 5] + 1e-3
    weighed, whole = alone * length, length.sum(axis=1, keepdims=True)
    others = np.maximum(whole - length, 1e-6)
    rest = np.where(others > 1e-5, (weighed.sum(axis=1, keepdims=True) - weighed) / others, alone)
    before, after = rest.copy(), rest.copy()  # along the same rule
    before[:, 1:], after[:, :-1] = alone[:, :-1], alone[:, 1:]
    above, below = np.full(alone.shape, 0.5), np.full(alone.shape, 0.5)  # of the rules to both sides
    above[1:], below[:-1] = alone[:-1], alone[1:]
    parallel = (alone.sum(axis=0, keepdims=True) - alone) / max(len(alone) - 1, 1)
    most = np.broadcast_to(alone.max(axis=1, keepdims=True), alone.shape)
    odds = odds_of(alone)
    page, whole = (np.full(alone.shape, one) for one in worth)
    less = np.maximum(whole - own[..., 0], 0)
    terms = (
        *(odds, alone, before * after, np.minimum(before, after), np.maximum(before, after)),
        *(rest, above, below, parallel, most, page, odds * page, rest * page, rest * odds),
        *(before * after * odds, centred, centred * rest, centred * odds, *_alike(alone)),
        *(whole, whole * odds, less, less * odds, less * whole),
    )
    return np.concatenate([alone_terms(own), np.stack(terms, axis=-1)], axis=-1)


def _alike(alone: Floats) -> tuple[Floats, Floats, Floats]:
    """What rows (or columns) with the same other edges say of this one, -0.5 to 0.5, and how many they are.

    Most rows of a table are drawn alike: where all others with these edges have one more, so has this one.
    """
    apart = np.abs(alone[:, :, None] - alone[:, None, :])  # lines, slots, slots
    weight = np.exp(-_UNLIKE * (apart[1:-1].sum(axis=0) - apart))
    diagonal = np.arange(alone.shape[1])
    weight[:, diagonal, diagonal] = 0.0
    total = weight.sum(axis=2)
    opinion = ((alone - 0.5)[:, None, :] * weight).sum(axis=2) / (total + _ONE_ALONE)
    many = np.minimum(total, 3.0) / 3.0
    return opinion, many, opinion * many


@cache
def edge_models() -> tuple[EdgeModel, EdgeModel]:
    """The fitted weights for level and for upright edges."""
    stored = json.loads(Path(weights("edges-v4")).read_text(encoding="utf-8"))
    level, upright = (
        EdgeModel(**{name: np.array(values) for name, values in stored[side].items()})
        for side in ("level", "upright")
    )
    return level, upright
