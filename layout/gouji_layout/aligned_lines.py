"""Lines of words in a table that no rule parts: what stands on one line, and what belongs together there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gouji_layout.geometry import Box

Line = tuple[Box, ...]
"""Words that stand on one line, left to right."""

TEXT_GAP = 0.9  # text heights of white between two texts that may stand in two columns
_SAME_LINE = 0.4  # text heights that middles of words on one line differ
_TYPE, _DASH = 0.5, 0.4  # text heights: words as high say where a line is, lower ones as wide are dashes
_FLAT = 1.6  # times as wide as high is a dash
_TOUCHING = 1.8  # text heights from which a word is one of several lines that touch
_HIGH = 0.6  # of the usual height of words: lower ones, as stars are, stand where the others of their line do
_BESIDE = 0.15  # text heights that these reach above it
_STOP_GAP = 0.85  # text heights of white on each side of a comma or a full stop within a text


def lines_of(words: Sequence[Box], unit: float) -> list[Line]:
    """Words that stand on one line, top to bottom; dashes and stops join the line in which they stand.

    Args:
        words: in pixels.
        unit: text height in pixels.
    """
    letters = [word for word in words if word.height >= _TYPE * unit]
    if not letters:
        return []
    high = _HIGH * sorted(word.height for word in letters)[len(letters) // 2]
    lines = _clustered([word for word in letters if high <= word.height <= _TOUCHING * unit], unit)
    for word in (word for word in letters if word.height > _TOUCHING * unit):
        _share(word, lines)
    ends = [(top_of(line) - _BESIDE * unit, bottom_of(line)) for line in lines]
    lone = []
    for word in (word for word in words if word.height < max(high, _TYPE * unit)):
        inside = [at for at, (top, bottom) in enumerate(ends) if top < word.centre[1] < bottom]
        if inside:
            lines[min(inside, key=lambda at: abs(sum(ends[at]) / 2 - word.centre[1]))].append(word)
        elif word.height >= _TYPE * unit:
            lone.append(word)
    return sorted(
        (_with_stops(line, unit) for line in (*lines, *_clustered(lone, unit))),
        key=middle_of,
    )


def _share(word: Box, lines: list[list[Box]]) -> None:
    """Give each line its part of words of several lines that touch; a line of their own if there is none."""
    ends = [(top_of(line), bottom_of(line)) for line in lines]
    inside = [at for at, (top, bottom) in enumerate(ends) if word.top < (top + bottom) / 2 < word.bottom]
    for at in inside:
        lines[at].append(replace(word, top=ends[at][0], bottom=ends[at][1]))
    if not inside:
        lines.append([word])


def _clustered(words: Sequence[Box], unit: float) -> list[list[Box]]:
    """Words whose middles are as high, top to bottom."""
    lines: list[list[Box]] = []
    at = 0.0  # where the middle of the last line is
    for word in sorted(words, key=lambda w: w.centre[1]):
        if lines and word.centre[1] - at < _SAME_LINE * unit:
            lines[-1].append(word)
            at += (word.centre[1] - at) / len(lines[-1])
        else:
            lines.append([word])
            at = word.centre[1]
    return lines


def _with_stops(line: Sequence[Box], unit: float) -> Line:
    """Words of a line, those that a stop parts as one; a dot elsewhere is dirt."""
    words: list[Box] = []
    stop: Box | None = None
    for word in sorted(line):
        if word.height < _TYPE * unit and word.width < max(_DASH * unit, _FLAT * word.height):
            stop = word
            continue
        if (words and word.left < words[-1].right) or (
            words and stop and _is_stop(words[-1], stop, word, unit)
        ):  # strokes above one another, as of 二
            words[-1] = words[-1].union(word)
        else:
            words.append(word)
        stop = None
    return tuple(words)


def _is_stop(before: Box, stop: Box, after: Box, unit: float) -> bool:
    """Whether a dot between two words is a comma or a full stop of their text."""
    gap = max(stop.left - before.right, after.left - stop.right)
    return gap < _STOP_GAP * max(unit, min(before.height, after.height))


def pieces_of(line: Sequence[Box], gap: float) -> list[Box]:
    """Words of a line, those nearer to each other than `gap` pixels as one."""
    pieces: list[Box] = []
    for word in line:
        if pieces and word.left - pieces[-1].right < gap:
            pieces[-1] = pieces[-1].union(word)
        else:
            pieces.append(word)
    return pieces


def texts_of(line: Sequence[Box], unit: float) -> list[Box]:
    """Words of a line, those of one text as one: what is set large has wider gaps after its commas."""
    texts: list[Box] = []
    for word in line:
        if texts and word.left - texts[-1].right < TEXT_GAP * max(unit, min(word.height, texts[-1].height)):
            texts[-1] = texts[-1].union(word)
        else:
            texts.append(word)
    return texts


def top_of(line: Sequence[Box]) -> float:
    """Where the highest word begins, in pixels."""
    return min(word.top for word in line)


def bottom_of(line: Sequence[Box]) -> float:
    """Where the lowest word ends, in pixels."""
    return max(word.bottom for word in line)


def middle_of(line: Sequence[Box]) -> float:
    """Middle of a line in pixels, weighed by how wide its words are: dashes say little."""
    return sum(w.centre[1] * w.width * w.height for w in line) / sum(w.width * w.height for w in line)
