"""Regions of a page as a LayoutParser `Layout`: tables, titles, text, figures and seals, in reading order.

Rules and colour are evidence, the detector is a hint: a box of the detector never cuts, replaces or
hides a ruled table, but a table it sees where no rules were found is reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import layoutparser as lp

from gouji_layout.cdla import CdlaLayoutModel
from gouji_layout.geometry import Box
from gouji_layout.lines import reading_order
from gouji_layout.page import Page, Rgb
from gouji_layout.paper import Paper
from gouji_layout.table import Table

_INSIDE = 0.6  # share of a detected box inside a table from which it is part of the table
_LEAST_SIDE = 8.0  # pixels; thinner remains of a box are dropped


class Detector(Protocol):
    """Anything that finds regions in a picture, as LayoutParser's models do."""

    def detect(self, image: Rgb) -> lp.Layout:
        """Return regions in pixels of the picture."""
        ...


def regions(
    page: Page, tables: Sequence[Table], paper: Paper | None = None, *, detector: Detector | None = None
) -> lp.Layout:
    """Say what is where on a page, in reading order.

    Args:
        page: upright.
        tables: found on it.
        paper: of the page, when it was looked at before.
        detector: CDLA when None.
    """
    paper = paper or Paper.of(page)
    certain = [(table.box, "table", 1.0) for table in tables]
    seals: list[tuple[Box, str, float | None]] = [(box, "seal", None) for box in paper.seals]
    hints: list[tuple[Box, str, float | None]] = []
    for block in (detector or CdlaLayoutModel()).detect(page.image):
        box = _clipped(Box(*(float(v) for v in block.coordinates)), page)
        if box is None or any(box.overlap(seal) > _INSIDE * box.area for seal, _, _ in seals):
            continue
        hint = _outside(box, [table for table, _, _ in certain])
        if hint is not None:
            hints.append((hint, str(block.type), float(block.score)))
    named: list[tuple[Box, str, float | None]] = [*certain, *hints]
    place = {
        id(box): at for at, box in enumerate(reading_order([box for box, _, _ in named], page.width / 60))
    }
    named.sort(key=lambda region: place[id(region[0])])
    return lp.Layout(
        [
            lp.TextBlock(
                lp.Rectangle(box.left, box.top, box.right, box.bottom), id=at, type=kind, score=score
            )
            for at, (box, kind, score) in enumerate([*named, *seals])
        ]
    )


def _clipped(box: Box, page: Page) -> Box | None:
    left, top = max(box.left, 0.0), max(box.top, 0.0)
    right, bottom = min(box.right, float(page.width)), min(box.bottom, float(page.height))
    return (
        Box(left, top, right, bottom) if right - left > _LEAST_SIDE and bottom - top > _LEAST_SIDE else None
    )


def _outside(box: Box, tables: Sequence[Box]) -> Box | None:
    """The part of a detected box above or below the tables it touches; None when nothing is left."""
    for table in tables:
        if not box.overlap(table):
            continue
        if box.overlap(table) > _INSIDE * box.area or box.overlap(table) > _INSIDE * table.area:
            return None
        above, below = table.top - box.top, box.bottom - table.bottom
        top, bottom = (box.top, table.top) if above >= below else (table.bottom, box.bottom)
        if bottom - top < _LEAST_SIDE:
            return None
        box = Box(box.left, top, box.right, bottom)
    return box
