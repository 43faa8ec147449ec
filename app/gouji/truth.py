"""What is printed on a page, as truth files state it (`fixtures/README.md` has the format)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Corners = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True, slots=True)
class CellTruth:
    """A cell as it is printed."""

    row: int
    col: int
    text: str
    rowspan: int = 1
    colspan: int = 1
    numeric: bool = False
    ignore: bool = False
    box: Corners | None = None  # in the page before skew


@dataclass(frozen=True, slots=True)
class SourceError:
    """A figure that is printed wrong: its place and what the rules ask for."""

    table: int
    row: int
    col: int
    right: str


@dataclass(frozen=True, slots=True)
class PageTruth:
    """What is printed on one page."""

    image: str
    tables: tuple[tuple[CellTruth, ...], ...]
    source_error: SourceError | None = None
    page: int | None = None  # for files of several pages, from 1
    level: int | None = None
    form: str | None = None

    @classmethod
    def of(cls, truth: Mapping[str, Any]) -> PageTruth:
        """Take a page from a truth file's JSON.

        Raises:
            KeyError, TypeError, ValueError: the mapping is not in the truth format.
        """
        tables = tuple(
            tuple(
                CellTruth(
                    cell["row"],
                    cell["col"],
                    cell["text"] or "",
                    cell["rowspan"],
                    cell["colspan"],
                    bool(cell["numeric"]),
                    bool(cell.get("ignore", False)),
                    None if cell.get("box") is None else _corners(cell["box"]),
                )
                for cell in table["cells"]
            )
            for table in truth["tables"]
        )
        error = None
        if truth.get("source_error"):
            row, col, right = truth["source_error"]
            error = SourceError(truth.get("source_error_table") or 0, row, col, right)
        return cls(truth["image"], tables, error, truth.get("page"), truth.get("level"), truth.get("form"))


def _corners(box: Sequence[float]) -> Corners:
    left, top, right, bottom = box
    return left, top, right, bottom
