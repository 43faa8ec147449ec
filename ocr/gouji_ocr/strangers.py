"""What was read in a cell but is none of its print: pieces of seals and of broken rules, specks, rubbish.

Nobody can say what a cell holds beside them, so it is unreadable; only a piece of a rule leaves it blank.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import cv2
import numpy as np

from gouji_ocr import alphabet
from gouji_ocr.doubts import OUT_OF_PLACE
from gouji_ocr.ink import BOLD_INK, EDGE
from gouji_ocr.pieces import RULE_REACH
from gouji_ocr.places import Place, holds_something
from gouji_ocr.planes import BLACK
from gouji_ocr.reading import Candidate, Reading, ReadingKind
from gouji_ocr.views import CellView

_HUGE = 1.6  # times the height of the figures of its column: no label of one character is so high
_LINES = alphabet.MARKS | {"一"}  # what a piece of a rule is read as
_OFF_ROW = 0.6  # of the height of figures
_LOW = 0.65  # of the height of type: no digit or character is so low, and dashes are flat
_SPECK = math.log(0.5)  # what is read in specks is less likely than this
_SIGNS = re.compile(r"[\x21-\x7e]{2}")  # two letters or signs: no word, but what two specks are read as
_ELSEWHERE = 1.2  # times the height of figures: so far off its place, at a side, it is a neighbour's
_UNSURE = math.log(0.8)  # figures less likely than this may be none
_FEW = 2  # characters: more are no pieces of a ring
_LETTER, _LETTERS = math.log(0.9), math.log(0.5)  # each of one or two, of more: less likely ones are dirt
_COLUMN = 4  # figures: fewer are no column of them
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_HIGH = 0.3  # of the height of type: what is smaller beside a seal is no part of a digit and no dash
_FLAT = 2.0  # times as wide as high: may be a dash
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
        or _is_of_a_black_seal(view, reading, height)
        or _is_a_speck(view, reading, height)
        or (place is not None and _is_of_a_neighbour(view, reading, place))
    )
    return _unreadable(reading, name) if stranger else reading


def without_letters(views: Sequence[CellView], readings: Sequence[Reading], name: str) -> list[Reading]:
    """Readings of a table, unsure letters and signs in columns of figures unreadable.

    Args:
        views: the cells of the table.
        readings: what they were read as, in the same order.
        name: of the figure network, what it said of a cell is kept.
    """
    columns = _of_figures(views, readings)
    return [
        _unreadable(reading, name) if view.cell.col in columns and _is_rubbish(reading) else reading
        for view, reading in zip(views, readings, strict=True)
    ]


def _of_figures(views: Sequence[CellView], readings: Sequence[Reading]) -> set[int]:
    """The columns in which more cells were read as figures than as words."""
    figures, words = Counter[int](), Counter[int]()
    for view, reading in zip(views, readings, strict=True):
        figures[view.cell.col] += reading.kind is ReadingKind.FIGURE
        words[view.cell.col] += bool(_CHINESE.search(reading.text))
    return {column for column, count in figures.items() if count >= _COLUMN and count > words[column]}


def _is_rubbish(reading: Reading) -> bool:
    """Whether letters and signs were read, not surely, which no cell of a column of figures holds."""
    text = reading.text
    if reading.kind is not ReadingKind.TEXT or _CHINESE.search(text) or not alphabet.outsiders(text):
        return False
    return reading.log_probability < len(text) * (_LETTER if len(text) <= _FEW else _LETTERS)


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


def _is_of_a_black_seal(view: CellView, reading: Reading, height: float) -> bool:
    """Whether a character or two were read, not surely, in nothing but pieces of a ring or a star."""
    if view.sealed is None or len(reading.text) > _FEW or reading.log_probability >= _UNSURE:
        return False
    black = view.sealed == BLACK
    if not any(black[line.top : line.bottom, line.left : line.right].any() for line in view.ink.lines):
        return False
    left = (view.ink.picture < BOLD_INK) & ~black
    left[:_BORDER], left[-_BORDER:], left[:, :_BORDER], left[:, -_BORDER:] = False, False, False, False
    _, _, stats, _ = cv2.connectedComponentsWithStats(left.astype(np.uint8), connectivity=8)
    width, high = stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT]
    dash = (width >= _HIGH * height) & (width >= _FLAT * high)
    return not (dash | (high >= _HIGH * height)).any()


def _is_a_speck(view: CellView, reading: Reading, height: float) -> bool:
    """Whether a figure or a character or two were read, by no means surely, in what is too low for either."""
    few = reading.kind is ReadingKind.FIGURE or len(reading.text) == 1 or _SIGNS.fullmatch(reading.text)
    low = not view.ink.flat and all(line.height < _LOW * height for line in view.ink.lines)
    read = reading.kind in {ReadingKind.FIGURE, ReadingKind.TEXT}
    return bool(read and few and low) and reading.log_probability < (_UNSURE if reading.doubted else _SPECK)


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
