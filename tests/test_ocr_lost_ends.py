"""List marks and brackets that were cut off a label are read with it, when the reader is shown more."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import cast

import numpy as np
import pytest

from gouji_layout.geometry import Box, CellRef
from gouji_layout.page import Gray
from gouji_layout.table import Cell
from gouji_ocr.ctc import CtcEvidence, frames_of
from gouji_ocr.ink import PAPER, CellInk
from gouji_ocr.lines import LineReader, LineText
from gouji_ocr.lost_ends import with_lost_ends
from gouji_ocr.strips import LINE_HEIGHT
from gouji_ocr.text_lines import LineBox
from gouji_ocr.views import CellView

NOTHING = CtcEvidence(frames_of(np.zeros((1, 1), np.float32)), (), lambda _: [], lambda _: 0)
STRIP = np.full((LINE_HEIGHT, 160), PAPER, np.uint8)


def line(text: str, probability: float = 0.9) -> LineText:
    at = tuple((k + 0.5) / max(len(text), 1) for k in range(len(text)))
    return LineText(text, (math.log(probability),) * len(text), at, NOTHING, NOTHING)


class Told:
    """Stands for the line reader: reads what it was told to see, and keeps how wide the strips were."""

    def __init__(self, seen: LineText) -> None:
        self.seen = seen
        self.widths: list[int] = []

    def read(self, strips: Sequence[Gray]) -> list[LineText]:
        self.widths += [strip.shape[1] for strip in strips]
        return [self.seen for _ in strips]


def label(row: int, lines: int) -> CellView:
    """A cell with so many lines below each other, away from its sides."""
    boxes = tuple(LineBox(100, 8 + 40 * k, 200, 32 + 40 * k) for k in range(lines))
    cell = Cell(CellRef(1, 0, row, 0), Box(0, 0, 300, 40 * lines))
    return CellView(cell, CellInk(np.full((40 * lines, 300), PAPER, np.uint8), boxes, 24))


def read(*cells: Sequence[str], again: str, probability: float = 0.9) -> list[str]:
    """What the lines of cells of one column are read as, when any that is shown again reads like this."""
    reader = Told(line(again, probability))
    texts = [text for cell in cells for text in cell]
    places = iter(range(len(texts)))
    ways = {i: [next(places) for _ in cell] for i, cell in enumerate(cells)}
    views = [label(i, len(cell)) for i, cell in enumerate(cells)]
    strips = [STRIP for _ in texts]
    told = cast("LineReader", reader)
    shown, found = with_lost_ends(
        views, strips, [line(text) for text in texts], ways, reader=told, squeeze=1.0
    )
    assert [strip is STRIP for strip in shown] == [
        old == new.text for old, new in zip(texts, found, strict=True)
    ]
    return [one.text for one in found]


@pytest.mark.parametrize("cut", ["其他处理", "、其他处理", "二其他处理"])
def test_a_mark_is_read_where_others_of_the_column_have_one(cut: str) -> None:
    assert read(["一、总计"], [cut], again="二、其他处理") == ["一、总计", "二、其他处理"]


def test_where_no_other_label_has_a_mark_nothing_is_asked() -> None:
    assert read(["总计"], ["其他处理"], again="二、其他处理") == ["总计", "其他处理"]


@pytest.mark.parametrize(
    ("again", "probability"),
    [
        ("其它其他处理", 0.9),  # no mark
        ("二、其它处理", 0.9),  # other words
        ("二、其他处理", 0.3),  # a guess
        ("二、其他处理1", 0.9),  # and something else
    ],
)
def test_what_is_no_mark_before_the_same_words_stays_out(again: str, probability: float) -> None:
    assert read(["一、总计"], ["其他处理"], again=again, probability=probability)[1] == "其他处理"


def test_a_bracket_without_its_fellow_is_looked_for_at_the_other_end() -> None:
    assert read(["（本列数据", "之和"], again="之和）") == ["（本列数据", "之和）"]
    assert read(["本列数据", "之和）"], again="（本列数据") == ["（本列数据", "之和）"]
    assert read(["七）总计"], again="（七）总计") == ["（七）总计"]


def test_a_bracket_is_not_taken_at_an_end_that_nothing_asks_about() -> None:
    assert read(["一、总计"], ["(D)其他", "处理"], again="(D)其他)")[1] == "(D)其他"


def test_brackets_in_pairs_are_left_alone() -> None:
    assert read(["（本列数据）", "之和"], again="之和）") == ["（本列数据）", "之和"]


def test_figures_are_no_labels() -> None:
    assert read(["（12.5"], again="（12.5）") == ["（12.5"]
