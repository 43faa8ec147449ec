"""Rows that no rule parts: statistical tables often rule their head and columns only.

A tall row is taken apart only when its columns agree on where lines of text stand; a cell of several
lines beside one of fewer stays one cell. Agreement is that of most columns: a speck, a blank place or
two lines that touch do not keep a whole table in one row. A label alone on its line is a row where it
stands as far from the next as rows do, and a further line of a label where it stands nearer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.blobs import blobs
from gouji_layout.geometry import Box
from gouji_layout.grid import Grid
from gouji_layout.page import Gray, Mask
from gouji_layout.paper import Paper, text_height
from gouji_layout.rules import runs
from gouji_layout.spans import Span

_LEAST_LINES, _LEAST_COLUMNS = 3, 3
_TALL = 3.5  # text heights of a row that may hold three lines
_ONE_LINE = 1.7  # text heights; taller ink is lines that touch
_SAME_LINE = 0.5  # text heights that the middles of one line differ between columns
_FILLED, _LABELLED = 0.5, 0.4  # of the lines a column must have, and one of labels, unless it is all blank
_LABELS = 2  # columns on the left that may be labels: numbers and names
_USUAL = 20  # percentile of the distances of lines that is the usual one of rows
_ROW = (0.8, 1.5)  # of the usual distance of rows that a row stands from the next, at least and at most
_FEW = 0.25  # of the columns a row must have, unless it has a label
_CLEARLY = 1.12  # times as far from the label of the next row as from a line of its own
_SHARED = 0.5  # of the columns a line must be seen in
_DARK = 0.75  # of the depth of the ink: print is darker, what shines through paler
_SOLID = 5  # pixels of the window in which most of a solid stroke is dark
_DIRT, _TYPE = 0.3, 0.5  # text heights: ink lower than the one is a speck, higher than the other is type
_DIRTY = 1.0  # specks for every piece of type
_EVEN = 0.1  # of their mean that heights of rows may deviate
_SPECK = 0.3  # of the usual ink of a line of its column; less on no line is a speck

Run = tuple[int, int, int]
"""Top and bottom of ink in one column, in pixels of the picture, and how many pixels are inked."""


def split_rows(grid: Grid, paper: Paper, unit: float) -> Grid:
    """Part the rows of a grid whose columns agree on their lines of text.

    Args:
        grid: of one table.
        paper: of the picture it was found in.
        unit: text height in pixels.
    """
    inks, row = _Inks(paper), 0
    while row < len(grid.ys) - 1:
        cuts: list[float] = []
        if grid.ys[row + 1] - grid.ys[row] > _TALL * unit:
            # The body of a table is often set smaller than its head and the prose around it.
            body = Box(grid.xs[0], grid.ys[row], grid.xs[-1], grid.ys[row + 1])
            own = min(unit, text_height(paper.evened[body.slices(paper.evened.shape)]))
            for ink in inks.at(own):
                found = _cuts(_columns(grid, ink, row, own), own)
                if found and (not cuts or _uneven(found) < _uneven(cuts)):
                    cuts = found
                if cuts and not _uneven(cuts):
                    break
        if cuts:
            grid = _parted(grid, row, cuts)
        row += len(cuts) + 1
    return grid


@dataclass(frozen=True, eq=False)
class _Inks:
    """Where there is ink: all of it, then only what is as dark as print, then on dirty paper what is solid.

    What shines through from the other side, and the dirt of a copy of two levels, lie between the lines.
    """

    paper: Paper

    @cached_property
    def dark(self) -> Mask:
        """Not softened: small print has thin strokes, which would be as pale then as what shines through."""
        return self._print(self.paper.evened)

    @cached_property
    def solid(self) -> Mask:
        """Dark where most of the pixels around are."""
        return self._print(np.asarray(cv2.medianBlur(self.paper.evened, _SOLID), dtype=np.uint8))

    @cached_property
    def heights(self) -> NDArray[np.int32]:
        """Of all pieces of ink."""
        return blobs(self.paper.inked).height

    def at(self, unit: float) -> Iterator[Mask]:
        """One after the other, for text `unit` pixels high."""
        yield self.paper.inked
        yield self.dark
        if (self.heights < _DIRT * unit).sum() > _DIRTY * (self.heights >= _TYPE * unit).sum():
            yield self.solid

    def _print(self, gray: Gray) -> Mask:
        return (gray < 255 - _DARK * self.paper.ink_depth).astype(np.uint8)


def _uneven(cuts: Sequence[float]) -> float:
    """How much the heights of rows differ, as a share of their mean; none as long as they are nearly equal.

    A line of the other side that lies between two rows makes two low ones of them.
    """
    heights = np.diff(cuts)
    off = float(heights.std() / heights.mean()) if len(heights) else 0.0
    return off if off > _EVEN else 0.0


def _columns(grid: Grid, mask: NDArray[np.uint8], row: int, unit: float) -> list[list[Run]]:
    """Runs of ink, top to bottom, in each cell that stands in this row alone."""
    top, bottom = round(grid.ys[row] + 0.2 * unit), round(grid.ys[row + 1] - 0.2 * unit)
    columns = []
    for cell in grid.cells:
        if cell.row != row or cell.rows != 1:
            continue
        left = round(grid.xs[cell.col] + 0.25 * unit)
        right = round(grid.xs[cell.col + cell.cols] - 0.25 * unit)
        found = _lines(mask[top:bottom, max(left, 0) : max(right, 1)], unit)
        columns.append([(top + start, top + end, inked) for start, end, inked in found])
    return columns


def _cuts(columns: Sequence[Sequence[Run]], unit: float) -> list[float]:
    """Heights at which to part a row; empty when its columns disagree."""
    inked = [column for column in columns if column]
    if len(inked) < _LEAST_COLUMNS:
        return []
    lines = _shared_lines(inked, unit)
    if len(lines) < _LEAST_LINES:
        return []
    pitch = float(np.percentile(np.diff(lines), _USUAL, method="lower"))
    sparse: list[tuple[float, int]] = []  # middles of lines that few columns have, and of which columns
    wrapped: list[float] = []  # further lines of labels
    for at, column in enumerate(inked):
        usual = float(np.median([amount for _, _, amount in column]))
        held = np.zeros(len(lines), dtype=bool)
        for top, bottom, amount in column:
            middle = (top + bottom) / 2
            on = np.abs(lines - middle) < _SAME_LINE * unit
            if bottom - top > _ONE_LINE * unit:  # lines that touch count where each would be
                on = (lines > top + 0.2 * unit) & (lines < bottom - 0.2 * unit)
            if not on.any() and amount > _SPECK * usual:
                on = np.abs(lines - middle) < _ROW[0] * pitch
                if _may_be_row(middle, lines, pitch):
                    sparse.append((middle, at))
                elif at < _LABELS and on.any():
                    wrapped.append(middle)
                else:
                    return []  # a line of its own: the cells of this row hold different texts
            held |= on
        if held.mean() < (_LABELLED if at < _LABELS else _FILLED):  # lines of figures may share a label
            return []
    groups = _groups(sparse, unit)
    if any(min(own) >= _LABELS and len(own) < max(2, _FEW * len(inked)) for _, own in groups):
        return []  # a further line of a cell that is no label
    rows = np.array(sorted([*lines, *(middle for middle, _ in groups)]))
    return _between(rows, wrapped) if wrapped else [float(value) for value in (rows[1:] + rows[:-1]) / 2]


def _may_be_row(middle: float, lines: NDArray[np.float64], pitch: float) -> bool:
    """Whether a line that few columns have may be a row of its own: as far from the others as rows are.

    Lines of a text beside cells of fewer lines stand above or below those; a heading opens a table at most.
    """
    off = float(np.abs(lines - middle).min())
    return off > _ROW[0] * pitch and lines[0] - _ROW[1] * pitch < middle < lines[-1]


def _between(rows: NDArray[np.float64], wrapped: Sequence[float]) -> list[float]:
    """Where to part rows some of which have labels of several lines; nowhere if it is not clear of which."""
    cuts = []
    for above, below in pairwise(rows.tolist()):
        lines = np.array([above, *sorted(at for at in wrapped if above < at < below), below])
        gaps = np.diff(lines)
        widest = int(gaps.argmax())
        if len(gaps) > 1 and gaps[widest] < _CLEARLY * np.sort(gaps)[-2]:
            return []
        cuts.append(float(lines[widest] + lines[widest + 1]) / 2)
    return cuts


def _shared_lines(columns: Sequence[Sequence[Run]], unit: float) -> NDArray[np.float64]:
    """Middles of the lines that most columns have."""
    tall = [[(top, bottom) for top, bottom, _ in own if bottom - top > _ONE_LINE * unit] for own in columns]
    middles = [
        ((top + bottom) / 2, at)
        for at, column in enumerate(columns)
        for top, bottom, _ in column
        if bottom - top <= _ONE_LINE * unit
    ]
    lines = []
    for middle, own in _groups(middles, unit):
        # A column whose lines touch there, as under the rest of a seal, cannot say whether it has this one.
        able = sum(not any(top < middle < bottom for top, bottom in column) for column in tall)
        if len(own) >= max(2, _SHARED * able):
            lines.append(middle)
    return np.array(lines)


def _groups(middles: Sequence[tuple[float, int]], unit: float) -> list[tuple[float, set[int]]]:
    """Middle of each line, and which columns have it, from the middles of lines of single columns."""
    groups: list[list[tuple[float, int]]] = []
    for middle, at in sorted(middles):
        if groups and middle - float(np.median([m for m, _ in groups[-1]])) < _SAME_LINE * unit:
            groups[-1].append((middle, at))
        else:
            groups.append([(middle, at)])
    return [(float(np.median([m for m, _ in group])), {at for _, at in group}) for group in groups]


def _lines(part: NDArray[np.uint8], unit: float) -> list[Run]:
    """Start, end and ink of each line of text in a cell."""
    if not part.size:
        return []
    ink = part.sum(axis=1)
    inked = ink > 0.08 * unit
    reach = max(round(0.3 * unit), 1)
    closed = cv2.morphologyEx(inked.astype(np.uint8)[:, None], cv2.MORPH_CLOSE, np.ones((reach, 1), np.uint8))
    return [
        (start, end, int(ink[start:end].sum()))
        for start, end in runs(closed[:, 0].astype(bool))
        if end - start >= 0.4 * unit
    ]


def _parted(grid: Grid, row: int, cuts: list[float]) -> Grid:
    more = len(cuts)
    cells = []
    for cell in grid.cells:
        if cell.row > row:
            cells.append(replace(cell, row=cell.row + more))
        elif cell.row == row and cell.rows == 1:
            cells += [Span(row + at, cell.col, 1, cell.cols) for at in range(more + 1)]
        elif cell.row + cell.rows > row:
            cells.append(replace(cell, rows=cell.rows + more))
        else:
            cells.append(cell)
    absent = np.zeros((more, grid.level.shape[1]))
    return replace(
        grid,
        ys=(*grid.ys[: row + 1], *cuts, *grid.ys[row + 1 :]),
        level=np.concatenate([grid.level[: row + 1], absent, grid.level[row + 1 :]]),
        upright=np.repeat(
            grid.upright, [more + 1 if at == row else 1 for at in range(len(grid.upright))], axis=0
        ),
        cells=tuple(sorted(cells)),
    )
