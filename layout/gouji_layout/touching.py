"""Which rules belong to one table: those that touch each other, directly or through others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gouji_layout.rules import Segment


def touching(
    level: Sequence[Segment], upright: Sequence[Segment], near: float
) -> list[tuple[list[Segment], list[Segment]]]:
    """Segments that touch each other, directly or through others, with a gap of at most `near`."""
    leader = list(range(len(level) + len(upright)))

    def find(at: int) -> int:
        while leader[at] != at:
            leader[at] = leader[leader[at]]
            at = leader[at]
        return at

    if level and upright:
        y, x0, x1 = (np.array([getattr(s, name) for s in level])[:, None] for name in ("at", "start", "end"))
        x, y0, y1 = (np.array([getattr(s, name) for s in upright])[None] for name in ("at", "start", "end"))
        touch = (x >= x0 - near) & (x <= x1 + near) & (y >= y0 - near) & (y <= y1 + near)
        for i, j in zip(*np.nonzero(touch), strict=True):
            leader[find(int(i))] = find(len(level) + int(j))
    groups: dict[int, tuple[list[Segment], list[Segment]]] = {}
    for i, segment in enumerate(level):
        groups.setdefault(find(i), ([], []))[0].append(segment)
    for j, segment in enumerate(upright):
        groups.setdefault(find(len(level) + j), ([], []))[1].append(segment)
    return [group for group in groups.values() if len(group[0]) >= 2 and group[1]]
