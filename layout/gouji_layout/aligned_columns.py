"""Columns of a table that no rule parts: where hardly any of its lines has text, one column ends."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from gouji_layout.aligned_lines import TEXT_GAP, Line, pieces_of, texts_of
from gouji_layout.geometry import Box

Column = tuple[float, float]
"""Left and right of the text of a column, in pixels."""

LEAST_ROWS, LEAST_COLUMNS = 3, 3
_NARROWEST_GAP = 0.75  # text heights of white between two columns
_LEAST_WORDS = 2  # of a column; a lone one is dirt
_ODD, _FEW_LINES = 20, 8  # lines of which one may reach across a gap; fewer are all held to it
_MORE_PIECES = 1.3  # pieces of text in each column that are those of sentences
_NARROW, _SPACED = 1.6, 1.6  # text heights: columns of one character, the white that spaces a name of two
_LEAST_FILLED = 0.5  # of the places of a table that hold text
_WIDE, _FULL = 8.0, 0.88  # text heights of a column of prose; share of it that most of its lines fill


def columns_of(lines: Sequence[Line], unit: float) -> list[Column]:
    """The columns that the lines of a table agree on, left to right.

    A line of one piece, as a heading within the table, has no say.

    Args:
        lines: of the body of the table.
        unit: text height in pixels.
    """
    telling = [line for line in lines if len(texts_of(line, unit)) > 1]
    words = [word for line in telling for word in line]
    ends = sorted([(word.left, 1) for word in words] + [(word.right, -1) for word in words])
    cuts = []
    inked, since = 0, np.inf
    allowed = max(len(telling) // _ODD, int(len(telling) >= _FEW_LINES))
    for x, step in ends:
        before, inked = inked, inked + step
        if inked <= allowed < before:
            since = x
        elif before <= allowed < inked and x - since >= _NARROWEST_GAP * unit:
            cuts.append((since + x) / 2)
    columns = _extents(words, cuts)
    return _joined(columns, unit) if len(columns) > 1 else columns


def _joined(columns: Sequence[Column], unit: float) -> list[Column]:
    """The columns without a gap within the labels: in names of two characters, or after their numbers."""
    first, second, *rest = columns
    gap, narrow = second[0] - first[1], first[1] - first[0] < _NARROW * unit
    spaced = narrow and second[1] - second[0] < _NARROW * unit and gap < _SPACED * unit
    numbered = narrow and gap < TEXT_GAP * unit
    return [(first[0], second[1]), *rest] if spaced or numbered else list(columns)


def _extents(words: Sequence[Box], cuts: Sequence[float]) -> list[Column]:
    """Left and right of the words between cuts, without those that reach across one."""
    columns = []
    for left, right in pairwise((-np.inf, *cuts, np.inf)):
        own = [word for word in words if left <= word.left and word.right <= right]
        if len(own) >= _LEAST_WORDS:
            columns.append((min(word.left for word in own), max(word.right for word in own)))
    return columns


def middles_between(columns: Sequence[Column]) -> list[float]:
    """The middle of each gap between columns, in pixels."""
    return [(left[1] + right[0]) / 2 for left, right in pairwise(columns)]


def columns_reached(word: Box, columns: Sequence[Column], unit: float) -> list[int]:
    """Columns over which a word stands; that of its middle counts even where the column has no text."""
    own = int(np.searchsorted(middles_between(columns), word.centre[0]))
    reached = {
        at
        for at, (left, right) in enumerate(columns)
        if min(word.right, right) - max(word.left, left) > 0.3 * unit
    }
    return list(range(min(reached | {own}), max(reached | {own}) + 1))


def are_columns(lines: Sequence[Line], columns: Sequence[Column], unit: float) -> bool:
    """Whether lines are a table of these columns: enough of both, most places filled, and no prose.

    A line of one piece, as a heading within the table, has no say.
    """
    telling = [line for line in lines if len(texts_of(line, unit)) > 1]
    if len(columns) < LEAST_COLUMNS or len(telling) < LEAST_ROWS:
        return False
    cuts = middles_between(columns)
    filled = sum(len(set(np.searchsorted(cuts, [word.centre[0] for word in line]))) for line in telling)
    if sum(len(texts_of(line, unit)) for line in telling) > _MORE_PIECES * filled:
        return False
    return filled >= _LEAST_FILLED * len(telling) * len(columns) and not _are_prose(telling, columns, unit)


def _are_prose(lines: Sequence[Line], columns: Sequence[Column], unit: float) -> bool:
    """Whether most columns are wide and most of their lines fill them, as on a page of several columns."""
    full = 0
    for left, right in columns:
        pieces = [
            piece
            for line in lines
            for piece in pieces_of([w for w in line if left <= w.centre[0] <= right], 2 * TEXT_GAP * unit)
        ]
        wide = right - left > _WIDE * unit
        full += wide and bool(np.median([piece.width for piece in pieces] or [0.0]) > _FULL * (right - left))
    return 2 * full >= len(columns)
