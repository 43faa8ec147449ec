"""List marks and brackets at the ends of labels, which are slight and far enough apart to be cut off.

Of `一、` or `（` little is dark enough for ink, and in noise nothing tells it from dirt. But where another
label of its column begins with a mark, or a bracket is left without its fellow, the line reader is shown more
of the cell: what then reads as the same words and such a mark is the whole label.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gouji_layout.page import Gray
from gouji_ocr.lines import LineReader, LineText
from gouji_ocr.strips import line_strip
from gouji_ocr.text_lines import LineBox, widened
from gouji_ocr.views import CellView

_MARK_REACH, _BRACKET_REACH = 2.8, 1.0  # line heights within which a mark, a bracket begins
_SIDE = 6  # pixels: what reaches the sides of the cell is a rule
_BELIEVED = math.log(0.5)  # a character of what was lost
_NUMERAL = "[一二三四五六七八九十]{1,3}"
_MARK = re.compile(rf"(?:{_NUMERAL}、|[（(]{_NUMERAL}[）)]|\d{{1,2}}[.．、](?!\d))")
_LEFT_OVER = re.compile(rf"^[（(]?(?:{_NUMERAL})?[）)、.．]?")  # of a mark
_WORDS = re.compile(r"[\u4e00-\u9fff].*[\u4e00-\u9fff]")
_SPACES = str.maketrans("", "", " 　")


@dataclass(frozen=True, slots=True)
class _End:
    """A line that may lack its beginning, or its end, or both."""

    index: int  # of the line in its cell
    before: bool
    behind: bool


def with_lost_ends(
    views: Sequence[CellView],
    strips: Sequence[Gray],
    lines: Sequence[LineText],
    cells: Mapping[int, Sequence[int]],
    *,
    reader: LineReader,
    squeeze: float,
) -> tuple[list[Gray], list[LineText]]:
    """The same strips and lines, and those that had lost a mark or a bracket with it.

    Args:
        views: the cells.
        strips: of every line.
        lines: what was read in each strip.
        cells: which of them are the lines of a cell, in their order; cells that are not words are left out.
        reader: the line reader.
        squeeze: share of its width a line is read at.
    """
    marked = {views[i].cell.col for i, cell in cells.items() if _MARK.match(lines[cell[0]].text)}
    asked = [
        (i, end)
        for i, cell in cells.items()
        for end in _doubtful_ends([lines[at].text for at in cell], marked=views[i].cell.col in marked)
    ]
    wider = [_wider(views[i], end, squeeze) for i, end in asked]
    shown, read = [*strips], [*lines]
    for (i, end), strip, found in zip(asked, wider, reader.read(wider), strict=True):
        at = cells[i][end.index]
        if _is_whole(lines[at].text, found, end):
            shown[at], read[at] = strip, found
    return shown, read


def _doubtful_ends(texts: Sequence[str], *, marked: bool) -> list[_End]:
    """Which lines of a label may have lost something."""
    whole = "".join(texts)
    if not _WORDS.search(whole):
        return []
    opened = sum(whole.count(one) for one in "（(") - sum(whole.count(one) for one in "）)")
    before = opened < 0 or (marked and not _MARK.match(texts[0]))
    behind = opened > 0
    last = len(texts) - 1
    if not last:
        return [_End(0, before=before, behind=behind)] if before or behind else []
    first = [_End(0, before=True, behind=False)] if before else []
    return [*first, _End(last, before=False, behind=True)] if behind else first


def _wider(view: CellView, end: _End, squeeze: float) -> Gray:
    """The strip of a line with more of its cell."""
    picture, line = view.line(end.index)
    found = widened(picture, line)
    left, right = found.left, found.right
    if end.before:
        left = min(left, max(_SIDE, round(left - _MARK_REACH * line.height)))
    if end.behind:
        right = max(right, min(picture.shape[1] - _SIDE, round(right + _BRACKET_REACH * line.height)))
    return line_strip(picture, LineBox(left, line.top, right, line.bottom), squeeze=squeeze)


def _is_whole(before: str, line: LineText, end: _End) -> bool:
    """Whether a line reads as the same words, and a mark or a bracket more where one was looked for."""
    old, new = before.translate(_SPACES), line.text.translate(_SPACES)
    words = _LEFT_OVER.sub("", old, count=1)
    start = new.find(words)
    if not words or start < 0 or new == old:
        return False
    prefix, suffix = new[:start], new[start + len(words) :]
    read = zip(line.text, line.character_log_probabilities, strict=True)
    all_of_it = [p for char, p in read if char.translate(_SPACES)]
    known = all_of_it[:start] + all_of_it[start + len(words) :]
    kept = old[: len(old) - len(words)]
    marked = _MARK.fullmatch(prefix) is not None or (prefix[:1] in {"（", "("} and prefix[1:] == kept)
    begins = prefix == kept or (end.before and marked)
    ends = not suffix or (end.behind and suffix in {"）", ")"})
    return begins and ends and sum(known) > len(known) * _BELIEVED
