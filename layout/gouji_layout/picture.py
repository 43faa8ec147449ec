"""Pictures of every step of the layout, drawn on the page, for people who want to see why."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import layoutparser as lp
import numpy as np

from gouji_layout.geometry import Box
from gouji_layout.page import Page, Rgb
from gouji_layout.paper import Paper
from gouji_layout.rules import rule_ink, segments
from gouji_layout.table import CellMark, Table, TableKind
from gouji_layout.table_text import table_text_height

_COLOURS = {
    TableKind.RULED: (200, 30, 30),
    TableKind.HALF_RULED: (210, 120, 0),
    TableKind.ALIGNED: (150, 60, 190),
}
_LEVEL, _UPRIGHT, _SEAL, _REGION, _LINE = (
    (30, 90, 220),
    (20, 150, 60),
    (220, 0, 140),
    (0, 120, 120),
    (30, 90, 220),
)
_FONT, _FONT_SCALE, _FONT_STROKE = cv2.FONT_HERSHEY_SIMPLEX, 0.7, 2
_GAP = 5  # pixels between a label and the frame it belongs to


def draw(
    page: Page,
    tables: Sequence[Table],
    layout: lp.Layout | None = None,
    lines: Sequence[Box] = (),
    paper: Paper | None = None,
) -> dict[str, Rgb]:
    """Draw each step on the upright page.

    Returns:
        Pictures by step, in order: `upright`, `ink` (without seals, paper evened), `rules`, `cells`
        (merged cells filled, guessed ones hatched with a second frame), `regions` and `lines` in
        reading order.
    """
    paper = paper or Paper.of(page)
    pictures = {
        "upright": page.image.copy(),
        "ink": np.asarray(cv2.cvtColor(paper.evened, cv2.COLOR_GRAY2RGB), dtype=np.uint8),
        "rules": _pale(page.image),
        "cells": _pale(page.image),
        "regions": _pale(page.image),
        "lines": _pale(page.image),
    }
    thickness = max(2, round(page.dpi / 100))
    for seal in paper.seals:
        _frame(pictures["rules"], seal, _SEAL, thickness)
    level_ink, upright_ink = rule_ink(paper.evened, table_text_height(paper))
    for rule in segments(level_ink, 3.0):
        at = round(rule.at)
        cv2.line(pictures["rules"], (round(rule.start), at), (round(rule.end), at), _LEVEL, thickness)
    for rule in segments(upright_ink, 2.0):
        at = round(rule.at)
        cv2.line(pictures["rules"], (at, round(rule.start)), (at, round(rule.end)), _UPRIGHT, thickness)
    for table in tables:
        _cells(pictures["cells"], table, thickness)
    for block in layout or ():
        box = Box(*(float(value) for value in block.coordinates))
        _frame(pictures["regions"], box, _SEAL if block.type == "seal" else _REGION, thickness)
        _label(pictures["regions"], f"{block.id} {block.type}", box, _REGION)
    for at, box in enumerate(lines):
        _frame(pictures["lines"], box, _LINE, max(thickness // 2, 1))
        _label(pictures["lines"], str(at), box, _LINE)
    return pictures


def _cells(picture: Rgb, table: Table, thickness: int) -> None:
    colour = _COLOURS[table.kind]
    for cell in table.cells:
        if cell.rowspan > 1 or cell.colspan > 1:
            area = cell.box.slices(picture.shape)
            picture[area] = (0.85 * picture[area] + 0.15 * np.array(colour)).astype(np.uint8)
        _frame(picture, cell.box, colour, thickness)
        if CellMark.GUESSED_EDGE in cell.marks and min(cell.box.width, cell.box.height) > 8 * thickness:
            _frame(picture, cell.box.padded(-2 * thickness), _COLOURS[TableKind.HALF_RULED], 1)
        if CellMark.SEAL in cell.marks and min(cell.box.width, cell.box.height) > 12 * thickness:
            _frame(picture, cell.box.padded(-4 * thickness), _SEAL, 1)
    _label(picture, f"t{table.index} {table.rows}x{table.cols} {table.kind}", table.box, colour)


def _pale(image: Rgb) -> Rgb:
    return np.asarray(128 + image // 2, dtype=np.uint8)


def _frame(picture: Rgb, box: Box, colour: tuple[int, int, int], thickness: int) -> None:
    corners = (round(box.left), round(box.top)), (round(box.right), round(box.bottom))
    cv2.rectangle(picture, *corners, colour, thickness)


def _label(picture: Rgb, text: str, box: Box, colour: tuple[int, int, int]) -> None:
    """Write above the box, or just inside it where the picture ends there; whole, where it fits at all."""
    # OpenCV's own font: the labels are ASCII and no font file is needed.
    (width, height), _ = cv2.getTextSize(text, _FONT, _FONT_SCALE, _FONT_STROKE)
    across = max(min(round(box.left), picture.shape[1] - width), 0)
    down = round(box.top) - _GAP
    if down < height:
        down = max(round(box.top), 0) + height + _GAP
    cv2.putText(picture, text, (across, down), _FONT, _FONT_SCALE, colour, _FONT_STROKE)
