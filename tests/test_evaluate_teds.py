"""TEDS against an independent tree edit distance."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from gouji.teds import Rows, TreeCell, teds

apted = pytest.importorskip("apted", reason="the peer implementation is a development dependency")

cells = st.builds(
    TreeCell, st.integers(1, 2), st.integers(1, 3), st.sampled_from(["", "0", "12", "21", "总计", "结果维持"])
)
tables = st.lists(st.lists(cells, min_size=1, max_size=4), min_size=1, max_size=4)


@dataclass
class Node:
    tag: str
    cell: TreeCell | None
    children: list[Node]


def tree(rows: Rows) -> Node:
    return Node("table", None, [Node("tr", None, [Node("td", c, []) for c in row]) for row in rows])


class TableCosts(apted.Config):
    def rename(self, one: Node, other: Node) -> float:
        if one.tag != other.tag:
            return 1.0
        if one.cell is None or other.cell is None:
            return 0.0
        if (one.cell.rowspan, one.cell.colspan) != (other.cell.rowspan, other.cell.colspan):
            return 1.0
        return Levenshtein.normalized_distance(one.cell.text, other.cell.text)


@settings(max_examples=150, deadline=None)
@given(tables, tables)
def test_it_agrees_with_apted(one: Rows, other: Rows) -> None:
    nodes = max(len(rows) + sum(map(len, rows)) for rows in (one, other))
    distance = apted.APTED(tree(one), tree(other), TableCosts()).compute_edit_distance()
    assert teds(one, other) == pytest.approx(max(1 - distance / nodes, 0.0))


@given(tables, tables)
def test_it_does_not_matter_which_table_is_the_truth(one: Rows, other: Rows) -> None:
    assert teds(one, other) == pytest.approx(teds(other, one))


@given(tables)
def test_texts_do_not_count_when_only_structure_is_asked_for(rows: Rows) -> None:
    scrambled = [[TreeCell(c.rowspan, c.colspan, c.text + "x") for c in row] for row in rows]
    assert teds(rows, scrambled, structure_only=True) == 1.0
    assert teds(rows, scrambled) < 1.0
