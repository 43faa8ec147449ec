"""A last character alone on its line is read behind the line before it, where that reads better."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import cast

import numpy as np
import pytest

from gouji_layout.page import Gray
from gouji_ocr.ctc import CtcEvidence, frames_of
from gouji_ocr.lines import LineReader, LineText
from gouji_ocr.lone_characters import with_lone_characters
from gouji_ocr.strips import LINE_HEIGHT

NOTHING = CtcEvidence(frames_of(np.zeros((1, 1), np.float32)), (), lambda _: [], lambda _: 0)
WIDE, NARROW = 160, 40


def line(text: str, *probabilities: float) -> LineText:
    """A line with these probabilities of its characters, or one for all of them."""
    known = probabilities if len(probabilities) > 1 else probabilities * len(text)
    at = tuple((k + 0.5) / max(len(text), 1) for k in range(len(text)))
    return LineText(text, tuple(math.log(p) for p in known), at, NOTHING, NOTHING)


class Told:
    """Stands for the line reader: reads what it was told to see."""

    def __init__(self, seen: LineText) -> None:
        self.seen = seen

    def read(self, strips: Sequence[Gray]) -> list[LineText]:
        return [self.seen for _ in strips]


def read(
    first: LineText, last: LineText, joined: LineText, widths: Sequence[int] = (WIDE, NARROW)
) -> list[str]:
    """What becomes of the two lines of a cell when they read as this together."""
    strips = [np.full((LINE_HEIGHT, width), 245, np.uint8) for width in widths]
    reader = cast("LineReader", Told(joined))
    shown, lines, (cell,) = with_lone_characters(strips, [first, last], [[0, 1]], reader)
    assert len(shown) == len(lines)
    return [lines[i].text for i in cell]


BEGUN, WHOLE = line("社会公益组", 0.99), line("社会公益组织", 0.98)


def test_a_character_that_passes_for_a_letter_is_read_behind_the_others() -> None:
    assert read(BEGUN, line("B", 0.11), WHOLE) == ["社会公益组织"]
    assert read(BEGUN, line("", 0.5), WHOLE) == ["社会公益组织"]


def test_the_gap_where_lines_are_joined_is_no_space() -> None:
    assert read(BEGUN, line("B", 0.11), line("社会公益组 织", 0.98)) == ["社会公益组织"]


@pytest.mark.parametrize(
    ("last", "joined"),
    [
        (line("B", 0.97), line("社会公益组织", 0.99)),  # sure already
        (line("识", 0.4), line("社会公益组织", 0.99)),  # a character, on which words speak later
        (line("B", 0.9), line("社会公益组识", *[0.99] * 5, 0.5)),  # less likely than alone
        (line("B", 0.1), line("社会公益织", 0.99)),  # another line with it
        (line("B", 0.1), line("社会公益组B", 0.99)),  # no character
    ],
)
def test_what_reads_no_better_with_the_line_before_stays(last: LineText, joined: LineText) -> None:
    assert read(BEGUN, last, joined) == [BEGUN.text, last.text]


@pytest.mark.parametrize("widths", [(WIDE, WIDE), (NARROW, NARROW)])
def test_only_one_character_below_a_longer_line_is_joined(widths: Sequence[int]) -> None:
    assert read(BEGUN, line("B", 0.11), WHOLE, widths) == [BEGUN.text, "B"]
