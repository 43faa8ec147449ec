"""Tables that no rule bounds at all: lines of text that leave the same gaps free."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from gouji_layout.aligned_columns import Column, are_columns, columns_of, columns_reached
from gouji_layout.aligned_lines import Line, bottom_of, lines_of, middle_of, pieces_of, texts_of, top_of
from gouji_layout.aligned_rows import are_tight, usual_distance
from gouji_layout.geometry import Box

_TELLING, _LEAST_TELLING = 3, 4  # pieces of a line that tells of columns; such lines of a table
_MOSTLY = 0.6  # of its lines that tell
_OTHERS = 2  # other lines on end within a table
_APART = 4.0  # text heights of white above which a table ends
_HEAD_LINES, _HEAD_SHARE = 4, 3  # lines of a head at most; the part of all lines
_COMMON = 0.65  # of the pieces of a first line that its common heads are at most
_CLOSE = 1.3  # of the usual distance of rows at which a line still belongs to a table
_LARGER = 1.15  # times as high as heads is a title
_SENTENCE_GAP = 1.5  # text heights of white that part no sentence, not after a comma either
_INSIDE = 1.0  # text heights that a common head ends before the table does; a unit of measure does not

Lines = Sequence[Line]


def without_rules(words: Sequence[Box], unit: float) -> Iterator[tuple[Lines, Lines]]:
    """Lines of the head and of the body of each table; what has one line of heads has them in its body.

    Args:
        words: in no other table, in pixels.
        unit: text height in pixels.
    """
    lines = lines_of(words, unit)
    for start, end in _stretches(lines, unit):
        yield from _tables(lines, start, end, unit)


def _stretches(lines: Lines, unit: float) -> list[tuple[int, int]]:
    """First line and the one past the last where lines of many pieces follow each other closely."""
    found: list[tuple[int, int]] = []
    for at, line in enumerate(lines):
        if len(texts_of(line, unit)) < _TELLING:
            continue
        if found:
            start, end = found[-1]
            closely = all(
                top_of(low) - bottom_of(high) < _APART * unit
                for high, low in pairwise(lines[end - 1 : at + 1])
            )
            if closely and at - end <= _OTHERS:
                found[-1] = start, at + 1
                continue
        found.append((at, at + 1))
    return found


def _tables(lines: Lines, start: int, end: int, unit: float) -> Iterator[tuple[Lines, Lines]]:
    """The table in a stretch of lines, or the tables above and below a line across most columns."""
    head = start + head_lines(lines[start:end], unit)
    columns = columns_of(lines[head:end], unit)
    across = [at for at in range(head, end) if _is_across(lines[at], columns, unit)]
    if across and columns:
        yield from _tables(lines, start, across[0], unit)
        yield from _tables(lines, across[0] + 1, end, unit)
        return
    telling = sum(len(texts_of(line, unit)) >= _TELLING for line in lines[head:end])
    if telling < max(_LEAST_TELLING, _MOSTLY * (end - head)) or not are_columns(
        lines[head:end], columns, unit
    ):
        return
    usual = _usual(lines[head:end], unit)
    while end < len(lines) and _continues(lines[end - 1], lines[end], columns, usual, unit):
        end += 1
    while start and _heads_on(lines[start - 1], lines[start], columns, usual, unit):
        start -= 1
        head = max(head, start + 2)  # and those below it
    yield lines[start:head], lines[head:end]


def head_lines(lines: Lines, unit: float) -> int:
    """How many of the first lines are no rows but heads: of several lines, or wider than their columns."""
    most = min(_HEAD_LINES, len(lines) // _HEAD_SHARE)
    counts = [len(columns_of(lines[skipped:], unit)) for skipped in range(most + 1)]
    head = counts.index(max(counts))
    if not head and most > 1 and _are_common(lines[0], lines[1], columns_of(lines, unit), unit):
        return 2
    usual = _usual(lines[most:], unit)
    tight = [are_tight(middle_of(low) - middle_of(high), usual) for high, low in pairwise(lines[: most + 1])]
    while head < most and tight[max(head - 1, 0)]:
        head += 1 if head else 2
    return min(head, most)


def _are_common(upper: Line, lower: Line, columns: Sequence[Column], unit: float) -> bool:
    """Whether the first line has few heads, not all over one column each, and the next those below them."""
    heads = texts_of(upper, unit)
    if len(heads) >= _COMMON * len(texts_of(lower, unit)):
        return False
    over = [sum(head.left < right and left < head.right for left, right in columns) for head in heads]
    return any(count != 1 for count in over)


def _usual(lines: Lines, unit: float) -> float:
    return usual_distance([middle_of(line) for line in lines if len(texts_of(line, unit)) > 1])


def _is_across(line: Line, columns: Sequence[Column], unit: float) -> bool:
    """Whether a piece of text stands over so many columns that it is no row of theirs."""
    pieces = texts_of(line, unit)
    return any(len(columns_reached(piece, columns, unit)) > max(1, len(columns) // 2) for piece in pieces)


def _continues(last: Line, line: Line, columns: Sequence[Column], usual: float, unit: float) -> bool:
    """Whether a line with few pieces below a table is a row of it."""
    pieces = pieces_of(line, _SENTENCE_GAP * unit)
    if len(pieces) < 2 or middle_of(line) - middle_of(last) > _CLOSE * usual:
        return False
    return all(len(columns_reached(piece, columns, unit)) == 1 for piece in pieces)


def _heads_on(line: Line, first: Line, columns: Sequence[Column], usual: float, unit: float) -> bool:
    """Whether a line with few pieces above a table has common heads of it."""
    distance = middle_of(first) - middle_of(line)
    if max(w.height for w in line) > _LARGER * max(w.height for w in first):
        return False
    if are_tight(distance, usual):
        return True
    pieces = len(pieces_of(line, _SENTENCE_GAP * unit))
    return pieces > 1 and distance < _CLOSE * usual and line[-1].right < columns[-1][1] - _INSIDE * unit
