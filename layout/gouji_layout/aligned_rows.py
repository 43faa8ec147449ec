"""Rows of a table that no rule parts: most lines are one, but a cell of several lines is not several rows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from gouji_layout.aligned_columns import Column, columns_reached
from gouji_layout.aligned_lines import Line, middle_of

_TIGHT = 0.86  # of the usual distance of rows: lines nearer than that to each other may be of one cell
_USUAL = 20  # percentile of the distances between lines of several columns that is the usual one of rows
_AS_NEAR = 0.15  # of the usual distance of rows that makes no difference


def rows_of(lines: Sequence[Line], columns: Sequence[Column], unit: float) -> list[list[Line]]:
    """Lines of a body that make up one row each, top to bottom.

    A line in one column alone goes to the row next to it if it stands nearer than rows do; else it is a row,
    as a heading within the table is.

    Args:
        lines: top to bottom.
        columns: of the table.
        unit: text height in pixels.
    """
    held = [{at for word in line for at in columns_reached(word, columns, unit)} for line in lines]
    whole = [len(own) > 1 for own in held]
    middles = [middle_of(line) for line in lines]
    usual = usual_distance([middle for middle, own in zip(middles, whole, strict=True) if own])
    starts = [at for at in range(len(lines)) if not at or not are_tight(middles[at] - middles[at - 1], usual)]
    rows: list[list[int]] = []
    for start, end in pairwise([*starts, len(lines)]):
        own = [[at] for at in range(start, end) if whole[at]]
        if len(own) < 2:
            rows.append(list(range(start, end)))
            continue
        for at in range(start, end):
            if not whole[at]:
                far = [abs(middles[row[0]] - middles[at]) for row in own]
                close = [row for row, off in zip(own, far, strict=True) if off < min(far) + _AS_NEAR * usual]
                min(close, key=lambda row: bool(held[row[0]] & held[at])).append(at)
        rows += own
    return [[lines[at] for at in sorted(row)] for row in rows]


def usual_distance(middles: Sequence[float]) -> float:
    """Distance in pixels between rows of one line; 0 where there are fewer than two."""
    return float(np.percentile(np.diff(middles), _USUAL, method="lower")) if len(middles) > 1 else 0.0


def are_tight(distance: float, usual: float) -> bool:
    """Whether lines stand nearer to each other than rows do, both in pixels."""
    return distance < _TIGHT * usual
