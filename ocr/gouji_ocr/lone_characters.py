"""The last character of a label, alone on its line, read behind the line before it.

The line reader knows words. In a bad copy a character with nothing beside it (`织` of `社会公益组织`) easily
passes for a letter; behind the others it is read well. What passes for another character is left to the
second reader and its words.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace

from gouji_layout.page import Gray
from gouji_ocr.lines import LineReader, LineText
from gouji_ocr.strips import LINE_HEIGHT, side_by_side

_WIDEST = LINE_HEIGHT  # pixels: strips of one character, squeezed and with paper around it, are no wider
_CLEAR = math.log(0.95)  # what is read so surely needs no second look
_MARGIN = 5  # pixels of the paper at the ends of two strips that come off where they are joined
_HAN = re.compile(r"[\u4e00-\u9fff]")


def with_lone_characters(
    strips: Sequence[Gray], lines: Sequence[LineText], cells: Sequence[Sequence[int]], reader: LineReader
) -> tuple[list[Gray], list[LineText], list[list[int]]]:
    """The same strips, lines and cells, and the two last lines of a cell as one where that reads better.

    Args:
        strips: of every line.
        lines: what was read in each strip.
        cells: which of them are those of one cell, in their order.
        reader: the line reader.
    """
    asked = [at for at, cell in enumerate(cells) if len(cell) > 1 and _ends_alone(strips, lines, cell[-2:])]
    joined = [
        side_by_side([strips[cells[at][-2]][:, :-_MARGIN], strips[cells[at][-1]][:, _MARGIN:]])
        for at in asked
    ]
    shown, read, settled = [*strips], [*lines], [list(cell) for cell in cells]
    for at, strip, line in zip(asked, joined, reader.read(joined), strict=True):
        whole = _without_spaces(line)
        if _goes_on(read[cells[at][-2]], read[cells[at][-1]], whole):
            settled[at][-2:] = [len(shown)]
            shown.append(strip)
            read.append(whole)
    return shown, read, settled


def _ends_alone(strips: Sequence[Gray], lines: Sequence[LineText], last: Sequence[int]) -> bool:
    """Whether the last of two lines is one character, read unsurely and as none of Chinese."""
    before, lone = (strips[i].shape[1] for i in last)
    read = lines[last[1]]
    return lone <= _WIDEST < before and read.mean_log_probability < _CLEAR and not _HAN.match(read.text)


def _goes_on(before: LineText, lone: LineText, whole: LineText) -> bool:
    """Whether both lines together read as the first one and a character likelier than what it was alone."""
    start = before.text.replace(" ", "")
    more = bool(start) and whole.text[:-1] == start and _HAN.fullmatch(whole.text[-1]) is not None
    return more and whole.character_log_probabilities[-1] > lone.mean_log_probability


def _without_spaces(line: LineText) -> LineText:
    """The line without the spaces that are read where strips were joined."""
    kept = [i for i, char in enumerate(line.text) if char != " "]
    return replace(
        line,
        text="".join(line.text[i] for i in kept),
        character_log_probabilities=tuple(line.character_log_probabilities[i] for i in kept),
        positions=tuple(line.positions[i] for i in kept),
    )
