"""What stands in each column of a band: labels, figures, units, or numbers and codes that name its rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from gouji_layout.geometry import CellRef
from gouji_layout.table import Cell
from gouji_ocr.amounts import Amount, AmountKind
from gouji_postprocess.labels import fold_label, is_label, is_unreported
from gouji_postprocess.seen_grid import SeenGrid

_NUMBERING = re.compile(r"行次|代码|序号|编号|编码|代号|^编(?![制内外])|^序$|^号$")
UNITS = frozenset(
    {
        "条",
        "件",
        "次",
        "篇",
        "个",
        "人",
        "人次",
        "元",
        "千元",
        "万元",
        "亿元",
        "户",
        "项",
        "份",
        "家",
        "吨",
        "公斤",
        "千克",
        "亩",
        "公顷",
        "台",
        "套",
        "辆",
        "名",
        "所",
        "%",
        "——",
        "—",
        "-",
    }
)
_WHOLE_CODE = re.compile(r"0\d+|\d{3}(\d\d){0,2}")
_FIRST_PART, _LATER_PART = re.compile(r"\d{3}"), re.compile(r"\d{2}")
_FEWEST = 3  # texts that make a column of codes


def column_kinds(
    grid: SeenGrid, amounts: Mapping[CellRef, Amount | None], top: int, body: int, bottom: int
) -> list[str]:
    """`label`, `figure`, `unit`, `number` or `empty` for every column of a band.

    The band goes from row `top` to before `bottom`; its figures begin in row `body`. Columns that number
    or name its rows (行次, 序号, codes of subjects) are `number`.
    """
    kinds = [_column_kind(grid, amounts, col, (top, body, bottom)) for col in range(grid.cols)]
    for col in _codes_before_names(grid, kinds, body, bottom):
        kinds[col] = "number"
    return kinds


def is_figure(amounts: Mapping[CellRef, Amount | None], cell: Cell | None) -> bool:
    """Whether a cell was read as an amount, and not as a sign for none."""
    amount = None if cell is None else amounts.get(cell.ref)
    return amount is not None and amount.kind is AmountKind.FIGURE


def _column_kind(
    grid: SeenGrid, amounts: Mapping[CellRef, Amount | None], col: int, rows: tuple[int, int, int]
) -> str:
    top, body, bottom = rows
    cells = grid.cells_of_col(col, body, bottom)
    texts = [text for cell in cells if (text := grid.text(cell).strip())]
    header = "".join(fold_label(text) for text in grid.col_labels(col, top, body))
    own = [cell for cell in cells if cell.col == col and cell.colspan == 1] or cells
    figures = sum(is_figure(amounts, cell) for cell in own)
    labels = sum(is_label(text) and text not in UNITS and not is_unreported(text) for text in texts)
    units = sum(text in UNITS for text in texts)
    if _NUMBERING.search(header) or _counts_up([grid.text(cell) for cell in own]) or _are_nested(texts):
        return "number"
    if units and units >= figures and units >= labels:
        return "unit"
    if labels > figures:
        return "label"
    return "figure" if figures or header else "empty"


def _codes_before_names(grid: SeenGrid, kinds: Sequence[str], body: int, bottom: int) -> list[int]:
    """Columns whose header does not say that they hold codes, by where they stand: left of the names.

    Three or five digits alone make no code: figures right of the names look the same. A code is one
    column, or split into 类 of three digits, then 款 and 项 of two.
    """
    if "label" not in kinds:
        return []
    before = [col for col in range(kinds.index("label")) if kinds[col] not in ("number", "empty")]
    columns = [
        [text for row in range(body, bottom) if (text := grid.text(grid.places.get((row, col))).strip())]
        for col in before
    ]
    if not columns or len(columns[0]) < _FEWEST:
        return []
    whole = len(columns) == 1 and _codes(columns[0], _WHOLE_CODE)
    split = all(_codes(texts, _LATER_PART if at else _FIRST_PART) for at, texts in enumerate(columns))
    return before if whole or split else []


def _codes(texts: Sequence[str], code: re.Pattern[str]) -> list[str]:
    """The codes of a column; none where anything else stands in it but the label of a line of totals."""
    found = [text for text in texts if code.fullmatch(text)]
    return found if len(found) >= len(texts) - 1 else []


def _are_nested(texts: Sequence[str]) -> bool:
    """Whether codes of several levels stand here: 201 with 20103 and 2010301 below it; or ones like 05."""
    codes = _codes(texts, _WHOLE_CODE)
    if len(codes) < _FEWEST:
        return False
    zeros = sum(code.startswith("0") for code in codes)
    below = [code for code in codes if len(code) > len("201")]
    return 2 * zeros > len(codes) or (len(below) > 1 and all(code[:-2] in codes for code in below))


def _counts_up(texts: Sequence[str]) -> bool:
    """Whether a column only numbers its rows: 1 2 3 …, at least four of them, with at most a few holes."""
    numbers = [int(text) for text in texts if re.fullmatch(r"\d{1,3}", text.strip())]
    filled = [text for text in texts if text.strip()]
    return len(numbers) >= 4 and len(numbers) == len(filled) and all(b - a == 1 for a, b in pairwise(numbers))
