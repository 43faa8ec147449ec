"""Tables with readings for the tests of forms and rules, from published figures: no pictures needed."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from fixtures.make.published import REPORTS
from gouji_layout.geometry import Box, CellRef
from gouji_layout.table import Cell, Table
from gouji_ocr.amounts import Amount, parse_amount
from gouji_ocr.reading import Candidate, Reading, ReadingKind
from gouji_postprocess.form import TableForm
from gouji_postprocess.form_layout import Grid, Joined, lay_out
from gouji_postprocess.language import Formula, linear, names_in
from gouji_postprocess.matching import FormMatch, match_form
from gouji_postprocess.packs import load_packs
from gouji_postprocess.rule_binding import bound_rules

PUBLISHED = Path(__file__).parents[2] / "shared" / "published"


def table_from(rows: Grid, page: int = 1, index: int = 0) -> tuple[Table, list[Reading]]:
    """A grid of texts and joined places as a table with sure readings."""
    placed: dict[tuple[int, int], list[int]] = {}
    owner: dict[tuple[int, int], tuple[int, int]] = {}
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            if isinstance(text, str):
                owner[r, c] = (r, c)
                placed[r, c] = [1, 1]
                continue
            take = owner[r, c - 1] if text is Joined.LEFT else owner[r - 1, c]
            owner[r, c] = take
            placed[take] = [max(placed[take][0], r - take[0] + 1), max(placed[take][1], c - take[1] + 1)]
    cells, readings = [], []
    for (r, c), (rowspan, colspan) in placed.items():
        ref = CellRef(page, index, r, c)
        box = Box(c * 60.0, r * 30.0, (c + colspan) * 60.0, (r + rowspan) * 30.0)
        cells.append(Cell(ref, box, rowspan, colspan))
        text = str(rows[r][c])
        amount = parse_amount(text)
        kind = ReadingKind.TEXT if amount is None else ReadingKind.FIGURE if text else ReadingKind.BLANK
        readings.append(Reading(ref, box, kind, (Candidate(text, -0.001),)))
    height, width = len(rows), max(map(len, rows))
    return Table(page, index, Box(0, 0, width * 60.0, height * 30.0), tuple(cells)), readings


def matched(
    table_id: str, values: dict[str, str], page: int = 1
) -> tuple[FormMatch, dict[CellRef, Amount | None]]:
    """A page of a form with these figures, recognised, and the amounts of its cells."""
    packs = load_packs()
    form = packs.table(table_id)
    assert form is not None
    table, readings = table_from(lay_out(form, values), page=page)
    match = match_form(table, readings, packs)
    assert match is not None
    return match, {reading.ref: parse_amount(reading.text) for reading in readings}


QUARTERS = (
    ("地区", "一季度", "二季度", "三季度", "四季度"),
    ("东区", "112", "203", "318", "87"),
    ("西区", "54", "61", "77", "45"),
    ("南区", "9", "18", "25", "31"),
    ("合计", "175", "282", "420", "163"),
)
"""A table of no form whose totals hold."""


def changed(rows: Sequence[Sequence[str]], **places: str) -> Grid:
    """The same table with other texts at some places, named by row and column: r2c3."""
    texts: Grid = [list(row) for row in rows]
    for name, text in places.items():
        row, col = map(int, name[1:].split("c"))
        texts[row][col] = text
    return texts


def quarters(*totals: str) -> Grid:
    """The same table with these totals instead."""
    return [list(row) for row in (*QUARTERS[:-1], (QUARTERS[-1][0], *totals))]


def report_tables() -> Iterator[tuple[str, str, Table, list[Reading]]]:
    """Tables 三 and 四 of the published reports in the fixtures: report, form table, table, readings."""
    packs = load_packs()
    for report in REPORTS:
        texts = {
            "T3": [str(v) for row in report.rows() for v in row],
            "T4": [str(v) for v in report.four or ()],
        }
        for table_id, values in texts.items():
            form = packs.table(f"{report.form}/{table_id}")
            assert form is not None
            if values:
                grid = lay_out(form, dict(zip(form.quantities(), values, strict=True)))
                yield report.key, form.id, *table_from(grid)


def truth_tables(path: Path) -> Iterator[tuple[Table, list[Reading]]]:
    """Tables of a truth file (the project's own format) with their true texts as sure readings."""
    for index, plain in enumerate(json.loads(path.read_text(encoding="utf-8"))["tables"]):
        cells, readings = [], []
        for cell in plain["cells"]:
            row, col = cell["row"], cell["col"]
            ref = CellRef(1, index, row, col)
            box = Box(col * 60.0, row * 30.0, (col + 1) * 60.0, (row + 1) * 30.0)
            cells.append(Cell(ref, box, cell.get("rowspan", 1), cell.get("colspan", 1)))
            readings.append(Reading(ref, box, ReadingKind.TEXT, (Candidate(cell["text"], -0.001),)))
        yield Table(1, index, Box(0, 0, 1000, 1000), tuple(cells)), readings


def published_tables(folder: Path = PUBLISHED) -> Iterator[tuple[str, Table, list[Reading]]]:
    """Each published table laid out on its form with the published texts."""
    packs = load_packs()
    for path in sorted(folder.glob("*_T[234].json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        form = packs.table(f"{data['form']}/{data['table']}")
        assert form is not None
        texts = iter(text for row in data["rows"] for text in row["raw"])
        values = {key: next(texts) for key in form.quantities()}
        yield path.stem, *table_from(lay_out(form, values))


def _pair(formula: Formula) -> tuple[str, str] | None:
    names = names_in(formula)
    return (names[0], names[1]) if len(names) == 2 else None


def sample_values(form: TableForm, rng: random.Random, *, share: float = 0.6) -> dict[str, int]:
    """Random figures, not negative, that obey every hard equality of the form.

    Each equality computes one figure from the others; the rest are drawn, a `share` of them not zero.
    """
    keys = list(form.quantities())
    rules = [
        flat[0]
        for bound in bound_rules(form)
        if bound.formula.relation == "="
        and not bound.rule.soft
        and (flat := linear(bound.formula)) is not None
    ]
    bounds = {
        pair[0]: pair[1]
        for bound in bound_rules(form)
        if bound.formula.relation == "<=" and (pair := _pair(bound.formula)) is not None
    }
    solved: dict[str, dict[str, int]] = {}
    for terms in reversed(rules):
        free = [key for key in terms if key not in solved and abs(terms[key]) == 1]
        if free:
            solved[free[0] if terms[free[0]] == 1 else free[-1]] = terms
    for _ in range(500):
        values: dict[str, int] = {}
        drawn = {key: int(10 ** rng.uniform(0, 4)) if rng.random() < share else 0 for key in keys}

        def value(key: str, known: dict[str, int] = values, at_random: dict[str, int] = drawn) -> int:
            if key not in known:
                terms = solved.get(key)
                rest = sum(f * value(other) for other, f in terms.items() if other != key) if terms else 0
                known[key] = -rest * terms[key] if terms else at_random[key]
                if not terms and key in bounds:
                    known[key] %= value(bounds[key]) + 1
            return known[key]

        made = {key: value(key) for key in keys}
        if min(made.values()) >= 0 and all(
            sum(f * made[k] for k, f in terms.items()) == 0 for terms in rules
        ):
            return made
    raise ValueError(f"no consistent figures found for {form.id}")
