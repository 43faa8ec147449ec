"""One sheet scanned twice is named; two sheets of one form are not, where well-read figures say so."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from gouji.batch.same_sheets import Sheet, TellingFigures, same_sheets, telling_figures
from gouji.records import PageReading
from gouji_layout.geometry import Box, CellRef, Straightening
from gouji_layout.page import IntakeFacts
from gouji_ocr.reading import Candidate, Reading, ReadingKind

ONE, TWO = Sheet("甲局", 1), Sheet("乙局", 1)
PRINT = "0123456789abcdef" * 4
NEAR = "1" + PRINT[1:]  # one bit away
FORM = ["20101", "20102", "20103"]  # codes that stand on every sheet of the form
FIGURES = [*FORM, "1,234", "567.8", "9,012", "345", "678.90", "1,112"]
OTHERS = [*FORM, "4,321", "876.5", "2,109", "543", "987.60", "2,111"]


def page(texts: Sequence[str], *, unsure: int = 0) -> PageReading:
    """A page of one column; the last `unsure` of the texts were read badly."""
    readings = tuple(
        Reading(
            CellRef(1, 0, row, 0),
            Box(0, row * 10, 50, row * 10 + 10),
            ReadingKind.FIGURE,
            (Candidate(text, -1.5 if row >= len(texts) - unsure else -0.001),),
        )
        for row, text in enumerate(texts)
    )
    return PageReading(
        1, 100, 100, 200.0, Straightening((100, 100), (100, 100)), IntakeFacts(), (), (readings,)
    )


def named(one: PageReading | None, two: PageReading | None, fingerprint: str = NEAR) -> bool:
    """Whether two pages are named as one sheet."""
    figures = {ONE: one and telling_figures(one), TWO: two and telling_figures(two)}
    groups = list(same_sheets([(ONE, PRINT), (TWO, fingerprint)], figures.__getitem__))
    assert groups in ([], [(ONE, TWO)])
    return bool(groups)


def test_one_sheet_scanned_twice_is_named() -> None:
    assert named(page(FIGURES), page(FIGURES))


def test_two_sheets_of_one_form_are_not_named() -> None:
    assert not named(page(FIGURES), page(OTHERS))


def test_pages_that_look_different_are_not_named_whatever_their_figures() -> None:
    assert not named(page(FIGURES), page(FIGURES), fingerprint="f" * 64)


@pytest.mark.parametrize("at", range(len(FIGURES)))
def test_a_misread_figure_does_not_hide_a_sheet_scanned_twice(at: int) -> None:
    misread = [*FIGURES[:at], "7,777", *FIGURES[at + 1 :]]
    assert named(page(FIGURES), page(misread))


def test_a_second_scan_of_which_half_was_found_is_named() -> None:
    assert named(page(FIGURES), page(FIGURES[:4]))


@pytest.mark.parametrize(
    "other",
    [
        page([*FORM, *OTHERS[3:]], unsure=6),  # read too badly to know another sheet by it
        page(["12", "0", "7", "12", "0"]),  # such figures stand everywhere
        page([]),
        None,  # the readings are not at hand
    ],
)
def test_looks_alone_decide_where_figures_cannot(other: PageReading | None) -> None:
    assert named(page(FIGURES), other)


def test_three_scans_of_a_sheet_are_one_group() -> None:
    sheets = [Sheet("卷", number) for number in (1, 2, 3)]
    telling: dict[Sheet, TellingFigures | None] = dict.fromkeys(sheets)
    assert list(same_sheets([(sheet, PRINT) for sheet in sheets], telling.__getitem__)) == [tuple(sheets)]


def test_the_figures_of_a_page_are_asked_for_once_and_only_where_it_looks_like_another() -> None:
    asked: list[Sheet] = []

    def figures(sheet: Sheet) -> TellingFigures | None:
        asked.append(sheet)
        return telling_figures(page(FIGURES if sheet == ONE else OTHERS))

    list(same_sheets([(ONE, PRINT), (TWO, NEAR), (Sheet("丙局", 1), "f" * 64)], figures))
    assert asked == [ONE, TWO]
