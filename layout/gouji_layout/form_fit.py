"""Whether a doubtful table is a known form, by how likely each of its edges is drawn.

The form is laid on the lines of the table where it fits best (`form_lines.py`). What that costs beyond the
likeliest drawing of each edge by itself says whether the table is the form at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gouji_layout.form_grid import FormGrid
from gouji_layout.form_lines import Odds, columns_by_share, laid_lines
from gouji_layout.grid import Grid
from gouji_layout.joined_grids import is_title
from gouji_layout.spans import Span

Floats = NDArray[np.float64]
Chances = tuple[Floats, Floats]
"""How likely the level (rows + 1, cols) and the upright (rows, cols + 1) edges of a grid are drawn."""
_MOST_COST = 18.0  # nats of a table that is the form
_MOST_DOUBTED = 36.0  # of one that may be, if text agrees with the form at many edges
_WORST_EDGE, _WORST_LINE = 3.0, 8.0  # nats of one of its edges, and of all edges on one line
_APART, _TIMES = 10.0, 2.0  # nats, and times its cost, by which any other form must fit worse
_ALONE = 24.0  # nats of another form where there is none
_LEAST_MERGED = 4  # inner edges that are absent: a regular grid says nothing of its edges
_LEAST_ROWS = 6  # of the part of a form that stands on one of several pages
_LEAST_BESIDE = 4  # rows of another table above or below a form
_TURNS = 6  # of rows and columns


@dataclass(frozen=True, eq=False)
class Fit:
    """A form, or the part of one, on lines of a table."""

    form: FormGrid
    rows: tuple[int, ...]  # line of the table on which each level line of the form lies
    cols: tuple[int, ...]
    cost: float  # nats beyond the likeliest drawing of all edges
    worst: float  # the most of them that one edge costs
    line: float  # the most that one line of the table costs, as one that the form does not have

    @classmethod
    def of(
        cls,
        form: FormGrid,
        rows: tuple[int, ...],
        cols: tuple[int, ...],
        odds: tuple[Odds, Odds],
        top: int = 0,
    ) -> Fit:
        """What it costs that a form lies on these lines.

        Args:
            form: or the part that is there.
            rows: see above.
            cols: see above.
            odds: of the level and upright edges of the table, from its line `top` on.
            top: first line that says anything.
        """
        drawn = form.on([row - top for row in rows], cols, (odds[0].drawn, odds[1].drawn))
        costs = [np.maximum(*own) - own.of_pattern(on) for own, on in zip(odds, drawn, strict=True)]
        whole, edge = float(sum(cost.sum() for cost in costs)), float(max(map(np.max, costs)))
        line = float(max(costs[0].sum(axis=1).max(), costs[1].sum(axis=0).max()))
        return cls(form, rows, cols, whole, edge, line)

    def judged_by(self, chances: Chances) -> Fit:
        """The same on a table of other chances."""
        level, upright = (Odds.of(edges) for edges in chances)
        return Fit.of(self.form, self.rows, self.cols, (level, upright))

    @property
    def good(self) -> bool:
        """Whether nothing speaks against it."""
        return self.cost <= _MOST_COST and self.worst <= _WORST_EDGE and self.line <= _WORST_LINE

    def contradicts(self, other: Fit) -> bool:
        """Whether both lie on the same rows and make other cells of them."""
        apart = self.rows[-1] <= other.rows[0] or other.rows[-1] <= self.rows[0]
        # The upper parts of two forms may be alike.
        return not apart and (self.rows, self.cols, self.form.cells) != (
            other.rows,
            other.cols,
            other.form.cells,
        )


def known_form(
    chances: Chances, forms: Sequence[FormGrid], agreeing: Callable[[Fit], Chances] | None = None
) -> Fit | None:
    """The only known form that a table may well be.

    Args:
        chances: of its edges. Lines that were only proposed may be among them.
        forms: of different structure.
        agreeing: the chances by which the only form near a table is judged again if it is not good at once;
            part of a form has to be.
    """
    fits = [fit for form in forms if (fit := fitted(chances, form))]
    best = min(fits, key=lambda fit: fit.cost, default=None)
    if best is None:
        return None
    judged = best
    whole = any(form.name == best.form.name and form.rows == best.form.rows for form in forms)
    if agreeing is not None and whole and not best.good and best.cost <= _MOST_DOUBTED:
        judged = best.judged_by(agreeing(best))
    return best if judged.good and _alone(best, fits, judged.cost) else None


def form_within(chances: Chances, forms: Sequence[FormGrid]) -> Fit | None:
    """The only known form that stands above or below other tables, or titles, in what was taken for one."""
    fits = [fit for form in forms if (fit := fitted_alone(chances, form))]
    fit = min(fits, key=lambda fit: fit.cost, default=None)
    if fit is None or not fit.good or not _alone(fit, fits, fit.cost):
        return None
    beside = [rows for rows in (chances[1][: fit.rows[0]], chances[1][fit.rows[-1] :]) if len(rows)]
    tables = all(len(rows) >= _LEAST_BESIDE or is_title(rows) for rows in beside)
    return fit if beside and tables else None


def _alone(best: Fit, fits: Sequence[Fit], cost: float) -> bool:
    """Whether no other form fits nearly as well as the best one, which costs so much where text is heard."""
    others = min((fit.cost for fit in fits if fit.contradicts(best)), default=_ALONE)
    return others >= best.cost + max(_APART, _TIMES * cost)


def laid_on(grid: Grid, fit: Fit, chances: Chances) -> Grid:
    """The grid of a table that is a known form: the form's lines and cells, edges as likely as they were.

    Args:
        grid: of the table.
        fit: of the form.
        chances: how likely its level and upright edges are drawn.
    """
    rows, cols = list(fit.rows), list(fit.cols)
    level, upright = _means(chances[0][rows].T, cols).T, _means(chances[1][:, cols], rows)
    ys, xs = tuple(grid.ys[at] for at in rows), tuple(grid.xs[at] for at in cols)
    return replace(
        grid,
        ys=ys,
        xs=xs,
        level=grid.seen - 0.5 + level,
        upright=grid.seen - 0.5 + upright,
        cells=fit.form.cells,
        open_xs=grid.open_xs & set(xs),
        open_ys=grid.open_ys & set(ys),
        form=fit.form.name,
    )


def decided_by_form(grid: Grid) -> list[Span]:
    """Cells of a table with an edge that is drawn or absent as its form has it, and looks otherwise."""
    form = FormGrid.of(grid.form, grid.cells)
    level = form.level != (grid.level >= grid.seen)
    upright = form.upright != (grid.upright >= grid.seen)
    return [
        cell
        for cell in grid.cells
        if level[cell.row : cell.row + cell.rows + 1, cell.col : cell.col + cell.cols].any()
        or upright[cell.row : cell.row + cell.rows, cell.col : cell.col + cell.cols + 1].any()
    ]


def fitted(chances: Chances, form: FormGrid) -> Fit | None:
    """A form, or its rows above or below a page break, where it fits best; None when it cannot."""
    cols = columns_by_share(chances[1], form.upright)
    first, last = range(1), range(form.rows, form.rows + 1)
    whole = _fitted(chances, form, cols, (first, last))
    if whole is not None and whole.cost <= _MOST_COST:
        return whole
    above = _fitted(chances, form, cols, (first, range(_LEAST_ROWS, form.rows)))
    below = _fitted(chances, form, cols, (range(1, form.rows - _LEAST_ROWS + 1), last))
    return min(filter(None, (whole, above, below)), key=lambda fit: fit.cost, default=None)


def fitted_alone(chances: Chances, form: FormGrid) -> Fit | None:
    """A form on the lines of a table where it fits best, whatever stands above and below it."""
    ends = range(1), range(form.rows, form.rows + 1)
    starts = {
        columns_by_share(rows, form.upright) for rows in (chances[1][: form.rows], chances[1][-form.rows :])
    }
    fits = (_fitted(chances, form, cols, ends, alone=True) for cols in starts)
    return min(filter(None, fits), key=lambda fit: fit.cost, default=None)


def _fitted(
    chances: Chances,
    form: FormGrid,
    cols: tuple[int, ...],
    ends: tuple[range, range],
    *,
    alone: bool = False,
) -> Fit | None:
    """A form on the lines where it fits best, beginning with its columns on `cols`; see `laid_lines`."""
    if not cols or form.merged < _LEAST_MERGED or not all(ends) or len(chances[1]) < ends[1][0] - ends[0][-1]:
        return None
    level, upright = (Odds.of(edges) for edges in chances)
    rows: tuple[int, ...] = ()
    here = form
    for _ in range(_TURNS):
        before = rows, cols
        first, rows = laid_lines((level, upright), form, cols, ends, alone=alone)
        here = form.part(first, first + len(rows) - 1)
        top, foot = (rows[0], rows[-1]) if alone else (0, len(chances[1]))
        near = level.between(top, foot + 1), upright.between(top, foot)
        across = (near[1].aside, near[0].aside)
        _, cols = laid_lines(
            across, here.aside, [row - top for row in rows], (range(1), range(form.cols, form.cols + 1))
        )
        if (rows, cols) == before:
            break
    if here.merged < _LEAST_MERGED:
        return None
    return Fit.of(here, rows, cols, near, top=top)


def _means(values: Floats, cuts: Sequence[int]) -> Floats:
    """Means along axis 0 from each cut to the next."""
    inside = values[cuts[0] : cuts[-1]]
    return np.asarray(
        np.add.reduceat(inside, np.asarray(cuts[:-1]) - cuts[0], axis=0) / np.diff(cuts)[:, None]
    )
