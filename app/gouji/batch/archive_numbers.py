"""档号 from file and folder names, and the numbers missing from a row of them.

An item's number is written as in DA/T 13 and DA/T 22, parts joined by hyphens or middle dots
(全宗号-门类·年度-保管期限-机构-件号). Many archives put the front parts in the folder's name and only
the last ones in the file's.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath

_JOINT = r"[-－—·•.．]"
_PART = r"[A-Za-z0-9\u4e00-\u9fff]{1,8}"
_NUMBER = re.compile(rf"(?<![A-Za-z0-9])[A-Za-z]{{0,4}}\d{{1,6}}(?:{_JOINT}{_PART}){{2,7}}(?![A-Za-z0-9])")
_LAST_DIGITS = re.compile(r"^(?P<head>.*?)(?P<digits>\d{1,9})(?P<tail>\D*)$")
_LARGEST_GAP = 1000  # a longer one is two rows of numbers, not missing pages


def archive_number(shown: str) -> str | None:
    """The 档号 that a path tells, or None.

    >>> archive_number("2011/X043-WS·2011-Y-BGS-0001.pdf")
    'X043-WS·2011-Y-BGS-0001'
    >>> archive_number("X043-WS·2011-Y/BGS-0001/003.png")
    'X043-WS·2011-Y-BGS-0001-003'
    >>> archive_number("scan 1.png") is None
    True
    """
    path = PurePosixPath(shown)
    parts = [*path.parent.parts, path.stem]
    whole = _NUMBER.search(path.stem)
    if whole is not None:
        return whole.group()
    for first in range(len(parts) - 1):
        joined = "-".join(parts[first:])
        found = _NUMBER.fullmatch(joined)
        if found is not None:
            return found.group()
    return None


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers missing between two files of a folder."""

    after: str  # the path before the gap
    before: str  # and behind it
    missing: tuple[str, ...]  # names that would fill it, without suffix


def missing_numbers(paths: Iterable[str]) -> Iterator[Gap]:
    """Gaps in rows of numbered files: 001, 002, 004 lacks 003.

    Args:
        paths: paths below the folder that was read.
    """
    rows: dict[tuple[str, str, str], dict[int, tuple[str, int]]] = defaultdict(dict)
    for path in paths:
        pure = PurePosixPath(path)
        found = _LAST_DIGITS.match(pure.stem)
        if found is not None:
            row = rows[str(pure.parent), found["head"], found["tail"]]
            row[int(found["digits"])] = (path, len(found["digits"]))
    for (_, head, tail), row in sorted(rows.items()):
        numbers = sorted(row)
        for low, high in pairwise(numbers):
            if 1 < high - low <= _LARGEST_GAP and len(numbers) > 2:
                width = row[low][1]
                names = tuple(f"{head}{number:0{width}d}{tail}" for number in range(low + 1, high))
                yield Gap(row[low][0], row[high][0], names)
