"""Blanks that are not sure: of their print too little may be left to be found as ink.

An inked figure that is surely called blank is the worst reading of all, as nobody looks at it again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from gouji_layout.page import Gray
from gouji_ocr.ink import EDGE, PAPER
from gouji_ocr.pieces import RULE_REACH
from gouji_ocr.reading import Candidate, Reading, ReadingKind
from gouji_ocr.views import CellView

UNSURE_BLANK = math.log(0.9)
"""How sure a blank is of which something pale or loose was left out of account."""

_MUCH_LOST = 0.2  # of the inked cells of a table
_MARKS, _FEWER = 8, 0.25  # marks for nothing in a table; lone blanks among them are as many at most
_FEWEST, _MOST = 4, 0.7  # unsure blanks of a table; of all its blanks: then the others are not sure either
_DIGIT = (0.5, 0.8)  # of the height of type
_SHADE = 60.0  # grey levels: of 2,085 right blanks of made pages none is so much darker than its paper there
_DASH = (0.6, 0.12)  # of the height of type: as long as a short dash, and as high as two of them
_PARTS, _MISSING = 4, 1  # of a dash: of how many the darkness is looked at, how many may be lost
_STANDS_OUT = 7.0  # deviations of the paper of its cell: seven of those do, and seven of ten wrong blanks
_LEAST = 30.0  # grey levels: in copies in two levels paper hardly deviates
_GRAIN = 20  # pixels: less than any piece of a seal that print could be lost under
_BORDER = EDGE + RULE_REACH


def with_unsure_blanks(
    views: Sequence[CellView], readings: Sequence[Reading], height: float
) -> list[Reading]:
    """Readings of a table; blanks that may hold print are not sure.

    Args:
        views: the cells of the table.
        readings: what they were read as, in the same order.
        height: usual height of type in this table, in pixels.
    """
    looked_at = [
        _unsure(reading) if reading.kind is ReadingKind.BLANK and _may_hold_print(view, height) else reading
        for view, reading in zip(views, readings, strict=True)
    ]
    if not (_is_much_lost(readings) or _are_lone(readings) or _are_mostly_unsure(looked_at)):
        return looked_at
    return [_unsure(reading) if reading.kind is ReadingKind.BLANK else reading for reading in looked_at]


def _unsure(reading: Reading) -> Reading:
    return replace(reading, candidates=(Candidate("", min(reading.log_probability, UNSURE_BLANK)),))


def _may_hold_print(view: CellView, height: float) -> bool:
    return _was_sealed(view) or shows_print(view.ink.picture, height)


def _is_much_lost(readings: Sequence[Reading]) -> bool:
    """Whether much of the table is unreadable, as print may be gone for good."""
    inked = [reading for reading in readings if reading.kind is not ReadingKind.BLANK]
    lost = sum(reading.kind is ReadingKind.UNREADABLE for reading in inked)
    return lost > _MUCH_LOST * len(inked)


def _are_lone(readings: Sequence[Reading]) -> bool:
    """Whether hardly a cell is blank where many are struck out: a mark of that table may be too pale."""
    sure = [reading.text for reading in readings if reading.log_probability >= UNSURE_BLANK]
    marks = max(sure.count("-"), sure.count("/"))
    blank = sum(reading.kind is ReadingKind.BLANK for reading in readings)
    return marks >= _MARKS and blank <= _FEWER * marks


def _are_mostly_unsure(readings: Sequence[Reading]) -> bool:
    """Whether hardly a blank is sure: what made the others unsure may have left nothing of its print."""
    blank = [reading for reading in readings if reading.kind is ReadingKind.BLANK]
    unsure = sum(reading.log_probability <= UNSURE_BLANK for reading in blank)
    return unsure >= _FEWEST and unsure > _MOST * len(blank)


def _was_sealed(view: CellView) -> bool:
    """Whether a seal without colour lies inside of the cell: print beneath may be hidden, or gone with it."""
    if view.sealed is None:
        return False
    return bool(np.count_nonzero(view.sealed[_BORDER:-_BORDER, _BORDER:-_BORDER]) > _GRAIN)


def shows_print(picture: Gray, height: float) -> bool:
    """Whether pale print may stand where a figure would, none of it dark enough for ink.

    A row of specks stands out from the paper like a worn dash, each of them too small for type; or a spot of
    the size of a digit is darker than noise makes any.

    Args:
        picture: of a cell, evened.
        height: usual height of type, in pixels.
    """
    darkness = np.asarray(cv2.subtract(np.full_like(picture, PAPER), picture), dtype=np.uint8)
    paper, row, grain = _at_place(_in_rows(darkness, height), height)
    if row - paper > max(_STANDS_OUT * grain, _LEAST):
        return True
    paper, digit, _ = _at_place(_blurred(darkness, _DIGIT[0] * height, _DIGIT[1] * height), height)
    return digit - paper > _SHADE


def _at_place(darkness: Gray, height: float) -> tuple[float, float, float]:
    """How dark a cell is: the median, the darkest place where a figure stands, the deviation."""
    inner = darkness[_BORDER:-_BORDER, _BORDER:-_BORDER]
    middle, reach = len(darkness) / 2, height / 2
    place = darkness[max(_BORDER, int(middle - reach)) : int(middle + reach) + 1, _BORDER:-_BORDER]
    if not inner.size or not place.size:
        return 0.0, 0.0, 0.0
    return float(np.median(inner)), float(place.max()), float(inner.std())


def _in_rows(darkness: Gray, height: float) -> Gray:
    """How dark all but one of the parts of a dash are that begins at each place."""
    part = max(2, round(_DASH[0] / _PARTS * height))
    dark = _blurred(darkness, part, _DASH[1] * height)
    width = max(0, dark.shape[1] - part * (_PARTS - 1))
    parts = np.stack([dark[:, at * part : at * part + width] for at in range(_PARTS)])
    return np.asarray(np.partition(parts, _MISSING, axis=0)[_MISSING], dtype=np.uint8)


def _blurred(darkness: Gray, across: float, down: float) -> Gray:
    """The mean darkness around each pixel, nothing beyond the cell."""
    sides = max(2, round(across)), max(2, round(down))
    return np.asarray(cv2.blur(darkness, sides, borderType=cv2.BORDER_CONSTANT), dtype=np.uint8)
