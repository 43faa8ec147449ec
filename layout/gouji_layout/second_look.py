"""A second look at tables whose rules are not beyond doubt, with the rule network.

The ink decides alone while every edge is clearly drawn or clearly absent; the network is asked where a
gap in a rule and text that touches a rule look alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gouji_layout.edge_evidence import Looks
from gouji_layout.edge_model import Chances, edge_chances
from gouji_layout.foreign_parts import without_foreign_parts
from gouji_layout.form_agreement import agreeing, parted
from gouji_layout.form_fit import Fit, form_within, known_form, laid_on
from gouji_layout.form_grid import FormGrid
from gouji_layout.form_texts import text_denies
from gouji_layout.geometry import Box
from gouji_layout.grid import Grid
from gouji_layout.joined_grids import cut_apart, is_title, joined, paper_rows, stacked
from gouji_layout.lone_gaps import with_lone_gaps_closed
from gouji_layout.paper import Paper
from gouji_layout.rule_network import rule_evidence
from gouji_layout.rules import RuleInk
from gouji_layout.settled_grid import settled
from gouji_layout.short_strokes import without_short_strokes
from gouji_layout.spans import spans
from gouji_layout.under_rings import hidden_edges
from gouji_layout.worn_edges import worn_chances
from gouji_layout.worn_grid import (
    evidence_of,
    least_rule,
    with_lines,
    worn_grids,
)

Floats = NDArray[np.float64]
_HARDLY, _SEALED = 0.27, 0.42  # inked share so far below the threshold is none; under a seal so far
_CLEARLY = 0.86  # inked share from which an edge is drawn beyond doubt
_WHOLE = 0.5  # a grid that had to lower its threshold below this is worn
_OPEN = 0.2  # of the drawn share: edges nearer to the threshold are decided by their chance
_OPEN_WORN = 1.0  # the same where grids were built on the network alone: all of them
_ADDED, _LOST = 0.9, 0.4  # chances beyond which edges far from the threshold are decided by them, too
_WON = 0.75  # chance of an edge of a worn grid from which it is drawn though text stands close on both sides
_NONE = 0.1  # chance below which an edge is taken away whatever it looks like
_UNLIKE_A_RULE = 0.3  # chance by its looks of an edge that may be taken away like this
_LIKELY = 0.6  # chance from which an edge of a worn page proves its line
_BY_INK = 0.995  # chance of an edge that the ink alone decided


def second_look(
    grids: Sequence[Grid], paper: Paper, ink: tuple[RuleInk, RuleInk], forms: Sequence[FormGrid] = ()
) -> list[Grid]:
    """The grids again, with doubtful edges decided by ink, network and what stands around them together.

    Args:
        grids: found by ink alone.
        paper: of the picture they were found in.
        ink: of its rules.
        forms: that tables may be; one that fits a doubtful table decides its edges.
    """
    worn, unit = is_worn(grids), ink[0].unit
    doubtful = [grid for grid in grids if worn or _doubtful(grid, paper.seals)]
    if grids and not doubtful:
        return list(grids)
    seen = rule_evidence(paper.evened)  # the whole page: shown the tables alone it is less sure
    looks = Looks(ink, evidence_of(paper.evened, seen, unit), paper.inked, paper.rings)
    weighed = [one for grid in candidates(doubtful, looks) for one in _weighed(grid, looks, forms, worn=worn)]
    if worn:
        weighed = _or_as_inked(_or_whole(weighed, looks, forms), grids, looks, forms)
    plain = [grid for grid in grids if grid not in doubtful]
    height = paper.evened.shape[0]
    return plain + [grid if grid.form else without_foreign_parts(grid, height, unit) for grid in weighed]


def _or_whole(weighed: Sequence[Grid], looks: Looks, forms: Sequence[FormGrid]) -> list[Grid]:
    """Grids of a worn page, those that are a known form together as one.

    A row whose text stands in one cell from border to border, and whose borders are worn, looks like paper.
    """
    kept = list(weighed)
    rows = {form.name: form.rows for form in forms}
    for above, below in stacked(weighed, looks.ink[0].unit) if forms else ():
        whole = [grid for grid in (above, below) if grid.form and len(grid.ys) - 1 == rows[grid.form]]
        if whole or above not in kept or below not in kept:
            continue
        both = joined(above, below, looks.evidence)
        chances = worn_chances(both, looks)
        known = _known(both, (chances[0].drawn, chances[1].drawn), looks, forms)
        if known and len(known[0].ys) - 1 == rows[known[0].form]:
            kept = [grid for grid in kept if grid not in (above, below)] + known
    return kept


def _or_as_inked(
    weighed: Sequence[Grid], inked: Sequence[Grid], looks: Looks, forms: Sequence[FormGrid]
) -> list[Grid]:
    """Grids of a worn page, with those that ink alone has found where they have the lines of a known form.

    The network that worn grids are built on loses lines beside text, which ink may not.
    """
    kept = list(weighed)
    sizes = {(form.rows, form.cols) for form in forms}
    for grid in inked:
        near = [one for one in kept if one.box.overlap(grid.box) > 0]
        if (len(grid.ys) - 1, len(grid.xs) - 1) not in sizes or any(one.form for one in near):
            continue
        seen = with_lines(grid, grid.ys, grid.xs, looks.evidence)
        chances = worn_chances(seen, looks)
        if known := _known(seen, (chances[0].drawn, chances[1].drawn), looks, forms):
            kept = [one for one in kept if one not in near] + known
    return kept


def candidates(grids: Sequence[Grid], looks: Looks) -> list[Grid]:
    """Grids by ink and network, or on worn pages by the network alone, each edge still by itself."""
    if is_worn(grids):
        return worn_grids(looks.evidence) or list(grids)
    return [settled(grid, looks) for grid in grids]


def is_worn(grids: Sequence[Grid]) -> bool:
    """Whether rules had to be found fainter than usual, or none were: then grids are built on the network."""
    return not grids or any(grid.seen < _WHOLE for grid in grids)


def _weighed(grid: Grid, looks: Looks, forms: Sequence[FormGrid], *, worn: bool) -> list[Grid]:
    """The grid with every edge that is near the threshold decided by how likely it is among the others.

    If all edges together are likely those of a known form, it is that form; tables taken for one are parted.
    """
    return _weighed_worn(grid, looks, forms) if worn else _weighed_plain(grid, looks, forms)


def _weighed_worn(grid: Grid, looks: Looks, forms: Sequence[FormGrid]) -> list[Grid]:
    """A grid that was built on the network: what is drawn is what all its edges together say."""
    level, upright = worn_chances(grid, looks)
    if found := _known_or_apart(grid, (level.drawn, upright.drawn), looks, forms, worn=True):
        return found
    grid, chances = _without_undrawn(grid, (level, upright), looks)
    return [_with_cells(grid, _reweighed(grid, chances, worn=True), chances, looks, worn=True)]


def _weighed_plain(grid: Grid, looks: Looks, forms: Sequence[FormGrid]) -> list[Grid]:
    """A grid that ink has found: what is plain in it stays."""
    chances = edge_chances(grid, looks)
    level, upright = _reweighed(grid, chances, worn=False)
    beside, unit = looks.evidence[1].evened, looks.ink[0].unit
    upright = without_short_strokes(grid, upright, chances[1].drawn, beside, unit)
    hidden = hidden_edges(grid, looks.rings)
    likely = (
        likely_drawn(grid.level, level, chances[0].drawn, hidden[0], grid.seen),
        likely_drawn(grid.upright, upright, chances[1].drawn, hidden[1], grid.seen),
    )
    if found := _known_or_apart(grid, likely, looks, forms, worn=False):
        return found
    return [_with_cells(grid, (level, upright), chances, looks, worn=False)]


def _reweighed(grid: Grid, chances: tuple[Chances, Chances], *, worn: bool) -> tuple[Floats, Floats]:
    """Drawn shares of the level and the upright edges, see `reweighed`."""
    level, upright = (
        reweighed(edges, own, grid.seen, worn=worn)
        for edges, own in zip((grid.level, grid.upright), chances, strict=True)
    )
    return level, upright


def _with_cells(
    grid: Grid, edges: tuple[Floats, Floats], chances: tuple[Chances, Chances], looks: Looks, *, worn: bool
) -> Grid:
    """The grid with these edges, lone gaps in its upright rules closed, and the cells they make."""
    level, upright = edges
    text, unit = looks.text(grid)[0], looks.ink[0].unit
    upright = with_lone_gaps_closed(grid, upright, chances[1].drawn, text, unit, worn=worn)
    cells, _, _ = spans(level, upright, grid.seen)
    return replace(grid, level=level, upright=upright, cells=tuple(cells))


def _known_or_apart(
    grid: Grid, drawn: tuple[Floats, Floats], looks: Looks, forms: Sequence[FormGrid], *, worn: bool
) -> list[Grid]:
    """The known form that a grid is, or the tables that were taken for one; else nothing."""
    if (known := _known(grid, drawn, looks, forms)) is not None:
        return known
    last = len(grid.ys) - 1
    if gaps := paper_rows(drawn[1]):
        parts = list(zip([0, *(row + 1 for row in gaps)], [*gaps, last], strict=True))
    elif (fit := form_within(drawn, forms)) is not None:
        beside = [(0, fit.rows[0]), (fit.rows[-1], last)]
        parts = [
            (fit.rows[0], fit.rows[-1]),
            *(part for part in beside if not is_title(drawn[1][slice(*part)])),
        ]
    else:
        return []
    return [one for part in cut_apart(grid, parts) for one in _weighed(part, looks, forms, worn=worn)]


def _known(
    grid: Grid, drawn: tuple[Floats, Floats], looks: Looks, forms: Sequence[FormGrid]
) -> list[Grid] | None:
    """The known form that a grid is, none of them where text denies it; None where there is no such form."""
    evened, unit = looks.evidence[0].evened, looks.ink[0].unit

    def by_texts(fit: Fit) -> tuple[Floats, Floats]:
        return agreeing(drawn, grid, fit, evened, unit)

    fit = known_form(drawn, forms, by_texts)
    if fit is None:
        return None
    known = laid_on(grid, fit, drawn)
    denied = text_denies(known, evened, unit) or parted(drawn, grid, fit, evened, unit)
    return [] if denied else [known]


def likely_drawn(
    edges: Floats, decided: Floats, chances: Floats, hidden: NDArray[np.bool_], seen: float
) -> Floats:
    """How likely edges are drawn of a grid that is not worn: surely as the ink has them where that is plain.

    Args:
        edges: their inked shares.
        decided: the same where chances were asked, see `reweighed`; less where a stroke was taken away.
        chances: how likely they are by what stands around them.
        hidden: those below a seal, of which nobody can say that they are absent.
        seen: share from which an edge counts.
    """
    asked = decided != edges
    taken = asked & (decided < seen) & (chances >= 0.5)
    by_ink = ~asked & ((edges >= _CLEARLY) | (edges < seen - _SEALED))
    surely = np.where((edges >= seen) & ~taken, _BY_INK, 1 - _BY_INK)
    likely = np.where(by_ink | taken, surely, chances)
    return np.where(hidden, np.maximum(likely, 0.5), likely)


def _without_undrawn(
    grid: Grid, chances: tuple[Chances, Chances], looks: Looks
) -> tuple[Grid, tuple[Chances, Chances]]:
    """A worn grid without inner lines of which too little was likely drawn, and the chances of its edges."""
    unit = looks.ink[0].unit
    while True:
        rows = _printed(chances[0].drawn, np.diff(grid.xs), unit)
        columns = _printed(chances[1].drawn.T, np.diff(grid.ys), unit)
        ys = [y for y, printed in zip(grid.ys, rows, strict=True) if printed]
        xs = [x for x, printed in zip(grid.xs, columns, strict=True) if printed]
        if len(ys) == len(grid.ys) and len(xs) == len(grid.xs):
            return grid, chances
        grid = with_lines(grid, ys, xs, looks.evidence)
        chances = worn_chances(grid, looks)


def _printed(drawn: Floats, lengths: Floats, unit: float) -> NDArray[np.bool_]:
    """Which lines have enough edges that were likely drawn; the outermost two are never left out."""
    kept = np.where(drawn > _LIKELY, drawn, 0.0) @ lengths >= least_rule(lengths, unit)
    kept[[0, -1]] = True
    return np.asarray(kept, dtype=np.bool_)


def reweighed(edges: Floats, chances: Chances, seen: float, *, worn: bool) -> Floats:
    """Drawn shares, put where the chance of their edge says if ink and rule network leave a doubt.

    They do near the threshold, and everywhere where the rules are worn. Elsewhere an edge is added where its
    neighbours say that it was drawn, and taken away where neither they nor its own looks speak for it, or
    where they are sure of none.
    Where text stands close on both sides, as in a narrow column of characters above one another, its
    strokes look like a worn rule: such an edge may lose its place, but wins one only in a worn grid, of which
    a network sees all edges together, or where it is near the threshold and its neighbours are sure of it.
    """
    near = _OPEN_WORN if worn else _OPEN
    drawn = edges >= seen
    added = ~drawn & (chances.drawn > _ADDED)
    unlike = (chances.drawn < _LOST) & (chances.looks < _UNLIKE_A_RULE)
    lost = drawn & (unlike | (chances.drawn < _NONE))
    likely = (chances.drawn > _WON) if worn else (chances.drawn > _ADDED) & (edges > seen - _OPEN)
    won = ~chances.pressed | likely
    unsure = ((np.abs(edges - seen) < near) | added | lost) & (drawn | won)
    return np.where(unsure, seen + chances.drawn - 0.5, edges)


def _doubtful(grid: Grid, seals: Sequence[Box]) -> bool:
    """Whether an edge is neither drawn nor absent beyond doubt; a seal taken off took rules with it."""
    hardly = _SEALED if any(grid.box.overlap(seal) for seal in seals) else _HARDLY
    shares = np.concatenate([grid.level.ravel(), grid.upright.ravel()])
    return bool(((shares > grid.seen - hardly) & (shares < _CLEARLY)).any())
