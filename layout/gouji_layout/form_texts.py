"""Texts that stand where a form has an edge that is hardly seen: then it is not the form, or a changed one.

A rule is worn away, text is not: the figure of a merged cell stands in the middle of the whole, across the
place of the edge or beside it, while each of two cells has its own figure in its own middle.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gouji_layout.blobs import blobs
from gouji_layout.form_grid import FormGrid
from gouji_layout.grid import Grid
from gouji_layout.page import Gray, Mask
from gouji_layout.place_texts import beside_lines, standing_out

Flags = NDArray[np.bool_]
Ints = NDArray[np.int_]
_MARGIN = 0.2  # text heights beside the rules around, where their own remnants lie
_GLYPH = 0.65  # text heights of a digit; lower ink is dirt, or a dash
_THIN = 0.3  # text heights: thinner ink is a remnant of a rule, if it does not look like a 1
_BY_DIRT = 0.4  # of the width of a digit: what joins it to a rule at most
_ONE, _OFF = (0.7, 1.25), 0.25  # text heights of a 1, and how far it stands off the middle of its row
_FIGURE = 4.0  # text heights of a short text; longer ones may begin anywhere
_PART, _LINE = 0.4, 1.5  # text heights of what may be a piece of a character, and of one line
_ONE_TEXT, _ONE_LINE = 0.8, 0.2  # text heights between what is one text, beside and above one another
CENTRED = 0.35
"""Of the way from the middle of two cells to that of one: a text nearer to the first stands in both."""
_SEEN = 0.4  # chance above that of an edge just drawn, from which it is seen beyond doubt


class _Place(NamedTuple):
    """Two cells of a form between which no rule is seen, in pixels of the table."""

    around: tuple[int, int, int]  # where the first begins, both meet, and the second ends
    across: tuple[int, int]  # the row or column that both stand in


def text_denies(grid: Grid, evened: Gray, unit: float) -> bool:
    """Whether text denies an edge that is drawn in the form of a table, and hardly seen in the picture.

    Args:
        grid: laid on a form.
        evened: the picture it was found in.
        unit: text height in pixels.
    """
    form = FormGrid.of(grid.form, grid.cells)
    top, left = max(round(grid.ys[0]), 0), max(round(grid.xs[0]), 0)
    ys, xs = np.round(grid.ys).astype(int) - top, np.round(grid.xs).astype(int) - left
    table = evened[top : top + ys[-1] + 1, left : left + xs[-1] + 1]
    dark = standing_out(table, beside_lines(table.shape, ys, xs, unit), unit)
    beside = _places(ys, xs, form.upright, grid.upright < grid.seen + _SEEN)
    above = _places(xs, ys, form.level.T, grid.seen + _SEEN > grid.level.T)
    return any(_denied_beside(dark, place, unit) for place in beside) or any(
        _denied_above(dark, place, unit) for place in above
    )


def _places(ys: Ints, xs: Ints, drawn: Flags, unseen: Flags) -> Iterator[_Place]:
    """The places around each inner upright edge that is drawn in a form but not seen."""
    for row, line in zip(*np.nonzero((drawn & unseen)[:, 1:-1]), strict=True):
        before, after = np.flatnonzero(drawn[row, : line + 1]), np.flatnonzero(drawn[row, line + 2 :])
        around = int(xs[before[-1]]), int(xs[line + 1]), int(xs[line + 2 + after[0]])
        yield _Place(around, (int(ys[row]), int(ys[row + 1])))


def _denied_beside(dark: Mask, place: _Place, unit: float) -> bool:
    """Whether the only text of two cells beside one another is a short one in the middle of both."""
    (left, _, right), (top, bottom) = place
    first, part = _inside(dark, (top, bottom), (left, right), unit)
    if not part.size:
        return False
    pieces = blobs(part)
    off = np.abs(2 * pieces.top + pieces.height - len(part)) / 2
    one = (pieces.height > _ONE[0] * unit) & (pieces.height < _ONE[1] * unit) & (off < _OFF * unit)
    # What reaches a rule is a remnant of another one, unless it does so by a little dirt.
    reaching = sum(np.bincount(pieces.labels[at], minlength=len(pieces) + 1)[1:] for at in (0, -1))
    glyphs = (pieces.height >= _GLYPH * unit) & ((pieces.width >= _THIN * unit) | one)
    glyphs &= reaching <= _BY_DIRT * pieces.width
    starts = pieces.left[glyphs] + first[1]
    return _in_the_middle(
        starts, starts + pieces.width[glyphs], place.around, (_ONE_TEXT * unit, _FIGURE * unit)
    )


def _denied_above(dark: Mask, place: _Place, unit: float) -> bool:
    """Whether the only text of two cells above one another is one line in the middle of both.

    A line that runs on beyond their column is print of the other side.
    """
    (top, _, bottom), (left, right) = place
    first, part = _inside(dark, (top, bottom), (left, right), unit)
    if not part.size:
        return False
    pieces = blobs(part)
    glyphs = pieces.height >= _GLYPH * unit
    beyond = (pieces.left == 0) | (pieces.left + pieces.width == part.shape[1])
    high = (pieces.height >= _PART * unit) & (pieces.height <= _LINE * unit)  # no remnant of an upright rule
    if (high & beyond).any():
        return False
    tops = pieces.top + first[0]
    off = np.abs(tops + pieces.height / 2 - place.around[1])
    dashes = (pieces.width >= _GLYPH * unit) & (off > _OFF * unit)  # nearer they are remnants of the rule
    own = (glyphs | dashes) & ~beyond
    starts, ends = tops[own], tops[own] + pieces.height[own]
    return _in_the_middle(starts, ends, place.around, (_ONE_LINE * unit, _LINE * unit))


def _inside(
    dark: Mask, rows: tuple[int, int], cols: tuple[int, int], unit: float
) -> tuple[tuple[int, int], Mask]:
    """The part of a mask well between these rules, and its first row and column."""
    margin = max(round(_MARGIN * unit), 1)
    top, left = (max(first + margin, 0) for first, _ in (rows, cols))
    return (top, left), np.ascontiguousarray(dark[top : rows[1] - margin, left : cols[1] - margin])


def _in_the_middle(
    starts: Ints, ends: Ints, around: tuple[int, int, int], sizes: tuple[float, float]
) -> bool:
    """Whether glyphs are one short text, nearer to the middle of both cells than to that of one.

    Args:
        starts: where each glyph begins, along both cells.
        ends: where it ends.
        around: where the first cell begins, both meet, and the second ends.
        sizes: the largest gap within a text, and the size of a short one.
    """
    if not starts.size:
        return False
    order = np.argsort(starts)
    reached = np.maximum.accumulate(ends[order])
    if (starts[order][1:] - reached[:-1] > sizes[0]).any():
        return False
    first, middle, last = around
    start, end = int(starts.min()), int(ends.max())
    text, both = (start + end) / 2, (first + last) / 2
    own = (first + middle) / 2 if text < middle else (middle + last) / 2
    return end - start <= sizes[1] and abs(text - both) < CENTRED * abs(own - both)
