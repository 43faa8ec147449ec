"""Where seals without colour lie on a page is known, and of a black one nothing is taken off."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from gouji_layout.geometry import Box, CellRef
from gouji_layout.page import Gray
from gouji_layout.ring_seals import Ring
from gouji_layout.table import Cell, Table
from gouji_ocr.planes import BLACK, LIFTED, Plane
from gouji_ocr.views import view_cells, with_seals

X, Y, RADIUS = 500, 500, 155


def stamped(darkness: float) -> Gray:
    """A page of A4 at 200 dpi with a seal: its ring, a disc for a star, and a character as thin as type."""
    seal = np.zeros((2339, 1654), np.float32)
    cv2.circle(seal, (X, Y), RADIUS, 1, 10, cv2.LINE_AA)
    cv2.circle(seal, (X, Y), 40, 1, -1, cv2.LINE_AA)
    cv2.polylines(seal, [np.array([(X + 80, Y + 12), (X + 90, Y - 12), (X + 100, Y + 12)])], False, 1, 4)
    return np.asarray(255 * (1 - darkness * seal), np.uint8)


def ring(*, black: bool) -> Ring:
    return Ring(float(X), float(Y), float(RADIUS), black)


def test_a_page_without_seals_knows_of_none() -> None:
    page = stamped(0.0)
    plane = Plane.without(page, [])
    assert plane.gray is page
    assert plane.sealed is None


def test_where_a_grey_seal_was_taken_off_is_known() -> None:
    plane = Plane.without(stamped(0.4), [ring(black=False)])
    assert plane.sealed is not None
    assert plane.gray[Y, X] > 240
    assert plane.sealed[Y, X] == plane.sealed[Y, X - RADIUS] == LIFTED
    assert not plane.sealed[Y, X - 100 : X - 60].any()  # paper between the star and the ring


def test_a_black_seal_stays_and_its_characters_may_be_print() -> None:
    page = stamped(1.0)
    plane = Plane.without(page, [ring(black=True)])
    assert plane.sealed is not None
    assert np.array_equal(plane.gray, page)
    assert plane.sealed[Y, X] == plane.sealed[Y, X - RADIUS] == BLACK
    assert not plane.sealed[Y - 20 : Y + 20, X + 75 : X + 105].any()


@pytest.mark.parametrize("turns", [0, 1])
def test_a_cell_knows_what_lies_on_it_as_it_is_read(turns: int) -> None:
    plane = Plane.without(stamped(0.4), [ring(black=False)])
    boxes = [Box(440, 480, 640, 520), Box(900, 480, 1100, 520)]
    cells = tuple(Cell(CellRef(1, 0, 0, col), box) for col, box in enumerate(boxes))
    table = Table(1, 0, Box(440, 480, 1100, 520), cells, quarter_turns=turns)
    below, beside = with_seals(view_cells(plane.gray, table), table, plane.sealed)
    assert below.sealed is not None
    assert below.sealed.shape == below.ink.picture.shape
    assert beside.sealed is None
