"""Heads parted by strokes from their upper left corner: found, marked, and painted out before reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.page import Gray
from gouji_layout.paper import Paper
from gouji_layout.rules import runs
from gouji_layout.table import Cell, CellMark

Point = tuple[int, int]
_LEAST_HEIGHT, _LEAST_WIDTH = 1.5, 2.0  # text heights of a cell that two labels fit in
_INKED = 0.9  # share of a ray that a stroke inks; text along a ray leaves gaps
_STEP, _FEW, _LIKELY = 2, 40, 0.7  # a quick look at every second ray, at few places
_SKIPPED = 0.1  # of a ray at its ends: rules meet there, and strokes may start a little off the corner
_PARTED = 6  # rays apart two strokes at least are
_GROWN = 3  # pixels around a stroke that belong to it
_BORDER = 3  # pixels of a cell's sides that may hold remains of its rules


def mark_diagonals(cells: Sequence[Cell], paper: Paper, unit: float) -> tuple[Cell, ...]:
    """Mark the heads that strokes part.

    Args:
        cells: of one table, boxes in pixels of the paper.
        paper: of the page.
        unit: text height in pixels.
    """
    marked = []
    for cell in cells:
        box = cell.box
        if (
            cell.row == 0
            and box.height > _LEAST_HEIGHT * unit
            and box.width > _LEAST_WIDTH * unit
            and strokes_from_corner(paper.inked[box.slices(paper.inked.shape)])
        ):
            marked.append(replace(cell, marks=cell.marks | {CellMark.DIAGONAL}))
        else:
            marked.append(cell)
    return tuple(marked)


def strokes_from_corner(inked: NDArray[np.uint8]) -> list[Point]:
    """Where strokes from the upper left corner end, on the right side or the foot, as x, y.

    Args:
        inked: (height, width) mask of one cell.
    """
    height, width = inked.shape
    if min(height, width) < 4 * _BORDER:
        return []
    inner = inked.copy()
    inner[:_BORDER], inner[-_BORDER:], inner[:, :_BORDER], inner[:, -_BORDER:] = 0, 0, 0, 0
    near = np.asarray(cv2.dilate(inner, np.ones((_GROWN, _GROWN), np.uint8)), dtype=np.uint8)
    right = [(width - 1, y) for y in range(height // 4, height)]
    foot = [(x, height - 1) for x in range(width - 2, width // 8, -1)]
    ends = np.array(right + foot)
    shares = np.zeros(len(ends))
    shares[::_STEP] = _inked_along(near, ends[::_STEP], _FEW)
    likely = np.convolve(shares > _LIKELY, np.ones(2 * _STEP + 1), mode="same") > 0
    shares[:] = 0
    shares[likely] = _inked_along(near, ends[likely], max(height, width))
    together = np.convolve(shares > _INKED, np.ones(_PARTED), mode="same") > 0
    # A stroke is several rays wide: its middle is taken.
    best = [
        start + int(np.median(np.flatnonzero(shares[start:stop] == shares[start:stop].max())))
        for start, stop in runs(together)
    ]
    return [(int(x), int(y)) for x, y in ends[best]]


def without_diagonals(crop: Gray, outset: int = 0) -> Gray:
    """A cell as it would be without the strokes from its upper left corner; the crop itself without any.

    Args:
        crop: of one cell.
        outset: pixels that the crop reaches beyond the cell on every side.
    """
    inner = crop[outset : crop.shape[0] - outset, outset : crop.shape[1] - outset]
    if not inner.size:
        return crop
    level, mask = cv2.threshold(inner, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    ends = strokes_from_corner(np.asarray(mask, dtype=np.uint8))
    if not ends:
        return crop
    paper = int(np.median(inner[inner > level]))
    painted = crop.copy()
    for x, y in ends:
        cv2.line(painted, (outset, outset), (x + outset, y + outset), (paper,), 2 * _GROWN)
    return painted


def _inked_along(mask: NDArray[np.uint8], ends: NDArray[np.int_], samples: int) -> NDArray[np.float64]:
    """Inked share of the ray from the upper left corner to each of (N, 2) ends."""
    along = np.linspace(_SKIPPED, 1 - _SKIPPED, samples)
    places = np.rint(ends[:, :, None] * along).astype(np.intp)
    return np.asarray(mask[places[:, 1], places[:, 0]].mean(axis=1), dtype=np.float64)
