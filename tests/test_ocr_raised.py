"""Marks that stand raised behind a figure belong to its text, or are asked about; they are never dropped."""

from __future__ import annotations

import pytest
from printed_grid import read_grid

from gouji_ocr.amounts import parse_amount
from gouji_ocr.engines import Engines
from gouji_ocr.reading import ReadingKind
from gouji_postprocess.codes import is_figure_with_mark

FONTS = (
    "liberation/LiberationSans-Regular.ttf",
    "liberation/LiberationSerif-Regular.ttf",
    "wqy/wqy-zenhei.ttc",
)
NUMBERS = ("42.33", "-0.408", "1,250", "7.01", "3,985,346", "0.95")


@pytest.fixture(scope="module")
def engines() -> Engines:
    return Engines.load()


@pytest.mark.parametrize("font", FONTS)
def test_stars_behind_a_figure_are_read_or_the_figure_is_asked_about(font: str, engines: Engines) -> None:
    texts = [number + "*" * (1 + at % 3) for at, number in enumerate(NUMBERS * 3)]
    readings = read_grid(texts, font, engines)
    assert all(read.text == text or read.doubted for text, read in zip(texts, readings, strict=True))
    right = [
        read for text, read in zip(texts, readings, strict=True) if read.text == text and not read.doubted
    ]
    assert len(right) > len(texts) / 2
    for read in right:
        amount = parse_amount(read.text)
        assert read.kind is ReadingKind.FIGURE
        assert amount is not None
        assert amount.note.strip("*") == ""


@pytest.mark.parametrize("font", FONTS)
def test_the_number_of_a_note_is_never_surely_a_digit_of_its_figure(font: str, engines: Engines) -> None:
    texts = [f"{number}^{note}" for number in NUMBERS for note in "123"]
    readings = read_grid(texts, font, engines)
    assert [read.text for read in readings if read.kind is ReadingKind.FIGURE and not read.doubted] == []


@pytest.mark.parametrize("font", FONTS)
def test_figures_without_a_mark_are_as_sure_as_before(font: str, engines: Engines) -> None:
    texts = [*NUMBERS, "5%", "(3.7)", "12", "77", "4,711.17"]
    readings = read_grid(texts, font, engines)
    assert [read.text for read in readings] == texts
    assert not any(read.doubted for read in readings)


def test_a_figure_with_another_mark_is_no_label_that_nobody_looks_at() -> None:
    assert all(map(is_figure_with_mark, ("904.99ª", "1,234a", "-9.50*)", "3.2b")))
    assert not any(
        map(is_figure_with_mark, ("2019E", "3.2万人", "1.5%", "1.5-2.5", "1.5～2", "GDP 3.2", "1."))
    )
