"""What a table says about its own structure: reported with it, never used to hide or change it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from gouji_layout.geometry import Box, CellRef
from gouji_layout.paper import Paper
from gouji_layout.regular import usual_width
from gouji_layout.table import Cell, CellMark, StructureCheck

_INK_OUTSIDE = 0.5  # square text heights of ink right beside the table, inside its own bands
_FAINT = 0.158  # of the depth of the ink: traces in a cell that no reader would call text
_MULTIPLE = 0.08  # of the usual width that a column of two or three may differ from them
_BLANK, _HARDLY = 0.04, 0.1  # square text heights of ink: less is a blank cell, is next to nothing
_SPANNED = 0.6  # of the rows that run on over a column's border, for it to be one that hardly is there
_SMALL_CELL = 0.75  # text heights; a cell lower or narrower holds no glyph


def structure_checks(
    box: Box, cells: Sequence[Cell], paper: Paper, unit: float
) -> tuple[StructureCheck, ...]:
    """Look at a finished table with the eyes of a person who distrusts it.

    Args:
        box: of the table.
        cells: with boxes in the pixels of the paper.
        paper: of the page.
        unit: text height in pixels.
    """
    ink = paper.inked
    found = [
        _ink_outside(box, ink, unit),
        _faint_blanks(cells, paper, unit),
        _uneven_rows(cells),
        _small_cells(cells, unit),
        _crossed_rules(cells, ink, unit),
        _double_column(cells),
        _needless_column(cells, ink, unit),
        _guessed(cells),
    ]
    return tuple(check for check in found if check is not None)


def _ink_outside(box: Box, ink: NDArray[np.uint8], unit: float) -> StructureCheck | None:
    gap, reach = 0.35 * unit, 1.4 * unit
    sides = {
        "左": (box.left - reach, box.top, box.left - gap, box.bottom),
        "右": (box.right + gap, box.top, box.right + reach, box.bottom),
    }
    for name, edges in sides.items():
        left, top, right, bottom = edges
        if right <= 0 or left >= ink.shape[1]:
            continue
        beside = ink[Box(left, top, right, bottom).slices(ink.shape)]
        if beside.sum() > _INK_OUTSIDE * unit * unit and (beside.any(axis=1)).mean() < 0.9:
            return StructureCheck("ink_outside_cells", f"表格{name}侧紧邻处有墨迹不在任何单元格内")
    return None


def _inner(cell: Cell, unit: float) -> Box | None:
    pad = 0.2 * unit
    if cell.box.width <= 2 * pad + 2 or cell.box.height <= 2 * pad + 2:
        return None
    return cell.box.padded(-pad)


def _faint_blanks(cells: Sequence[Cell], paper: Paper, unit: float) -> StructureCheck | None:
    doubtful = []
    lightest = 255 - max(_FAINT * paper.ink_depth, 14.0)
    for cell in cells:
        inner = _inner(cell, unit)
        if inner is None:
            continue
        part = inner.slices(paper.inked.shape)
        if paper.inked[part].sum() > _BLANK * unit * unit:
            continue
        trace = (paper.soft[part] < lightest).astype(np.uint8)
        opened = cv2.morphologyEx(trace, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
        if opened.sum() > 0.12 * unit * unit:
            doubtful.append(cell.ref)
    if not doubtful or len(doubtful) > 0.25 * len(cells):
        return None  # in a quarter of the cells it is the paper, not faint print
    return StructureCheck(
        "ink_in_blank_cell", f"{len(doubtful)} 个看似空白的单元格里有淡墨迹", tuple(doubtful)
    )


def _uneven_rows(cells: Sequence[Cell]) -> StructureCheck | None:
    """The number of cells jumps in a single row between two rows that agree."""
    starts: dict[int, list[Cell]] = {}
    for cell in cells:
        if cell.rowspan == 1:
            starts.setdefault(cell.row, []).append(cell)
    counts = {row: sum(cell.colspan for cell in own) - len(own) for row, own in starts.items()}
    odd = [
        row
        for row in counts
        if row - 1 in counts and row + 1 in counts
        and counts[row - 1] == counts[row + 1] == 0 < counts[row]
        and len(starts[row]) == len(starts[row - 1]) - 1
    ]  # fmt: skip
    if not odd:
        return None
    refs = tuple(cell.ref for row in odd for cell in starts[row] if cell.colspan > 1)
    return StructureCheck("column_count_changes", f"第 {odd[0] + 1} 行的列数与上下两行不同", refs)


def _small_cells(cells: Sequence[Cell], unit: float) -> StructureCheck | None:
    small = tuple(cell.ref for cell in cells if min(cell.box.height, cell.box.width) < _SMALL_CELL * unit)
    return (
        StructureCheck("cell_smaller_than_glyph", f"{len(small)} 个单元格比一个字还小", small)
        if small
        else None
    )


def _crossed_rules(cells: Sequence[Cell], ink: NDArray[np.uint8], unit: float) -> StructureCheck | None:
    """Text that runs over a rule: ink on both sides of an upright edge, touching it at the same height."""
    near, far = max(2, round(0.12 * unit)), max(4, round(0.3 * unit))
    crossed = []
    for cell in cells:
        inner = _inner(cell, unit)
        x = round(cell.box.right)
        if inner is None or x + far >= ink.shape[1]:
            continue
        rows = inner.slices(ink.shape)[0]
        left, right = ink[rows, x - far : x - near], ink[rows, x + near : x + far]
        both = left.all(axis=1) & right.all(axis=1)
        if both.sum() >= 0.12 * unit and both.mean() < 0.5:
            crossed.append(cell.ref)
    if not crossed:
        return None
    return StructureCheck("text_crosses_rule", f"{len(crossed)} 个单元格的文字压在右侧表线上", tuple(crossed))


def _double_column(cells: Sequence[Cell]) -> StructureCheck | None:
    """A column of figures twice as wide as all others of one width: a rule in its middle may be lost."""
    whole: dict[int, tuple[float, float]] = {}
    for cell in cells:
        if cell.colspan == 1 and cell.col > 0:  # the first column holds labels and is as wide as they are
            whole[cell.col] = (cell.box.left, cell.box.right)
    widths = np.array([right - left for _, (left, right) in sorted(whole.items())])
    usual = usual_width(widths)
    if usual is None:
        return None
    double = [
        col
        for col, width in zip(sorted(whole), widths, strict=True)
        if round(width / usual) in {2, 3} and abs(width / usual - round(width / usual)) < _MULTIPLE
    ]
    if not double:
        return None
    return StructureCheck(
        "column_may_be_lost",
        f"第 {double[0] + 1} 列的宽度是其他各列的整数倍，可能漏了一条竖线",
        _from_column(cells, double[0]),
    )


def _needless_column(cells: Sequence[Cell], ink: NDArray[np.uint8], unit: float) -> StructureCheck | None:
    """A border that most rows run over, and where the others have nothing on one side: a stroke?"""
    rows = max(cell.row + cell.rowspan for cell in cells)
    for border in range(1, max(cell.col + cell.colspan for cell in cells)):
        spanned = sum(cell.rowspan for cell in cells if cell.col < border < cell.col + cell.colspan)
        before = {cell.row: cell for cell in cells if cell.col + cell.colspan == border}
        parted = [(before[cell.row], cell) for cell in cells if cell.col == border and cell.row in before]
        if spanned < _SPANNED * rows or not parted:
            continue
        if all(min(_inked(one, ink, unit), _inked(other, ink, unit)) < _HARDLY for one, other in parted):
            return StructureCheck(
                "column_may_be_false",
                f"第 {border + 1} 列左边的竖线只把空白与文字隔开，可能并不存在",
                _from_column(cells, border),
            )
    return None


def _from_column(cells: Sequence[Cell], col: int) -> tuple[CellRef, ...]:
    """All cells from there on: one column more or less moves every one of them."""
    return tuple(cell.ref for cell in cells if cell.col + cell.colspan > col)


def _inked(cell: Cell, ink: NDArray[np.uint8], unit: float) -> float:
    """Square text heights of ink in a cell."""
    inner = _inner(cell, unit)
    return 0.0 if inner is None else float(ink[inner.slices(ink.shape)].sum()) / unit**2


def _guessed(cells: Sequence[Cell]) -> StructureCheck | None:
    guessed = tuple(cell.ref for cell in cells if CellMark.GUESSED_EDGE in cell.marks)
    if not guessed:
        return None
    return StructureCheck("guessed_edges", f"{len(guessed)} 个单元格有推断出来的边线", guessed)
