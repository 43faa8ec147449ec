"""Sums nobody announced: runs of neighbouring lines that add up to a line next to them, in most columns."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gouji_postprocess.sum_templates import Hint, Template

LONGEST = 60
FEWEST_COLUMNS = 3  # with two addends or more that are not zero, or nothing is proposed
SHARE = 0.75  # of the telling columns must hold


def contiguous_sums(matrix: Sequence[Sequence[int | None]], explained: Collection[int]) -> list[Template]:
    """Lines that equal the run just above or just below them, longest runs first.

    Args:
        matrix: values by line and by the columns they are tried on; None where none is known.
        explained: lines that headings already explain as totals.
    """
    found: list[Template] = []
    count = len(matrix)
    for total in range(count):
        if total in explained:
            continue
        for step in (1, -1):
            run = _run(matrix, total, step)
            if run:
                found.append(Template(total, tuple((1, i) for i in sorted(run)), Hint.NUMBERING))
                break
    return found


def _run(matrix: Sequence[Sequence[int | None]], total: int, step: int) -> list[int]:
    """The longest run beside `total` whose sums are right in most telling columns; empty if none."""
    width = len(matrix[total])
    sums, known = [0] * width, [True] * width
    filled = [0] * width
    best: list[int] = []
    run: list[int] = []
    at = total + step
    while 0 <= at < len(matrix) and len(run) < LONGEST:
        run.append(at)
        for c in range(width):
            value = matrix[at][c]
            if value is None:
                known[c] = False
            else:
                sums[c] += value
                filled[c] += value != 0
        if len(run) >= 2:
            telling = [
                c for c in range(width) if known[c] and filled[c] >= 2 and matrix[total][c] is not None
            ]
            right = sum(sums[c] == matrix[total][c] for c in telling)
            if len(telling) >= FEWEST_COLUMNS and right >= SHARE * len(telling):
                best = list(run)
        at += step
    return best
