"""The figures behind a DOCX's charts: embedded sheets in, one series a column out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gouji.document import ErrorRecord
from gouji_layout.scan_docx import ChartSheet, chart_sheets
from gouji_postprocess.charts import ChartSeries


@dataclass(frozen=True, slots=True)
class Charts:
    """The chart series of a scan file, and the sheets that could not be read."""

    series: tuple[ChartSeries, ...]
    errors: tuple[ErrorRecord, ...]


def read_charts(path: Path) -> Charts:
    """All chart series of a scan file; files that are no DOCX have none.

    Raises:
        ScanError: the file itself cannot be opened.
    """
    sheets = chart_sheets(path)
    return Charts(
        series=tuple(series for sheet in sheets for series in _series(sheet)),
        errors=tuple(
            ErrorRecord(
                kind=type(sheet.problem).__name__,
                message=f"图表数据 {sheet.name} 无法读取，未与表格核对：{sheet.problem}",
            )
            for sheet in sheets
            if sheet.problem is not None
        ),
    )


def _series(sheet: ChartSheet) -> Iterator[ChartSeries]:
    """The header row names the series, the first column the categories."""
    if len(sheet.rows) < 2:
        return
    header, *rows = sheet.rows
    categories = tuple(_text(row[0]) for row in rows)
    for column in range(1, len(header)):
        values = tuple(_text(row[column]) if column < len(row) else "" for row in rows)
        if any(values):
            yield ChartSeries(_text(header[column]), categories, values)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
