"""A first draft of a form pack from a table that was read: to be edited by a person, then checked.

Keys are numbered, because nobody can guess good names; labels, units and the sums that hold are
filled in. A draft of a table that has figures always passes `gouji forms check`.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

from ruamel.yaml import YAML

from gouji_layout.geometry import CellRef
from gouji_layout.table import Table
from gouji_ocr.reading import Reading
from gouji_postprocess.inferred import infer_rules
from gouji_postprocess.labels import fold_label
from gouji_postprocess.printed_binding import printed_rules
from gouji_postprocess.rule import Relation, Rule
from gouji_postprocess.seen_grid import SeenGrid
from gouji_postprocess.table_lines import Lane, SeenLine, find_lanes


def draft_pack(
    table: Table,
    readings: Sequence[Reading],
    *,
    form: str = "draft",
    title: str = "",
    unit: str = "",
    years: tuple[int, int] = (2000, 2099),
) -> str:
    """The YAML text of a pack with one table.

    Args:
        table: the table.
        readings: of its cells.
        form: id of the new form.
        title: of the table.
        unit: of its amounts, as it is printed beside the table.
        years: in which the form was used.

    Raises:
        ValueError: no figures with labels were found in the table.
    """
    grid = SeenGrid.of(table, readings)
    lanes = find_lanes(grid)
    if not lanes:
        raise ValueError("no labelled figures were found in this table")
    names: dict[CellRef, str] = {}
    blocks = [
        _block(lane, k, names, several=len(lanes) > 1, before=lanes[k - 1] if k else None)
        for k, lane in enumerate(lanes)
    ]
    rules = [*printed_rules(grid, prefix="d").rules, *infer_rules(grid, prefix="d", doubtful=False)]
    entry: dict[str, Any] = {"id": "T1", "key": "t1", "title": title or "（表名）"}
    if unit:
        entry["unit"] = unit
    if len(lanes) > 1:
        entry["blocks"] = blocks
    else:
        entry |= {key: value for key, value in blocks[0].items() if key != "key"}
    stated = [text for rule in rules if (text := _formula(rule, names)) is not None]
    if stated:
        entry["rules"] = [
            {"id": f"R{k}", "rule": text, "why": why}
            for k, (text, why) in enumerate(dict(stated).items(), start=1)
        ]
    pack = {"form": form, "title": title or "（表式名称）", "years": list(years), "tables": [entry]}
    out = io.StringIO()
    yaml = YAML()
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump(pack, out)
    return out.getvalue()


def _block(
    lane: Lane, number: int, names: dict[CellRef, str], *, several: bool, before: Lane | None
) -> dict[str, Any]:
    key = f"b{number + 1}" if several else ""
    rows = _nested(lane.rows, "row", "r")
    columns = _nested(lane.columns, "column", "c")
    for i, row in enumerate(lane.rows):
        for j, column in enumerate(lane.columns):
            ref = lane.ref(row, column)
            if ref is not None:
                names[ref] = ".".join(part for part in (key, f"r{i + 1}", f"c{j + 1}") if part)
    block: dict[str, Any] = {"key": key, "columns": columns, "rows": rows}
    if before is not None and {row.at for row in before.rows} & {row.at for row in lane.rows}:
        block["beside"] = True
    if not key:
        del block["key"]
    return block


def _nested(lines: Sequence[SeenLine], kind: str, letter: str) -> list[dict[str, Any]]:
    """Lines as nested entries under their merged labels; groups have empty keys, so line keys stay flat."""
    top: list[dict[str, Any]] = []
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {(): top}
    last: tuple[str, ...] = ()
    for i, line in enumerate(lines):
        outer = line.path[:-1]
        for depth in range(1, len(outer) + 1):
            path = outer[:depth]
            if path not in groups or path != last[:depth]:
                children: list[dict[str, Any]] = []
                groups[path[:-1]].append({"key": "", "label": _clean(path[-1]), f"{kind}s": children})
                groups[path] = children
        entry: dict[str, Any] = {"key": f"{letter}{i + 1}"}
        if line.path:
            entry["label"] = _clean(line.label)
        if line.unit:
            entry["unit"] = line.unit
        if line.ratio:
            entry["type"] = "ratio"
        groups[outer].append(entry)
        last = outer
    return top


def _clean(label: str) -> str:
    return re.sub(r"\s+", "", label) if fold_label(label) else label


def _formula(rule: Rule, names: dict[CellRef, str]) -> tuple[str, str] | None:
    """The rule in the rule language and why it was proposed; None where a cell has no name."""
    if any(term.cell not in names or abs(term.coefficient) != 1 for term in rule.terms):
        return None
    left = [names[t.cell] for t in rule.terms if t.coefficient > 0]
    right = [names[t.cell] for t in rule.terms if t.coefficient < 0]
    if not left or not right:
        return None
    sign = "<=" if rule.relation is Relation.AT_MOST else "="
    return f"{' + '.join(left)} {sign} {' + '.join(right)}", f"{rule.formula}；{rule.why}"
