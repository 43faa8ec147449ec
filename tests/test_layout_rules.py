"""Rules as the network sees them: whole through gaps, ended where they end, apart from text."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from fixtures.make.fonts import Typesetter, typeface
from gouji_layout.edge_model import Chances
from gouji_layout.geometry import Straightening
from gouji_layout.grid import Grid
from gouji_layout.page import Page
from gouji_layout.paper import Paper
from gouji_layout.rule_network import rule_evidence
from gouji_layout.rules import Segment, rule_ink, runs
from gouji_layout.second_look import reweighed, second_look
from gouji_layout.show_through import printed_here
from gouji_layout.spans import spans
from gouji_layout.tables import find_tables, ruled_grids
from gouji_layout.worn_grid import Evidence, evidence_of, worn_grids

UNIT = 22.0
XS, YS = (60, 200, 320, 480, 600), (50, 90, 130, 170, 250, 290)


def ruled(*, gaps: bool = False, merged: bool = False, texts: tuple[str, ...] = ()) -> np.ndarray:
    """A table of 5 rows and 4 columns on white paper; the cells of the second row merge on demand."""
    picture = np.full((340, 660), 255, np.uint8)
    for y in YS:
        cv2.line(picture, (XS[0], y), (XS[-1], y), 60, 2)
    for at, x in enumerate(XS):
        cv2.line(picture, (x, YS[0]), (x, YS[-1]), 60, 2)
        if merged and at in {1, 2}:
            picture[YS[1] + 2 : YS[2] - 1, x - 2 : x + 3] = 255
    if gaps:
        for x in (100, 230, 400, 560):
            picture[YS[2] - 2 : YS[2] + 3, x : x + 14] = 255
        picture[YS[3] + 20 : YS[3] + 34, XS[2] - 2 : XS[2] + 3] = 255
    image = Image.fromarray(picture)
    setter = Typesetter(typeface("song", 0), 24, 30)
    for at, text in enumerate(texts):
        setter.draw(ImageDraw.Draw(image), XS[at % 4] + 20, (YS[at // 4] + YS[at // 4 + 1]) / 2, text)
    return np.asarray(image)


def grid_of(picture: np.ndarray) -> Grid | None:
    """What is built on the network alone."""
    found = worn_grids(evidence_of(picture, rule_evidence(picture), UNIT))
    return found[0] if len(found) == 1 else None


def test_a_clean_table_has_all_its_rules_at_their_places() -> None:
    grid = grid_of(ruled())
    assert grid is not None
    assert np.abs(np.array(grid.ys) - YS).max() < 2
    assert np.abs(np.array(grid.xs) - XS).max() < 2
    assert len(grid.cells) == 20


def test_rules_are_seen_whole_through_gaps_in_their_ink() -> None:
    grid = grid_of(ruled(gaps=True))
    assert grid is not None
    assert len(grid.cells) == 20


def test_cells_merge_where_a_rule_is_left_out() -> None:
    grid = grid_of(ruled(merged=True))
    assert grid is not None
    assert (1, 0, 1, 3) in {(c.row, c.col, c.rows, c.cols) for c in grid.cells}
    assert len(grid.cells) == 18


def test_strokes_of_text_are_no_rules() -> None:
    texts = ("一二三", "王土工", "丨11l", "田口日目", "三三三", "川山", "H—E", "1-1")
    grid = grid_of(ruled(texts=texts))
    assert grid is not None
    assert len(grid.cells) == 20
    assert len(grid.ys) == len(YS)


def test_evidence_ends_where_a_rule_ends() -> None:
    level, upright = rule_evidence(ruled())
    assert level[YS[2] - 2 : YS[2] + 3, 300].max() > 200
    assert level[:, XS[-1] + 12 :].max() < 100
    assert upright[YS[-1] + 12 :].max() < 100


@pytest.mark.parametrize("shape", [(40, 60), (37, 91), (1, 1), (5, 400)])
def test_blank_paper_of_any_size_has_no_rules(shape: tuple[int, int]) -> None:
    level, upright = rule_evidence(np.full(shape, 255, np.uint8))
    assert level.shape == upright.shape == shape
    assert not level.any()
    assert not upright.any()


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 90), st.integers(0, 90), st.integers(0, 90), st.integers(0, 90))
def test_more_white_paper_around_a_table_changes_nothing(
    top: int, bottom: int, left: int, right: int
) -> None:
    picture = ruled()
    alone = rule_evidence(picture)
    more = rule_evidence(np.pad(picture, ((top, bottom), (left, right)), constant_values=255))
    table = slice(YS[0], YS[-1]), slice(XS[0], XS[-1])
    moved = slice(top + YS[0], top + YS[-1]), slice(left + XS[0], left + XS[-1])
    for one, other in zip(alone, more, strict=True):
        assert np.array_equal(one[table], other[moved])


def test_pieces_of_one_rule_with_a_small_hole_are_one_segment() -> None:
    evidence = np.zeros((60, 300), np.uint8)
    evidence[30:33, 20:140] = 255
    evidence[30:33, 146:260] = 255
    found = Evidence(evidence, 255 - evidence, UNIT).segments(3.0)
    assert len(found) == 1
    assert (found[0].at, found[0].start, found[0].end) == pytest.approx((31, 20, 260), abs=2)


def test_the_share_of_an_edge_is_what_lies_between_its_crossings() -> None:
    evidence = np.zeros((60, 300), np.uint8)
    evidence[29:32, 100:200] = 255
    cover = Evidence(evidence, 255 - evidence, UNIT).cover([30.0], [0.0, 100.0, 200.0, 300.0])
    assert cover[0].round(1).tolist() == [0.0, 1.0, 0.0]


@given(st.lists(st.booleans(), max_size=40))
def test_runs_are_disjoint_and_hold_every_true_flag(flags: list[bool]) -> None:
    array = np.array(flags, dtype=bool)
    found = runs(array)
    again = np.zeros(len(array), dtype=bool)
    for start, end in found:
        again[start:end] = True
    assert np.array_equal(again, array)
    assert all(a[1] < b[0] for a, b in pairwise(found))


def grid_with(level: float, *, seen: float = 0.62) -> Grid:
    """A grid of ink whose edge below the cell in the first row and second column is so far inked."""
    levels = np.ones((len(YS), len(XS) - 1))
    levels[1, 1] = level
    cells, _, _ = spans(levels, np.ones((len(YS) - 1, len(XS))), seen)
    uprights = np.ones((len(YS) - 1, len(XS)))
    return Grid(tuple(map(float, YS)), tuple(map(float, XS)), levels, uprights, tuple(cells), seen)


def test_a_grid_without_doubt_is_left_as_it_is() -> None:
    grid = grid_with(0.0)
    # On blank paper the network sees nothing: were it asked, every cell would be merged.
    blank = np.full((340, 660), 255, np.uint8)
    assert second_look([grid], Paper(blank), rule_ink(blank, UNIT)) == [grid]


def test_a_doubtful_edge_is_drawn_when_the_network_sees_its_rule() -> None:
    picture = ruled(gaps=True)
    (grid,) = second_look([grid_with(0.4)], Paper(picture), rule_ink(picture, UNIT))
    assert len(grid.cells) == 20


def test_a_dotted_grid_of_a_dot_matrix_printer_has_all_its_cells() -> None:
    picture = np.full((340, 660), 255, np.uint8)
    for y in YS:
        for x in range(XS[0], XS[-1], 8):
            picture[y : y + 2, x : min(x + 4, XS[-1])] = 20
    for x in XS:
        for y in range(YS[0], YS[-1], 8):
            picture[y : min(y + 4, YS[-1]), x : x + 2] = 20
    for row, y in enumerate(YS[:-1]):
        for x in XS[:-1]:
            cv2.putText(picture, str(row + 10), (x + 30, y + 38), cv2.FONT_HERSHEY_SIMPLEX, 0.85, (20,), 2)
    rgb = np.repeat(picture[:, :, None], 3, axis=2)
    size = (660, 340)
    (table,) = find_tables(Page(1, rgb, 200.0, Straightening(size, size)))
    assert (table.rows, table.cols, len(table.cells)) == (
        len(YS) - 1,
        len(XS) - 1,
        (len(YS) - 1) * (len(XS) - 1),
    )


def test_text_pressed_between_characters_wins_an_edge_only_where_ink_nearly_says_so() -> None:
    evidence = chances(0.99, 0.99, pressed=True)
    assert (reweighed(np.full((3, 3), 0.3), evidence, 0.57, worn=False) < 0.57).all()
    assert (reweighed(np.full((3, 3), 0.45), evidence, 0.57, worn=False) > 0.57).all()
    unsure = chances(0.85, 0.99, pressed=True)
    assert (reweighed(np.full((3, 3), 0.45), unsure, 0.57, worn=False) < 0.57).all()
    free = chances(0.99, 0.99)
    assert (reweighed(np.full((3, 3), 0.45), free, 0.57, worn=False) > 0.57).all()


def chances(drawn: float, looks: float, *, pressed: bool = False) -> Chances:
    return Chances(np.full((3, 3), drawn), np.full((3, 3), looks), np.full((3, 3), pressed))


@given(share=st.floats(0, 1), drawn=st.floats(0, 1), looks=st.floats(0, 1))
def test_an_edge_far_from_the_threshold_changes_only_where_all_that_is_known_of_it_says_so(
    share: float, drawn: float, looks: float
) -> None:
    edges = np.full((3, 3), share)
    found = reweighed(edges, chances(drawn, looks), 0.5, worn=False)
    if abs(share - 0.5) >= 0.2 and not np.array_equal(found, edges):
        assert drawn > 0.9 if share < 0.5 else drawn < 0.1 or (drawn < 0.4 and looks < 0.3)


def test_an_edge_without_ink_is_added_where_its_neighbours_are_sure_of_it() -> None:
    assert (reweighed(np.full((3, 3), 0.2), chances(0.97, 0.2), 0.6, worn=False) >= 0.6).all()
    pressed = chances(0.97, 0.2, pressed=True)
    assert (reweighed(np.full((3, 3), 0.2), pressed, 0.6, worn=False) < 0.6).all()
    assert (reweighed(np.full((3, 3), 0.2), pressed, 0.6, worn=True) >= 0.6).all()
    unsure = chances(0.7, 0.2, pressed=True)
    assert (reweighed(np.full((3, 3), 0.2), unsure, 0.6, worn=True) < 0.6).all()


def test_the_arc_of_a_seal_loses_its_place_though_it_is_all_ink() -> None:
    assert (reweighed(np.ones((3, 3)), chances(0.2, 0.1), 0.6, worn=False) < 0.6).all()
    assert (reweighed(np.ones((3, 3)), chances(0.2, 0.9), 0.6, worn=False) >= 0.6).all()


def test_what_shows_through_from_the_other_side_is_no_rule() -> None:
    picture = np.full((400, 600), 255, np.uint8)
    for y in (50, 100, 150):
        cv2.line(picture, (40, y), (560, y), 40, 2)
    pale = np.full_like(picture, 255)
    cv2.line(pale, (40, 300), (560, 300), 120, 2)
    picture = np.minimum(picture, cv2.GaussianBlur(pale, (0, 0), 3))
    found = [Segment(float(y), 40.0, 560.0, 2.0) for y in (50, 100, 150, 300)]
    kept, _ = printed_here((picture, np.ascontiguousarray(picture.T)), found, [])
    assert [s.at for s in kept] == [50.0, 100.0, 150.0]


def test_a_column_rule_that_is_broken_along_a_body_without_row_rules_keeps_its_column() -> None:
    picture = np.full((800, 900), 255, dtype=np.uint8)
    for y in (100, 150, 650):
        picture[y : y + 2, 100:702] = 0
    for x in (100, 500, 700):
        picture[100:652, x : x + 2] = 0
    for top in range(150, 650, 85):  # seven tenths of the rule
        picture[top : min(top + 60, 650), 300:302] = 0
    ink = rule_ink(picture, 20.0)
    [grid] = ruled_grids(ink)
    assert [round(x) for x in grid.xs] == [100, 300, 500, 700]
