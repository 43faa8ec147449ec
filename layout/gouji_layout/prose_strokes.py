"""Lines of text as strokes: they tell of a curved sheet where no rules do."""

from __future__ import annotations

import cv2
import numpy as np

from gouji_layout.blobs import blobs
from gouji_layout.linear_morphology import ALONG_ROWS, along
from gouji_layout.paper import Paper
from gouji_layout.slant import Strokes

_GAP = 1.3  # text heights between characters of one line
_LEAST_LINE = 8.0  # text heights: shorter lines say too little about their slope
_HIGHEST = 3.0  # text heights of a line; a curved one is higher, in the measure of its length
_BEND = 0.12  # of its length that a line may be higher than that
_NODE = 3.0  # text heights of a line that its middle is taken over
_REACH = 2  # nodes from one end of a stroke to the other: the middle of a few characters wavers
_FILLED = 0.25  # of the box of a node that its ink must fill


def prose_strokes(paper: Paper) -> Strokes:
    """Follow the middle of each line of text, piece by piece.

    Args:
        paper: of a page whose skew was taken out; strokes come in its pixels.
    """
    unit = paper.text_height
    found = blobs(along(paper.inked, ALONG_ROWS, (cv2.MORPH_CLOSE, _GAP * unit)))
    line = (
        (found.width > _LEAST_LINE * unit)
        & (found.height > 0.5 * unit)
        & (found.height < _HIGHEST * unit + _BEND * found.width)
    )
    y, x, own = found.pixels
    y, x, own = y[line[own]], x[line[own]], own[line[own]]
    step = max(round(_NODE * unit), 1)
    nodes = paper.inked.shape[1] // step + 1 + _REACH  # so that no stroke leads from one line to the next
    place = own.astype(np.int64) * nodes + x // step
    count = np.bincount(place, minlength=len(found) * nodes).astype(np.float64)
    with np.errstate(invalid="ignore"):
        middle_x, middle_y = (np.bincount(place, v, minlength=len(count)) / count for v in (x, y))
    full = count > _FILLED * step * unit
    start = np.flatnonzero(full[:-_REACH] & full[_REACH:])
    end = start + _REACH
    return Strokes(np.stack([middle_x[start], middle_y[start], middle_x[end], middle_y[end]], axis=1))
