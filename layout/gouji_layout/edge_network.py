"""How the picture of an edge looks: drawn, or a place where strokes, a seal or show-through pass for a rule.

The network (`looks-v3`, docs/model-cards) sees the ink around one edge and what the rule network says
there. Its own training pages are drawn (`models/training/render_edges.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.grid import Grid
from gouji_layout.page import Gray
from gouji_layout.worn_grid import Evidence
from gouji_models.sessions import session

Floats = NDArray[np.float64]
PATCH = (64, 160)  # pixels across and along an edge
_UNIT = 18.0  # pixels of a patch that a text height takes across; along, too, unless the edge is long
_AROUND = 1.1  # text heights beyond either end that a patch shows of a long edge
_BATCH = 64
_PLAIN, _SEEN = 0.93, 0.85  # inked share and evidence of an edge that need no look
_NOTHING = 0.05  # both of an edge that is surely not there
_SURELY = 0.002  # chance that is given to edges nobody looked at
HIDDEN = 128
"""Values of the last hidden layer, which say more of an edge than its chance alone."""


@dataclass(frozen=True, eq=False)
class Looked:
    """What the network says of the edges of one direction."""

    drawn: Floats  # (lines, edges) how likely each is drawn by its looks
    hidden: NDArray[np.float32]  # (lines, edges, HIDDEN) of the edges that were looked at, 0 of the others


def edge_looks(
    grid: Grid, evidence: tuple[Evidence, Evidence], inked: Sequence[Floats], seen: Sequence[Floats]
) -> tuple[Looked, Looked]:
    """How each edge looks: of level rules, then of upright ones.

    Args:
        grid: of one table.
        evidence: of the picture it was found in.
        inked: shares of ink on each edge, as the result.
        seen: evidence of the rule network on each edge, as the result; where both leave no doubt the edge
            is not looked at.
    """
    found = []
    for at, (lines, cuts) in enumerate(((grid.ys, grid.xs), (grid.xs, grid.ys))):
        planes = edge_planes(evidence, at)
        drawn = np.where(inked[at] + seen[at] > 1, 1 - _SURELY, _SURELY)
        hidden = np.zeros((*drawn.shape, HIDDEN), np.float32)
        doubtful = np.argwhere(in_doubt(inked[at], seen[at]))
        for start in range(0, len(doubtful), _BATCH):
            some = doubtful[start : start + _BATCH]
            unit = evidence[at].unit
            patches = [edge_patch(planes, lines[i], (cuts[j], cuts[j + 1]), unit) for i, j in some]
            odds, values = _session().run(None, {"patches": np.stack(patches).astype(np.float32)})
            drawn[some[:, 0], some[:, 1]] = 1 / (1 + np.exp(-np.asarray(odds, dtype=np.float64)))
            hidden[some[:, 0], some[:, 1]] = values
        found.append(Looked(drawn, hidden))
    return found[0], found[1]


def in_doubt(inked: Floats, seen: Floats) -> NDArray[np.bool_]:
    """Which edges are worth a look, as ink and rule network do not both settle them."""
    plain = (inked > _PLAIN) & (seen > _SEEN)
    nothing = (inked < _NOTHING) & (seen < _NOTHING)
    return np.asarray(~plain & ~nothing, dtype=np.bool_)


def edge_planes(evidence: tuple[Evidence, Evidence], at: int) -> tuple[Gray, Gray, Gray]:
    """Evened picture, rules seen along the edges of one direction and across them, laid along axis 1."""
    across = np.asarray(cv2.transpose(evidence[1 - at].seen), dtype=np.uint8)
    return evidence[at].evened, evidence[at].seen, across


def edge_patch(
    planes: tuple[Gray, Gray, Gray], line: float, ends: tuple[float, float], unit: float
) -> NDArray[np.uint8]:
    """The surroundings of an edge in the middle of a patch (4, *PATCH): the planes, and 255 along the edge.

    A short edge is shown as it is, with what stands beside it; a long one is squeezed along itself.
    """
    half = max(PATCH[1] / _UNIT / 2, (ends[1] - ends[0]) / unit / 2 + _AROUND) * unit
    middle, reach = (ends[0] + ends[1]) / 2, PATCH[0] / _UNIT / 2 * unit
    left, right = round(middle - half), round(middle + half)
    top, bottom = round(line - reach), round(line + reach)
    height, width = planes[0].shape
    rows, columns = slice(max(top, 0), max(bottom, 0)), slice(max(left, 0), max(right, 0))
    patch = np.zeros((4, *PATCH), np.uint8)
    missing = (max(-top, 0), max(bottom - height, 0), max(-left, 0), max(right - width, 0))
    for shown, plane, beyond in zip(patch, planes, (255, 0, 0), strict=False):
        part: NDArray[Any] = plane[rows, columns]
        if any(missing):
            part = cv2.copyMakeBorder(part, *missing, cv2.BORDER_CONSTANT, value=(beyond,))
        method = cv2.INTER_AREA if part.shape[1] > PATCH[1] else cv2.INTER_LINEAR
        cv2.resize(part, PATCH[::-1], dst=shown, interpolation=method)
    scale = PATCH[1] / (right - left)
    first, last = (round((end - left) * scale) for end in ends)
    patch[3, :, max(first, 0) : max(last, first + 1)] = 255
    return patch


@cache
def _session() -> Any:
    return session("looks-v3")
