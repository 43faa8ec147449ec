"""Cells prepared for reading: their ink, found once, and the picture of each of their lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gouji_layout import seals
from gouji_layout.page import Gray, Page
from gouji_layout.table import Cell, Table
from gouji_ocr.ink import CellInk, LineBox, cell_crop, cell_ink, settled


@dataclass(frozen=True, eq=False)
class CellView:
    """A cell prepared for reading: its ink and the pictures of its lines, each with room around it."""

    cell: Cell
    ink: CellInk

    def line(self, index: int) -> tuple[Gray, LineBox]:
        """The picture of one line without its neighbours, and its box in there."""
        lines, picture = self.ink.lines, self.ink.picture
        box = lines[index]
        top = (lines[index - 1].bottom + box.top) // 2 if index else 0
        bottom = (box.bottom + lines[index + 1].top + 1) // 2 if index + 1 < len(lines) else len(picture)
        return picture[top:bottom], LineBox(box.left, box.top - top, box.right, box.bottom - top)

    @property
    def fills_its_first_line(self) -> bool:
        """Whether the first of several lines is as wide as the cell, so that a figure may wrap there."""
        return len(self.ink.lines) > 1 and self.ink.lines[0].width > 0.75 * (self.ink.picture.shape[1] - 12)


def plain_gray(page: Page) -> Gray:
    """The plane to read in: gray, with seals and stamps as light as the paper around them."""
    return seals.ink(page)


def view_cells(gray: Gray, table: Table) -> list[CellView]:
    """Find the ink of every cell, in cell order, settled by the usual text height."""
    inks = [cell_ink(cell_crop(gray, cell.box, table.quarter_turns)) for cell in table.cells]
    height = _usual_height(inks)
    if height:
        inks = [settled(ink, height) for ink in inks]
    return [CellView(cell, ink) for cell, ink in zip(table.cells, inks, strict=True)]


def text_height(views: Sequence[CellView]) -> float:
    """Usual height of a line of text in this table, in pixels; 0 when it has no ink."""
    return _usual_height([view.ink for view in views])


def _usual_height(inks: Sequence[CellInk]) -> float:
    heights = [ink.tallest for ink in inks if ink.tallest >= 6]
    return float(np.median(heights)) if heights else 0.0
