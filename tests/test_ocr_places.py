"""Figures stand in rows and columns, and where they stand tells them from what else is in a cell."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from fixtures.make.fonts import Typesetter, typeface
from gouji_layout.geometry import Box, CellRef
from gouji_layout.page import Gray
from gouji_layout.table import Cell
from gouji_ocr.figures import FigureNetwork
from gouji_ocr.in_place import agreed, read_in_place
from gouji_ocr.ink import PAPER, CellInk
from gouji_ocr.places import Place, cut_at, places_of
from gouji_ocr.reading import Candidate, Opinion, Reading, ReadingKind
from gouji_ocr.text_lines import LineBox
from gouji_ocr.views import CellView

WIDTH, ROWS, HEIGHT = 140, 48, 18
Stroke = tuple[slice, slice]


def block(centre: int, width: int, row: int = 25) -> Stroke:
    """A block as high as a digit."""
    return slice(row - HEIGHT // 2, row + HEIGHT // 2), slice(centre - width // 2, centre + width // 2)


def view(*strokes: Stroke, column: int = 1, line: Stroke | None = None) -> CellView:
    """A cell with these black strokes, the first or `line` of which was taken for its line."""
    picture = np.full((ROWS, WIDTH), PAPER, dtype=np.uint8)
    for rows, cols in strokes:
        picture[rows, cols] = 0
    rows, cols = line or strokes[0]
    lines = (LineBox(cols.start, rows.start, cols.stop, rows.stop),)
    return CellView(Cell(CellRef(1, 0, 0, column), Box(0, 0, WIDTH, ROWS)), CellInk(picture, lines, HEIGHT))


def centred() -> Place:
    views = [view(block(70, width)) for width in (10, 22, 34, 46)]
    return places_of(views, range(4), ())[1]


def test_figures_under_each_other_by_their_middles_stand_in_the_middle() -> None:
    place = centred()
    assert not place.by_right_ends
    assert place.across == pytest.approx(0, abs=1)
    assert place.row == pytest.approx(1, abs=0.5)


def test_figures_that_end_below_each_other_stand_by_their_right_ends() -> None:
    views = [view(block(120 - width // 2, width)) for width in (10, 22, 34, 46)]
    place = places_of(views, range(4), ())[1]
    assert place.by_right_ends
    assert place.across == 120 - WIDTH


def test_the_few_longer_figures_tell_where_a_column_of_equal_ones_stands() -> None:
    views = [view(block(120 - width // 2, width)) for width in (22, 22, 22, 22, 22, 22, 22, 22, 46)]
    assert places_of(views, range(9), ())[1].by_right_ends
    views = [view(block(70, width)) for width in (22, 22, 22, 22, 22, 22, 22, 22, 46)]
    assert not places_of(views, range(9), ())[1].by_right_ends


def test_few_figures_tell_no_place_and_neither_do_those_that_stand_anywhere() -> None:
    assert places_of([view(block(70, 20))] * 3, range(3), ()) == {}
    anywhere = [view(block(centre, 20)) for centre in (20, 60, 90, 115)]
    assert places_of(anywhere, range(4), ()) == {}
    uneven = [view(block(70, 20, row)) for row in (12, 20, 28, 36)]
    assert places_of(uneven, range(4), ()) == {}


def test_a_column_with_few_figures_goes_by_the_others_and_one_without_any_has_no_place() -> None:
    views = [*(view(block(70, 20)) for _ in range(4)), view(block(72, 20), column=2)]
    places = places_of(views, range(5), ())
    assert places[2] == places[1]
    assert set(places) == {1, 2}


def test_a_figure_is_cut_out_from_among_strokes_beside_and_above_it() -> None:
    figure, beside, above = block(70, 30), block(20, 12), (slice(0, 12), slice(60, 80))
    cuts = list(cut_at(view(figure, beside, above, line=(slice(0, 34), slice(14, 85))), centred()))
    assert cuts
    for cut in cuts:
        (line,) = cut.ink.lines
        assert (line.left, line.right) == pytest.approx((55, 85), abs=2)
        assert (cut.ink.picture[block(20, 12)] == PAPER).all()
        assert (cut.ink.picture[:10] == PAPER).all()


def test_ink_that_stands_elsewhere_is_no_figure() -> None:
    assert list(cut_at(view(block(25, 30)), centred())) == []


def test_a_dash_is_found_beside_strokes_that_are_as_high_as_figures() -> None:
    dash = slice(24, 27), slice(60, 80)
    cuts = list(cut_at(view(dash, block(112, 20)), centred()))
    assert cuts
    assert all(cut.ink.lines[0].height <= 6 for cut in cuts)


# Reading at that place, with the network itself.


def printed(text: str, right: int = 0) -> Gray:
    """A cell with this text in its middle, or up to `right`."""
    image = Image.new("L", (WIDTH, ROWS), PAPER)
    setter = Typesetter(typeface("song", 0), 26, 0)
    left = right - setter.width(text) if right else (WIDTH - setter.width(text)) / 2
    setter.draw(ImageDraw.Draw(image), left, ROWS / 2, text)
    return np.asarray(image, dtype=np.uint8)


def read_as(text: str, probability: float, kind: ReadingKind = ReadingKind.FIGURE) -> Reading:
    candidates = (Candidate(text, math.log(probability)),)
    opinion = Opinion("figures-v6", candidates)
    return Reading(CellRef(1, 0, 0, 1), Box(0, 0, WIDTH, ROWS), kind, candidates, None, (opinion,))


def table(picture: Gray, doubtful: Reading, network: FigureNetwork, right: int = 0) -> Reading:
    """What becomes of a doubtful reading of this picture in a table of six sure figures."""
    known = ["17", "204", "5", "1386", "42", "960"]
    pictures = [*(printed(text, right) for text in known), picture]
    views = []
    for shown in pictures:
        rows, cols = np.nonzero(shown < 128)
        box = LineBox(int(cols.min()), int(rows.min()), int(cols.max()) + 1, int(rows.max()) + 1)
        cell = Cell(CellRef(1, 0, 0, 1), Box(0, 0, WIDTH, ROWS))
        views.append(CellView(cell, CellInk(shown, (box,), HEIGHT)))
    if doubtful.kind is ReadingKind.BLANK:  # nothing was taken for print
        views[-1] = replace(views[-1], ink=replace(views[-1].ink, lines=()))
    readings = [*(read_as(text, 0.999) for text in known), doubtful]
    return read_in_place(views, readings, HEIGHT, network)[-1]


@pytest.fixture(scope="module")
def network() -> FigureNetwork:
    return FigureNetwork.load()


def under_a_seal(text: str) -> Gray:
    return np.asarray(cv2.circle(printed(text).copy(), (2, 60), 40, 0, 8), dtype=np.uint8)


def test_a_figure_beside_the_stroke_of_a_seal_is_read(network: FigureNetwork) -> None:
    found = table(under_a_seal("735"), read_as("可", 0.3, ReadingKind.TEXT), network)
    assert (found.text, found.kind) == ("735", ReadingKind.FIGURE)
    assert found.opinions[0].candidates == found.candidates
    assert found.evidence is not None
    assert 0.4 < math.exp(found.log_probability) <= 0.951


def test_what_was_read_surely_stays_and_so_do_words(network: FigureNetwork) -> None:
    assert table(printed("735"), read_as("1735", 0.99), network) == read_as("1735", 0.99)
    for text, probability in (
        ("法人或其他", 0.6),
        ("社会公益组织", 0.16),
    ):  # in bad print; each character is likely
        words = read_as(text, probability, ReadingKind.TEXT)
        assert table(under_a_seal("735"), words, network) == words
    rubbish = read_as("成分游率年", 1e-3, ReadingKind.TEXT)
    assert table(under_a_seal("735"), rubbish, network).text == "735"


def test_a_figure_that_stands_far_from_the_middle_is_not_sure(network: FigureNetwork) -> None:
    found = table(printed("1", right=120), read_as("1", 0.99), network)  # of `27531` under a seal, say
    assert found.text == "1"
    assert math.exp(found.log_probability) == pytest.approx(0.9)


@pytest.mark.parametrize(("left", "sure"), [(WIDTH // 2, False), (20, True)])
def test_a_blank_is_not_sure_with_a_speck_where_figures_stand(
    network: FigureNetwork, left: int, sure: bool
) -> None:
    speck = np.full((ROWS, WIDTH), PAPER, dtype=np.uint8)
    speck[ROWS // 2 : ROWS // 2 + 3, left - 3 : left + 3] = 0  # what a bad copy leaves of a dash
    found = table(speck, read_as("", 1.0, ReadingKind.BLANK), network)
    assert found.kind is ReadingKind.BLANK
    assert (math.exp(found.log_probability) > 0.99) is sure


@pytest.mark.parametrize(("row", "kind"), [(4, ReadingKind.BLANK), (ROWS // 2, ReadingKind.FIGURE)])
def test_a_dash_at_the_border_is_a_piece_of_a_rule(
    network: FigureNetwork, row: int, kind: ReadingKind
) -> None:
    piece = np.full((ROWS, WIDTH), PAPER, dtype=np.uint8)
    piece[row : row + 4, 60:84] = 0
    found = table(piece, read_as("-", 0.999), network)
    assert found.kind is kind
    assert math.exp(found.log_probability) <= 0.9 or kind is ReadingKind.FIGURE


def test_a_figure_through_which_a_ring_runs_is_not_sure(network: FigureNetwork) -> None:
    ring = np.asarray(cv2.circle(printed("2182").copy(), (110, -10), 50, 0, 6), dtype=np.uint8)
    found = table(ring, read_as("2182", 0.999), network)  # its decimals are in the ring
    assert math.exp(found.log_probability) <= 0.951


@pytest.mark.parametrize(("above", "sure"), [(8, False), (2, True)])
def test_a_dash_above_its_row_may_be_the_top_of_a_seven(
    network: FigureNetwork, above: int, sure: bool
) -> None:
    piece = np.full((ROWS, WIDTH), PAPER, dtype=np.uint8)
    piece[ROWS // 2 - above : ROWS // 2 - above + 3, 62:78] = 0
    found = table(piece, read_as("-", 0.999), network)
    assert (math.exp(found.log_probability) > 0.99) is sure


@pytest.mark.parametrize("text", ["可735", "735室"])
def test_a_character_beside_the_figure_at_its_place_is_none_of_its_own(
    network: FigureNetwork, text: str
) -> None:
    found = table(under_a_seal("735"), read_as(text, 0.998, ReadingKind.TEXT), network)
    assert (found.text, found.kind) == ("735", ReadingKind.FIGURE)
    assert math.exp(found.log_probability) <= 0.951


def test_a_label_with_another_number_stays_and_so_does_one_of_one_digit(network: FigureNetwork) -> None:
    for text in ("第736", "2021年735", "#735", "5项"):
        label = read_as(text, 0.998, ReadingKind.TEXT)
        assert table(printed("735" if len(text) > 2 else "5"), label, network) == label


def test_figures_by_their_right_ends_are_sure_at_any_length(network: FigureNetwork) -> None:
    reading = read_as("20,417,386", 0.99)
    assert table(printed("20,417,386", right=120), reading, network, right=120) == reading


def test_a_figure_with_fewer_digits_has_to_be_much_likelier(network: FigureNetwork) -> None:
    found = table(printed("735"), read_as("1735", 0.3), network)
    assert found.text == "735"
    score = math.exp(found.log_probability)
    assert table(printed("735"), read_as("1735", score - 0.1), network).text == "1735"
    assert table(printed("735"), read_as("785", score - 0.1), network).text == "735"


def test_a_figure_that_stands_by_its_right_end_loses_no_digits(network: FigureNetwork) -> None:
    broken = printed("12   500", right=120)  # the comma is gone, and the gap wider than any in a figure
    assert table(broken, read_as("12,500", 0.2), network, right=120).text == "12,500"


def test_what_all_cuts_agree_on_is_likely_but_never_sure(
    network: FigureNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gouji_ocr.in_place.agreed", lambda _: {"1386": 0.999})
    found = table(printed("1386"), read_as("138", 0.3), network)
    assert found.text == "1386"
    assert math.exp(found.log_probability) == pytest.approx(0.95)


def test_cuts_that_disagree_are_believed_less_than_their_best_and_units_are_no_figures(
    network: FigureNetwork,
) -> None:
    seven, unit = (network.read_figures([picture])[0] for picture in (strip("7"), strip("件")))
    (one,), (all_four,) = agreed([seven, unit]).items(), agreed([seven] * 4).items()
    assert one[0] == all_four[0] == "7"
    assert one[1] == pytest.approx(all_four[1] / 2, rel=0.01)


def strip(text: str) -> Gray:
    """A strip for the network, 32 high."""
    image = Image.new("L", (48, 32), 255)
    setter = Typesetter(typeface("song", 0), 26, 0)
    setter.draw(ImageDraw.Draw(image), (48 - setter.width(text)) / 2, 16, text)
    return np.asarray(image, dtype=np.uint8)


@pytest.mark.parametrize(("size", "kind"), [(50, ReadingKind.UNREADABLE), (26, ReadingKind.TEXT)])
def test_a_lone_character_much_higher_than_the_figures_is_one_of_a_seal(
    size: int, kind: ReadingKind, network: FigureNetwork
) -> None:
    image = Image.new("L", (WIDTH, ROWS), PAPER)
    Typesetter(typeface("song", 0), size, 0).draw(ImageDraw.Draw(image), 80, ROWS / 2, "公")
    found = table(np.asarray(image, dtype=np.uint8), read_as("公", 0.999, ReadingKind.TEXT), network)
    assert found.kind is kind


def test_blank_cells_are_not_asked_about(network: FigureNetwork) -> None:
    view_of_none = replace(view(block(70, 20)), ink=CellInk(printed("7"), (), 0))
    reading = replace(read_as("", 1.0, ReadingKind.BLANK))
    views = [*(view(block(70, 20)) for _ in range(5)), view_of_none]
    readings = [*(read_as("5", 0.999) for _ in range(5)), reading]
    found = read_in_place(views, readings, HEIGHT, network)[-1]
    assert (found.kind, found.text) == (ReadingKind.BLANK, "")
    assert found.log_probability < 0.0  # but what stands there may be a figure
