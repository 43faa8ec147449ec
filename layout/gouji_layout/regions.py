"""Regions of a page as a LayoutParser `Layout`: tables, seals and lines of text."""

from __future__ import annotations

from collections.abc import Sequence

import layoutparser as lp

from gouji_layout.geometry import Box
from gouji_layout.page import Page
from gouji_layout.seals import find_seals
from gouji_layout.table import Table


def regions(page: Page, tables: Sequence[Table]) -> lp.Layout:
    """Tables from their rules and seals from their colour, as `TextBlock`s with a type."""
    blocks = [_block(table.box, "table", 1.0) for table in tables]
    blocks += [_block(box, "seal", None) for box in find_seals(page)]
    return lp.Layout(blocks)


def _block(box: Box, kind: str, score: float | None) -> lp.TextBlock:
    return lp.TextBlock(lp.Rectangle(box.left, box.top, box.right, box.bottom), type=kind, score=score)
