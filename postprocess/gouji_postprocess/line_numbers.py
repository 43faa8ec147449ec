"""How lines of a table are numbered, and which belong to which: 一、 over （一） over 1. over （1）."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gouji_postprocess.table_lines import SeenLine

_OF_WHICH = re.compile(r"^[（(]?\s*(其中|#|＃)")
_KINDS = (
    re.compile(r"^[一二三四五六七八九十]+[、.．,，]"),
    re.compile(r"^[（(][一二三四五六七八九十]+[)）]"),
    re.compile(r"^\d{1,2}[、.．,，](?!\d)"),
    re.compile(r"^[（(]\d{1,2}[)）]"),
    re.compile(r"^[①-⑳]"),
)


def numbering(label: str) -> int | None:
    """Depth of a label's number, 0 for `一、` to 4 for `①`; None without one."""
    text = label.strip()
    return next((depth for depth, kind in enumerate(_KINDS) if kind.match(text)), None)


def is_of_which(line: SeenLine) -> bool:
    """Whether a line names a part of the line above: 其中."""
    return bool(_OF_WHICH.match(line.label.strip()))


def parents_of(lines: Sequence[SeenLine]) -> dict[int, int]:
    """The line above each line that it belongs to, by the depth of the numbers and by 其中."""
    parents: dict[int, int] = {}
    for i, line in enumerate(lines):
        parent = _parent(lines, i, parents) if line.path else None
        if parent is not None:
            parents[i] = parent
    return parents


def _parent(lines: Sequence[SeenLine], i: int, parents: dict[int, int]) -> int | None:
    """The line that one line belongs to, when those of the lines above are known."""
    line, scope, depth = lines[i], lines[i].path[:-1], numbering(lines[i].label)
    for j in range(i - 1, -1, -1):
        other, other_depth = lines[j], numbering(lines[j].label)
        if other.path[: len(scope)] != scope or len(other.path) != len(scope) + 1:
            return None
        if depth is not None:
            if other_depth is None:
                heads = j not in parents and not is_of_which(other)
            else:
                heads = other_depth < depth
            if heads:
                return j
        elif is_of_which(line) and not is_of_which(other):
            return j
        elif is_of_which(other) and other_depth is None:
            # A list of 其中 lines goes on to the next number; without numbers it has no end.
            above = parents.get(j)
            return above if above is not None and numbering(lines[above].label) is not None else None
        elif other_depth is not None:
            return None
    return None
