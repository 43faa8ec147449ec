"""Known forms of whose rules nothing is left to be seen, by how their texts stand.

A form with many figures is told from the others by how many rows and columns of them there are, and by
which labels and headings stand in the middle of several. Nothing is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from gouji_layout.form_grid import FormGrid
from gouji_layout.form_rows import CellCosts, laid_rows
from gouji_layout.form_texts import CENTRED
from gouji_layout.geometry import Box
from gouji_layout.grid import Grid
from gouji_layout.paper import Paper
from gouji_layout.text_runs import figure_columns, in_columns, label_edges, middles, short_rows, text_runs

Floats = NDArray[np.float64]
Ints = NDArray[np.int_]
_MOST_COST = 0.3  # of a cell on average, see `form_rows.py`
_RIVAL = 0.6  # of a cell of any other form that may be meant
_WORST_LINE = 1.8  # of a cell of a row or column on average: dirt stands here and there
_APART = 10.0  # by which any other form costs more
_COVERED = 0.7  # of a table by what is left of its rules, so that it is part of the form
_REMNANTS = 0.5  # of the cells of a form: a table of more was seen, and may be another
_MOST_RUNS = 4000  # of text: a page of more is a picture, or dirt
_LEAST_COLUMNS = 5  # of figures: fewer say little
_LEAST_ROWS = 0.4  # of the rows of figures that must be seen
_FEW, _MOST = 3, 0.6  # figures in a row of many rows; of the columns, where there is only one row
_EDGES = 6  # places where labels may begin
# In text heights.
_NEXT = 8.0  # between rows of figures of one table at most
_ABOVE = (0.6, 5.0)  # above the figures, where their short headings stand
_HEAD, _ROW, _FOOT = 2.0, 4.0, 4.0  # above a head, of a row of it, and below the figures
_BEFORE, _FURTHER, _BESIDE = 0.35, 0.8, 0.4  # from an edge of labels to its line, the next and the border
_NARROWEST = 0.8  # of columns
_BEYOND = 3.0  # around a table: no figure stands in its columns there


@dataclass(frozen=True, eq=False)
class _Fit:
    """A form on texts."""

    form: FormGrid
    ys: Floats
    xs: Floats
    cost: float  # see `LaidRows`
    worst: float

    @property
    def box(self) -> Box:
        """Of the table."""
        return Box(float(self.xs[0]), float(self.ys[0]), float(self.xs[-1]), float(self.ys[-1]))

    def fair(self, most: float) -> bool:
        """Whether its cells cost so much at most, on average."""
        return self.cost <= most * len(self.form.cells)

    def overlaps(self, other: _Fit) -> bool:
        """Whether both lay claim to the same rows of text."""
        return bool(min(self.ys[-1], other.ys[-1]) > max(self.ys[0], other.ys[0]))


@dataclass(frozen=True, eq=False)
class _Texts:
    """Runs of text in which a form is looked for."""

    runs: Floats
    rows: list[Ints]  # of the short ones, by their indices
    unit: float

    def middle(self, row: Ints) -> float:
        """Where a row stands down the page."""
        return float(middles(self.runs[row])[1].mean())

    def figures(self, rows: Sequence[Ints], columns: Floats) -> Floats:
        """Where the figures of some rows stand in these columns, down the page and ascending."""
        own = [in_columns(self.runs, row, columns, self.unit) for row in rows]
        return np.sort(middles(self.runs[np.concatenate(own)])[1]) if own else np.empty(0)


def forms_by_texts(paper: Paper, unit: float, forms: Sequence[FormGrid], found: Sequence[Grid]) -> list[Grid]:
    """The tables of a page on which rules are worn away, with known forms where texts alone say them.

    Args:
        paper: in which the tables were found.
        unit: text height in pixels.
        forms: of different structure.
        found: tables by what is left of rules; one that a form covers is what was left of it.
    """
    tables = list(found)
    runs = text_runs(paper.inked, unit, [grid.box for grid in found if grid.form])
    if len(runs) > _MOST_RUNS:
        return tables
    texts = _Texts(runs, short_rows(runs, unit), unit)
    fits = [fit for form in forms if form.figures >= _LEAST_COLUMNS for fit in _fits(texts, form)]
    for fit in _plain_ones(fits):
        below = [grid for grid in tables if fit.box.overlap(grid.box) > 0]
        cells = sum(len(grid.cells) for grid in below)
        if cells < _REMNANTS * len(fit.form.cells) and all(
            not grid.form and fit.box.overlap(grid.box) > _COVERED * grid.box.area for grid in below
        ):
            tables = [grid for grid in tables if grid not in below] + [_grid(fit)]
    return tables


def _plain_ones(fits: Sequence[_Fit]) -> Iterator[_Fit]:
    """Fits that are good, while that of no other form there is nearly as good."""
    for fit in fits:
        rivals = [other for other in fits if other is not fit and other.overlaps(fit) and other.fair(_RIVAL)]
        good = fit.fair(_MOST_COST) and fit.worst <= _WORST_LINE
        if good and all(other.cost >= fit.cost + _APART for other in rivals):
            yield fit


def _fits(texts: _Texts, form: FormGrid) -> Iterator[_Fit]:
    """A form on each place of a page where as many columns of figures stand."""
    unit, (head, labels) = texts.unit, form.figures_from
    down = middles(texts.runs)[1]
    for zone in _zones(texts, form):
        top, bottom = texts.middle(zone[0]), texts.middle(zone[-1])
        above = np.flatnonzero((down < top - _ABOVE[0] * unit) & (down > top - _ABOVE[1] * unit))
        above = np.intersect1d(above, np.concatenate(texts.rows))
        columns = figure_columns(texts.runs, zone, above, form.figures, unit, all_of_them=not labels)
        if columns is None:
            continue
        ends = top - (_HEAD + head * _ROW) * unit, bottom + _FOOT * unit
        costs, figures = CellCosts(texts.runs, unit, ends), texts.figures(zone, columns)
        fits = [
            _Fit(form, laid.ys, xs, laid.cost, laid.worst)
            for xs in _with_labels(texts, columns, (top - unit, bottom + unit), labels)
            if (laid := laid_rows(form, xs, costs, figures)) is not None
        ]
        best = min(fits, key=lambda fit: fit.cost, default=None)
        if best is not None and not _goes_on(texts, best, columns) and not _denied(texts, best):
            yield best


def _zones(texts: _Texts, form: FormGrid) -> list[list[Ints]]:
    """Rows of short runs that may be all the rows of figures of a form."""
    height = form.rows - form.figures_from[0]
    if height == 1:
        return [[row] for row in texts.rows if len(row) >= _MOST * form.figures]
    zones: list[list[Ints]] = []
    for row in texts.rows:
        if len(row) < _FEW:
            continue
        if zones and texts.middle(row) - texts.middle(zones[-1][-1]) < _NEXT * texts.unit:
            zones[-1].append(row)
        else:
            zones.append([row])
    return [zone for zone in zones if len(zone) >= _LEAST_ROWS * height]


def _with_labels(texts: _Texts, columns: Floats, rows: tuple[float, float], labels: int) -> Iterator[Floats]:
    """The upright lines of figures with so many columns of labels before them, wherever labels begin."""
    unit = texts.unit
    across, down = middles(texts.runs)
    beside = texts.runs[(down > rows[0]) & (down < rows[1]) & (across < columns[0])]
    if not labels and len(beside) < _FEW:
        yield columns
    if not labels or not len(beside):
        return
    first = float(beside[:, 0].min())
    edges = label_edges(beside, unit)[:_EDGES]
    inner = sorted(edge - _BEFORE * unit for edge in edges if edge > first + _FURTHER * unit)
    for chosen in combinations(inner, labels - 1):
        xs = np.array([first - _BESIDE * unit, *chosen, *columns])
        if (np.diff(xs) >= _NARROWEST * unit).all():
            yield xs


def _goes_on(texts: _Texts, fit: _Fit, columns: Floats) -> bool:
    """Whether right above or below a form there are more figures in its columns: it is part of a table."""
    near = _BEYOND * texts.unit
    ends = (fit.ys[0] - near, fit.ys[0]), (fit.ys[-1], fit.ys[-1] + near)
    rows = [row for row in texts.rows if any(first < texts.middle(row) < last for first, last in ends)]
    return bool(len(texts.figures(rows, columns)))


def _denied(texts: _Texts, fit: _Fit) -> bool:
    """Whether the only figure of two neighbouring cells stands in the middle of both: they are one cell."""
    first_row, first_col = fit.form.figures_from
    across, down = middles(texts.runs)
    ys, xs = fit.ys[first_row:], fit.xs[first_col:]
    inside = (across > xs[0]) & (across < xs[-1]) & (down > ys[0]) & (down < ys[-1])
    places = np.searchsorted(ys, down[inside]) - 1, np.searchsorted(xs, across[inside]) - 1
    texts_in = np.zeros((len(ys) - 1, len(xs) - 1), np.int_)
    np.add.at(texts_in, places, 1)
    beside = _between_two(texts_in, xs, across[inside], places)
    return beside or _between_two(texts_in.T, ys, down[inside], (places[1], places[0]))


def _between_two(texts_in: Ints, lines: Floats, at: Floats, places: tuple[Ints, Ints]) -> bool:
    """Whether a text is the only one of two cells beside one another and in the middle of both.

    Args:
        texts_in: how many texts each cell has.
        lines: between the columns.
        at: where each text stands across them.
        places: row and column of each.
    """
    middle = (lines[:-1] + lines[1:]) / 2
    for text, row, col in zip(at, *places, strict=True):
        for other in (col - 1, col + 1):
            if 0 <= other < len(middle) and texts_in[row, col] + texts_in[row, other] == 1:
                both = (lines[min(col, other)] + lines[max(col, other) + 1]) / 2
                if abs(text - both) < CENTRED * abs(middle[col] - both):
                    return True
    return False


def _grid(fit: _Fit) -> Grid:
    """A grid of whose rules nothing was seen."""
    ys, xs = tuple(map(float, fit.ys)), tuple(map(float, fit.xs))
    level, upright = np.zeros((len(ys), len(xs) - 1)), np.zeros((len(ys) - 1, len(xs)))
    open_xs, open_ys = frozenset((xs[0], xs[-1])), frozenset((ys[0], ys[-1]))
    cells, name = fit.form.cells, fit.form.name
    return Grid(ys, xs, level, upright, cells, open_xs=open_xs, open_ys=open_ys, form=name)
