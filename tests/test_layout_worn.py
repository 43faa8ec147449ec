"""Grids on what the rule network sees: what stands by nothing falls, one line after the other."""

from __future__ import annotations

import numpy as np
import pytest

from gouji_layout.rules import Segment
from gouji_layout.worn_grid import _grid, evidence_of

UNIT, SIDE, STEPS = 20.0, 40, 8


def stairs(whole: bool) -> tuple[np.ndarray, np.ndarray, list[Segment], list[Segment]]:
    """Level and upright rules: stairs that the next one alone holds up, or all of a whole table."""
    level, upright = np.zeros((400, 400), np.uint8), np.zeros((400, 400), np.uint8)
    level_pieces, upright_pieces = [], []
    end = 20 + STEPS * SIDE
    for at in range(20, end + 1, SIDE):
        start, stop = (20, end) if whole else (at, at + SIDE)
        level[at - 1 : at + 2, start:stop] = 255
        across = at if whole else at + SIDE
        upright[start:stop, across - 1 : across + 2] = 255
        level_pieces.append(Segment(float(at), float(start), float(stop), 3.0))
        upright_pieces.append(Segment(float(across), float(start), float(stop), 3.0))
    return level, upright, level_pieces, upright_pieces


def test_lines_that_hold_each_other_up_fall_one_after_the_other() -> None:
    level, upright, level_pieces, upright_pieces = stairs(whole=False)
    evidence = evidence_of(255 - np.maximum(level, upright), (level, upright), UNIT)
    assert _grid(evidence, level_pieces, upright_pieces) is None


def test_lines_that_hold_each_other_on_all_sides_are_a_table() -> None:
    level, upright, level_pieces, upright_pieces = stairs(whole=True)
    evidence = evidence_of(255 - np.maximum(level, upright), (level, upright), UNIT)
    grid = _grid(evidence, level_pieces, upright_pieces)
    assert grid is not None
    assert len(grid.cells) == STEPS**2


@pytest.mark.parametrize("reached", [True, False])
def test_a_border_seen_faintly_stays_where_the_rules_go_on_to_it(reached: bool) -> None:
    level, upright, level_pieces, upright_pieces = stairs(whole=True)
    upright[:, :SIDE] //= 2
    if not reached:
        level[:, : 20 + SIDE - 4] = 0
    evidence = evidence_of(255 - np.maximum(level, upright), (level, upright), UNIT)
    grid = _grid(evidence, level_pieces, upright_pieces)
    assert grid is not None
    assert (round(grid.xs[0]) == 20) == reached
