"""Finds dashes in dirt: in a low window a dash stays black, specks, clumps and what shines through do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_ocr.ink import EDGE, PAPER, CellInk
from gouji_ocr.pieces import RULE_REACH
from gouji_ocr.text_lines import LineBox
from gouji_ocr.views import CellView

_WINDOW = (0.5, 0.1)  # of the height of type: sides of the window
_CORE = 0.75  # of how dark the darkest spot is in that window
_FEWEST = 8  # dashes that show how long they are in a table
_ALIKE = 1.6  # times longer or shorter than those
_FLAT = 2.0  # times as long as high
_PALER = 0.7  # of how dark those are
_RIVAL = 0.5  # of the core of the dash: a second one of that size, and nobody knows which one was printed


def cells_with_a_dash(
    views: Sequence[CellView], known: Sequence[int], asked: Sequence[int], height: float
) -> dict[int, CellView]:
    """Cells in which a dash as long as the known dashes of the table is the only solid thing, shown alone.

    Args:
        views: the cells of a table.
        known: cells that hold a dash.
        asked: cells in doubt.
        height: usual height of type in this table, in pixels.

    Returns:
        The cells in which one was found, everything but the dash painted out.
    """
    plain = [cores for i in known if len((cores := _cores(views[i].ink, height)).boxes) == 1]
    if len(plain) < _FEWEST:
        return {}
    length = float(np.median([cores.boxes[0, 2] for cores in plain]))
    dark = float(np.median([cores.darkness for cores in plain]))
    found = {}
    for i in asked:
        cores = _cores(views[i].ink, height)
        box = _dash_among(cores.boxes, length) if cores.darkness >= _PALER * dark else None
        if box is not None:
            found[i] = replace(views[i], ink=_only(views[i].ink, box, height))
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Cores:
    """Connected spots that stay dark in the window."""

    boxes: NDArray[np.int32]  # (n, 4): x, y, width, height in pixels
    darkness: float  # of the darkest, 0 to 1


def _cores(ink: CellInk, height: float) -> _Cores:
    across, down = (max(2, round(side * height)) for side in _WINDOW)
    looked = cv2.blur(ink.picture, (across, down))
    border = EDGE + RULE_REACH
    inner = looked[border:-border, border:-border]
    if not inner.size:
        return _Cores(np.empty((0, 4), np.int32), 0.0)
    depth = PAPER - min(float(inner.min()), PAPER)
    mask = np.asarray(inner < PAPER - _CORE * depth, dtype=np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    boxes = np.asarray(stats[1:count, :4], dtype=np.int32)
    boxes[:, :2] += border
    return _Cores(boxes, depth / PAPER)


def _dash_among(boxes: NDArray[np.int32], length: float) -> LineBox | None:
    """The one core that has the shape of a dash and is much larger than the others."""
    sizes = boxes[:, 2] * boxes[:, 3]
    if not len(boxes):
        return None
    largest = int(sizes.argmax())
    x, y, w, h = (int(v) for v in boxes[largest])
    alone = (np.delete(sizes, largest) < _RIVAL * sizes[largest]).all()
    fits = length / _ALIKE <= w <= length * _ALIKE and w >= _FLAT * h
    return LineBox(x, y, x + w, y + h) if alone and fits else None


def _only(ink: CellInk, core: LineBox, height: float) -> CellInk:
    """The cell with nothing but this dash, which reaches beyond its core by half the window."""
    across, down = (round(side * height / 2) for side in _WINDOW)
    rows, cols = ink.picture.shape
    left, right = max(0, core.left - across), min(cols, core.right + across)
    top, bottom = max(0, core.top - down), min(rows, core.bottom + down)
    shown = np.full_like(ink.picture, PAPER)
    shown[top:bottom, left:right] = ink.picture[top:bottom, left:right]
    return replace(ink, picture=shown, lines=(LineBox(left, top, right, bottom),))
