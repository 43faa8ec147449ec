"""Remnants of rules above and below words are no lines of text, however many signs they are read as."""

from __future__ import annotations

import math

import numpy as np

from gouji_ocr.cell_text import without_rubbish
from gouji_ocr.ctc import CtcEvidence, frames_of
from gouji_ocr.lines import LineText

NOTHING = CtcEvidence(frames_of(np.zeros((1, 1), np.float32)), (), lambda _: [], lambda _: 0)


def line(text: str, probability: float) -> LineText:
    """A line of which every character is about as likely."""
    at = tuple((k + 0.5) / max(len(text), 1) for k in range(len(text)))
    return LineText(text, (math.log(probability),) * len(text), at, NOTHING, NOTHING)


def kept(*lines: LineText) -> list[str]:
    return [one.text for one in without_rubbish(lines)]


def test_unsure_signs_beside_a_line_of_words_go() -> None:
    words = line("8.属于行政查询事项", 0.9)
    assert kept(line("PT", 0.4), words, line("スルーといににきン", 0.25)) == ["8.属于行政查询事项"]
    assert kept(words, line("旧心89行201", 0.2)) == ["8.属于行政查询事项"]


def test_units_and_figures_that_are_seen_clearly_stay() -> None:
    assert kept(line("发热量", 0.9), line("(MJ/kg)", 0.8)) == ["发热量", "(MJ/kg)"]
    assert kept(line("废止", 0.9), line("22", 0.9)) == ["废止", "22"]


def test_unsure_words_stay() -> None:
    assert kept(line("尚未审", 0.8), line("结", 0.2)) == ["尚未审", "结"]


def test_nothing_goes_where_no_line_makes_sense() -> None:
    assert kept(line("WRE", 0.4), line("结", 0.9)) == ["WRE", "结"]
