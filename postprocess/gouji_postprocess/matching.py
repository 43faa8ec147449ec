"""Which published form a table is: its whole label grid laid beside that of every form, never forced.

Forms are recognised table by table, because real reports mix them: a 2023 report may carry the 2021
table 二 and the 2019 table 三.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from rapidfuzz import fuzz, process

from gouji_layout.geometry import CellRef
from gouji_layout.table import Table
from gouji_ocr.reading import Reading
from gouji_postprocess.form import Block, Line, Packs, TableForm
from gouji_postprocess.known_texts import known_texts
from gouji_postprocess.label_placing import Placed, place_blocks
from gouji_postprocess.labels import fold_label, is_label
from gouji_postprocess.seen_grid import SeenGrid

ENOUGH = 0.62  # of the label grid: budgets score up to 0.59 as accounts, damaged forms from 0.7
RUN = 0.75  # share of the rows between the first and the last found, for a part of a form
COLUMNS_ENOUGH = 0.35  # of the column labels, where the rows fit: headers are short and the first to be lost
LONE_ROW_COLUMNS = 0.8  # where a form has one row to know it by: a 收入预算表 has five columns of seven
LOOK_CUTOFF = 60.0
FAMILIAR = 0.3  # of a form's labels must be like something seen for the form to be tried
ENOUGH_SEEN = 6  # labels that are always enough, for parts of long tables
FEWEST_ROWS = 4  # a part of a long table is believed from this many rows on


@dataclass(frozen=True, slots=True)
class FormMatch:
    """A table recognised as one table of a form.

    `cells` maps quantity keys to cells; `known` gives label cells their text in the form; `assumed`
    are cells placed by position between matched labels because their own label could not be read.
    """

    form: TableForm
    score: float
    cells: Mapping[str, CellRef]
    known: Mapping[CellRef, str] = field(default_factory=dict)
    unmatched: tuple[CellRef, ...] = ()  # label cells that fit nothing in the form
    missing: tuple[str, ...] = ()  # labels of the form that are not on the page
    assumed: tuple[CellRef, ...] = ()
    also: tuple[str, ...] = ()  # other tables that fit equally well, e.g. 2021/T4
    columns_by_position: bool = False  # no header on this part: columns were counted
    rows: Mapping[str, int] = field(default_factory=dict)  # row key (with block) -> grid row
    columns: Mapping[str, int] = field(default_factory=dict)  # column key (with block) -> grid column

    @property
    def id(self) -> str:
        """The table's id, e.g. `2019/T3`."""
        return self.form.id

    def quantity(self, ref: CellRef) -> str | None:
        """What a cell holds, as a key."""
        return next((key for key, cell in self.cells.items() if cell == ref), None)


def is_whole(match: FormMatch) -> bool:
    """Whether a table begins and ends as its form does: rows that are missing stand on no other page."""
    ends = [
        _join(block.key, line.key)
        for block in match.form.blocks
        if (rows := [line for line in block.rows if not line.optional])
        for line in (rows[0], rows[-1])
    ]
    return all(end in match.rows for end in ends)


def match_form(table: Table, readings: Sequence[Reading], packs: Packs) -> FormMatch | None:
    """The table form whose labels fit best, or None when none fits well enough."""
    grid = SeenGrid.of(table, readings)
    seen = sorted({fold_label(text) for text in grid.texts.values() if is_label(text)})
    likely = [form for form in packs.tables if _familiar(seen, form)]
    matches = [match for form in likely if (match := _match(grid, form)) is not None]
    if not matches:
        return None
    best = max(matches, key=lambda match: match.score)
    equal = tuple(m.id for m in matches if m is not best and m.score >= best.score - 1e-9)
    return replace(best, also=equal)


def _familiar(seen: Sequence[str], form: TableForm) -> bool:
    """Whether enough labels of the form are like some label seen, wherever it stands: a quick first look."""
    lines = [line for block in form.blocks for line in (*block.rows, *block.columns) if line.label]
    known = sorted({fold_label(line.label) for line in lines if not line.optional})
    if not seen or not known:
        return False
    likeness = process.cdist(known, seen, scorer=fuzz.partial_ratio, score_cutoff=LOOK_CUTOFF)
    return bool((likeness.max(axis=1) > 0).sum() >= min(len(known) * FAMILIAR, ENOUGH_SEEN))


def agree_on_forms(
    matches: Sequence[FormMatch | None], packs: Packs, *, year: int | None = None
) -> list[FormMatch | None]:
    """Settle tables that fit several forms equally by what the rest of the report uses, else by its year.

    The table 四 is the same in the 2019 and the 2021 form; only its neighbours can say which it is.
    """
    sure = [match.form.form for match in matches if match is not None and not match.also]
    settled: list[FormMatch | None] = []
    for match in matches:
        choice = match
        if match is not None and match.also:
            rivals = [table for name in (match.id, *match.also) if (table := packs.table(name)) is not None]
            by_use = [table for table in rivals if table.form in sure]
            by_year = [t for t in rivals if year is not None and _covers(packs.forms[t.form].years, year)]
            chosen = (by_use or by_year or rivals)[0]
            others = tuple(table.id for table in rivals if table.id != chosen.id)
            choice = replace(match, form=chosen, also=others)
        settled.append(choice)
    return settled


def _covers(years: tuple[int, int], year: int) -> bool:
    return years[0] <= year <= years[1]


def _match(grid: SeenGrid, form: TableForm) -> FormMatch | None:
    placed = place_blocks(grid, form)
    return _judge(grid, form, placed) if placed else None


def _judge(grid: SeenGrid, form: TableForm, placed: Sequence[tuple[Block, Placed]]) -> FormMatch | None:
    cells: dict[str, CellRef] = {}
    rows: dict[str, int] = {}
    columns: dict[str, int] = {}
    assumed: list[CellRef] = []
    for block, found in placed:
        for line, row in found.rows.items():
            rows[_join(block.key, line.key)] = row
            for column, col in found.columns.items():
                cell = grid.places.get((row, col))
                if not line.figures or not column.figures or cell is None:
                    continue
                cells[form.quantity(block, line, column)] = cell.ref
                if line.key in found.guessed:
                    assumed.append(cell.ref)
        columns |= {_join(block.key, line.key): col for line, col in found.columns.items()}
    there = {(block.key, line) for block, found in placed for line in (*found.rows, *found.columns)}
    known_rows = sum(_counts(block, line, there) for block in form.blocks for line in block.rows)
    known_cols = sum(_counts(block, line, there) for block in form.blocks for line in block.columns)
    row_likeness = sum(found.row_likeness for _, found in placed)
    col_likeness = sum(found.col_likeness for _, found in placed)
    seen_rows = sum(found.seen_rows for _, found in placed) if not form.open_rows else 0
    matched_rows = sum(sum(bool(line.path) for line in found.rows) for _, found in placed)
    by_position = any(found.by_position for _, found in placed)
    if by_position and matched_rows < FEWEST_ROWS:
        return None  # a row called 合计 stands in every other table
    weight = max(known_rows, seen_rows) + (0 if by_position else known_cols)
    score = (row_likeness + (0 if by_position else col_likeness)) / max(weight, 1)
    part = len(form.blocks) == 1 and matched_rows >= FEWEST_ROWS and _is_run(*placed[0])
    part = part and row_likeness / max(seen_rows, matched_rows, 1) >= ENOUGH
    needed = sum(_counts(block, line, there) for block, _ in placed for line in block.columns)
    columns_enough = COLUMNS_ENOUGH if known_rows != 1 else LONE_ROW_COLUMNS
    columns_fit = by_position or col_likeness >= columns_enough * needed
    if not cells or not columns_fit or not (score >= ENOUGH or part):
        return None
    used = {ref for _, found in placed for ref in found.used}
    known = known_texts(grid, form, placed)
    missing = [
        "/".join(label.partition("|")[0] for label in line.path)
        for block in form.blocks
        for line in (*block.rows, *block.columns)
        if line.path
        and not line.optional
        and not any(line in f.rows or line in f.columns for b, f in placed if b is block)
    ]
    unmatched = [
        ref for _, found in placed for ref in found.unmatched if ref not in used and ref not in known
    ]
    return FormMatch(
        form=form,
        score=score,
        cells=cells,
        known=known,
        unmatched=tuple(dict.fromkeys(unmatched)),
        missing=tuple(missing),
        assumed=tuple(assumed),
        columns_by_position=by_position,
        rows=rows,
        columns=columns,
    )


def _is_run(block: Block, found: Placed) -> bool:
    """Whether the rows found follow each other in the form, as those of a part of it do."""
    places = [k for k, line in enumerate(block.rows) if line in found.rows]
    return len(places) >= RUN * (places[-1] - places[0] + 1)


def _counts(block: Block, line: Line, there: set[tuple[str, Line]]) -> bool:
    """Whether a line of the form counts: it has a label, and is not an optional one that is left out."""
    return bool(line.path) and (not line.optional or (block.key, line) in there)


def _join(*parts: str) -> str:
    return ".".join(part for part in parts if part)
