"""Text of cells by the line reader: wrapped lines, characters below each other, lines on their side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gouji_layout.page import Gray
from gouji_ocr.lines import LineReader, LineText
from gouji_ocr.strips import line_strip
from gouji_ocr.text_lines import LineBox
from gouji_ocr.views import CellView

SQUEEZE = 0.75
"""Share of its width a line of text is read at: a quarter cheaper, no character lost when measured."""


def read_text_cells(views: Sequence[CellView], reader: LineReader) -> list[list[LineText]]:
    """The lines of each cell by the line reader.

    A tall narrow cell may hold one character below the other, or a line on its side; such a cell is
    read as each of them and the reading with the likeliest characters is taken.
    """
    strips: list[Gray] = []
    ways: list[list[range]] = []  # of each cell: the strips of each way to read it
    for view in views:
        mine: list[range] = []
        for parts in _ways(view):
            mine.append(range(len(strips), len(strips) + len(parts)))
            strips += parts
        ways.append(mine)
    read = reader.read(strips)
    return [max(([read[i] for i in way] for way in mine), key=_likeliness) for mine in ways]


def join_lines(texts: Sequence[str]) -> str:
    r"""Lines of a cell as one text: Chinese runs on, figures above each other stay apart.

    >>> join_lines(["一般公共", "预算"])
    '一般公共预算'
    >>> join_lines(["22", "（其中修订16件）"])
    '22\n（其中修订16件）'
    """
    whole = texts[0].strip()
    for text in texts[1:]:
        following = text.strip()
        apart = whole[-1:].isdigit() and (following[:1].isdigit() or following[:1] in tuple("（(+-"))
        both_latin = whole[-1:].isascii() and whole[-1:].isalpha() and following[:1].isascii()
        between = "\n" if apart else " " if both_latin and following[:1].isalpha() else ""
        whole += between + following
    return whole


def _likeliness(lines: Sequence[LineText]) -> float:
    known = [p for line in lines for p in line.character_log_probabilities]
    return sum(known) / len(known) if known else float("-inf")


def _ways(view: CellView) -> list[list[Gray]]:
    """The strips of a cell, once for each way it may be read."""
    upright = [line_strip(*view.line(k), squeeze=SQUEEZE) for k in range(len(view.ink.lines))]
    lines = view.ink.lines
    narrow = all(line.width <= 1.4 * max(line.height, 8) for line in lines)
    if len(lines) < 2 or not narrow:
        return [upright]
    ways = [[np.concatenate(upright, axis=1)]]
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    top, bottom = lines[0].top, lines[-1].bottom
    if bottom - top > 2.5 * (right - left):
        picture = view.ink.picture
        height, width = picture.shape
        for turns, box in (
            (1, LineBox(top, width - right, bottom, width - left)),
            (3, LineBox(height - bottom, left, height - top, right)),
        ):
            ways.append([line_strip(np.ascontiguousarray(np.rot90(picture, turns)), box, squeeze=SQUEEZE)])
    return ways
