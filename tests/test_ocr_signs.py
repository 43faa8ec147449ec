"""Negative figures keep their sign, whichever one is printed: without it they are others, surely read."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from printed_grid import read_grid

from gouji_ocr import alphabet
from gouji_ocr.engines import Engines

NUMBERS = ("77", "153", "494", "0.1", "694", "48", "4,294", "38648", "454", "8,773", "105144", "90.0")
FONTS = (
    "arphic-gkai00mp/gkai00mp.ttf",  # the thinnest outlines
    "arphic/ukai.ttc",
    "wqy/wqy-zenhei.ttc",
)


@pytest.fixture(scope="module")
def engines() -> Engines:
    return Engines.load()


def texts_of(texts: Sequence[str], font: str, engines: Engines) -> list[str]:
    return [reading.text for reading in read_grid(texts, font, engines)]


@pytest.mark.parametrize("font", FONTS)
def test_no_sign_goes_with_what_is_cut_off_as_dirt(font: str, engines: Engines) -> None:
    texts = [form.format(number) for number in NUMBERS for form in ("△{}", "－{}", "（{}）")]
    assert texts_of(texts, font, engines) == [alphabet.fold(text) for text in texts]


@pytest.mark.parametrize("font", FONTS)
def test_permille_is_told_from_percent(font: str, engines: Engines) -> None:
    texts = [number + sign for number in ("5.28", "6.1", "-0.35", "12.40", "11", "8.08") for sign in "‰%"]
    assert texts_of(texts, font, engines) == texts
