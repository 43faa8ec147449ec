"""What an unknown table is made of: bands and lanes with labelled rows, labelled columns and exact values.

Nothing is known of the form here. Rows with figures are told from header rows, label columns from
figure columns, and row or column numbers (行次, 栏次, 代码) from figures that may be added.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from gouji_layout.geometry import CellRef
from gouji_layout.table import Cell
from gouji_ocr.amounts import Amount, parse_amount
from gouji_postprocess.column_kinds import UNITS, column_kinds, is_figure
from gouji_postprocess.labels import fold_label, is_label, is_unreported
from gouji_postprocess.seen_grid import SeenGrid

_RATIO = re.compile(
    r"比例|比重|比率|占比|性别比|率$|率（|率\(|%|％|‰|百分|指数|规模|平均|人均|户均|增长|增减|增速|幅度|同比"
)
_NUMBER_MARK = re.compile(r"[(（]?(\d{1,3})[)）]?(?:[=＝].*)?栏?")
FEN = 2  # decimals of a yuan
_YEAR = re.compile(r"(19|20)\d\d")
_DATE_UNITS = ("年", "月", "日", "期")


@dataclass(frozen=True, slots=True)
class SeenLine:
    """A row or a column of a lane: where it is, its labels from outside in, its printed number."""

    at: int
    path: tuple[str, ...]
    number: str = ""  # 行次, 栏次 or 代码 as printed
    unit: str = ""  # from a unit column (计量单位), for rows
    ratio: bool = False  # holds ratios, percentages or averages: never added

    @property
    def label(self) -> str:
        """The innermost label."""
        return self.path[-1] if self.path else ""


@dataclass(frozen=True, eq=False)
class Lane:
    """Labelled rows beside labelled columns of figures, with the cells where they cross."""

    rows: tuple[SeenLine, ...]
    columns: tuple[SeenLine, ...]
    cells: Mapping[tuple[int, int], Cell]  # by grid row and column
    amounts: Mapping[CellRef, Amount | None]
    header_texts: tuple[str, ...] = ()
    unreported: frozenset[tuple[int, int]] = frozenset()  # places with words such as 未报, not in `cells`
    yuan: bool = False  # its money is in yuan, which nothing is below two decimals of

    def slack(self, parts: int, scale: int) -> int:
        """Units by which rounding may move a sum of so many parts with these decimals."""
        exact = scale == 0 or (self.yuan and scale == FEN)
        return 0 if exact else parts // 2 + 1

    def ref(self, row: SeenLine, column: SeenLine) -> CellRef | None:
        """The figure cell of a row and a column; None where no cell of its own stands there."""
        cell = self.cells.get((row.at, column.at))
        return None if cell is None else cell.ref

    def amount(self, ref: CellRef | None) -> Amount | None:
        """The exact amount read in a cell; None when it is not an amount."""
        return None if ref is None else self.amounts.get(ref)


def find_lanes(grid: SeenGrid, *, yuan: bool = False) -> list[Lane]:
    """All lanes of a table, band by band from the top, left to right in each band.

    Args:
        grid: the table.
        yuan: whether its money is in yuan.
    """
    amounts = {cell.ref: _amount(grid.text(cell)) for cell in grid.table.cells}
    lanes: list[Lane] = []
    for top, bottom in _bands(grid, amounts):
        header_end = next((row for row in range(top, bottom) if _is_body(grid, amounts, row)), None)
        if header_end is not None:
            lanes += _lanes_of_band(grid, amounts, top, header_end, bottom)
    return [replace(lane, yuan=yuan) for lane in lanes]


def _amount(text: str) -> Amount | None:
    amount = parse_amount(text)
    return None if amount is not None and amount.unit in _DATE_UNITS else amount


def _is_body(grid: SeenGrid, amounts: Mapping[CellRef, Amount | None], row: int) -> bool:
    cells = [cell for cell in grid.cells_of_row(row, 0, grid.cols) if cell.row == row]
    figures = [cell for cell in cells if is_figure(amounts, cell)]
    years = _is_run_of_years([grid.text(cell).strip() for cell in figures])
    return bool(figures) and not years and not _is_number_row(grid, row)


def _is_run_of_years(texts: Sequence[str]) -> bool:
    """Whether a row heads columns with years: 2018 2019 2020, or 1978 1985 1990; rising or falling."""
    if len(texts) < 2 or not all(map(_YEAR.fullmatch, texts)):
        return False
    steps = {int(after) - int(before) for before, after in pairwise(texts)}
    return steps in ({1}, {-1}) or (len(texts) > 2 and (min(steps) > 0 or max(steps) < 0))


def _is_number_row(grid: SeenGrid, row: int) -> bool:
    """Whether a row only numbers the columns: 栏次 1 2 3 …, （1）（2）…, 1=2+3 2 3 …, or 甲 乙 1 2."""
    cells = [cell for cell in grid.cells_of_row(row, 0, grid.cols) if cell.row == row]
    texts = [fold_label(grid.text(cell)) for cell in cells]
    raw = [grid.text(cell).strip() for cell in cells]
    found = [int(m[1]) for text in raw if text and (m := _NUMBER_MARK.fullmatch(text))]
    labels = [text for text in texts if is_label(text) and text not in ("甲", "乙", "丙", "丁")]
    if any(re.fullmatch(r"栏次|行次|栏目|序号", text) for text in labels):
        return len(found) >= 2 and found == sorted(found)
    rising = len(found) >= 3 and found == list(range(found[0], found[0] + len(found))) and found[0] <= 2
    return rising and not labels


def _bands(grid: SeenGrid, amounts: Mapping[CellRef, Amount | None]) -> list[tuple[int, int]]:
    """Row ranges that have their own header: a new one begins where labels stand in a column of figures."""
    starts = [0]
    seen_body = False
    figure_cols: set[int] = set()
    for row in range(grid.rows):
        cells = [cell for cell in grid.cells_of_row(row, 0, grid.cols) if cell.row == row]
        if _is_body(grid, amounts, row):
            seen_body = True
            figure_cols |= {cell.col for cell in cells if is_figure(amounts, cell)}
            continue
        if seen_body and _is_header(grid, amounts, cells, figure_cols):
            starts.append(row)
            seen_body, figure_cols = False, set()
    return list(zip(starts, [*starts[1:], grid.rows], strict=True))


def _is_header(
    grid: SeenGrid, amounts: Mapping[CellRef, Amount | None], cells: Sequence[Cell], figure_cols: set[int]
) -> bool:
    """Whether a row without figures heads what follows: its words name columns, or the whole band.

    One word in the place of a few figures, or the same in the place of several, says of the row's own label
    why it has none (未报, 已撤销).
    """
    if any(is_figure(amounts, cell) for cell in cells):
        return False
    above = [cell for cell in cells if any(cell.col <= col < cell.col + cell.colspan for col in figure_cols)]
    words = [
        cell
        for cell in above
        if is_label(text := grid.text(cell)) and text.strip() not in UNITS and not is_unreported(text)
    ]
    if not words:
        return False
    first = min(figure_cols)
    named = any(cell.col + cell.colspan <= first and is_label(grid.text(cell)) for cell in cells)
    beside = {fold_label(text) for cell in cells if cell.col >= first and is_label(text := grid.text(cell))}
    alone = all(cell.colspan == 1 for cell in words) and len(beside) == 1
    return not (named and alone and (len(words) > 1 or 2 * len(words) < len(figure_cols)))


def _lanes_of_band(
    grid: SeenGrid, amounts: Mapping[CellRef, Amount | None], top: int, body: int, bottom: int
) -> list[Lane]:
    kinds = column_kinds(grid, amounts, top, body, bottom)
    lanes: list[Lane] = []
    start = 0
    while start < grid.cols:
        first = next((c for c in range(start, grid.cols) if kinds[c] == "figure"), None)
        if first is None:
            break
        end = next((c for c in range(first, grid.cols) if kinds[c] in ("label", "number")), grid.cols)
        lanes.append(_lane(grid, amounts, kinds, (start, first, end), (top, body, bottom)))
        start = end
    return [lane for lane in lanes if lane.rows and lane.columns]


def _first_text(grid: SeenGrid, row: int, cols: Sequence[int]) -> str:
    texts = (grid.text(grid.places.get((row, col))).strip() for col in cols)
    return next((text for text in texts if text), "")


def _lane(
    grid: SeenGrid,
    amounts: Mapping[CellRef, Amount | None],
    kinds: Sequence[str],
    cols: tuple[int, int, int],
    rows: tuple[int, int, int],
) -> Lane:
    start, first, end = cols
    top, body, bottom = rows
    figure_cols = [c for c in range(first, end) if kinds[c] == "figure"]
    unit_cols = [c for c in range(start, end) if kinds[c] == "unit"]
    number_cols = [c for c in range(start, end) if kinds[c] == "number"]
    labelled = [c for c in range(start, first) if kinds[c] in ("label", "empty")]
    lines: list[SeenLine] = []
    for row in range(body, bottom):
        cells = [cell for c in labelled if (cell := grid.places.get((row, c))) is not None]
        path = tuple(dict.fromkeys(text for cell in cells if is_label(text := grid.text(cell))))
        own = [
            cell for c in figure_cols if (cell := grid.places.get((row, c))) is not None and cell.row == row
        ]
        if not own or _is_number_row(grid, row):
            continue
        number = "".join(grid.text(grid.places.get((row, c))).strip() for c in number_cols)
        lines.append(SeenLine(row, path, number, unit=_first_text(grid, row, unit_cols)))
    number_rows = [row for row in range(top, body) if _is_number_row(grid, row)]
    columns: list[SeenLine] = []
    for col in figure_cols:
        if not any(cell.col == col for cell in grid.cells_of_col(col, body, bottom)):
            continue  # only the rest of wider cells
        path = grid.col_labels(col, top, body)
        number = next((t for r in number_rows if (t := grid.text(grid.places.get((r, col))).strip())), "")
        values = [amounts.get(cell.ref) for cell in grid.cells_of_col(col, body, bottom)]
        percent = any(amount is not None and amount.unit in ("%", "％", "‰") for amount in values)
        columns.append(SeenLine(col, path, number, ratio=percent or bool(_RATIO.search("".join(path)))))
    cells_at = {
        (line.at, column.at): cell
        for line in lines
        for column in columns
        if (cell := grid.places.get((line.at, column.at))) is not None
        and cell.row == line.at
        and cell.col == column.at
    }
    unreported = frozenset(place for place, cell in cells_at.items() if is_unreported(grid.text(cell)))
    texts = tuple(
        text
        for row in range(top, body)
        for cell in grid.cells_of_row(row, 0, grid.cols)
        if (text := grid.text(cell))
    )
    told = {place: cell for place, cell in cells_at.items() if place not in unreported}
    return Lane(tuple(lines), tuple(columns), told, amounts, texts, unreported)
