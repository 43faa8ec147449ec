"""Cuts a dirty cell again: only what is solid, as high as its neighbours and in one row with them."""

from __future__ import annotations

import cv2
import numpy as np

from gouji_ocr.ink import PAPER, CellInk
from gouji_ocr.pieces import pieces_of
from gouji_ocr.text_lines import LineBox

_BLUR = 0.045  # of the height of type: dirt is sparse and pales, strokes are solid
_SOLID = 0.5  # of paper
_LOWEST, _HIGHEST = 0.4, 1.4  # times the usual height: type
_UNEVEN = 0.22  # of its height: how far tops and bottoms of one row may lie apart
_SIGN, _BLACK = 0.3, 0.35  # of that height, of paper: size and darkness of signs beside the digits
_APART = 1.0  # times its height: the widest gap inside a figure


def solid_line(ink: CellInk, height: float) -> LineBox | None:
    """The row of figures in a cell of one line; None where it shows none.

    Args:
        ink: the cell.
        height: usual height of type in this table, in pixels.
    """
    sigma = max(1.0, _BLUR * height)
    smooth = np.asarray(cv2.GaussianBlur(ink.picture, (0, 0), sigma), dtype=np.uint8)
    cell = pieces_of(smooth, np.asarray(smooth < _SOLID * PAPER, dtype=np.uint8))
    x, y, w, h, area = cell.rows.T
    type_sized = (h >= _LOWEST * height) & (h <= _HIGHEST * height) & (area >= 0.2 * w * h)
    if not type_sized.any():
        return None
    weight = np.where(type_sized, area * (PAPER - cell.darkest.astype(np.float64)), 0.0)
    main = int(weight.argmax())
    slack = max(1.5, _UNEVEN * h[main])
    level = (np.abs(y - y[main]) <= slack) & (np.abs(y + h - y[main] - h[main]) <= slack) & type_sized
    signs = (y >= y[main] - slack) & (y + h <= y[main] + h[main] + slack)
    signs &= (np.maximum(w, h) >= _SIGN * h[main]) & (cell.darkest < _BLACK * PAPER)
    level |= signs
    left, right = int(x[main]), int(x[main] + w[main])
    for side in (-1, 1):
        order = np.argsort(side * x)
        for i in order[level[order]]:
            near = x[i] - right <= _APART * h[main] and left - x[i] - w[i] <= _APART * h[main]
            if near:
                left, right = min(left, int(x[i])), max(right, int(x[i] + w[i]))
    rows = level & (x >= left) & (x + w <= right)
    top, bottom = int(y[rows].min()), int((y + h)[rows].max())
    return LineBox(left, top, right, bottom)
