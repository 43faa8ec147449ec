"""Cells prepared for reading: their ink, found once, and the picture of each of their lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gouji_layout.diagonal import without_diagonals
from gouji_layout.page import Gray, Mask, Page
from gouji_layout.paper import Paper
from gouji_layout.table import Cell, CellMark, Table
from gouji_ocr.cleaned import noise_of, without_noise, without_spots
from gouji_ocr.ink import EDGE, CellInk, UsualType, cell_crop, cell_ink
from gouji_ocr.pieces import Flags
from gouji_ocr.planes import Plane
from gouji_ocr.recut import without_loose_dirt, without_loose_lines
from gouji_ocr.settle import settled
from gouji_ocr.text_lines import LineBox

_SAMPLE = 48  # cells of a table looked at to learn what its type looks like
_SMALLEST_TYPE = 6  # pixels
_ALIKE = 1.25  # times higher or lower: characters of one size of type
_GRAIN = 0.03  # of the contrast of type: noise that no copy in two levels shows
_LOWER_ROWS = 25  # percent of the cells
_FRAME = 4  # times the median: what is higher is no character


@dataclass(frozen=True, eq=False)
class CellView:
    """A cell prepared for reading: its ink and the pictures of its lines, each with room around it.

    `filled` tells where spots lay that were filled with what is around them; `sealed` where
    seals without colour lie, as in `Plane`; both None without any.
    """

    cell: Cell
    ink: CellInk
    filled: Flags | None = None
    sealed: Mask | None = None

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


def plain_gray(page: Page, paper: Paper | None = None) -> Gray:
    """The plane to read in: gray, with seals and stamps as light as the paper around them.

    Args:
        page: upright.
        paper: of the page, when it was looked at before.
    """
    return Plane.of(page, paper).gray


def view_cells(gray: Gray, table: Table) -> list[CellView]:
    """Find the ink of every cell, in cell order, knowing what type usually looks like in this table."""
    crops = [_crop(gray, cell, table.quarter_turns) for cell in table.cells]
    room = _room(crops)
    step = max(1, len(crops) // _SAMPLE)
    sample = crops[::step]
    inks = [cell_ink(crop) for crop in sample]
    usual = _usual_type(inks, room)
    if usual is None:
        return [CellView(cell, cell_ink(crop)) for cell, crop in zip(table.cells, crops, strict=True)]
    noise = noise_of(crops, usual)
    spotless = without_spots(crops, usual)
    filled = [
        None if after is before else np.not_equal(after, before)
        for after, before in zip(spotless, crops, strict=True)
    ]
    crops = without_noise(spotless, usual, noise)
    if any(cleaned is not crop for cleaned, crop in zip(crops[::step], sample, strict=True)):
        usual = _usual_type([cell_ink(crop) for crop in crops[::step]], room) or usual
    inks = [settled(cell_ink(crop, usual=usual), usual.height) for crop in crops]
    inks = without_loose_dirt(inks, usual.height)
    if noise > _GRAIN:
        inks = without_loose_lines(inks, usual.height)
    return [CellView(*prepared) for prepared in zip(table.cells, inks, filled, strict=True)]


def with_seals(views: Sequence[CellView], table: Table, sealed: Mask | None) -> list[CellView]:
    """The cells of a table that know where seals without colour lie on them."""
    if sealed is None:
        return list(views)
    crops = [cell_crop(sealed, view.cell.box, table.quarter_turns) for view in views]
    return [
        replace(view, sealed=crop) if crop.shape == view.ink.picture.shape and crop.any() else view
        for view, crop in zip(views, crops, strict=True)
    ]


def _crop(gray: Gray, cell: Cell, quarter_turns: int) -> Gray:
    """The picture of a cell, upright and without strokes that part a head into labels."""
    crop = cell_crop(gray, cell.box, quarter_turns)
    return without_diagonals(crop, EDGE) if CellMark.DIAGONAL in cell.marks else crop


def _room(crops: Sequence[Gray]) -> float:
    """How high the lower rows are, in pixels: no character is higher; what is higher are lines that touch."""
    rows = float(np.percentile([crop.shape[0] for crop in crops] or [0], _LOWER_ROWS))
    return max(rows - 2 * EDGE, _SMALLEST_TYPE)


def _usual_type(seen: Sequence[CellInk], room: float) -> UsualType | None:
    """Type of a table, from some cells spread over it; None when they show none."""
    inks = [ink for ink in seen if _SMALLEST_TYPE <= ink.tallest <= room]
    if not inks:
        return None
    upright = [ink for ink in inks if not ink.flat] or inks
    contrast = float(np.percentile([ink.contrast for ink in upright], 70))  # noise of blank cells is below
    return UsualType(_usual_height([ink for ink in upright if ink.contrast >= 0.5 * contrast]), contrast)


def text_height(views: Sequence[CellView]) -> float:
    """Usual height of a line of text in this table, in pixels; 0 when it has no ink."""
    room = _room([view.ink.picture for view in views])
    return _usual_height([view.ink for view in views if view.ink.tallest <= room])


def _usual_height(inks: Sequence[CellInk]) -> float:
    """The height most characters have, more or less: dashes, dirt, parts and frames do not count."""
    heights = [ink.tallest for ink in inks if ink.tallest >= _SMALLEST_TYPE]
    upright = np.array(
        [ink.tallest for ink in inks if ink.tallest >= _SMALLEST_TYPE and not ink.flat] or heights
    )
    if not len(upright):
        return 0.0
    upright = upright[upright <= _FRAME * np.median(upright)]
    alike = [upright[(upright >= h / _ALIKE) & (upright <= h * _ALIKE)] for h in upright]
    return float(np.median(max(alike, key=np.sum)))  # the sum: dirt is as frequent as type, but lower
