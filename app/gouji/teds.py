"""TEDS, tree edit distance similarity of tables (Zhong et al., "Image-based table recognition", ECCV 2020).

A table is a tree of three levels: table, rows, cells. The distance is the exact one of Zhang and Shasha
("Simple fast algorithms for the editing distance between trees", SIAM J. Comput. 18, 1989), which is quick
on a tree this shallow, so that no tree library is needed at run time. `tests/test_evaluate_teds.py` holds
it to the `apted` package.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein


@dataclass(frozen=True, slots=True)
class TreeCell:
    """A cell as TEDS sees it: its spans and its text; its place is its order."""

    rowspan: int
    colspan: int
    text: str


Rows = Sequence[Sequence[TreeCell]]
"""Rows of cells in reading order; a cell stands in the row it starts in."""


@dataclass(frozen=True, slots=True)
class _Tree:
    """Nodes in postorder: the leftmost leaf of each, the key roots, and the cells (None for a row)."""

    leftmost: tuple[int, ...]
    roots: tuple[int, ...]
    cells: tuple[TreeCell | None, ...]


def teds(truth: Rows, found: Rows, *, structure_only: bool = False) -> float:
    """Similarity of two tables, 0 to 1; `structure_only` leaves the texts out (TEDS-Struct).

    >>> one = [[TreeCell(1, 2, "总计")], [TreeCell(1, 1, "1"), TreeCell(1, 1, "2")]]
    >>> teds(one, one)
    1.0
    >>> round(teds(one, [[TreeCell(1, 2, "总计")], [TreeCell(1, 1, "1"), TreeCell(1, 1, "3")]]), 3)
    0.8
    """
    if structure_only:
        truth, found = _bare(truth), _bare(found)
    if [list(row) for row in truth] == [list(row) for row in found]:
        return 1.0
    nodes = max(len(rows) + sum(len(row) for row in rows) for rows in (truth, found))
    return max(1.0 - _distance(_tree(truth), _tree(found)) / nodes, 0.0)


def _bare(rows: Rows) -> Rows:
    return [[TreeCell(cell.rowspan, cell.colspan, "") for cell in row] for row in rows]


def _tree(rows: Rows) -> _Tree:
    leftmost: list[int] = []
    cells: list[TreeCell | None] = []
    for row in rows:
        first = len(cells)
        for cell in row:
            leftmost.append(len(cells))
            cells.append(cell)
        leftmost.append(first)
        cells.append(None)
    leftmost.append(0)
    cells.append(None)
    # A key root is the last node of all that share a leftmost leaf.
    last = {leaf: node for node, leaf in enumerate(leftmost)}
    return _Tree(tuple(leftmost), tuple(sorted(last.values())), tuple(cells))


def _change(one: TreeCell | None, other: TreeCell | None) -> float:
    """Cost of making one node the other: 0 to 1."""
    if one is None or other is None:
        return 0.0 if one is other else 1.0
    if (one.rowspan, one.colspan) != (other.rowspan, other.colspan):
        return 1.0
    return 0.0 if one.text == other.text else float(Levenshtein.normalized_distance(one.text, other.text))


def _distance(one: _Tree, other: _Tree) -> float:
    # A row and the table are both None to `_change`; they must not pass for each other.
    table_one, table_other = len(one.cells) - 1, len(other.cells) - 1
    known: dict[tuple[TreeCell | None, TreeCell | None], float] = {}
    trees = [[0.0] * len(other.cells) for _ in one.cells]
    for root_one in one.roots:
        for root_other in other.roots:
            first_one, first_other = one.leftmost[root_one], other.leftmost[root_other]
            height, width = root_one - first_one + 2, root_other - first_other + 2
            forest = [[0.0] * width for _ in range(height)]
            forest[0] = [float(at) for at in range(width)]
            for x in range(1, height):
                node = first_one + x - 1
                leaf, cell = one.leftmost[node], one.cells[node]
                above, line = forest[x - 1], forest[x]
                line[0] = float(x)
                before_tree = forest[leaf - first_one]
                for y in range(1, width):
                    node_other = first_other + y - 1
                    leaf_other = other.leftmost[node_other]
                    best = min(above[y], line[y - 1]) + 1.0
                    if leaf == first_one and leaf_other == first_other:
                        pair = (cell, other.cells[node_other])
                        cost = known.get(pair)
                        if cost is None:
                            cost = known[pair] = _change(*pair)
                        if (node == table_one) != (node_other == table_other):
                            cost = 1.0
                        best = min(best, above[y - 1] + cost)
                        trees[node][node_other] = best
                    else:
                        best = min(best, before_tree[leaf_other - first_other] + trees[node][node_other])
                    line[y] = best
    return trees[-1][-1]
