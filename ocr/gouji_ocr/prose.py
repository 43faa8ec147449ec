"""Reads lines of text outside tables, and scores how well a picture reads at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from gouji_layout.geometry import Box
from gouji_layout.page import Gray, Page
from gouji_ocr.cell_text import SQUEEZE
from gouji_ocr.engines import Engines
from gouji_ocr.ink import cell_crop, cell_ink
from gouji_ocr.reading import TextLine
from gouji_ocr.strips import line_strip
from gouji_ocr.text_lines import LineBox
from gouji_ocr.views import plain_gray


def read_lines(
    page: Page, boxes: Sequence[Box], engines: Engines, *, plane: Callable[[Page], Gray] = plain_gray
) -> list[TextLine]:
    """The text of each box, which must hold one line; boxes without ink give an empty text."""
    gray = plane(page)
    strips = [_strip(cell_crop(gray, box, outset=0)) for box in boxes]
    inked = [i for i, strip in enumerate(strips) if strip is not None]
    found = engines.lines.read([strip for strip in strips if strip is not None])
    texts = dict(zip(inked, found, strict=True))
    return [
        TextLine(box, texts[i].text.strip(), texts[i].mean_log_probability)
        if i in texts
        else TextLine(box, "", float("-inf"))
        for i, box in enumerate(boxes)
    ]


def line_scorer(engines: Engines) -> Callable[[Sequence[Gray]], list[float]]:
    """A function that says how well line crops read: mean log-probability of a character.

    Crops that hold no text score minus infinity. Used to choose the quarter turn of a page.
    """

    def score(crops: Sequence[Gray]) -> list[float]:
        strips = [_strip(crop if crop.ndim == 2 else crop[:, :, 0]) for crop in crops]
        found = iter(engines.lines.read([strip for strip in strips if strip is not None]))
        return [next(found).mean_log_probability if strip is not None else float("-inf") for strip in strips]

    return score


def _strip(crop: Gray) -> Gray | None:
    """The whole crop as one strip, tight around its ink; None without ink."""
    ink = cell_ink(np.asarray(crop), edge=0, ruled=False)
    if ink.blank:
        return None
    around = LineBox(
        min(line.left for line in ink.lines),
        min(line.top for line in ink.lines),
        max(line.right for line in ink.lines),
        max(line.bottom for line in ink.lines),
    )
    return line_strip(ink.picture, around, squeeze=SQUEEZE)
