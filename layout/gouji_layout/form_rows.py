"""Where the rows of a form lie in text without rules: the text of each cell stands in its middle.

The level lines are found by dynamic programming over all places down the page, when the upright ones are
known. What a row costs is how far the texts of its cells are from being the text of one cell each.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gouji_layout.form_grid import FormGrid
from gouji_layout.text_runs import middles

Floats = NDArray[np.float64]
# In text heights.
_STEP = 0.15  # between places where a line may lie
_LOWEST, _HIGHEST = 1.3, 6.0  # rows
_ALLOWED = 0.2  # by which text may reach over a line, upright lines a little more
_BESIDE = 0.3
_OFF, _OFF_MERGED = 0.3, 0.6  # deviation of a text from the middle of its cell, of one of several rows
_LINE = 1.8  # highest figure: two are not one
_WORDS = 1.2  # width of a label or heading at least
_APART = 0.9  # paper between lines of two texts
_GAP = 3.0  # paper between runs of one text at most
_TALL = 0.5  # cost of a text height of table: text above and below it is no part
# Costs, like squares of deviations halved.
_WRONG = 3.0  # of text that is cut, of two in one cell, and the most of one that is off the middle
_WORST = 6.0  # of a cell
_SEVERAL = 3  # cells of a row or column that say whether it is one
_NO_LABEL, _NO_FIGURE = 4.0, 0.4  # of a cell without text; thin figures get lost first


class CellCosts:
    """What cells of any two columns cost from any place down the page to any other."""

    def __init__(self, runs: Floats, unit: float, ends: tuple[float, float]) -> None:
        self._runs, self._unit = runs, unit
        self._step = max(_STEP * unit, 1.0)
        self.places = np.arange(*ends, self._step)
        self.lowest = round(_LOWEST * unit / self._step)
        self.heights = np.arange(self.lowest, round(_HIGHEST * unit / self._step)) * self._step
        self.tall = _TALL / unit  # of a pixel of height
        self.of = cache(self._of)

    def _of(self, left: float, right: float, *, figure: bool) -> Floats:
        """The costs of a cell between two lines, (places, heights), by where it begins and how high it is."""
        unit = self._unit
        across = middles(self._runs)[0]
        own = self._runs[(across > left) & (across < right)]
        own = own[np.argsort(own[:, 1])]
        tops = self.places[:, None]
        bottoms = tops + self.heights
        first, last = np.full(bottoms.shape, np.inf), np.full(bottoms.shape, -np.inf)
        start, end = first.copy(), last.copy()
        wide, cut = np.zeros(bottoms.shape), np.zeros(bottoms.shape)
        for run in own:
            middle = (run[1] + run[3]) / 2
            inside = (tops <= middle) & (bottoms > middle)
            cut += inside & (run[1] - last > _APART * unit) & np.isfinite(last)
            first[inside] = np.minimum(first[inside], run[1])
            last[inside] = np.maximum(last[inside], run[3])
            start[inside] = np.minimum(start[inside], run[0])
            end[inside] = np.maximum(end[inside], run[2])
            wide[inside] += run[2] - run[0]
            cut += inside & (run[0] < left - _BESIDE * unit or run[2] > right + _BESIDE * unit)
        text = np.isfinite(first)
        with np.errstate(invalid="ignore"):
            off = ((first + last - tops - bottoms) / (2 * _OFF * unit)) ** 2 / 2
            cut += (first < tops - _ALLOWED * unit) | (last > bottoms + _ALLOWED * unit)
            cut += end - start - wide > _GAP * unit
            cut += (last - first > _LINE * unit) if figure else (end - start < _WORDS * unit)
        costs = np.minimum(np.minimum(off, _WRONG) + _WRONG * cut, _WORST)
        return np.where(text, costs, _NO_FIGURE if figure else _NO_LABEL)

    def lost(self, left: float, right: float) -> NDArray[np.bool_]:
        """Whether a row is without any text, (places, heights), by where it begins and how high it is."""
        across, down = middles(self._runs)
        own = np.sort(down[(across > left) & (across < right)])
        tops = self.places[:, None]
        return np.asarray(np.searchsorted(own, tops) == np.searchsorted(own, tops + self.heights))

    def of_merged(self, box: tuple[float, float, float, float]) -> float:
        """The cost of one cell of several rows, of its left, top, right and bottom."""
        left, top, right, bottom = box
        across, down = middles(self._runs)
        own = self._runs[(across > left) & (across < right) & (down > top) & (down < bottom)]
        if not len(own):
            return _NO_LABEL
        first, last = float(own[:, 1].min()), float(own[:, 3].max())
        allowed = _ALLOWED * self._unit
        off = ((first + last - top - bottom) / (2 * _OFF_MERGED * self._unit)) ** 2 / 2
        return min(off, _WRONG) + _WRONG * (first < top - allowed or last > bottom + allowed)

    def between_texts(self, form: FormGrid, xs: Floats, ys: Floats) -> Floats:
        """The level lines of a form midway between the texts of the rows above and below.

        Texts stay in the middle of their cells while all rows grow and shrink in turn.
        """
        across, down = middles(self._runs)
        tops, bottoms = np.full((2, form.rows), np.nan)
        for cell in form.cells:
            if cell.rows == 1:
                inside = (across > xs[cell.col]) & (across < xs[cell.col + cell.cols])
                own = self._runs[inside & (down > ys[cell.row]) & (down < ys[cell.row + 1])]
                if len(own):
                    tops[cell.row] = np.fmin(tops[cell.row], own[:, 1].min())
                    bottoms[cell.row] = np.fmax(bottoms[cell.row], own[:, 3].max())
        gaps = tops[1:] - bottoms[:-1]
        seen = gaps[~np.isnan(gaps)]
        beside = float(np.median(seen)) / 2 if len(seen) else np.nan
        lines = np.array([tops[0] - beside, *(bottoms[:-1] + gaps / 2), bottoms[-1] + beside])
        lines = np.where(np.isnan(lines), ys, lines)
        return lines if (np.diff(lines) > 0).all() else ys


class LaidRows(NamedTuple):
    """Level lines of a form on texts, and what its cells cost."""

    ys: Floats
    cost: float  # of all cells
    worst: float  # the most that those of a row or column cost on average


def laid_rows(form: FormGrid, xs: Floats, costs: CellCosts, figures: Floats) -> LaidRows | None:
    """The level lines of a form where its cells cost least; None where some row has no text or no room.

    Args:
        form: to lay.
        xs: its upright lines.
        costs: of the cells.
        figures: where figures in its columns stand down the page, ascending; none should be left out.
    """
    first_row, first_col = form.figures_from
    rows: list[dict[int, Floats]] = [{} for _ in range(form.rows)]  # costs by column
    for cell in form.cells:
        if cell.rows == 1:
            figure = cell.row >= first_row and cell.col >= first_col
            sides = float(xs[cell.col]), float(xs[cell.col + cell.cols])
            rows[cell.row][cell.col] = costs.of(*sides, figure=figure)
    before = _WRONG * np.searchsorted(figures, costs.places).astype(np.float64)
    after = _WRONG * len(figures) - before
    lost = [costs.lost(float(xs[min(row, default=0)]), float(xs[-1])) for row in rows]
    priced = [[*row.values(), np.where(none, _NO_LABEL, 0.0)] for row, none in zip(rows, lost, strict=True)]
    total, lines = _cheapest(priced, costs, (before, after))
    sizes = list(zip(lines, np.diff(lines) - costs.lowest, strict=False))
    if not np.isfinite(total) or any(none[size] for none, size in zip(lost, sizes, strict=True)):
        return None
    own = np.full((form.rows, form.cols), np.nan)
    for at, (row, size) in enumerate(zip(rows, sizes, strict=True)):
        for col, cost in row.items():
            own[at, col] = cost[size]
    ys = costs.between_texts(form, xs, costs.places[lines])
    merged = sum(
        costs.of_merged((xs[c.col], ys[c.row], xs[c.col + c.cols], ys[c.row + c.rows]))
        for c in form.cells
        if c.rows > 1
    )
    height = float(costs.places[lines[-1]] - costs.places[lines[0]])
    return LaidRows(ys, total - costs.tall * height + merged, max(_most(own), _most(own.T)))


def _most(costs: Floats) -> float:
    """The highest mean of a row of costs, of those that have more than a few."""
    several = costs[np.isfinite(costs).sum(axis=1) >= _SEVERAL]
    return float(np.nanmean(several, axis=1).max(initial=0.0))


def _cheapest(
    rows: Sequence[Sequence[Floats]], costs: CellCosts, beyond: tuple[Floats, Floats]
) -> tuple[float, NDArray[np.int_]]:
    """The lowest cost of rows one below another, and the place of each line.

    Args:
        rows: costs of the cells of each row.
        costs: where they come from.
        beyond: what it costs that a table begins or ends at each place.
    """
    places, heights = len(costs.places), len(costs.heights)
    best, came = beyond[0], []
    for row in rows:
        here = best[:, None] + costs.tall * costs.heights + sum(row, np.zeros((places, heights)))
        best, before = np.full(places, np.inf), np.zeros(places, np.int_)
        for at in range(min(heights, places - costs.lowest)):
            height = costs.lowest + at
            reached = here[: places - height, at]
            better = np.flatnonzero(reached < best[height:])
            best[better + height] = reached[better]
            before[better + height] = better
        came.append(before)
    best = best + beyond[1]
    lines = [int(best.argmin())]
    for before in reversed(came):
        lines.append(int(before[lines[-1]]))
    return float(best.min()), np.array(lines[::-1])
