"""Tables that only line up."""

from __future__ import annotations

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gouji_layout.aligned import aligned_grids
from gouji_layout.geometry import Box

UNIT = 20.0


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
    grids = aligned_grids(pieces, UNIT)
    assume(grids)
    for grid in grids:
        assert (np.diff(grid.ys) > 0).all()
        assert (np.diff(grid.xs) > 0).all()


def test_columns_that_line_up_in_every_row_are_found() -> None:
    pieces = [Box(50 + c * 160, 50 + r * 34, 130 + c * 160, 70 + r * 34) for r in range(6) for c in range(4)]
    [grid] = aligned_grids(pieces, UNIT)
    assert (len(grid.ys), len(grid.xs)) == (7, 5)
