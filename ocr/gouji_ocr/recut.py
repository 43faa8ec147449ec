"""Tells print from dirt in dirty cells: print is solid, high and dark as the rest, in one row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from gouji_layout.page import Gray
from gouji_ocr.ink import PAPER, CellInk, smoothed
from gouji_ocr.pieces import pieces_of
from gouji_ocr.text_lines import LineBox

_BLUR = 0.045  # of the height of type: dirt is sparse and pales, strokes are solid
_SOLID = 0.5  # of paper
_LOWEST, _HIGHEST = 0.4, 1.4  # times the usual height: type
_UNEVEN = 0.22  # of its height: how far tops and bottoms of one row may lie apart
_SIGN, _BLACK = 0.3, 0.35  # of that height, of paper: size and darkness of signs beside the digits
_APART = 1.0  # times its height: the widest gap inside a figure
_OTHER_ROWS = 0.5  # of the ink of the row: with more type beside it a cell holds more than one row
_SPOT, _DASH = 0.12, (0.5, 0.1)  # of the height of type: reach of a round look, sides of a flat one
_LOOSE = 0.5  # of the table's: cells less solid than this hold only dirt
_STROKE = 0.42  # of the height of type: a piece this high is no dirt
_CLEAR_GAP = 0.15  # between the most solid dirt and the loosest type, where a table has both
_LOOSE_LINE = 0.85  # of the table's looser cells: further lines of a cell less solid than this are dirt
_LOW = 0.6  # of the height of type: what is higher may be type, however thin
_FEWEST = 8  # cells that tell how solid print is
_SAMPLE = 48  # cells looked at for that
_FEWEST_SURE = 4  # figures surely read that tell how dark type is
_PALE = 0.7  # of the contrast of those: of 9,000 inked cells of made pages 30 are as pale


def without_loose_dirt(inks: Sequence[CellInk], height: float) -> list[CellInk]:
    """The cells of a table; dirty ones are blank where nothing is nearly as solid as in the others.

    In a fax full of dirt specks lie so close that they are taken for type, but they do not fill what they
    cover: strokes stay dark when they are looked at through a small round or flat window, dirt does not.
    Nor do the thin strokes that a copy in two levels leaves of type, but they are higher than specks.

    Args:
        inks: the cells.
        height: usual height of type in this table, in pixels.
    """
    if sum(ink.dirty and not ink.blank for ink in inks) < _FEWEST:
        return list(inks)
    solid = {i: _solidity(ink, height) for i, ink in enumerate(inks) if not ink.blank}
    usual = float(np.percentile([value for i, value in solid.items() if inks[i].dirty], 75))
    gap = _gap(sorted(solid.values()), usual)
    loose = {i for i, value in solid.items() if value < _LOOSE * usual and inks[i].dirty}
    loose |= {i for i, value in solid.items() if value < gap and solid_line(inks[i], height) is None}
    dirt = {i for i in loose if _highest_piece(inks[i]) < _STROKE * height}
    return [
        replace(ink, lines=(), tallest=0, dismissed=True) if i in dirt else ink for i, ink in enumerate(inks)
    ]


def _highest_piece(ink: CellInk) -> int:
    """How high the highest connected piece of the ink of a cell is, in pixels."""
    smooth = smoothed(ink.picture)
    heights = pieces_of(smooth, np.asarray(smooth < _SOLID * PAPER, dtype=np.uint8)).rows[:, 3]
    return int(heights.max(initial=0))


def _gap(solid: Sequence[float], usual: float) -> float:
    """What parts many loose cells from the solid ones, where little lies between; 0 where nothing does."""
    low = np.array([value for value in solid if value <= usual])
    widths = np.diff(low)
    parted = np.flatnonzero((widths >= _CLEAR_GAP) & (np.arange(1, len(low)) >= _FEWEST))
    return float(low[parted[-1]] + low[parted[-1] + 1]) / 2 if len(parted) else 0.0


def without_loose_lines(inks: Sequence[CellInk], height: float) -> list[CellInk]:
    """The cells of a table; where only one line of a cell is as solid as print, low ones beside it are dirt.

    Args:
        inks: the cells of a copy in gray; in two levels thin print is no more solid than dirt.
        height: usual height of type in this table, in pixels.
    """
    inked = [ink for ink in inks if not ink.blank]
    if len(inked) < _FEWEST or all(len(ink.lines) == 1 for ink in inked):
        return list(inks)
    sample = inked[:: max(1, len(inked) // _SAMPLE)]
    least = _LOOSE_LINE * float(np.percentile([_solidity(ink, height) for ink in sample], 10))
    return [_one_solid_line(ink, height, least) if len(ink.lines) > 1 else ink for ink in inks]


def _one_solid_line(ink: CellInk, height: float, least: float) -> CellInk:
    looked = _through_windows(ink, height)
    tall = _LOW * height
    kept = tuple(line for line in ink.lines if line.height >= tall or _darkness(looked, line) >= least)
    return replace(ink, lines=kept) if len(kept) == 1 else ink


def _solidity(ink: CellInk, height: float) -> float:
    """How dark the darkest spot of the text is in a small window, 0 to 1."""
    looked = _through_windows(ink, height)
    return max(_darkness(looked, line) for line in ink.lines)


def _through_windows(ink: CellInk, height: float) -> Gray:
    """The picture as it looks through a small round or a flat window, whichever shows more ink."""
    rounded = cv2.GaussianBlur(ink.picture, (0, 0), _SPOT * height)
    flat = cv2.blur(ink.picture, (max(2, round(_DASH[0] * height)), max(2, round(_DASH[1] * height))))
    return np.asarray(np.minimum(rounded, flat), dtype=np.uint8)


def _darkness(picture: Gray, box: LineBox) -> float:
    """How dark the darkest pixel of a part is, 0 to 1; 0 where there is no part."""
    part = picture[box.top : box.bottom, box.left : box.right]
    return (PAPER - min(int(part.min()), PAPER)) / PAPER if part.size else 0.0


def solid_line(ink: CellInk, height: float) -> LineBox | None:
    """The row of figures in a cell; None where it shows none, or more than one.

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
    if weight[~rows].sum() > _OTHER_ROWS * weight[rows].sum():
        return None
    top, bottom = int(y[rows].min()), int((y + h)[rows].max())
    return LineBox(left, top, right, bottom)


def pale_cells(inks: Sequence[CellInk], sure: Sequence[int]) -> set[int]:
    """Cells whose tallest piece is much paler than the figures that were surely read, and no dash.

    What is left of a seal, or shines through, is stretched to full black in a cell that holds nothing else.

    Args:
        inks: the cells of a table.
        sure: those that were surely read.
    """
    known = [inks[i].contrast for i in sure if not inks[i].flat]
    if len(known) < _FEWEST_SURE:
        return set()
    least = _PALE * float(np.median(known))
    return {i for i, ink in enumerate(inks) if ink.lines and not ink.flat and ink.contrast < least}
