"""Reading made pages: what is printed is read, what is inked is never blank, doubts keep all opinions."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest
from benchmarks.reading import flat_page, true_tables
from benchmarks.reading_measures import error_rate, same

from fixtures.make import MadePage, make_page
from gouji_layout.geometry import Box, CellRef, Straightening
from gouji_layout.page import Page
from gouji_layout.table import Cell, Table
from gouji_ocr.cell_text import read_text_cells
from gouji_ocr.engines import Engines
from gouji_ocr.ink import CellInk
from gouji_ocr.prose import line_scorer, read_lines
from gouji_ocr.reader import _is_figure, _says_more, read_table
from gouji_ocr.reading import Candidate, Opinion, Reading, ReadingKind
from gouji_ocr.second import second_look
from gouji_ocr.text_lines import LineBox
from gouji_ocr.views import CellView


@pytest.fixture(scope="module")
def engines() -> Engines:
    return Engines.load()


@pytest.fixture(scope="module")
def made() -> MadePage:
    return make_page(5, 1, 200, "2019", parts=("T4",), published="")


@pytest.fixture(scope="module")
def read(made: MadePage, engines: Engines) -> tuple[Page, Table, list[str], list[Reading]]:
    page = flat_page(made)
    ((table, texts),) = true_tables(made, np.random.default_rng(0), 1.0)
    return page, table, texts, read_table(page, table, engines)


def test_every_figure_and_label_of_a_good_scan_is_read(
    read: tuple[Page, Table, list[str], list[Reading]],
) -> None:
    _, _, texts, readings = read
    assert [r.text for r, t in zip(readings, texts, strict=True) if not same(r.text, t)] == []


def test_readings_come_in_cell_order_with_the_box_of_their_cell(
    read: tuple[Page, Table, list[str], list[Reading]],
) -> None:
    _, table, _, readings = read
    assert [r.ref for r in readings] == [cell.ref for cell in table.cells]
    assert [r.box for r in readings] == [cell.box for cell in table.cells]


def test_kinds_tell_figures_from_text(read: tuple[Page, Table, list[str], list[Reading]]) -> None:
    _, _, texts, readings = read
    for reading, text in zip(readings, texts, strict=True):
        wanted = ReadingKind.FIGURE if text.isdigit() else ReadingKind.TEXT if text else ReadingKind.BLANK
        assert reading.kind is wanted, (text, reading.kind)


def test_a_figure_carries_evidence_that_prefers_what_is_printed(
    read: tuple[Page, Table, list[str], list[Reading]],
) -> None:
    _, _, texts, readings = read
    for reading, text in zip(readings, texts, strict=True):
        if text.isdigit():
            assert reading.evidence is not None
            other = str(int(text) + 1)
            assert reading.evidence.log_probability(text) > reading.evidence.log_probability(other)
            assert math.isfinite(reading.evidence.log_probability(other))


def test_a_second_look_keeps_every_opinion_beside_the_combined_list(
    read: tuple[Page, Table, list[str], list[Reading]], engines: Engines
) -> None:
    page, table, texts, readings = read
    figures = [r for r, t in zip(readings, texts, strict=True) if t.isdigit()][:4]
    again = second_look(page, table, readings, [r.ref for r in figures], engines)
    assert [r.ref for r in again] == [r.ref for r in figures]
    for first, second in zip(figures, again, strict=True):
        assert second.opinions[: len(first.opinions)] == first.opinions
        assert "tesseract-5" in {o.reader for o in second.opinions}
        assert "ppocr-v6" in {o.reader for o in second.opinions}
        assert second.text == first.text


def test_asking_again_about_cells_of_another_table_changes_nothing(
    read: tuple[Page, Table, list[str], list[Reading]], engines: Engines
) -> None:
    page, table, _, readings = read
    assert second_look(page, table, readings, [CellRef(9, 9, 0, 0)], engines) == []


def test_prose_is_read_line_by_line(made: MadePage, engines: Engines) -> None:
    lines = made.truth["text"]
    found = read_lines(flat_page(made), [Box(*line["box"]).padded(3) for line in lines], engines)
    pairs = [(line["text"], line_found.text) for line, line_found in zip(lines, found, strict=True)]
    assert error_rate(pairs) <= 0.01


@pytest.mark.parametrize("turns", [0, 1, 3])
def test_text_on_its_side_is_read_where_its_characters_were_not_told_apart(
    turns: int, made: MadePage, engines: Engines
) -> None:
    line = made.truth["text"][0]
    image = flat_page(made).image[:, :, 0]
    crop = np.ascontiguousarray(np.rot90(image[Box(*line["box"]).padded(9).slices(image.shape)], turns))
    height, width = crop.shape
    cell = Cell(CellRef(1, 0, 0, 0), Box(0, 0, width, height))
    one_piece = CellInk(crop, (LineBox(9, 9, width - 9, height - 9),), height - 18)
    ((found,),) = read_text_cells([CellView(cell, one_piece)], engines.lines, engines.worn)
    assert error_rate([(line["text"], found.text)]) <= 0.02


def test_text_the_right_way_up_scores_above_text_upside_down(made: MadePage, engines: Engines) -> None:
    image = flat_page(made).image[:, :, 0]
    crops = [image[Box(*line["box"]).padded(3).slices(image.shape)] for line in made.truth["text"][:3]]
    score = line_scorer(engines)
    upright = score(crops)
    turned = score([np.ascontiguousarray(crop[::-1, ::-1]) for crop in crops])
    assert sum(upright) > sum(turned)


def test_a_table_without_cells_gives_no_readings(engines: Engines) -> None:
    page = Page(1, np.full((50, 50, 3), 255, np.uint8), 200.0, Straightening((50, 50), (50, 50)))
    assert read_table(page, Table(1, 0, Box(0, 0, 50, 50), ()), engines) == []


def test_a_cell_that_reaches_over_the_page_is_read_as_far_as_it_goes(engines: Engines) -> None:
    page = Page(1, np.full((50, 50, 3), 255, np.uint8), 200.0, Straightening((50, 50), (50, 50)))
    cells = (
        Cell(CellRef(1, 0, 0, 0), Box(40, 40, 90, 90)),
        Cell(CellRef(1, 0, 0, 1), Box(60, 60, 90, 90)),
    )
    readings = read_table(page, Table(1, 0, Box(40, 40, 90, 90), cells), engines)
    assert [r.kind for r in readings] == [ReadingKind.BLANK, ReadingKind.BLANK]


@pytest.mark.slow
@pytest.mark.parametrize("level", [2, 3, 4])
def test_a_figure_that_is_printed_is_never_called_blank(level: int, engines: Engines) -> None:
    made = make_page(60 + level, level, 200, "2021", parts=("T3",))
    page = flat_page(made)
    for table, texts in true_tables(made, np.random.default_rng(level), 1.0):
        for reading, text in zip(read_table(page, table, engines), texts, strict=True):
            assert not (text and reading.kind is ReadingKind.BLANK), (text, reading.ref)


def test_a_figure_that_wraps_is_read_by_the_network_line_by_line(engines: Engines) -> None:
    image = np.full((120, 420, 3), 255, np.uint8)
    for text, at in (("358214", (20, 46)), ("671", (20, 84)), ("1290", (240, 64))):
        cv2.putText(image, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.9, (20, 20, 20), 2, cv2.LINE_AA)
    page = Page(1, image, 200.0, Straightening((420, 120), (420, 120)))
    cells = (
        Cell(CellRef(1, 0, 0, 0), Box(12, 10, 132, 110)),
        Cell(CellRef(1, 0, 0, 1), Box(220, 10, 400, 110)),
    )
    wrapped, _ = read_table(page, Table(1, 0, Box(10, 10, 400, 110), cells), engines)
    assert wrapped.text == "358214671"
    assert wrapped.opinions[0].reader == engines.figures.name
    assert wrapped.evidence is not None
    assert wrapped.evidence.log_probability("358214671") > wrapped.evidence.log_probability("358214611")


@pytest.mark.parametrize(
    ("text", "sure", "label"),
    [
        ("R200（%）", 0.99, True),
        ("R200（%）", 0.6, False),
        ("R9", 0.99, False),
        ("（200）", 0.99, False),
        ("200*", 0.99, False),
    ],
)
def test_a_figure_beside_which_a_letter_is_surely_seen_is_a_label(
    text: str, sure: float, label: bool, engines: Engines
) -> None:
    blank = engines.lines.read([np.full((48, 96), 245, np.uint8)])[0]
    line = replace(blank, text=text, character_log_probabilities=(math.log(sure),) * len(text))
    assert _says_more([line], Opinion("figures", (Candidate("200", -0.1),), None)) is label


def test_dashes_that_look_like_the_numeral_one_are_dashes_where_the_whole_table_has_them(
    engines: Engines,
) -> None:
    image = np.full((700, 120, 3), 255, np.uint8)
    for row in range(12):
        image[row * 50 + 24 : row * 50 + 26, 40:56] = 30
    for row in (12, 13):
        cv2.putText(image, "38", (40, row * 50 + 34), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (20, 20, 20), 2)
    page = Page(1, image, 200.0, Straightening((120, 700), (120, 700)))
    cells = tuple(Cell(CellRef(1, 0, r, 0), Box(5, r * 50 + 3, 115, r * 50 + 47)) for r in range(14))
    readings = read_table(page, Table(1, 0, Box(5, 3, 115, 697), cells), engines)
    assert [r.text for r in readings] == ["-"] * 12 + ["38"] * 2


@pytest.mark.parametrize(("text", "figure"), [("14915*", True), ("·14915", True), ("#14915", False)])
def test_a_speck_beside_a_figure_makes_it_no_text(text: str, figure: bool) -> None:
    network = Opinion("figures", (Candidate("14915", -0.03),), None)
    assert _is_figure(network, Candidate(text, -0.005)) is figure
