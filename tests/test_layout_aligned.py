"""Tables that only line up: between level rules alone, or without any."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gouji_layout.aligned import aligned_grids
from gouji_layout.geometry import Box
from gouji_layout.grid import Grid
from gouji_layout.rules import Segment
from gouji_layout.spans import Span

UNIT, PITCH, TOP = 20.0, 34.0, 200.0
LEFT, RIGHT = 60.0, 860.0
ENDS = (400.0, 550.0, 700.0, 850.0)  # right edges of columns of figures
Words = list[Box]


@given(seed=st.integers(0, 100_000), rows=st.integers(4, 9), cols=st.integers(3, 6), jitter=st.floats(0, 12))
@settings(max_examples=150, deadline=None)
def test_rows_and_columns_are_never_inside_out_however_pieces_lie(
    seed: int, rows: int, cols: int, jitter: float
) -> None:
    rng = np.random.default_rng(seed)
    pieces = []
    for row in range(rows):
        for col in range(cols):
            left, top = 50 + col * 160 + rng.uniform(0, 20), 50 + row * 34 + rng.uniform(-jitter, jitter)
            high = rng.uniform(0.4, 4.5) if rng.random() < 0.1 else rng.uniform(0.8, 1.2)
            pieces.append(Box(left, top, left + rng.uniform(30, 110), top + high * UNIT))
    grids = aligned_grids(pieces, (), UNIT)
    assume(grids)
    for grid in grids:
        assert (np.diff(grid.ys) > 0).all()
        assert (np.diff(grid.xs) > 0).all()


def word(left: float, middle: float, characters: float, high: float = UNIT) -> Box:
    """A run of characters as wide as high around y = middle."""
    return Box(left, middle - high / 2, left + characters * high, middle + high / 2)


def centred(at: float, middle: float, characters: float, high: float = UNIT) -> Box:
    return word(at - characters * high / 2, middle, characters, high)


def body(rows: int, first: float = TOP, blank: Iterable[tuple[int, int]] = (), pitch: float = PITCH) -> Words:
    """Labels to the left, figures of one to four digits to the right; `blank` places hold no text."""
    words = []
    for row in range(rows):
        middle = first + row * pitch
        places = [word(LEFT + 5, middle, 2 + row % 4)]
        for col, right in enumerate(ENDS):
            width = 10.0 + 12 * ((row * 3 + col) % 4)
            places.append(Box(right - width, middle - 8, right, middle + 8))
        words += [box for col, box in enumerate(places) if (row, col) not in set(blank)]
    return words


def heads(middle: float) -> Words:
    return [centred(at, middle, 3) for at in (160, 340, 490, 640, 790)]


def rule(y: float, left: float = LEFT, right: float = RIGHT) -> Segment:
    return Segment(y, left, right, 2.0)


def three_lines(rows: int, above: float = 45.0) -> list[Segment]:
    """Rules above the heads, below them, and at the foot of a body of so many rows."""
    return [rule(TOP - 17 - above), rule(TOP - 17), rule(TOP - 17 + rows * PITCH)]


def shape(grid: Grid) -> tuple[int, int]:
    return len(grid.ys) - 1, len(grid.xs) - 1


def cell_of(grid: Grid, box: Box) -> Span:
    """The one cell within which a text stands."""
    [found] = [
        cell
        for cell in grid.cells
        if grid.xs[cell.col] <= box.left
        and box.right <= grid.xs[cell.col + cell.cols]
        and grid.ys[cell.row] <= box.top
        and box.bottom <= grid.ys[cell.row + cell.rows]
    ]
    return found


def only(words: Sequence[Box], rules: Sequence[Segment] = ()) -> Grid:
    [grid] = aligned_grids(words, rules, UNIT)
    return grid


def test_columns_that_line_up_in_every_row_are_found() -> None:
    pieces = [Box(50 + c * 160, 50 + r * 34, 130 + c * 160, 70 + r * 34) for r in range(6) for c in range(4)]
    assert shape(only(pieces)) == (6, 4)


def test_a_table_of_three_lines_has_its_heads_over_their_columns_and_no_title() -> None:
    title, unit = centred(460, TOP - 140, 12, 26), word(750, TOP - 90, 5)
    note = word(LEFT, TOP + 8 * PITCH + 20, 30)
    words = [title, unit, *heads(TOP - 40), *body(8), note]
    grid = only(words, three_lines(8))
    assert shape(grid) == (9, 5)
    assert [cell_of(grid, head) for head in heads(TOP - 40)] == [Span(0, col, 1, 1) for col in range(5)]
    assert [cell_of(grid, box).row for box in body(8)] == [1 + row for row in range(8) for _ in range(5)]
    assert grid.box.top > unit.bottom
    assert grid.box.bottom < note.top


def test_rules_of_a_table_are_drawn_edges_and_all_others_are_open() -> None:
    grid = only([*heads(TOP - 40), *body(8)], three_lines(8))
    assert [bool((edge == 1).all()) for edge in grid.level] == [True, True, *[False] * 7, True]
    assert grid.open_xs == set(grid.xs)
    assert grid.open_ys == set(grid.ys[2:-1])


@pytest.mark.parametrize("lines", [three_lines(8, 60), []], ids=["three lines", "no rules"])
def test_a_head_of_two_lines_is_one_cell(lines: list[Segment]) -> None:
    upper, lower = centred(490, TOP - 58, 2), centred(490, TOP - 34, 3)
    others = [head for head in heads(TOP - 46) if head.centre[0] != 490]
    grid = only([*others, upper, lower, *body(8)], lines)
    assert shape(grid) == (9, 5)
    assert cell_of(grid, upper) == cell_of(grid, lower) == Span(0, 2, 1, 1)


@pytest.mark.parametrize("parted", [True, False], ids=["with a rule", "without"])
def test_a_head_over_several_columns_spans_them(parted: bool) -> None:
    common, label = centred(640, TOP - 62, 4), centred(160, TOP - 46, 2)
    alone = centred(340, TOP - 46, 2)
    below = [centred(at, TOP - 31, 2) for at in (490, 640, 790)]
    rules = [*three_lines(8, 65), *([rule(TOP - 46, 430, RIGHT)] if parted else [])]
    grid = only([common, label, alone, *below, *body(8)], rules)
    assert shape(grid) == (10, 5)
    assert cell_of(grid, common) == Span(0, 2, 1, 3)
    assert [cell_of(grid, head) for head in below] == [Span(1, col, 1, 1) for col in (2, 3, 4)]
    assert [cell_of(grid, head) for head in (label, alone)] == [Span(0, 0, 2, 1), Span(0, 1, 2, 1)]


def test_rows_with_blank_labels_or_figures_and_headings_within_the_table_stay_rows() -> None:
    blank = [(1, 0), (3, 1), (3, 2), (3, 3), (3, 4), (5, 2), (5, 4)]
    grid = only([*heads(TOP - 40), *body(8, blank=blank)], three_lines(8))
    assert shape(grid) == (9, 5)
    assert len(grid.cells) == 45


def test_a_label_of_two_lines_beside_one_line_of_figures_is_one_row() -> None:
    rows = body(8, pitch=1.6 * PITCH, blank=[(2, 0)])
    middle = TOP + 2 * 1.6 * PITCH
    upper, lower = word(LEFT + 5, middle - 12, 8), word(LEFT + 5, middle + 12, 3)
    rules = [rule(TOP - 70), rule(TOP - 20), rule(TOP + 7.6 * 1.6 * PITCH)]
    grid = only([*heads(TOP - 45), *rows, upper, lower], rules)
    assert shape(grid) == (9, 5)
    assert cell_of(grid, upper) == cell_of(grid, lower) == Span(3, 0, 1, 1)


def test_a_row_between_rules_of_its_own_belongs_to_the_table_above() -> None:
    grid = only([*heads(TOP - 40), *body(8)], [*three_lines(8), rule(TOP + 6.5 * PITCH)])
    assert shape(grid) == (9, 5)


def test_tables_of_three_lines_below_each_other_are_two() -> None:
    low = 8 * PITCH + 200
    second = [Box(b.left, b.top + low, b.right, b.bottom + low) for b in [*heads(TOP - 40), *body(8)]]
    rules = [*three_lines(8), *(rule(one.at + low) for one in three_lines(8))]
    title = centred(460, TOP + low - 100, 12)
    grids = aligned_grids([*heads(TOP - 40), *body(8), title, *second], rules, UNIT)
    assert [shape(grid) for grid in grids] == [(9, 5), (9, 5)]


def test_a_name_of_two_characters_that_white_sets_apart_is_one_label() -> None:
    words = [box for box in body(8) if box.left > LEFT + 100]
    names = [word(LEFT + at, TOP + row * PITCH, 1) for row in range(8) for at in (5, 45)]
    assert shape(only([*heads(TOP - 40), *words, *names], three_lines(8))) == (9, 5)


def test_lines_that_touch_are_parted_as_the_lines_of_the_other_columns() -> None:
    words = body(8, blank=[(2, 0), (3, 0)])
    both = Box(LEFT + 5, TOP + 2 * PITCH - 10, LEFT + 85, TOP + 3 * PITCH + 10)
    assert shape(only([*heads(TOP - 40), *words, both], three_lines(8))) == (9, 5)


def test_a_comma_parts_no_text_and_a_speck_is_no_column() -> None:
    words = body(8)
    for row in range(8):  # a label in which a comma leaves a gap of a whole character, and dirt beside it
        middle = TOP + row * PITCH
        words = [box for box in words if not (box.left < 300 and abs(box.centre[1] - middle) < 5)]
        comma = Box(LEFT + 57, middle + 4, LEFT + 61, middle + 10)
        words += [word(LEFT + 5, middle, 2), comma, word(LEFT + 75, middle, 2)]
    words.append(Box(270, TOP + 3, 274, TOP + 7))
    assert shape(only([*heads(TOP - 40), *words], three_lines(8))) == (9, 5)


def test_a_title_and_a_unit_of_measure_above_a_table_without_rules_are_no_rows() -> None:
    title, unit = centred(460, TOP - 80, 12, 26), [word(LEFT, TOP - 44, 4), word(760, TOP - 44, 5)]
    assert shape(only([title, *unit, *heads(TOP - PITCH), *body(8, TOP)])) == (9, 5)


def test_common_heads_above_a_table_without_rules_are_no_row_of_it() -> None:
    common = [centred(at, TOP - 2 * PITCH, 3) for at in (415, 715)]
    grid = only([*common, *heads(TOP - PITCH), *body(8)])
    assert [cell_of(grid, head) for head in common] == [Span(0, 1, 1, 2), Span(0, 3, 1, 2)]
    assert shape(grid) == (10, 5)


def test_many_headings_within_a_table_do_not_pass_for_lines_of_the_labels_above_them() -> None:
    blank = [(row, col) for row in (1, 3, 6) for col in range(1, 5)]
    assert shape(only([*heads(TOP - 40), *body(8, blank=blank)], three_lines(8))) == (9, 5)


@pytest.mark.parametrize("columns", [2, 3, 4])
def test_several_columns_of_prose_are_no_table(columns: int) -> None:
    width = 30 * UNIT
    words = []
    for row in range(20):
        for col in range(columns):
            full = 0.4 if row % 6 == 5 else 1.0
            left = 60 + col * (width + 30)
            words.append(Box(left, TOP + row * PITCH, left + full * width, TOP + row * PITCH + UNIT))
    assert not aligned_grids(words, (), UNIT)


def test_choices_between_the_questions_of_an_examination_are_no_table() -> None:
    words = []
    for at in range(10):
        middle = TOP + 2 * at * PITCH
        words.append(word(LEFT, middle, 28))
        words += [word(LEFT + 180 * col, middle + PITCH, 3) for col in range(4)]
    assert not aligned_grids(words, (), UNIT)


def test_prose_between_two_rules_is_no_table() -> None:
    words = [word(LEFT, TOP + row * PITCH, 39) for row in range(8)]
    assert not aligned_grids(words, three_lines(8), UNIT)
