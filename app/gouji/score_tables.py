"""Compares the tables of one page with the truth: structure, figures, labels, and what was claimed of each.

Pure functions on small values; benchmarks call `score_page` in memory, `gouji evaluate` over files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rapidfuzz.distance import Levenshtein

from gouji.found_tables import FoundCell, FoundTable, normalised, pair_tables, shape
from gouji.same_place import same_place
from gouji.teds import TreeCell, teds
from gouji.truth import CellTruth, PageTruth, SourceError
from gouji_postprocess.decision import State

MISSING = "missing"
"""State of a figure of the truth that has no cell at its place."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A figure that came out wrong."""

    image: str
    table: int
    row: int
    col: int
    printed: str
    read: str
    decided: str
    state: str
    silent: bool


@dataclass(frozen=True, slots=True)
class PageScore:
    """Counts of one page (or of many, added up); shares are made of them in `gouji.evaluate`."""

    counts: Counter[str] = field(default_factory=Counter)
    states: Counter[tuple[str, bool]] = field(default_factory=Counter)  # (state, right)
    teds: tuple[float, ...] = ()
    teds_struct: tuple[float, ...] = ()
    mistakes: tuple[Mistake, ...] = ()

    def __add__(self, other: PageScore) -> PageScore:
        return PageScore(
            self.counts + other.counts,
            self.states + other.states,
            self.teds + other.teds,
            self.teds_struct + other.teds_struct,
            self.mistakes + other.mistakes,
        )


def score_page(truth: PageTruth, found: Sequence[FoundTable]) -> PageScore:
    """Score all tables of a page; a table of the truth without a partner is wrong in everything."""
    partners = pair_tables(truth.tables, found)
    score = PageScore(Counter(pages=1, tables_extra=len(found) - len(partners)))
    for at, cells in enumerate(truth.tables):
        table = found[partners[at]] if at in partners else None
        error = truth.source_error if truth.source_error and truth.source_error.table == at else None
        score += _score_table(truth.image, at, cells, table, error)
    return score


def _rows(cells: Iterable[CellTruth | FoundCell]) -> list[list[TreeCell]]:
    rows: dict[int, list[tuple[int, TreeCell]]] = {}
    for cell in cells:
        tree = TreeCell(cell.rowspan, cell.colspan, normalised(cell.text))
        rows.setdefault(cell.row, []).append((cell.col, tree))
    return [[tree for _, tree in sorted(rows[row], key=lambda pair: pair[0])] for row in sorted(rows)]


def _score_table(
    image: str, at: int, truth: Sequence[CellTruth], found: FoundTable | None, error: SourceError | None
) -> PageScore:
    there = found or FoundTable(())
    by_place = {(cell.row, cell.col): cell for cell in there.cells}
    shapes, foundshapes = set(map(shape, truth)), set(map(shape, there.cells))
    counts: Counter[str] = Counter(
        tables=1,
        tables_found=int(found is not None),
        tables_exact=int(shapes == foundshapes),
        cells=len(shapes),
        cells_found=len(foundshapes),
        cells_matched=len(shapes & foundshapes),
    )
    states: Counter[tuple[str, bool]] = Counter()
    mistakes: list[Mistake] = []
    for cell in truth:
        partner = by_place.get((cell.row, cell.col))
        if cell.ignore:
            counts["ignored"] += 1
        elif cell.numeric:
            mistake = _score_figure(counts, states, cell, partner, there)
            if mistake:
                mistakes.append(Mistake(image, at, cell.row, cell.col, cell.text, *mistake))
        elif cell.text:
            printed, text = normalised(cell.text), normalised(partner.text) if partner else ""
            counts["label_characters"] += len(printed)
            counts["label_edits"] += Levenshtein.distance(printed, text)
            counts["labels"] += 1
            counts["labels_right"] += printed == text
    if error is not None:
        printed_cell = next((cell for cell in truth if (cell.row, cell.col) == (error.row, error.col)), None)
        counts += _score_source_error(error, printed_cell, by_place.get((error.row, error.col)), there)
    counts["false_alarms"] += sum(
        cell.flagged and (error is None or (cell.row, cell.col) != (error.row, error.col))
        for cell in there.cells
    )
    counts += _score_places(truth, there)
    one, other = _rows(truth), _rows(there.cells)
    return PageScore(
        counts,
        states,
        (teds(one, other) if found else 0.0,),
        (teds(one, other, structure_only=True) if found else 0.0,),
        tuple(mistakes),
    )


def _score_figure(
    counts: Counter[str],
    states: Counter[tuple[str, bool]],
    cell: CellTruth,
    partner: FoundCell | None,
    table: FoundTable,
) -> tuple[str, str, str, bool] | None:
    """Count one figure; what was read, decided, its state and whether nobody was told, when it is wrong."""
    printed = normalised(cell.text)
    counts["figures"] += 1
    if partner is None:
        states[MISSING, False] += 1
        silent = not _asked_about(cell, table)
        counts["silent_missing"] += silent
        return "", "", MISSING, silent
    right, read_right = normalised(partner.text) == printed, normalised(partner.read) == printed
    states[partner.state, right] += 1
    counts["figures_right"] += right
    counts["read_right"] += read_right
    counts["harmed"] += read_right and not right
    counts["mended"] += right and not read_right
    if right:
        return None
    silent = partner.state != State.DOUBTFUL and not partner.flagged
    counts["silent_misread"] += silent
    counts["silent_in_broken_rule"] += silent and (cell.row, cell.col) in table.broken | table.open
    return partner.read, partner.text, partner.state, silent


def _asked_about(cell: CellTruth, table: FoundTable) -> bool:
    """Whether a figure without a cell of its own lies in a larger cell that is put before a person."""
    return any(
        other.row <= cell.row < other.row + other.rowspan
        and other.col <= cell.col < other.col + other.colspan
        and (other.state == State.DOUBTFUL or other.flagged)
        for other in table.cells
    )


def _score_places(truth: Sequence[CellTruth], found: FoundTable) -> Counter[str]:
    """Figures that are right at their place on the paper, whatever row and column they were given."""
    texts, found_texts = ([normalised(cell.text) for cell in cells] for cells in (truth, found.cells))
    partners = same_place(
        [cell.box for cell in truth], texts, [cell.box for cell in found.cells], found_texts
    )
    counts: Counter[str] = Counter()
    for at, cell in enumerate(truth):
        if cell.numeric and not cell.ignore and cell.box is not None:
            counts["figures_placed"] += 1
            counts["figures_right_in_place"] += at in partners and found_texts[partners[at]] == texts[at]
    return counts


def _score_source_error(
    error: SourceError, printed: CellTruth | None, partner: FoundCell | None, table: FoundTable
) -> Counter[str]:
    """What became of a figure that is printed wrong: it must be kept as printed, and be flagged."""
    counts: Counter[str] = Counter(source_errors=1)
    if printed is None or partner is None:
        counts["source_errors_missing"] += 1
        return counts
    decided = normalised(partner.text)
    place = (error.row, error.col)
    counts["source_errors_kept"] += decided == normalised(printed.text)
    counts["source_errors_repaired"] += decided == normalised(error.right) != normalised(printed.text)
    counts["source_errors_flagged"] += partner.flagged or place in table.broken
    counts["source_errors_asked"] += partner.state == State.DOUBTFUL or place in table.open
    return counts
