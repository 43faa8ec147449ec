"""How text stands in the places of a grid: how much of it, and how far from the lines around.

Two texts that stand in two places as the texts above and below them do are two cells, however little is left
of the rule between them; text that goes on from one place into the next is one. On a worn page much of
the text is paler than a stroke must be elsewhere (`Looks.text`), so here all counts that stands out from
the grain of the table's own paper.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.blobs import blobs
from gouji_layout.grid import Grid
from gouji_layout.page import Gray, Mask

_SOFT = 0.07  # text heights over which grain is smoothed
_RULE = 0.15  # text heights to either side of a line that its rule may cover
_SPECK = 0.025  # square text heights; smaller ink is dirt
_GRAIN, _OF_INK, _LEAST = 4.0, 0.15, 10.0  # deviations of the paper, share of the darkest, grey levels
_NEARLY_ALL, _BELOW = 99, 16  # percentiles: of dark places; one deviation below the median
_SAMPLES = 200_000
_FAR = 3.0  # text heights, or square text heights of ink: more says nothing more
MEASURES = 6
"""Whether there is text, how much, and how far it stays from the lines left, right, above and below."""


def place_texts(grid: Grid, evened: Gray, unit: float) -> NDArray[np.float32]:
    """Measures of the text in each place of a grid, (MEASURES, rows, cols), 0 to 1; all 0 without text.

    Args:
        grid: of one table; its lines alone are used.
        evened: the picture it was found in.
        unit: text height in pixels.
    """
    ys, xs = np.round(grid.ys).astype(int), np.round(grid.xs).astype(int)
    found = np.zeros((MEASURES, len(ys) - 1, len(xs) - 1), np.float32)
    top, left = max(int(ys[0]), 0), max(int(xs[0]), 0)
    ys, xs, half = ys - top, xs - left, round(_RULE * unit)
    text = _text(evened[top : top + ys[-1] + 1, left : left + xs[-1] + 1], ys, xs, unit)
    for row in range(len(ys) - 1):
        band = text[max(ys[row] + half + 1, 0) : max(ys[row + 1] - half, 0)]
        for column in range(len(xs) - 1):
            place = band[:, max(xs[column] + half + 1, 0) : max(xs[column + 1] - half, 0)]
            across, down = np.flatnonzero(place.any(axis=0)), np.flatnonzero(place.any(axis=1))
            if across.size:
                height, width = place.shape
                gaps = across[0], width - 1 - across[-1], down[0], height - 1 - down[-1]
                measures = np.array([place.sum() / unit, *gaps]) / unit
                found[:, row, column] = 1.0, *(np.minimum(measures, _FAR) / _FAR)
    return found


def _text(table: Gray, ys: NDArray[np.int_], xs: NDArray[np.int_], unit: float) -> Mask:
    """What stands out from the paper of a table, apart from its lines and specks."""
    apart = beside_lines(table.shape, ys, xs, unit)
    pieces = blobs(standing_out(table, apart, unit) & apart.astype(np.uint8))
    return pieces.only(pieces.area >= _SPECK * unit * unit)


def beside_lines(
    shape: tuple[int, ...], ys: NDArray[np.int_], xs: NDArray[np.int_], unit: float
) -> NDArray[np.bool_]:
    """Where a table of these lines, in its own pixels, has no rule."""
    half, apart = round(_RULE * unit), np.ones(shape, dtype=np.bool_)
    for y in ys:
        apart[max(y - half, 0) : max(y + half + 1, 0)] = False
    for x in xs:
        apart[:, max(x - half, 0) : max(x + half + 1, 0)] = False
    return apart


def standing_out(table: Gray, apart: NDArray[np.bool_], unit: float) -> Mask:
    """What is darker than the grain of the paper of a table, as 0 and 1; the paper is what lies `apart`."""
    dark = cv2.GaussianBlur(255 - table, (0, 0), max(_SOFT * unit, 1.0))
    paper = dark[apart]
    if not paper.size:
        return np.zeros(table.shape, np.uint8)
    low, usual, high = np.percentile(paper[:: paper.size // _SAMPLES + 1], (_BELOW, 50, _NEARLY_ALL))
    out = max(_GRAIN * max(usual - low, 2.0), _OF_INK * (high - usual), _LEAST)
    return np.asarray(dark > usual + out, dtype=np.uint8)
