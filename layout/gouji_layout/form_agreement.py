"""Whether texts stand as a form has them at edges that look otherwise; then these say nothing against it.

Where an edge is lost two texts are left that cannot be one; where a stroke or print of the other side looks
like an edge, one text goes on across it. Two texts there say that the form was changed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gouji_layout.blobs import blobs
from gouji_layout.form_fit import Fit
from gouji_layout.grid import Grid
from gouji_layout.page import Gray, Mask
from gouji_layout.place_texts import beside_lines, standing_out

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int_]
Sides = tuple[int, int, int, int]  # top, left, bottom, right
_EVEN = 0.5  # chance of an edge that says nothing
# In text heights.
_MARGIN = 0.2  # beside the rules around, where their own remnants lie
_GLYPH = 0.65, 0.3, 1.5  # least height and width of a glyph, and its greatest height
_PIECE = 0.2, 0.1, math.inf  # the same of any ink: characters may run together
_INK, _SPECK = (0.0, 0.0, math.inf), 0.4  # any ink at all; what is neither higher nor wider is dirt
_REST = 0.15, 0.45  # from a line to one side of it, and to both: ink that reaches no further
_WORD = 1.5  # width of a label at least: wide-set characters of one may stand in both of two cells
_DENSE = 0.5  # share of the width of a word that its characters have
_BETWEEN = 0.5, 0.8  # two texts above and beside one another
_FAR = 2.0  # lines of one text are nearer, wherever they stand
_ONE_LINE = 3.2  # height of a cell for one line at most
_APART = 1.2  # two words in a cell that has no edge between them
_CENTRED = 0.35  # a line of text off the middle of its cell
_OFF = 1.5  # words off the middle of a part of a cell, for sure
_IN_BOTH = 0.25  # of the way from the middle of a cell to that of one of its parts
_ONE_TEXT, _SET_WIDE = 0.35, 0.8  # within one text, and where all its characters stand so far apart
_AS_ELSEWHERE = 1.25  # times the usual gap of the text
_ONE_COLUMN = 1.4  # width of characters above one another


def agreeing(
    chances: tuple[Floats, Floats], grid: Grid, fit: Fit, evened: Gray, unit: float
) -> tuple[Floats, Floats]:
    """The chances, but even for edges that look otherwise than in a form whose texts stand around them.

    The same goes for edges of its border that are not seen.

    Args:
        chances: how likely the level and upright edges of the grid are drawn.
        grid: of the table.
        fit: of the form on its lines.
        evened: the picture it was found in.
        unit: text height in pixels.
    """
    level, upright = (edges.copy() for edges in chances)
    texts = _Texts.of(grid, fit, evened, unit)
    for axis, edges, cells, lines in _directions(grid, (level, upright), texts):
        for row, line in _inner(cells):
            first, second = int(cells[row, line - 1]), int(cells[row, line])
            drawn = first != second
            if (edges[row, line] >= _EVEN) != drawn:
                at = lines[line] - texts.corner[axis]
                agreed = texts.two(first, second, axis) if drawn else texts.one(first, at, axis)
                edges[row, line] = _EVEN if agreed else edges[row, line]
    for edges, lines in ((level, fit.rows), (upright.T, fit.cols)):
        for line in (lines[0], lines[-1]):  # a border that is worn away leaves the cells as they were
            edges[line] = np.maximum(edges[line], _EVEN)
    return level, upright


def parted(drawn: tuple[Floats, Floats], grid: Grid, fit: Fit, evened: Gray, unit: float) -> bool:
    """Whether texts stand on both sides of an edge that looks drawn through a cell of a form.

    Args:
        drawn: how likely the level and upright edges of the grid are.
        grid: of the table.
        fit: of the form on its lines.
        evened: the picture it was found in.
        unit: text height in pixels.
    """
    texts = _Texts.of(grid, fit, evened, unit)
    return any(
        texts.parted(int(cells[row, line]), lines[line] - texts.corner[axis], axis)
        for axis, edges, cells, lines in _directions(grid, drawn, texts)
        for row, line in _inner(cells)
        if cells[row, line - 1] == cells[row, line] and edges[row, line] >= _EVEN
    )


def _directions(
    grid: Grid, drawn: tuple[Floats, Floats], texts: _Texts
) -> tuple[tuple[int, Floats, Ints, Sequence[float]], ...]:
    """Level and upright edges: the axis along which they part cells, the cells by it, and their lines."""
    return (0, drawn[0].T, texts.cells.T, grid.ys), (1, drawn[1], texts.cells, grid.xs)


def _inner(cells: Ints) -> Iterator[tuple[int, int]]:
    """Row and line of each edge of one direction with a cell of the form on both sides."""
    both = (cells[:, :-1] >= 0) & (cells[:, 1:] >= 0)
    for row, line in zip(*np.nonzero(both), strict=True):
        yield int(row), int(line) + 1


@dataclass(frozen=True, eq=False)
class _Texts:
    """The texts of a table in the cells of a form, in pixels of the table."""

    dark: Mask
    cells: Ints  # which cell of the form each place of the table belongs to, -1 for none
    boxes: Sequence[Sides]
    figures: Sequence[bool]  # whether figures stand in each cell
    corner: tuple[int, int]  # of the table on its picture
    unit: float

    @classmethod
    def of(cls, grid: Grid, fit: Fit, evened: Gray, unit: float) -> _Texts:
        top, left = max(round(grid.ys[0]), 0), max(round(grid.xs[0]), 0)
        ys, xs = np.round(grid.ys).astype(int) - top, np.round(grid.xs).astype(int) - left
        table = evened[top : top + ys[-1] + 1, left : left + xs[-1] + 1]
        rows, cols = np.asarray(fit.rows), np.asarray(fit.cols)
        dark = standing_out(table, beside_lines(table.shape, ys[rows], xs[cols], unit), unit)
        first_row, first_col = fit.form.figures_from
        cells = np.full((len(ys) - 1, len(xs) - 1), -1)
        boxes, figures = [], []
        for number, cell in enumerate(fit.form.cells):
            own = rows[cell.row], cols[cell.col], rows[cell.row + cell.rows], cols[cell.col + cell.cols]
            cells[own[0] : own[2], own[1] : own[3]] = number
            boxes.append((int(ys[own[0]]), int(xs[own[1]]), int(ys[own[2]]), int(xs[own[3]])))
            figures.append(cell.row >= first_row and cell.col >= first_col)
        return cls(dark, cells, boxes, figures, (top, left), unit)

    def two(self, first: int, second: int, axis: int) -> bool:
        """Whether the texts of two cells that are neighbours along an axis cannot be one.

        Nor do two places of figures say anything against it that are both blank, however they are parted.
        """
        boxes, figures = (self.boxes[first], self.boxes[second]), self.figures[first] and self.figures[second]
        texts = [self._glyphs(box) for box in boxes]
        if not all(map(len, texts)):
            (top, left, _, _), (_, _, bottom, right) = boxes  # a figure of one cell may stand on the edge
            return figures and self._blank((top, left, bottom, right))
        words = any(np.ptp(text[:, 1::2]) >= _WORD * self.unit for text in texts)
        gap = float(texts[1][:, axis].min() - texts[0][:, axis + 2].max()) / self.unit
        if gap < _BETWEEN[axis] or not (words or figures):
            return False
        return axis == 1 or figures or gap >= _FAR or self._centred(texts, boxes)  # a cell has one figure

    def _blank(self, box: Sides) -> bool:
        """Whether nothing larger than specks stands in a box."""
        pieces = self._glyphs(box, _INK)
        return not (np.maximum(*(pieces[:, 2:] - pieces[:, :2]).T) >= _SPECK * self.unit).any()

    def parted(self, cell: int, at: float, axis: int) -> bool:
        """Whether words stand on both sides of a line through a cell, with paper between them."""
        top, left, bottom, right = self.boxes[cell]
        boxes = ((top, left, at, right), (at, left, bottom, right)) if axis == 0 else ()
        if axis == 1 and bottom - top > _ONE_LINE * self.unit:
            return False  # of several lines something is always left
        pieces, glyphs = (self._glyphs(self.boxes[cell], size) for size in (_PIECE, _GLYPH))
        texts = [pieces[own] for own in self._sides(pieces, at, axis)]
        words = [glyphs[own] for own in self._sides(glyphs, at, axis)]
        if not all(self._is_word(text) for text in words):
            return False
        apart = texts[1][:, axis].min() - texts[0][:, axis + 2].max() >= _APART * self.unit
        return bool(apart) and (axis == 1 or self._centred(words, boxes))

    def _sides(self, text: Ints, at: float, axis: int) -> tuple[Flags, Flags]:
        """Which glyphs of a text begin before a line, and which beyond it; nothing narrow on the line."""
        own = np.maximum(at - text[:, axis], text[:, axis + 2] - at) > _REST[1] * self.unit
        return own & (text[:, axis] < at), own & (text[:, axis] >= at)

    def _is_word(self, glyphs: Ints) -> bool:
        """Whether these are two characters and more, side by side."""
        width = float(np.ptp(glyphs[:, 1::2])) if len(glyphs) else 0.0
        written = float((glyphs[:, 3] - glyphs[:, 1]).sum())
        return width >= _WORD * self.unit and written >= _DENSE * width

    def _centred(self, texts: Sequence[Ints], boxes: Sequence[tuple[float, float, float, float]]) -> bool:
        """Whether each text stands half way down its box."""
        return all(
            abs(text[:, 0].min() + text[:, 2].max() - top - bottom) < 2 * _CENTRED * self.unit
            for text, (top, _, bottom, _) in zip(texts, boxes, strict=True)
        )

    def one(self, cell: int, at: float, axis: int) -> bool:
        """Whether the text of a cell goes on across a line, or stands in the middle of both its parts."""
        text = self._glyphs(self.boxes[cell])
        before, beyond = at - text[:, axis], text[:, axis + 2] - at
        near, far = np.minimum(before, beyond), np.maximum(before, beyond)
        rest = ((near >= 0) & (near <= _REST[0] * self.unit)) | (far <= _REST[1] * self.unit)
        text = text[~rest]  # of what may be left of a rule
        if not len(text):
            return False
        order = np.argsort(text[:, axis])
        starts, ends = text[order, axis], np.maximum.accumulate(text[order, axis + 2])
        if not starts[0] < at < ends[-1]:
            first, last = self.boxes[cell][axis], self.boxes[cell][axis + 2]
            own = (first + at if ends[-1] <= at else at + last) / 2
            off = abs(starts[0] + ends[-1] - first - last) / 2
            return bool(off < _IN_BOTH * abs(own - (first + last) / 2))
        gaps = starts[1:] - ends[:-1]
        across = np.flatnonzero((ends[:-1] <= at) & (starts[1:] >= at))
        if not across.size:
            return True
        gap, others = float(gaps[across[0]]), np.delete(gaps, across[0])
        if gap <= _APART * self.unit and self._in_the_whole(cell, axis, at, (starts, ends), int(across[0])):
            return True
        one_column = axis == 1 or np.ptp(text[:, 1::2]) <= _ONE_COLUMN * self.unit
        wide = _AS_ELSEWHERE * float(np.median(others)) if others.size and one_column else 0.0
        return gap <= max(_ONE_TEXT * self.unit, min(wide, _SET_WIDE * self.unit))

    def _in_the_whole(self, cell: int, axis: int, at: float, text: tuple[Ints, Ints], before: int) -> bool:
        """Whether a text stands in the middle of a cell, and neither side of it in that of its own part."""
        (starts, ends), box = text, self.boxes[cell]
        first, last = box[axis], box[axis + 2]
        whole = abs(starts[0] + ends[-1] - first - last)
        parts = abs(starts[0] + ends[before] - first - at), abs(starts[before + 1] + ends[-1] - at - last)
        return bool(whole < 2 * _CENTRED * self.unit and min(parts) > 2 * _OFF * self.unit)

    def _glyphs(self, box: Sides, sizes: tuple[float, float, float] = _GLYPH) -> Ints:
        """Top, left, bottom and right of each glyph of these sizes well inside a box, (glyphs, 4)."""
        margin = max(round(_MARGIN * self.unit), 1)
        top, left = max(box[0] + margin, 0), max(box[1] + margin, 0)
        part = np.ascontiguousarray(self.dark[top : box[2] - margin, left : box[3] - margin])
        if not part.size:
            return np.zeros((0, 4), np.int_)
        found = blobs(part)
        size = (found.height >= sizes[0] * self.unit) & (found.height <= sizes[2] * self.unit)
        size &= found.width >= sizes[1] * self.unit
        sides = found.top, found.left, found.top + found.height, found.left + found.width
        return (np.stack(sides, axis=1)[size] + (top, left, top, left)).astype(np.int_)
