"""Tables as they were decided, in the form they are scored in, and which of them is which of the truth."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from gouji.document import TableRecord
from gouji.truth import CellTruth, Corners
from gouji_postprocess.decision import State
from gouji_postprocess.rule import Verdict

_DASHES = re.compile(r"[-‐‑‒–—―─━﹣﹘⸺⸻]+")
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "″": '"', "‘": "'", "’": "'"})
_PAIRING_FLOOR = 0.1  # less alike than this is not the same table


def normalised(text: str) -> str:
    """The text as it is compared: NFKC, no white space, a run of dashes as one, straight quotes.

    >>> normalised("１，２３４ ——") == normalised("1,234—")
    True
    """
    folded = unicodedata.normalize("NFKC", text).translate(_QUOTES)
    return _DASHES.sub("—", "".join(folded.split()))


@dataclass(frozen=True, slots=True)
class FoundCell:
    """A cell as it was decided."""

    row: int
    col: int
    text: str
    rowspan: int = 1
    colspan: int = 1
    read: str = ""
    state: str = State.ACCEPTED.value
    flagged: bool = False  # suspected misprint, or named by a structure check
    ref: str = ""
    box: Corners | None = None  # in the straightened page


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table as it was decided; `broken` holds the places bound by rules that are known not to hold."""

    cells: tuple[FoundCell, ...]
    broken: frozenset[tuple[int, int]] = frozenset()  # source_inconsistent
    open: frozenset[tuple[int, int]] = frozenset()  # ambiguous

    @classmethod
    def of(cls, record: TableRecord) -> FoundTable:
        """Take a table from a document."""
        places = {cell.ref: (cell.row, cell.col) for cell in record.cells}
        checked = {ref for check in record.checks for ref in check.cells}

        def bound(verdict: Verdict) -> frozenset[tuple[int, int]]:
            refs = (ref for rule in record.rules if rule.verdict is verdict for ref in rule.cells)
            return frozenset(places[ref] for ref in refs if ref in places)

        cells = tuple(
            FoundCell(
                cell.row,
                cell.col,
                cell.text,
                cell.rowspan,
                cell.colspan,
                cell.read,
                cell.state.value,
                cell.source_suspect or cell.ref in checked,
                cell.ref,
                cell.box,
            )
            for cell in record.cells
        )
        return cls(cells, bound(Verdict.SOURCE_INCONSISTENT), bound(Verdict.AMBIGUOUS))


def pair_tables(truth: Sequence[Sequence[CellTruth]], found: Sequence[FoundTable]) -> dict[int, int]:
    """Which found table is which of the truth: the most alike first, by structure and by texts.

    Boxes are not used: truth boxes are in the page before skew, and hand-made truth has none. Equal tables
    are told apart by their order on the page.
    """
    alike = sorted(
        (
            (-round(likeness(cells, table), 3), abs(one - other), one, other)
            for one, cells in enumerate(truth)
            for other, table in enumerate(found)
        ),
    )
    partners: dict[int, int] = {}
    for negative, _, one, other in alike:
        if -negative >= _PAIRING_FLOOR and one not in partners and other not in partners.values():
            partners[one] = other
    return partners


def likeness(truth: Iterable[CellTruth], found: FoundTable) -> float:
    """Half the F1 of placed cells, half the F1 of texts as a bag; 0 to 1."""
    cells = tuple(truth)
    shapes = _f1(Counter(map(shape, cells)), Counter(map(shape, found.cells)))
    texts = _f1(
        Counter(normalised(cell.text) for cell in cells if cell.text),
        Counter(normalised(cell.text) for cell in found.cells if cell.text),
    )
    return (shapes + texts) / 2


def _f1(one: Counter[Any], other: Counter[Any]) -> float:
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0


def shape(cell: CellTruth | FoundCell) -> tuple[int, int, int, int]:
    """Row, column and spans: the place of a cell in its grid."""
    return cell.row, cell.col, cell.rowspan, cell.colspan
