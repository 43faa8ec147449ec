"""Figures beside which ink of the size of a digit was left out of their cut, read once more with it.

Of a pale digit in a noisy copy a few pieces are dark enough to be seen. Each of them alone is a speck, and is
painted out: `2 123` was surely read as `123`. Or the digit is a little too pale to be type beside the others.
Where the network reads the same digits and more when it is shown everything, that is what the cell holds, but
nothing that was so nearly lost is sure.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace

from gouji_ocr import alphabet
from gouji_ocr.ctc import CtcEvidence
from gouji_ocr.doubts import digits_beside, doubted
from gouji_ocr.engines import FigureReader
from gouji_ocr.in_place import with_others
from gouji_ocr.ink import BOLD_INK, CellInk
from gouji_ocr.reading import Opinion, Reading, ReadingKind
from gouji_ocr.strips import figure_strip
from gouji_ocr.text_lines import LineBox
from gouji_ocr.views import CellView

_LEAST = 0.4  # what the network gives at least to a longer figure that is believed
_CRACK = 0.25  # of the height of the digits: paper between the pieces of a broken one


def read_with_ink_beside(
    views: Sequence[CellView], readings: Sequence[Reading], height: float, network: FigureReader
) -> list[Reading]:
    """Readings of a table; where a cell holds more of a figure than was read, the whole of it, doubted.

    Args:
        views: the cells of the table.
        readings: what they were read as so far, in the same order.
        height: usual height of type in this table, in pixels.
        network: the figure network.
    """
    figures = {
        i: views[i].ink
        for i, reading in enumerate(readings)
        if reading.kind is ReadingKind.FIGURE and len(views[i].ink.lines) == 1 and _digits(reading.text)
    }
    wider = {i: box for i, ink in figures.items() if (box := _with_digits_beside(ink)) is not None}
    strips = [figure_strip(figures[i].everything, box, text_height=height) for i, box in wider.items()]
    settled = list(readings)
    for (i, box), evidence in zip(wider.items(), network.read_figures(strips), strict=True):
        settled[i] = _settled(readings[i], figures[i].lines[0], box, evidence, network.name)
    return settled


def _with_digits_beside(ink: CellInk) -> LineBox | None:
    """The box of the line and of what stands beside it like a digit; None without any."""
    line, picture = ink.lines[0], ink.everything
    beside = digits_beside(picture, line, BOLD_INK, round(_CRACK * line.height))
    if not beside:
        return None
    boxes = [line, *beside]
    left, right = min(box.left for box in boxes), max(box.right for box in boxes)
    return LineBox(left, min(box.top for box in boxes), right, max(box.bottom for box in boxes))


def _settled(reading: Reading, line: LineBox, wider: LineBox, evidence: CtcEvidence, name: str) -> Reading:
    """The reading, or the longer figure that the wider cut shows."""
    best = evidence.best()
    text, probability = best[0].text, math.exp(min(best[0].log_probability, 0.0))
    before = r"\d*" if wider.left < line.left else ""
    behind = r"\d*" if wider.right > line.right else ""
    digits = _digits(reading.text)
    longer = re.fullmatch(before + digits + behind, _digits(text)) and _digits(text) != digits
    if not longer or not alphabet.is_figure(text) or probability < _LEAST:
        return reading
    candidates = with_others(text, probability, (*best, *reading.candidates))
    opinions = (Opinion(name, candidates, evidence),)
    return doubted(replace(reading, candidates=candidates, evidence=evidence, opinions=opinions))


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())
