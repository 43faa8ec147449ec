"""From seen edges to cells: grid places that no edge parts belong together, and every cell is a rectangle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
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
        pieces = _pieces(level_on, upright_on)
        bad = [piece for piece in pieces if not _rectangular(piece)]
        if not bad:
            break
        _repair(min(bad, key=len), level, upright, level_on, upright_on, seen)
    found = []
    for piece in _pieces(level_on, upright_on):
        (top, left), (bottom, right) = np.min(piece, axis=0), np.max(piece, axis=0)
        found.append(Span(int(top), int(left), int(bottom - top + 1), int(right - left + 1)))
    return sorted(found), level_on, upright_on


def _pieces(level_on: Flags, upright_on: Flags) -> list[list[tuple[int, int]]]:
    """Grid places connected without crossing an edge."""
    rows, cols = upright_on.shape[0], level_on.shape[1]
    label = -np.ones((rows, cols), dtype=int)
    pieces: list[list[tuple[int, int]]] = []
    for row in range(rows):
        for col in range(cols):
            if label[row, col] >= 0:
                continue
            label[row, col] = len(pieces)
            piece, open_places = [], [(row, col)]
            while open_places:
                r, c = open_places.pop()
                piece.append((r, c))
                for nr, nc, parted in (
                    (r - 1, c, level_on[r, c]),
                    (r + 1, c, level_on[r + 1, c]),
                    (r, c - 1, upright_on[r, c]),
                    (r, c + 1, upright_on[r, c + 1]),
                ):
                    if not parted and 0 <= nr < rows and 0 <= nc < cols and label[nr, nc] < 0:
                        label[nr, nc] = len(pieces)
                        open_places.append((nr, nc))
            pieces.append(piece)
    return pieces


def _rectangular(piece: list[tuple[int, int]]) -> bool:
    (top, left), (bottom, right) = np.min(piece, axis=0), np.max(piece, axis=0)
    return bool(len(piece) == (bottom - top + 1) * (right - left + 1))


def _repair(  # noqa: PLR0917
    piece: list[tuple[int, int]],
    level: Floats,
    upright: Floats,
    level_on: Flags,
    upright_on: Flags,
    seen: float,
) -> None:
    """Make one odd-shaped piece more rectangular by the cheapest cut or filling, in place."""
    own = set(piece)
    (top, left), (bottom, right) = np.min(piece, axis=0), np.max(piece, axis=0)
    inner_level = [
        (r, c) for r in range(top + 1, bottom + 1) for c in range(left, right + 1) if level_on[r, c]
    ]
    inner_upright = [
        (r, c) for r in range(top, bottom + 1) for c in range(left + 1, right + 1) if upright_on[r, c]
    ]
    fill = sum(max(level[at] - 0.4, 0) for at in inner_level) + sum(
        max(upright[at] - 0.4, 0) for at in inner_upright
    )
    cheapest, cut, flags = fill, None, level_on
    for r in range(top + 1, bottom + 1):
        missing = [
            (r, c) for c in range(left, right + 1) if {(r - 1, c), (r, c)} <= own and not level_on[r, c]
        ]
        cost = sum(max(seen - level[at], 0.01) for at in missing) - 0.15 * level_on[r, left : right + 1].sum()
        if missing and cost < cheapest:
            cheapest, cut, flags = cost, missing, level_on
    for c in range(left + 1, right + 1):
        missing = [
            (r, c) for r in range(top, bottom + 1) if {(r, c - 1), (r, c)} <= own and not upright_on[r, c]
        ]
        cost = (
            sum(max(seen - upright[at], 0.01) for at in missing)
            - 0.15 * upright_on[top : bottom + 1, c].sum()
        )
        if missing and cost < cheapest:
            cheapest, cut, flags = cost, missing, upright_on
    if cut is None:
        for at in inner_level:
            level_on[at] = False
        for at in inner_upright:
            upright_on[at] = False
    else:
        for at in cut:
            flags[at] = True
