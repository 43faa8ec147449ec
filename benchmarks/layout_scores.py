"""How well tables were found: structure F1, TEDS-Struct, cell boxes, angles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from apted import APTED, Config
from benchmarks.layout_cases import Case

from gouji_layout.geometry import Box
from gouji_layout.page import Page
from gouji_layout.table import Table

Signature = frozenset[tuple[int, int, int, int]]
"""Row, column, row span and column span of every cell."""


@dataclass(frozen=True, slots=True)
class Score:
    """One true table against what was found of it."""

    name: str  # of the picture
    f1: float
    teds_struct: float
    exact: bool


def signature(cells: Sequence[dict[str, Any]]) -> Signature:
    """Places and spans of truth cells."""
    return frozenset((c["row"], c["col"], c.get("rowspan", 1), c.get("colspan", 1)) for c in cells)


def table_signature(table: Table) -> Signature:
    """Places and spans of found cells."""
    return frozenset((c.row, c.col, c.rowspan, c.colspan) for c in table.cells)


def scores(case: Case, found: Sequence[Signature]) -> list[Score]:
    """A score for every true table of a picture, paired by structure: real scans have no boxes."""
    truth = [signature(table["cells"]) for table in case.truth["tables"]]
    return [Score(case.name, *compared(wanted, other)) for wanted, other in paired(truth, found)]


def paired(truth: Sequence[Signature], found: Sequence[Signature]) -> list[tuple[Signature, Signature]]:
    """Each true table with the found one most like it; an empty set when there is none left."""
    left, pairs = list(found), []
    for wanted in truth:
        best = max(left, key=lambda other: f1(wanted, other), default=frozenset())
        if best in left:
            left.remove(best)
        pairs.append((wanted, best))
    return pairs


def f1(wanted: Signature, found: Signature) -> float:
    """F1 of cells that have the right place and span."""
    return 2 * len(wanted & found) / max(len(wanted) + len(found), 1)


def compared(wanted: Signature, found: Signature) -> tuple[float, float, bool]:
    """Structure F1, TEDS-Struct, exact."""
    if wanted == found:
        return 1.0, 1.0, True
    return f1(wanted, found), teds_struct(wanted, found), False


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the tree that TEDS compares: table, row or cell."""

    name: str
    children: tuple[Node, ...] = ()


class SameName(Config):  # type: ignore[misc]
    """Renaming costs one when the names differ."""

    def rename(self, node1: Node, node2: Node) -> float:
        """Cost of taking one node for another."""
        return float(node1.name != node2.name)

    def children(self, node: Node) -> tuple[Node, ...]:
        """Children in order."""
        return node.children


def teds_struct(wanted: Signature, found: Signature) -> float:
    """Tree-edit similarity of structures without text (Zhong et al. 2020, arXiv:1911.10683)."""
    if not found:
        return 0.0
    trees, sizes = [], []
    for cells in (wanted, found):
        rows: dict[int, list[Node]] = {}
        for row, _, rowspan, colspan in sorted(cells):
            rows.setdefault(row, []).append(Node(f"td {rowspan} {colspan}"))
        trees.append(Node("table", tuple(Node("tr", tuple(own)) for own in rows.values())))
        sizes.append(1 + len(rows) + len(cells))
    return max(0.0, 1 - APTED(trees[0], trees[1], SameName()).compute_edit_distance() / max(sizes))


def cell_overlaps(case: Case, page: Page, tables: Sequence[Table]) -> list[float]:
    """IoU of cells found at the right place with where they really are, both in page pixels."""
    overlaps = []
    for truth in case.truth["tables"]:
        wanted = signature(truth["cells"])
        best = max(tables, key=lambda table: f1(wanted, table_signature(table)), default=None)
        if best is None:
            continue
        boxes = {(c.row, c.col, c.rowspan, c.colspan): c.box for c in best.cells}
        for cell in truth["cells"]:
            key = (cell["row"], cell["col"], cell.get("rowspan", 1), cell.get("colspan", 1))
            if key in boxes and cell.get("box"):
                corners = case.to_image(Box(*cell["box"]).corners())
                overlaps.append(Box.around(page.straightening.to_page(corners)).iou(boxes[key]))
    return overlaps


def angle_error(case: Case, page: Page) -> float | None:
    """Degrees between the skew found and the true one, on pages that are only skewed."""
    return None if case.angle is None else abs(page.straightening.degrees - case.angle)


def summary(found: Sequence[Score]) -> dict[str, Any]:
    """Counts beside shares."""
    exact = sum(score.exact for score in found)
    return {
        "tables": len(found),
        "exact": exact,
        "exact_share": round(exact / max(len(found), 1), 4),
        "structure_f1": _mean([score.f1 for score in found], 4),
        "teds_struct": _mean([score.teds_struct for score in found], 4),
    }


def _mean(values: Sequence[float], digits: int) -> float | None:
    return round(float(np.mean(values)), digits) if values else None
