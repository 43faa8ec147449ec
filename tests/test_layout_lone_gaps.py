"""A rule lost in one row, told by the two texts that stand beside its place."""

from __future__ import annotations

import numpy as np

from gouji_layout.grid import Grid
from gouji_layout.lone_gaps import with_lone_gaps_closed
from gouji_layout.spans import spans

UNIT = 20.0
YS, XS = (10.0, 50.0, 90.0, 130.0), (10.0, 110.0, 210.0, 310.0)
ROW, LINE = 1, 2  # the edge that is not seen, between x = 110 .. 210 and 210 .. 310


def closed(
    *texts: tuple[int, int],
    below: bool = True,
    worn: bool = True,
    height: int = 16,
    chance: float = 0.5,
    second_line: bool = False,
    remains: tuple[int, ...] = (),
) -> bool:
    """Whether the gap in the second row is closed, with ink at these stretches of x in that row."""
    upright = np.ones((3, 4))
    upright[ROW, LINE] = 0.1
    if not below:
        upright[[0, 2], LINE] = 0.1
    cells, _, _ = spans(np.ones((4, 3)), upright)
    grid = Grid(YS, XS, np.ones((4, 3)), upright, tuple(cells))
    text = np.zeros((140, 320), np.uint8)
    for left, right in texts:
        text[(54 if second_line else 62) :][:height, left:right] = 1
        text[74 : 74 + height, left:right] = second_line
    for x in remains:
        text[54:86, x : x + 4] = 1
    chances = np.full(upright.shape, chance)
    found = with_lone_gaps_closed(grid, upright, chances, text, UNIT, worn=worn)
    assert (np.delete(found.ravel(), ROW * 4 + LINE) == np.delete(upright.ravel(), ROW * 4 + LINE)).all()
    return bool(found[ROW, LINE] >= grid.seen)


def test_two_texts_in_the_middle_of_their_columns_are_two_cells() -> None:
    assert closed((150, 170), (250, 270))


def test_one_text_in_the_middle_of_both_columns_is_one_cell() -> None:
    assert not closed((180, 240))


def test_a_heading_with_wide_spaces_over_both_columns_is_one_cell() -> None:
    assert not closed((175, 195), (225, 245))


def test_text_on_one_side_says_nothing() -> None:
    assert not closed((150, 170))


def test_a_rule_that_stands_neither_above_nor_below_is_not_made_up() -> None:
    assert not closed((150, 170), (250, 270), below=False)


def test_dirt_in_the_middle_of_a_column_is_no_text() -> None:
    assert not closed((150, 154), (250, 254), height=6)


def test_where_rules_are_whole_words_close_to_the_gap_are_one_text() -> None:
    assert closed((116, 203), (217, 304))
    assert not closed((116, 203), (217, 304), worn=False)
    assert closed((150, 170), (250, 270), worn=False)


def test_two_lines_that_part_in_one_place_are_two_cells_unless_nothing_else_speaks_for_it() -> None:
    words = ((116, 203), (217, 304))
    assert closed(*words, worn=False, height=12, second_line=True)
    assert not closed(*words, worn=False, height=12, second_line=True, chance=0.02)
    assert not closed(*words, worn=False, height=12)


def test_pieces_of_the_rules_themselves_are_no_text() -> None:
    assert closed((150, 170), (250, 270), remains=(113, 208, 300), worn=False)
    assert not closed((150, 170), (250, 270), remains=(230,), worn=False)


def test_a_worn_edge_that_the_network_is_sure_of_is_left_open() -> None:
    assert not closed((150, 170), (250, 270), chance=0.02)
    assert closed((150, 170), (250, 270), chance=0.02, worn=False)


def test_texts_in_the_middle_of_cells_of_several_columns_are_two_cells() -> None:
    upright = np.ones((3, 6))
    upright[0, 1:5] = 0.1  # two cells of two and three columns, of which nothing parts the texts
    xs = (10.0, 110.0, 210.0, 310.0, 410.0, 510.0)
    cells, _, _ = spans(np.ones((4, 5)), upright)
    grid = Grid(YS, xs, np.ones((4, 5)), upright, tuple(cells))
    text = np.zeros((140, 520), np.uint8)
    text[22:38, 90:130] = text[22:38, 330:390] = 1
    chances = np.full(upright.shape, 0.05)
    found = with_lone_gaps_closed(grid, upright, chances, text, UNIT, worn=False)
    assert (found[0] >= grid.seen).tolist() == [True, False, True, False, False, True]
    nothing = with_lone_gaps_closed(grid, upright, chances / 10, text, UNIT, worn=False)
    assert (nothing == upright).all()
