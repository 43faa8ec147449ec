"""Text that stands as a form has it where an edge looks otherwise."""

from __future__ import annotations

import numpy as np
import pytest

from gouji_layout.form_agreement import agreeing, parted
from gouji_layout.form_fit import Fit, known_form
from gouji_layout.form_grid import FormGrid
from gouji_layout.grid import Grid
from gouji_layout.spans import Span

UNIT = 20.0
ROW, COLUMN = 40, 120  # pixels
EVEN = 0.5
Word = tuple[float, float, int]
"""Row and column of the middle of a word, and how many characters it has."""

# Two headings of two columns each, one high label below the first, and single figures.
FORM = FormGrid.of(
    "form",
    [
        Span(0, 0, 1, 2),
        Span(0, 2, 1, 2),
        Span(1, 0, 3, 1),
        *(Span(1 + k // 3, 1 + k % 3, 1, 1) for k in range(9)),
    ],
)
ROWS, COLS = FORM.rows, FORM.cols
HEADINGS: tuple[Word, ...] = ((0.5, 1.0, 4), (0.5, 3.0, 4))


def page(*words: Word, gap: int = 3, strokes: tuple[tuple[int, int, int, int], ...] = ()) -> np.ndarray:
    picture = np.full((ROWS * ROW + 40, COLS * COLUMN + 40), 240, np.uint8)
    for row, col, count in words:
        width = count * (18 + gap) - gap
        left, top = round(20 + col * COLUMN - width / 2), round(20 + row * ROW - 9)
        for at in range(count):
            picture[top : top + 18, left + at * (18 + gap) :][:, :18] = 60
    for top, left, bottom, right in strokes:
        picture[top:bottom, left:right] = 60
    grain = np.random.default_rng(5).normal(0, 4, picture.shape)
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def table(level: bool, at: tuple[int, int]) -> Grid:
    """A grid of which one edge looks otherwise than in the form."""
    edges = FORM.level * 0.98 + 0.01, FORM.upright * 0.98 + 0.01
    own = edges[0 if level else 1]
    own[at] = 1.0 - own[at]
    ys, xs = (
        tuple(20.0 + size * n for n in range(count + 1)) for size, count in ((ROW, ROWS), (COLUMN, COLS))
    )
    return Grid(ys, xs, edges[0], edges[1], ())


FIT = Fit(FORM, tuple(range(ROWS + 1)), tuple(range(COLS + 1)), 0.0, 0.0, 0.0)


def judged(picture: np.ndarray, *, level: bool, at: tuple[int, int]) -> float:
    """The chance of that edge afterwards; other edges stay."""
    grid, axis = table(level, at), 0 if level else 1
    before = grid.level, grid.upright
    after = agreeing(before, grid, FIT, picture, UNIT)
    changed = [np.argwhere(one != other).tolist() for one, other in zip(before, after, strict=True)]
    assert changed[1 - axis] == []
    assert changed[axis] in ([], [list(at)])
    return float(after[axis][at])


def agreed(picture: np.ndarray, *, level: bool = False, at: tuple[int, int] = (0, 2)) -> bool:
    return judged(picture, level=level, at=at) == EVEN


def test_two_words_with_paper_between_them_are_two_cells() -> None:
    assert agreed(page(*HEADINGS))
    assert not agreed(page((0.5, 2.0, 8)))
    assert not agreed(page((0.5, 1.0, 4)))
    assert not agreed(page())


def test_wide_set_characters_of_one_word_are_not_but_figures_are() -> None:
    assert not agreed(page((0.5, 1.5, 1), (0.5, 2.5, 1)))
    assert agreed(page((1.5, 1.5, 1), (1.5, 2.5, 1)), at=(1, 2))


def test_two_blank_places_of_figures_say_nothing_and_a_dash_in_one_does() -> None:
    assert agreed(page(), at=(1, 2))
    speck, dash = (78, 190, 81, 193), (79, 190, 82, 206)
    assert agreed(page(strokes=(speck,)), at=(1, 2))
    assert not agreed(page(strokes=(dash,)), at=(1, 2))
    on_the_edge = (93, 199, 107, 202)  # a narrow figure of one cell, half in either place
    assert not agreed(page(strokes=(on_the_edge,)), level=True, at=(2, 1))
    assert agreed(page(), level=True, at=(2, 1))


def test_a_text_that_goes_on_across_an_edge_is_one_cell() -> None:
    assert agreed(page(*HEADINGS), at=(0, 1))
    assert agreed(page((0.5, 0.8, 6)), at=(0, 1))
    assert agreed(page((0.5, 1.0, 4), gap=14), at=(0, 1))


def test_a_text_in_the_middle_of_a_cell_is_one_though_a_character_is_lost_at_the_edge() -> None:
    assert agreed(page((0.5, 0.78, 2), (0.5, 1.22, 2)), at=(0, 1))
    assert not agreed(page((0.5, 0.58, 2), (0.5, 1.42, 2)), at=(0, 1))
    assert not agreed(page((0.5, 0.78, 2), (0.5, 1.32, 2)), at=(0, 1))


def test_a_border_that_is_worn_away_says_nothing() -> None:
    assert agreed(page(*HEADINGS), at=(1, 0))
    assert agreed(page(*HEADINGS), level=True, at=(4, 2))


def test_two_words_of_one_cell_with_the_edge_between_them_are_not() -> None:
    two = (0.5, 0.5, 3), (0.5, 1.5, 3)
    assert not agreed(page(*two), at=(0, 1))
    rule = (20, 20 + COLUMN - 4, 20 + ROW, 20 + COLUMN + 4)
    piece = (24, 20 + COLUMN - 3, 50, 20 + COLUMN + 3)
    assert not agreed(page(*two, strokes=(rule,)), at=(0, 1))
    assert not agreed(page(*two, strokes=(piece,)), at=(0, 1))
    assert not agreed(page(), at=(0, 1))


@pytest.mark.parametrize(("middle", "one"), [(2.5, True), (1.5, False), (3.0, False)])
def test_a_text_beside_the_edge_is_one_cell_if_it_stands_in_the_middle_of_it(
    middle: float, one: bool
) -> None:
    assert agreed(page((middle, 0.5, 2)), level=True, at=(2, 0)) == one


def test_lines_in_the_middle_of_their_own_rows_are_two_cells() -> None:
    assert agreed(page((1.5, 1.5, 2), (2.5, 1.5, 2)), level=True, at=(2, 1))
    assert not agreed(page((1.8, 1.5, 2), (2.2, 1.5, 2)), level=True, at=(2, 1))


def test_characters_above_one_another_go_on_across_a_level_edge() -> None:
    upright = tuple((1.6 + 0.75 * k, 0.5, 1) for k in range(4))
    assert agreed(page(*upright), level=True, at=(2, 0))
    assert not agreed(page((1.5, 0.5, 2), (2.5, 0.5, 2), (3.5, 0.5, 2)), level=True, at=(2, 0))


def test_a_form_is_known_if_text_agrees_with_it_at_the_only_edge_that_does_not() -> None:
    chances = FORM.level * 0.98 + 0.01, FORM.upright * 0.98 + 0.01
    chances[1][0, 2] = 0.01
    assert known_form(chances, [FORM]) is None
    even = chances[0], chances[1].copy()
    even[1][0, 2] = EVEN
    fit = known_form(chances, [FORM], lambda fit: even)
    assert fit is not None
    assert fit.form.name == "form"
    assert known_form(chances, [FORM], lambda fit: chances) is None


def test_two_words_beside_an_edge_that_a_form_has_not_say_that_it_was_changed() -> None:
    grid = table(False, (0, 1))

    def denied(*words: Word, gap: int = 3) -> bool:
        return parted((grid.level, grid.upright), grid, FIT, page(*words, gap=gap), UNIT)

    assert denied((0.5, 0.5, 3), (0.5, 1.5, 3))
    assert not denied((0.5, 1.0, 6))
    assert not denied((0.5, 0.5, 1), (0.5, 1.5, 1))  # one word, set wide
    assert not denied((0.5, 1.0, 4), gap=10)
    assert not denied((0.5, 0.5, 3))
    unlike = table(False, (1, 2))
    assert not parted((unlike.level, unlike.upright), unlike, FIT, page((0.5, 0.5, 3), (0.5, 1.5, 3)), UNIT)


def test_two_lines_in_the_middle_of_their_own_rows_say_the_same() -> None:
    grid = table(True, (2, 0))

    def denied(*words: Word) -> bool:
        return parted((grid.level, grid.upright), grid, FIT, page(*words), UNIT)

    assert denied((1.5, 0.5, 3), (3.0, 0.5, 3))
    assert not denied((2.1, 0.5, 3), (2.9, 0.5, 3))
    assert not denied((1.5, 0.5, 1), (3.0, 0.5, 1))
    assert not denied((2.5, 0.5, 3))
