"""The grid of a printed form: which of its edges are drawn. What its cells say is known elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gouji_layout.spans import Span, spans

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FormGrid:
    """Rows, columns and merged cells of a form, without any sizes."""

    name: str
    level: Flags = field(repr=False)  # (rows + 1, cols): whether each level edge is drawn
    upright: Flags = field(repr=False)  # (rows, cols + 1)

    @classmethod
    def of(cls, name: str, cells: Iterable[Span]) -> FormGrid:
        """The grid of a form by its cells, which cover it without gaps.

        >>> FormGrid.of("head over two", [Span(0, 0, 1, 2), Span(1, 0, 1, 1), Span(1, 1, 1, 1)]).upright
        array([[ True, False,  True],
               [ True,  True,  True]])
        """
        cells = tuple(cells)
        rows = max(cell.row + cell.rows for cell in cells)
        cols = max(cell.col + cell.cols for cell in cells)
        level, upright = np.zeros((rows + 1, cols), np.bool_), np.zeros((rows, cols + 1), np.bool_)
        for cell in cells:
            below, right = cell.row + cell.rows, cell.col + cell.cols
            level[[cell.row, below], cell.col : right] = True
            upright[cell.row : below, [cell.col, right]] = True
        return cls(name, level, upright)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.upright)

    @property
    def cols(self) -> int:
        """Number of columns."""
        return int(self.level.shape[1])

    @property
    def merged(self) -> int:
        """Inner edges that are absent."""
        return int((~self.level).sum() + (~self.upright).sum())

    @cached_property
    def cells(self) -> tuple[Span, ...]:
        """Its cells in reading order."""
        found, _, _ = spans(self.level.astype(float), self.upright.astype(float), 0.5)
        return tuple(found)

    @cached_property
    def figures_from(self) -> tuple[int, int]:
        """First row and column of the part at the lower right that has no merged cells."""
        single = np.zeros(self.upright[:, 1:].shape, np.bool_)
        for cell in self.cells:
            single[cell.row, cell.col] = cell.rows == cell.cols == 1
        col = self.cols - int(np.argmin(np.append(single[-1, ::-1], False)))
        row = self.rows - int(np.argmin(np.append(single[::-1, col:].all(axis=1), False)))
        return row, col

    @property
    def figures(self) -> int:
        """Number of columns of that part."""
        return self.cols - self.figures_from[1]

    @property
    def aside(self) -> FormGrid:
        """With rows and columns exchanged."""
        return FormGrid(self.name, self.upright.T, self.level.T)

    def on(
        self, rows: Sequence[int], cols: Sequence[int], like: tuple[Floats, Floats]
    ) -> tuple[Flags, Flags]:
        """Which level and upright edges of a larger grid are drawn when this one lies on these lines of it.

        Args:
            rows: for each level line of the form one of the grid, ascending.
            cols: for each upright line.
            like: of the shapes of the edges of the grid.
        """
        level, upright = (np.zeros(edges.shape, np.bool_) for edges in like)
        level[np.asarray(rows), cols[0] : cols[-1]] = np.repeat(self.level, np.diff(cols), axis=1)
        upright[rows[0] : rows[-1], np.asarray(cols)] = np.repeat(self.upright, np.diff(rows), axis=0)
        return level, upright

    def part(self, first: int, last: int) -> FormGrid:
        """The rows from `first` to before `last`, framed: what one page has of a form on several."""
        level = self.level[first : last + 1].copy()
        if first > 0:
            level[0] = True
        if last < self.rows:
            level[-1] = True
        return FormGrid(self.name, level, self.upright[first:last])
