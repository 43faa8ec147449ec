"""Settles the lines of a cell when it is known how high a line of its table is."""

from __future__ import annotations

from dataclasses import replace

from gouji_ocr.ink import BOLD_INK, EDGE, CellInk
from gouji_ocr.text_lines import LineBox, cut, is_flat, is_speck, rejoined


def settled(ink: CellInk, height: float) -> CellInk:
    """The same ink when the usual height of a line of this table is known.

    Lines that touch each other are cut apart; beside real lines, bands too low or too narrow for type
    are dirt or what is left of a rule. A cell with nothing but specks is blank.
    """
    if ink.blank:
        return ink
    lines: list[LineBox] = []
    for line in rejoined(ink.lines, height):
        lines += cut(ink.picture < BOLD_INK, line, height) if line.height > 1.65 * height else [line]
    if any(line.height >= 0.7 * height for line in lines):
        lines = [line for line in lines if line.height >= 0.5 * height and not _at_border(line, ink, height)]
    if all(is_speck(line, height) for line in lines):
        return replace(ink, lines=(), tallest=0, dismissed=any(is_flat(line) for line in lines))
    same = len(lines) == len(ink.lines)
    return ink if same or not lines else replace(ink, lines=tuple(lines))


def _at_border(line: LineBox, ink: CellInk, height: float) -> bool:
    """Whether this is a sliver along the side of a cell that has more to show."""
    near = 2 * EDGE
    at_side = line.left <= near or line.right >= ink.picture.shape[1] - near
    return len(ink.lines) > 1 and at_side and line.width < 0.4 * height
