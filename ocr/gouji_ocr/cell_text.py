"""Text of cells by the line reader: wrapped lines, characters below each other, lines on their side."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gouji_layout.page import Gray
from gouji_ocr.ink import EDGE
from gouji_ocr.lines import LineReader, LineText
from gouji_ocr.lone_characters import with_lone_characters
from gouji_ocr.lost_ends import with_lost_ends
from gouji_ocr.strips import line_strip
from gouji_ocr.text_lines import LineBox, widened
from gouji_ocr.views import CellView
from gouji_ocr.worn_words import WornWords

SQUEEZE = 0.75
"""Share of its width a line of text is read at: a quarter cheaper, no character lost when measured."""

_SPECK_BEHIND = re.compile(r"(?<=[\u4e00-\u9fff])[.·•,]+$")
_SPECK_BEFORE = re.compile(
    r"^[.,|]+(?=[\u4e00-\u9fff（(])|(?<=[)）])[.·•]+ ?(?=[\u4e00-\u9fff])"
    r"|(?<=^[（(][一二三四五六七八九十][）)])[.,·•]+"
)
_GAP_IN_WORDS = re.compile(r"(?<=[\u4e00-\u9fff）)、.．：]) +(?=[\u4e00-\u9fff（(])")
_COMMA_AT_END = re.compile(r"(?<=[\u4e00-\u9fff])[，、]$")
_DARK = 150  # evened: certainly ink
_GAP = 0.36  # of a character's width: more paper than between its own strokes
_NARROW = 1.4  # width over height of a character
_ON_ITS_SIDE = 4.0  # height over width of a line on its side of which no characters were told apart
_MOST = 0.75  # of the lines of a cell: with so many narrow ones they stand below each other, beside dirt
_ALIKE = 0.05  # nats a character: ways to read a cell that are about as likely
_REACH = 2.6  # times the width of a column: as far away from it its list number may stand
_BORDER, _STROKE = EDGE + 5, 2  # pixels: where rules are; the narrowest stroke
_PITCH = 0.6  # of the distance of characters: they are not smaller, however little of them is seen
_SPECK = 0.01  # of a character's square: less ink than this is dirt
_HAN = re.compile(r"[\u4e00-\u9fff]")
_FEWEST_WORDS = 2  # Chinese characters: what is read as so many of them is a line of words
_SENSE, _NONSENSE = math.log(0.5), math.log(0.3)  # a character: less, and signs, and mixed signs, are none


def read_text_cells(views: Sequence[CellView], reader: LineReader, worn: WornWords) -> list[list[LineText]]:
    """The lines of each cell by the line reader, with a second opinion on worn words.

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
    chosen = [mine[_likeliest([[read[i] for i in way] for way in mine])] for mine in ways]
    words = {i: way for i, way in enumerate(chosen) if way and _is_of_words(views[i], way, ways[i])}
    strips, read = with_lost_ends(views, strips, read, words, reader=reader, squeeze=SQUEEZE)
    shown, found, cells = with_lone_characters(strips, read, chosen, reader)
    lines = worn.settled(shown, found, cells)
    return [without_rubbish([lines[i] for i in cell]) for cell in cells]


def _is_of_words(view: CellView, way: Sequence[int], ways: Sequence[Sequence[int]]) -> bool:
    """Whether a cell was read line by line."""
    return way is ways[0] and len(way) == len(view.ink.lines)


def without_rubbish(lines: Sequence[LineText]) -> list[LineText]:
    """The lines of a cell; beside one of words those go of which the line reader makes no sense.

    Remnants of rules and what shines through lie above and below words like further lines; they are read as
    signs of any script, none of them surely.
    """
    if not any(_is_sense(line) for line in lines):
        return list(lines)
    return [line for line in lines if not _is_rubbish(line)]


def _is_sense(line: LineText) -> bool:
    return len(_HAN.findall(line.text)) >= _FEWEST_WORDS and line.mean_log_probability > _SENSE


def _is_rubbish(line: LineText) -> bool:
    words = len(_HAN.findall(line.text))
    least = _SENSE if not words else _NONSENSE if 2 * words < len(line.text) else -np.inf
    return bool(line.text) and line.mean_log_probability < least


def join_lines(texts: Sequence[str]) -> str:
    r"""Lines of a cell as one text: Chinese runs on, figures above each other stay apart.

    A speck behind a Chinese character reads as a Latin point, which never stands there in print, nor before
    the first one or between a bracket and a word; nor does any cell end with a comma. Gaps between Chinese
    characters, or behind the mark of a list, are no spaces.

    >>> join_lines(["一般公共", "预算"])
    '一般公共预算'
    >>> [join_lines([text]) for text in ("合 计", "（三） 不予公开", "GDP 增长")]
    ['合计', '（三）不予公开', 'GDP 增长']
    >>> join_lines(["22", "（其中修订16件）"])
    '22\n（其中修订16件）'
    >>> join_lines(["结果纠.", "|正，"])
    '结果纠正'
    >>> [join_lines([text]) for text in (".（三）·不予公开", "1.属于国家秘密", "·其中：", ".5")]
    ['（三）不予公开', '1.属于国家秘密', '·其中：', '.5']
    >>> [join_lines([text]) for text in ("（七）,总计", "（七）. 总计", "减少（5件）,其他")]
    ['（七）总计', '（七）总计', '减少（5件）,其他']
    """
    first, *others = (_SPECK_BEFORE.sub("", _SPECK_BEHIND.sub("", text.strip())) for text in texts)
    whole = first
    for following in others:
        apart = whole[-1:].isdigit() and (following[:1].isdigit() or following[:1] in tuple("（(+-"))
        both_latin = whole[-1:].isascii() and whole[-1:].isalpha() and following[:1].isascii()
        between = "\n" if apart else " " if both_latin and following[:1].isalpha() else ""
        whole += between + following
    return _COMMA_AT_END.sub("", _GAP_IN_WORDS.sub("", whole))


def _likeliest(ways: Sequence[Sequence[LineText]]) -> int:
    """Which way a cell is read best; of ways that are about as likely the one that reads most.

    The line reader knows characters that lie on their side, so both ways may be sure, and one lack an end.
    """
    scores = [_likeliness(lines) for lines in ways]
    alike = [at for at, score in enumerate(scores) if score >= max(scores) - _ALIKE]
    return max(alike, key=lambda at: (sum(len(line.text) for line in ways[at]), scores[at]))


def _likeliness(lines: Sequence[LineText]) -> float:
    known = [p for line in lines for p in line.character_log_probabilities]
    return sum(known) / len(known) if known else float("-inf")


def _stacked(picture: Gray, column: LineBox, em: float) -> list[Gray]:
    """The strips of characters that stand below each other, one each, marks between them too.

    The lines found in the cell do not do here: a mark (`三、`) is too small for one, and `三` is three. So
    the column is cut anew, where paper parts it into pieces no higher than a character is wide.
    """
    dark = picture[column.top : column.bottom, column.left : column.right] < _DARK
    strips = []
    for start, end in _runs(np.asarray(dark.any(axis=1)), em):
        inside = dark[start:end]
        cols = np.flatnonzero(inside.any(axis=0))
        left, right = column.left + int(cols[0]), column.left + int(cols[-1]) + 1
        top, bottom = column.top + start, column.top + end
        if inside.sum() < _SPECK * em**2:
            continue
        if max(right - left, bottom - top) < 0.5 * em:  # a mark: lower left, as lines of text have it
            foot = bottom + round(0.08 * em)
            box = LineBox(left, foot - round(em), left + round(0.5 * em), foot)
        else:
            room = max(0, round(0.9 * em) - (bottom - top)) // 2  # `一` stays flat
            box = LineBox(left, top - room, right, bottom + room)
        near = slice(max(0, top - round(0.2 * em)), bottom + round(0.2 * em))
        shown = np.full_like(picture, 255)
        shown[near] = picture[near]
        strips.append(line_strip(shown, box, squeeze=SQUEEZE))
    return strips


def _runs(inked: NDArray[np.bool_], em: float) -> list[tuple[int, int]]:
    """Rows with ink as characters: from, to."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inked, [False]]).astype(np.int8)))
    found: list[tuple[int, int]] = []
    for top, bottom in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if found and bottom - found[-1][0] <= 1.08 * em and top - found[-1][1] <= _GAP * em:
            found[-1] = (found[-1][0], bottom)
        else:
            found.append((top, bottom))
    return found


def _ways(view: CellView) -> list[list[Gray]]:
    """The strips of a cell, once for each way it may be read."""
    lines = [line for line in view.ink.lines if line.width <= _NARROW * max(line.height, 8)]
    if len(view.ink.lines) == 1 and lines and lines[0].height > _ON_ITS_SIDE * max(lines[0].width, 8):
        return [[line_strip(*view.line(0), squeeze=SQUEEZE)], *_sideways(view, lines)]
    if len(lines) < 2 or len(lines) < _MOST * len(view.ink.lines):
        words = [_of_words(view, k) for k in range(len(view.ink.lines))]
        return [words, *_sideways(view, view.ink.lines)] if _is_column(view.ink.lines) else [words]
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    top, bottom = lines[0].top, lines[-1].bottom
    em = max(float(np.median([max(line.width, line.height) for line in lines])), 8.0)
    # `三、` at an end may be too slight to have been found, two places of the column away.
    pitch = float(np.median(np.diff([line.top for line in lines])))
    em = max(em, _PITCH * pitch)
    reach = round(max(_REACH * em, 2.2 * pitch))
    height = len(view.ink.picture)
    column = LineBox(left, max(EDGE, top - reach), right, min(height - EDGE, bottom + reach))
    stacked = _stacked(view.ink.picture, column, em)
    upright = stacked or [line_strip(*view.line(k), squeeze=SQUEEZE) for k in range(len(lines))]
    ways = [[np.concatenate(upright, axis=1)]]
    return [*ways, *_sideways(view, lines)] if bottom - top > 2.5 * (right - left) else ways


def _is_column(lines: Sequence[LineBox]) -> bool:
    """Whether lines are a column so high and narrow that they may be one line on its side."""
    across = max(line.right for line in lines) - min(line.left for line in lines)
    return len(lines) > 1 and lines[-1].bottom - lines[0].top > _ON_ITS_SIDE * across


def _of_words(view: CellView, index: int) -> Gray:
    """The strip of a line of a cell that may hold words."""
    picture, line = view.line(index)
    return line_strip(picture, widened(picture, line), squeeze=SQUEEZE)


def _sideways(view: CellView, lines: Sequence[LineBox]) -> list[list[Gray]]:
    """The strip of a column of ink as text that runs downwards, and as text that runs upwards."""
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    top, bottom = _with_ends(view.ink.picture, LineBox(left, lines[0].top, right, lines[-1].bottom))
    height, width = view.ink.picture.shape
    turned = (
        (1, LineBox(top, width - right, bottom, width - left)),
        (3, LineBox(height - bottom, left, height - top, right)),
    )
    return [
        [line_strip(np.ascontiguousarray(np.rot90(view.ink.picture, turns)), box, squeeze=SQUEEZE)]
        for turns, box in turned
    ]


def _with_ends(picture: Gray, column: LineBox) -> tuple[int, int]:
    """Top and bottom of a column of ink with `三、` at an end, which may be too slight to have been found."""
    reach = round(_REACH * column.width)
    start, end = max(_BORDER, column.top - reach), min(len(picture) - _BORDER, column.bottom + reach)
    dark = (picture[start:end, column.left : column.right] < _DARK).sum(axis=1) >= _STROKE
    rows = start + np.flatnonzero(dark)
    return min([column.top, *rows.tolist()]), max([column.bottom, *(rows + 1).tolist()])
