"""What is paler than its table, or a dash where there are none, is not believed unless a reader is sure."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gouji_layout.geometry import Box, CellRef
from gouji_layout.table import Cell
from gouji_ocr.doubts import has_more
from gouji_ocr.ink import CellInk
from gouji_ocr.reader import _is_figure, _is_sure_figure, _nobody_knows, _strange_dashes
from gouji_ocr.reading import Candidate, Opinion
from gouji_ocr.recut import pale_cells
from gouji_ocr.text_lines import LineBox
from gouji_ocr.views import CellView

PAPER = np.full((40, 80), 245, dtype=np.uint8)


def inked(contrast: float, *, flat: bool = False) -> CellInk:
    return CellInk(PAPER, (LineBox(20, 10, 40, 30),), 20, contrast, flat)


def test_cells_much_paler_than_the_figures_surely_read_are_pale() -> None:
    inks = [inked(100)] * 6 + [inked(60), inked(80), inked(60, flat=True), CellInk(PAPER, (), 0)]
    assert pale_cells(inks, range(6)) == {6}


def test_few_figures_do_not_tell_how_dark_type_is() -> None:
    assert pale_cells([inked(100)] * 3 + [inked(30)], range(3)) == set()


def opinion(text: str, probability: float) -> Opinion:
    return Opinion("figures", (Candidate(text, math.log(probability)),))


def table(blank: int, *dashes: float) -> tuple[list[CellView], dict[int, Opinion]]:
    """Blank cells, and cells read as dashes this probable."""
    cell = Cell(CellRef(1, 0, 0, 0), Box(0, 0, 80, 40))
    views = [CellView(cell, inked(100, flat=True)) for _ in dashes]
    views += [CellView(cell, CellInk(PAPER, (), 0))] * blank
    return views, {i: opinion("-", probability) for i, probability in enumerate(dashes)}


def test_dashes_are_strange_where_cells_are_left_blank_and_none_is_sure() -> None:
    assert _strange_dashes(*table(20, 0.6, 0.9)) == {0, 1}
    assert _strange_dashes(*table(20, 0.6, 0.999)) == set()
    assert _strange_dashes(*table(2, 0.6, 0.9)) == set()


@pytest.mark.parametrize(
    ("network", "text", "believed"),
    [
        (("4", 0.7), ("W", 0.4), False),
        (("4", 0.95), ("W", 0.4), True),
        (("491", 0.88), ("491", 0.5), True),
        (("-", 0.7), ("-", 0.7), False),
        (("?", 0.3), ("自然人", 0.9), True),
    ],
)
def test_a_doubtful_cell_is_believed_when_one_reader_is_sure_or_both_say_the_same(
    network: tuple[str, float], text: tuple[str, float], believed: bool
) -> None:
    assert _nobody_knows(opinion(*network), Candidate(text[0], math.log(text[1]))) is not believed


def test_units_and_brackets_without_a_digit_are_no_figure() -> None:
    assert not _is_sure_figure(opinion("件", 0.99))  # `总计` run together
    assert not _is_figure(opinion("()件", 0.99), Candidate("（七）总计", math.log(0.5)))
    assert not _is_figure(opinion("万元", 0.99), Candidate("万元", math.log(0.999)))  # both name a unit
    assert not _is_figure(opinion("增%", 0.6), Candidate("增减", math.log(0.999)))
    assert not _is_figure(None, Candidate("%", math.log(0.999)))
    assert _is_sure_figure(opinion("12件", 0.99))
    assert _is_sure_figure(opinion("-", 0.99))


@pytest.mark.parametrize(
    ("seen", "probability", "figure", "doubtful"),
    [
        ("△853", 0.9, "853", True),
        ("853", 0.9, "△853", False),  # the network sees more
        ("△858", 0.9, "853", False),  # another figure anyhow
        ("△853", 0.4, "853", False),
        ("-0", 0.9, "0", False),  # never printed
        ("14855", 0.9, "1", True),
        ("1,806.5", 0.9, "1,806", True),
        ("14855", 0.4, "1", False),
        ("1", 0.9, "14855", False),
        ("5", 0.9, "-", False),
    ],
)
def test_a_sign_or_digits_that_only_the_line_reader_sees_make_a_figure_doubtful(
    seen: str, probability: float, figure: str, doubtful: bool
) -> None:
    assert has_more(Candidate(seen, math.log(probability)), figure) is doubtful
