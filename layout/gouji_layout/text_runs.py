"""Runs of text of a table without rules, the rows and columns of its figures, and where its labels begin."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.blobs import blobs
from gouji_layout.geometry import Box
from gouji_layout.lines import without_rules_and_specks
from gouji_layout.page import Mask

Floats = NDArray[np.float64]
Ints = NDArray[np.int_]
# All in text heights.
_JOINED = (0.15, 0.5)  # gaps above one another and beside one another within one run
_LOW, _HIGH, _NARROW, _GLYPH = 0.35, 3.0, 0.25, 0.6  # sizes of runs; what is narrow is as high as a glyph
_FILLED = 0.3  # share of its box: less is what is left where rules cross
_SHORT, _FIGURE = 4.0, (0.5, 1.6)  # longest figure, and how high figures are
_ONE_ROW, _ONE_COLUMN, _ONE_EDGE = 0.25, 0.5, 0.6  # steps within a row, a column, a left edge of labels
_CENTRED = 0.6  # from the middle of its column at most
_BESIDE = 0.3  # of paper beside the outermost figures
_WORD = 1.0  # gap before a run that begins a text
_OF_ROWS = 0.25  # share of the rows in which a column has figures
_OF_COLUMNS = 0.4  # share of the columns in which a row of figures has some
_FEW = 3  # figures in a row


def text_runs(inked: Mask, unit: float, taken: Sequence[Box] = ()) -> Floats:
    """Left, top, right and bottom of each run of text outside the `taken` boxes, (runs, 4), in pixels."""
    mask = inked.copy()
    for box in taken:
        mask[box.padded(_BESIDE * unit).slices(mask.shape)] = 0
    kernel = np.ones([max(round(gap * unit), 1) for gap in _JOINED], np.uint8)
    found = blobs(cv2.morphologyEx(without_rules_and_specks(mask, unit), cv2.MORPH_CLOSE, kernel))
    size = (found.height >= _LOW * unit) & (found.height <= _HIGH * unit)
    size &= (found.width >= _NARROW * unit) | (found.height >= _GLYPH * unit)
    size &= found.area >= _FILLED * found.width * found.height
    sides = found.left, found.top, found.left + found.width, found.top + found.height
    return np.stack(sides, axis=1)[size].astype(np.float64)


def middles(runs: Floats) -> tuple[Floats, Floats]:
    """Middle of each run across and down the page."""
    return (runs[:, 0] + runs[:, 2]) / 2, (runs[:, 1] + runs[:, 3]) / 2


def short_rows(runs: Floats, unit: float) -> list[Ints]:
    """Indices of the runs as short as figures, row by row from the top."""
    widths, heights = runs[:, 2] - runs[:, 0], runs[:, 3] - runs[:, 1]
    figures = (heights >= _FIGURE[0] * unit) & (heights <= _FIGURE[1] * unit) & (widths <= _SHORT * unit)
    short = np.flatnonzero(figures)
    return [short[own] for own in _groups(middles(runs)[1][short], _ONE_ROW * unit)]


def figure_columns(
    runs: Floats, rows: Sequence[Ints], above: Ints, count: int, unit: float, *, all_of_them: bool
) -> Floats | None:
    """Lines around the rightmost columns of figures, (count + 1,); None where there are fewer.

    Figures stand in the middle of their columns, so do the short headings above.

    Args:
        runs: of text.
        rows: indices of runs in each row of figures.
        above: indices of runs above the first of them.
        count: columns.
        unit: text height in pixels.
        all_of_them: whether there may be no other column to the left.
    """
    figures = np.concatenate(rows)
    own = np.unique(np.concatenate([figures, above]))
    in_rows = np.isin(own, figures)
    across = middles(runs)[0][own]
    least = max(_OF_ROWS * len(rows), 1)
    columns = [
        own[group]
        for group in _groups(across, _ONE_COLUMN * unit)
        if in_rows[group].sum() >= least or (len(rows) == 1 and len(group) > 1)
    ]
    if len(columns) < count or (all_of_them and len(columns) > count):
        return None
    columns = columns[-count:]
    ends = [(np.percentile(runs[column, 0], 5), np.percentile(runs[column, 2], 95)) for column in columns]
    between = [float(before[1] + after[0]) / 2 for before, after in pairwise(ends)]
    first, last = (float(np.median(middles(runs[column])[0])) for column in (columns[0], columns[-1]))
    right = max(2 * last - between[-1], float(ends[-1][1]) + _BESIDE * unit)
    return np.array([2 * first - between[0], *between, right])


def in_columns(runs: Floats, row: Ints, lines: Floats, unit: float) -> Ints:
    """The runs of a row in the middle of columns; none where only few columns have one."""
    off = np.abs(middles(runs[row])[0][:, None] - (lines[:-1] + lines[1:]) / 2)
    column, centred = off.argmin(axis=1), off.min(axis=1) < _CENTRED * unit
    enough = len(set(column[centred])) >= max(_FEW, _OF_COLUMNS * (len(lines) - 1))
    return row[centred] if enough else row[:0]


def label_edges(labels: Floats, unit: float) -> list[float]:
    """Where texts begin, each place where two or more do; the one of most texts first.

    Args:
        labels: runs of the labels beside figures.
        unit: text height in pixels.
    """
    down = middles(labels)[1]
    starts = []
    for (left, _, _, _), at in zip(labels, down, strict=True):
        same = np.abs(down - at) < unit / 2
        before = same & (labels[:, 2] <= left + _JOINED[0] * unit) & (labels[:, 2] > left - _WORD * unit)
        if not before.any():
            starts.append(left)
    edges = np.array(starts)
    groups = [group for group in _groups(edges, _ONE_EDGE * unit) if len(group) > 1]
    return [float(np.percentile(edges[group], 20)) for group in sorted(groups, key=len, reverse=True)]


def _groups(values: Floats, reach: float) -> list[Ints]:
    """Indices of values, ascending, parted where the next one is further away than `reach`."""
    if not len(values):
        return []
    order = np.argsort(values)
    return np.split(order, np.flatnonzero(np.diff(values[order]) > reach) + 1)
