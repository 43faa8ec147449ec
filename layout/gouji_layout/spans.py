"""From seen edges to cells: grid places that no edge parts belong together, and every cell is a rectangle."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.int64]
SEEN = 0.62  # share of an edge that must be inked to part two cells


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A cell of the grid: its first row and column and how many it covers."""

    row: int
    col: int
    rows: int
    cols: int


def spans(level: Floats, upright: Floats, seen: float = SEEN) -> tuple[list[Span], Flags, Flags]:
    """Join grid places into cells.

    Args:
        level: (rows + 1, cols) inked share of each level edge.
        upright: (rows, cols + 1) inked share of each upright edge.
        seen: share from which an edge counts.

    Returns:
        The cells in reading order, and which level and upright edges were taken as drawn. Where the
        edges seen do not part the grid into rectangles, the cheapest change that does is made: an
        edge is added where it was nearly seen, or removed where it was hardly seen.
    """
    level_on, upright_on = level >= seen, upright >= seen
    rows, cols = upright.shape[0], level.shape[1]
    for _ in range(4 * (rows + cols)):
        owner, boxes, sizes = _pieces(level_on, upright_on)
        odd = np.flatnonzero(sizes != boxes.rows * boxes.cols)
        if not odd.size:
            break
        first = boxes.row * cols + boxes.col
        piece = odd[np.lexsort((first[odd], sizes[odd]))[0]]
        _repair(owner == piece, boxes.of(piece), level, upright, level_on, upright_on, seen)
    _, boxes, _ = _pieces(level_on, upright_on)
    return sorted(boxes.of(piece) for piece in range(len(boxes.row))), level_on, upright_on


@dataclass(frozen=True, eq=False)
class _Boxes:
    """Smallest rectangles of grid places around pieces, as arrays of what a `Span` has."""

    row: Indices
    col: Indices
    rows: Indices
    cols: Indices

    def of(self, piece: int | np.int_) -> Span:
        at = int(piece)
        return Span(int(self.row[at]), int(self.col[at]), int(self.rows[at]), int(self.cols[at]))


def _pieces(level_on: Flags, upright_on: Flags) -> tuple[Indices, _Boxes, Indices]:
    """Grid places connected without crossing an edge: the piece of each, boxes and sizes of the pieces."""
    rows, cols = upright_on.shape[0], level_on.shape[1]
    ways = np.zeros((2 * rows - 1, 2 * cols - 1), np.uint8)  # places, and what is open between them
    ways[::2, ::2] = 1
    ways[1::2, ::2] = ~level_on[1:-1]
    ways[::2, 1::2] = ~upright_on[:, 1:-1]
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ways, connectivity=4)
    owner = np.asarray(labels[::2, ::2], dtype=np.int64) - 1
    left, top, wide, high = stats[1:, :4].astype(np.int64).T  # twice as fine as the places
    boxes = _Boxes(top // 2, left // 2, (high + 1) // 2, (wide + 1) // 2)
    return owner, boxes, np.bincount(owner.ravel(), minlength=len(left))


def _repair(  # noqa: PLR0917
    piece: Flags, box: Span, level: Floats, upright: Floats, level_on: Flags, upright_on: Flags, seen: float
) -> None:
    """Make one odd-shaped piece more rectangular by the cheapest cut or filling, in place."""
    rows, cols = slice(box.row, box.row + box.rows), slice(box.col, box.col + box.cols)
    between = slice(box.row + 1, box.row + box.rows), slice(box.col + 1, box.col + box.cols)
    own = piece[rows, cols]
    inner = (
        (level[between[0], cols], level_on[between[0], cols]),
        (
            upright[rows, between[1]].T,
            upright_on[rows, between[1]].T,
        ),
    )
    fill = sum(float(np.maximum(shares - 0.4, 0)[on].sum()) for shares, on in inner)
    cuts = []
    for (shares, on), places in zip(inner, (own, own.T), strict=True):
        missing = places[:-1] & places[1:] & ~on
        cost = np.where(missing, np.maximum(seen - shares, 0.01), 0).sum(axis=1) - 0.15 * on.sum(axis=1)
        cost[~missing.any(axis=1)] = np.inf
        at = int(cost.argmin()) if cost.size else -1
        cuts.append((float(cost[at]) if cost.size else np.inf, on, missing, at))
    cost, on, missing, at = min(cuts, key=lambda cut: cut[0])
    if cost < fill:
        on[at] |= missing[at]
    else:
        for _, drawn in inner:
            drawn[:] = False
