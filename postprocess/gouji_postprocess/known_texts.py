"""The wording of a form for the labels of a table that was recognised as one of it."""

from __future__ import annotations

from collections.abc import Sequence

from gouji_layout.geometry import CellRef
from gouji_postprocess.alignment import ALIKE
from gouji_postprocess.form import Block, TableForm
from gouji_postprocess.label_placing import TALLEST_HEADER, Placed
from gouji_postprocess.labels import similarity
from gouji_postprocess.seen_grid import SeenGrid


def known_texts(
    grid: SeenGrid, form: TableForm, placed: Sequence[tuple[Block, Placed]]
) -> dict[CellRef, str]:
    """The text of the form for every label cell that a matched line runs through."""
    known: dict[CellRef, tuple[float, str]] = {}

    def offer(ref: CellRef, seen: str, labels: Sequence[str]) -> None:
        for wording in (wording for label in labels for wording in label.split("|")):
            score = similarity(seen, wording)
            if score >= ALIKE and score > known.get(ref, (0.0, ""))[0]:
                known[ref] = (score, wording)

    for block, found in placed:
        left = min(found.columns.values(), default=grid.cols)
        header = range(max(0, found.header_end - TALLEST_HEADER), found.header_end)
        for line, row in found.rows.items():
            for cell in grid.cells_of_row(row, 0, left):
                offer(cell.ref, grid.text(cell), line.path)
        for line, col in found.columns.items():
            for cell in grid.cells_of_col(col, header.start, header.stop):
                offer(cell.ref, grid.text(cell), line.path)
        for row in header:
            for cell in grid.cells_of_row(row, 0, grid.cols):
                offer(cell.ref, grid.text(cell), [t for t in (block.heading, block.corner, *form.notes) if t])
    return {ref: label for ref, (_, label) in known.items()}
