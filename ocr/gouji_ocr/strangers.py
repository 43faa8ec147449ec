"""What was read in a cell but is none of its print: pieces of seals and of broken rules, specks.

Nobody can say what a cell holds beside them, so it is unreadable; only a piece of a rule leaves it blank.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from gouji_ocr import alphabet
from gouji_ocr.doubts import OUT_OF_PLACE
from gouji_ocr.ink import EDGE
from gouji_ocr.pieces import RULE_REACH
from gouji_ocr.places import Place, holds_something
from gouji_ocr.reading import Candidate, Reading, ReadingKind
from gouji_ocr.views import CellView

_HUGE = 1.6  # times the height of the figures of its column: no label of one character is so high
_LINES = alphabet.MARKS | {"一"}  # what a piece of a rule is read as
_OFF_ROW = 0.6  # of the height of figures
_LOW = 0.65  # of the height of type: no digit or character is so low, and dashes are flat
_SPECK = math.log(0.5)  # what is read in specks is less likely than this
_ELSEWHERE = 1.2  # times the height of figures: so far off its place, at a side, it is a neighbour's
_UNSURE = math.log(0.8)  # figures less likely than this may be none
_BORDER = EDGE + RULE_REACH


def without_strangers(
    view: CellView, reading: Reading, places: Mapping[int, Place], height: float, name: str
) -> Reading:
    """The reading, unless what was read is none of the print of its cell.

    Args:
        view: the cell.
        reading: what it was read as.
        places: where the figures of each column stand.
        height: usual height of type in this table, in pixels.
        name: of the figure network, what it said of the cell is kept.
    """
    place = places.get(view.cell.col)
    if place is not None and _is_of_a_rule(view, reading, place):
        blank = (Candidate("", OUT_OF_PLACE),)
        return replace(reading, kind=ReadingKind.BLANK, candidates=blank, evidence=None, opinions=())
    stranger = (
        (places and _is_of_a_seal(view, reading, height if place is None else place.height))
        or _is_a_speck(view, reading, height)
        or (place is not None and _is_of_a_neighbour(view, reading, place))
    )
    return _unreadable(reading, name) if stranger else reading


def _is_of_a_rule(view: CellView, reading: Reading, place: Place) -> bool:
    """Whether a mark was read in a piece of a broken rule: at the border, off the row of figures."""
    if len(view.ink.lines) != 1:
        return False
    picture, line = view.ink.picture, view.ink.lines[0]
    at_border = line.top <= _BORDER or line.bottom >= len(picture) - _BORDER
    return reading.text in _LINES and at_border and abs(place.off_row(line, picture)) > _OFF_ROW


def _is_of_a_seal(view: CellView, reading: Reading, height: float) -> bool:
    """Whether a cell was read as a character much higher than the figures.

    Characters of a seal are as clear as print and read surely; labels are hardly higher than figures.
    """
    lone = reading.kind is ReadingKind.TEXT and len(reading.text) == 1
    return lone and len(view.ink.lines) == 1 and view.ink.lines[0].height > _HUGE * height


def _is_a_speck(view: CellView, reading: Reading, height: float) -> bool:
    """Whether a figure or a character was read, by no means surely, in what is too low for either."""
    lone = reading.kind is ReadingKind.FIGURE or (reading.kind is ReadingKind.TEXT and len(reading.text) == 1)
    low = not view.ink.flat and all(line.height < _LOW * height for line in view.ink.lines)
    return lone and low and reading.log_probability < _SPECK


def _is_of_a_neighbour(view: CellView, reading: Reading, place: Place) -> bool:
    """Whether a figure was read, not surely, in what reaches into the cell, which is empty at its place."""
    if reading.kind is not ReadingKind.FIGURE or reading.log_probability >= _UNSURE:
        return False
    picture, lines = view.ink.picture, view.ink.lines
    at_side = all(line.left <= _BORDER or line.right >= picture.shape[1] - _BORDER for line in lines)
    elsewhere = all(
        abs(place.off(line, picture)) > _ELSEWHERE and not place.is_in(line, picture) for line in lines
    )
    return at_side and elsewhere and not holds_something(view, place)


def _unreadable(reading: Reading, name: str) -> Reading:
    """The cell with nothing that is believed; what the figure network said of it is kept."""
    kept = tuple(opinion for opinion in reading.opinions if opinion.reader == name)
    return replace(reading, kind=ReadingKind.UNREADABLE, candidates=(), evidence=None, opinions=kept)
