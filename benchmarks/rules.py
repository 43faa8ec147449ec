"""Forms recognised, labels aligned, rules bound, printed and inferred: one JSON line.

    python -m benchmarks.rules [--seed 5] [--pages 12] [--published DIR]

Made pages are label grids with consistent random figures and damaged labels, no pictures. The truth
is known from how they were made. Published tables are read from DIR (JSON, see docs/measured/rules.md).
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.rule_label_noise import LEVELS, damaged
from benchmarks.rule_phrasings import LATER, NOT_RULES, PHRASINGS, ROWS, Phrasing
from benchmarks.rule_slips import slips
from benchmarks.rule_source_errors import source_errors
from benchmarks.rules_inferred import inferred, rule_key, sides
from tests.form_pages import published_tables, table_from, truth_tables

from gouji_layout.geometry import CellRef
from gouji_ocr.amounts import parse_amount
from gouji_postprocess.explain_rule import residual
from gouji_postprocess.form import Packs, TableForm
from gouji_postprocess.form_layout import Joined, lay_out
from gouji_postprocess.matching import match_form
from gouji_postprocess.packs import PackError, load_packs, parse_pack
from gouji_postprocess.printed_binding import printed_rules
from gouji_postprocess.rule import Relation
from gouji_postprocess.rules_for import gather
from gouji_postprocess.seen_grid import SeenGrid

PUBLISHED = Path(__file__).parents[2] / "shared" / "published"
REAL = Path(__file__).parents[2] / "shared" / "realdata"
FORMS_OF_REAL = {"_final_p05_": "accounts/T1", "_final_p06_": "accounts/T2", "_final_p14_": "accounts/T7"}
"""The only real pages that show a table of a pack, by a part of their name; found by looking at them."""
EXPECTED = {"2019/T3": (161, 37), "2021/T3": (175, 39), "2019/T4": (15, 3), "2021/T4": (15, 3)}
"""Figures and equations of the national forms, from the forms themselves."""


def main() -> None:
    """Run every part and print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--pages", type=int, default=12, help="made pages of every form and level")
    parser.add_argument("--published", type=Path, default=PUBLISHED)
    parser.add_argument("--real", type=Path, default=REAL, help="folder of real pages with truth, if there")
    options = parser.parse_args()
    packs = load_packs()
    result = {
        "published": published(packs, options.published),
        "made": made(packs, options.seed, options.pages),
        "parts": parts(packs, options.seed, options.pages),
        "real": real_tables(packs, options.real),
        "slips": slips(packs, options.real, options.seed),
        "printed": printed(),
        "inferred": inferred(packs, options.seed, options.pages),
        "inferred_misread": inferred(packs, options.seed, options.pages, misread=0.01)["all"],
        "source_errors": source_errors(packs, options.published),
        "hostile_packs": hostile_packs(),
    }
    print(json.dumps(result, ensure_ascii=False))


def published(packs: Packs, folder: Path) -> dict[str, object]:
    """Every published table laid out on its form: recognised, aligned, bound?"""
    count: Counter[str] = Counter()
    for name, table, readings in published_tables(folder):
        truth = _published_id(name, folder)
        match = match_form(table, readings, packs)
        count["tables"] += 1
        if match is None or truth not in (match.id, *match.also):
            continue
        count["recognised"] += 1
        form = packs.table(truth)
        assert form is not None
        labels = [line for block in form.blocks for line in (*block.rows, *block.columns) if line.path]
        count["labels"] += len(labels)
        count["labels_aligned"] += len(labels) - len(match.missing)
        rules = [r for r in gather(table, readings, match).rules if r.void_cost == float("inf")]
        if truth in EXPECTED:
            count["expected_figures"] += EXPECTED[truth][0]
            count["figures"] += len(match.cells)
            count["expected_rules"] += EXPECTED[truth][1]
            count["rules"] += len(rules)
    return dict(count)


def _published_id(name: str, folder: Path) -> str:
    data = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    return f"{data['form']}/{data['table']}"


def made(packs: Packs, seed: int, pages: int) -> dict[str, object]:
    """Made pages of every form with damaged labels; wrong places count apart from missing ones."""
    levels: dict[str, object] = {}
    for level, damage in LEVELS.items():
        count: Counter[str] = Counter()
        seconds = 0.0
        for form, draw in _pages(packs, seed, pages):
            keys = list(form.quantities())
            # Every cell holds its own number, so that a figure found in the wrong place is seen.
            grid = lay_out(form, {key: str(1000 + i) for i, key in enumerate(keys)})
            grid, _ = damaged(grid, draw, damage)
            table, readings = table_from(grid)
            texts = {reading.ref: reading.text for reading in readings}
            present = {text for text in texts.values() if text.isdigit()}
            started = time.process_time()
            match = match_form(table, readings, packs)
            seconds += time.process_time() - started
            count["pages"] += 1
            count["quantities"] += sum(str(1000 + i) in present for i in range(len(keys)))
            if match is None:
                count["unknown"] += 1
            elif form.id not in (match.id, *match.also):
                count["other_form"] += 1
            else:
                count["recognised"] += 1
                for i, key in enumerate(keys):
                    ref = match.cells.get(key)
                    if ref is not None:
                        count["placed" if texts[ref] == str(1000 + i) else "misplaced"] += 1
        levels[level] = {**count, "ms_per_table": round(1000 * seconds / count["pages"], 1)}
    return levels


def parts(packs: Packs, seed: int, pages: int) -> dict[str, object]:
    """The lower part of a table that was split over two pages, without its header: known, and in place?"""
    count: Counter[str] = Counter()
    for form, draw in _pages(packs, seed, pages):
        if len(form.blocks) > 1 or len(form.blocks[0].rows) < 12:
            continue
        keys = list(form.quantities())
        grid = lay_out(form, {key: str(1000 + i) for i, key in enumerate(keys)})
        cut = draw.randint(len(grid) // 3, len(grid) - 6)
        lower = [["" if text is Joined.ABOVE else text for text in grid[cut]], *grid[cut + 1 :]]
        lower, _ = damaged(lower, draw, LEVELS["light"])
        table, readings = table_from(lower)
        texts = {reading.ref: reading.text for reading in readings}
        match = match_form(table, readings, packs)
        count["parts"] += 1
        if match is None or form.id not in (match.id, *match.also):
            count["unknown" if match is None else "other_form"] += 1
            continue
        count["recognised"] += 1
        for i, key in enumerate(keys):
            if key in match.cells:
                count["placed" if texts[match.cells[key]] == str(1000 + i) else "misplaced"] += 1
    return dict(count)


def real_tables(packs: Packs, folder: Path) -> dict[str, object]:
    """Real tables with their true texts: none but three may be taken for a form; do inferred rules hold?"""
    count: Counter[str] = Counter()
    for path in sorted(folder.glob("*/truth/*.json")):
        for table, readings in truth_tables(path):
            match = match_form(table, readings, packs)
            wanted = next((form for part, form in FORMS_OF_REAL.items() if part in path.name), None)
            count["tables"] += 1
            count["right_form" if match and match.id == wanted else "wrong_form" if match else "no_form"] += 1
            values = {reading.ref: parse_amount(reading.text) for reading in readings}
            for rule in gather(table, readings, match).rules:
                gap = residual(rule, values)
                if gap is None or all(a is None or a.value == 0 for a in map(values.get, rule.cells)):
                    count["rules_without_figures"] += 1
                elif gap <= 0 if rule.relation is Relation.AT_MOST else abs(gap) <= rule.slack:
                    count["rules_that_hold"] += 1
                else:
                    count["rules_that_fail"] += 1
    return dict(count)


def _pages(packs: Packs, seed: int, pages: int) -> Iterator[tuple[TableForm, random.Random]]:
    for form in packs.tables:
        for page in range(pages):
            yield form, random.Random(f"{seed}/{form.id}/{page}")


def printed() -> dict[str, object]:
    """How many phrasings give exactly the expected rules, and which sentences give rules they should not."""
    wrong = [
        phrasing.sentence or str(phrasing.table[0]) for phrasing in PHRASINGS if not _as_expected(phrasing)
    ]
    later = [phrasing.sentence for phrasing in LATER if not _as_expected(phrasing)]
    table, readings = table_from([list(row) for row in ROWS])
    grid = SeenGrid.of(table, readings)
    invented = [s for s in NOT_RULES if printed_rules(grid, [s], prefix="b").rules]
    return {
        "phrasings": len(PHRASINGS),
        "right": len(PHRASINGS) - len(wrong),
        "wrong": wrong,
        "later_phrasings": len(LATER),
        "later_right": len(LATER) - len(later),
        "later_wrong": later,
        "sentences_without_rules": len(NOT_RULES),
        "invented": invented,
    }


def _as_expected(phrasing: Phrasing) -> bool:
    table, readings = table_from([list(row) for row in phrasing.table])
    grid = SeenGrid.of(table, readings)
    found = printed_rules(grid, [phrasing.sentence] if phrasing.sentence else [], prefix="b").rules
    rows = [r for r, row in enumerate(phrasing.table) if r and row[0] != "栏次"]
    numbered = phrasing.table[0][1] in ("行次", "代码")
    cols = list(range(2 if numbered else 1, len(phrasing.table[0])))
    expected = set()
    for relation, left, right in phrasing.expected:
        for other in cols if phrasing.axis == "rows" else rows:
            terms = []
            for side, factor in ((left, 1), (right, -1)):
                for n in side:
                    line = (rows if phrasing.axis == "rows" else cols)[abs(n) - 1]
                    ref = (
                        CellRef(1, 0, line, other) if phrasing.axis == "rows" else CellRef(1, 0, other, line)
                    )
                    terms.append((factor * (1 if n > 0 else -1), ref))
            expected.add(sides(relation, terms))
    return {rule_key(rule) for rule in found} == expected


HOSTILE = {
    "unknown key": "form: x\ntitle: t\nyears: [1, 2]\ncolour: red\ntables: []\n",
    "bomb": "a: &a [1, 1]\nb: &b [*a, *a]\nform: x\n",
    "tag": "form: !!python/object/apply:os.system ['true']\n",
    "same key twice": "form: x\nform: y\n",
    "not yaml": "form: [x\n",
    "deep": "form: " + "[" * 60 + "]" * 60 + "\n",
    "circle": (
        "form: x\ntitle: t\nyears: [1, 2]\ntables:\n  - {id: A, same_as: x/B}\n  - {id: B, same_as: x/A}\n"
    ),
    "no such name": (
        "form: x\ntitle: t\nyears: [1, 2]\ntables:\n  - id: A\n    columns: [{key: a, label: 甲}]\n"
        "    rows: [{key: r, label: 行}]\n    rules: [{id: R, each: row, rule: a = b}]\n"
    ),
    "not a formula": (
        "form: x\ntitle: t\nyears: [1, 2]\ntables:\n  - id: A\n    columns: [{key: a, label: 甲}]\n"
        "    rows: [{key: r, label: 行}]\n    rules: [{id: R, each: row, rule: a = = a}]\n"
    ),
    "too large": "form: x\n# " + "x" * 600_000 + "\n",
}


def hostile_packs() -> dict[str, object]:
    """Broken and hostile packs that give one clear error, with a line where one can be named."""
    refused, lines = 0, 0
    for text in HOSTILE.values():
        try:
            parse_pack(text)
        except PackError as error:
            refused += 1
            lines += error.line is not None
    return {"packs": len(HOSTILE), "refused": refused, "with_line": lines}


if __name__ == "__main__":
    main()
