"""Tesseract as second reader: sheets it can take, and no harm done where it fails."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytesseract
import pytest
from PIL import Image

from gouji_ocr.tesseract import TesseractReader

TALLEST = 32_767  # pixels; Tesseract refuses more
READER = TesseractReader(present=True)


def strip(figure: int) -> np.ndarray:
    """A strip with a mark as dark as the figure it stands for."""
    picture = np.full((48, 60), 255, dtype=np.uint8)
    picture[20:28, 20:28] = figure
    return picture


def read_marks(sheet: Image.Image, **_others: Any) -> dict[str, list[Any]]:
    """What Tesseract would say if it could read marks."""
    if sheet.height > TALLEST:
        raise pytesseract.TesseractError(1, "Image too large")
    pixels = np.asarray(sheet)
    tops = [row for row in np.flatnonzero((pixels < 200).any(axis=1)) if pixels[row - 1].min() >= 200]
    return {
        "text": [str(pixels[top].min()) for top in tops],
        "conf": [90.0 for _ in tops],
        "left": [60 for _ in tops],
        "top": [int(top) for top in tops],
        "height": [8 for _ in tops],
    }


def test_more_strips_than_one_picture_can_hold_are_all_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pytesseract, "image_to_data", read_marks)
    marks = [20 + n % 150 for n in range(700)]
    found = READER.read_figures([strip(mark) for mark in marks])
    assert [candidates[0].text for candidates in found] == [str(mark) for mark in marks]


@pytest.mark.parametrize(
    "error",
    [
        pytesseract.TesseractError(1, "failed"),
        RuntimeError("Tesseract process timeout"),
        pytesseract.TesseractNotFoundError(),
    ],
)
def test_a_call_that_fails_leaves_its_own_strips_without_an_opinion(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    calls: list[float] = []

    def first_fails(sheet: Image.Image, *, timeout: float, **_others: Any) -> dict[str, list[Any]]:
        calls.append(timeout)
        if len(calls) == 1:
            raise error
        return read_marks(sheet)

    monkeypatch.setattr(pytesseract, "image_to_data", first_fails)
    found = READER.read_figures([strip(30)] * 301)
    assert found[:300] == [()] * 300
    assert found[300][0].text == "30"
    assert all(seconds > 0 for seconds in calls)  # pytesseract waits for ever at 0


def test_without_the_program_there_are_no_opinions() -> None:
    assert TesseractReader(present=False).read_figures([strip(30)]) == [()]
