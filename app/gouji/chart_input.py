"""The figures behind a DOCX's charts: embedded sheets in, one series a column out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gouji_layout.scan_docx import ChartSheet, chart_sheets
from gouji_postprocess.charts import ChartSeries


def read_charts(path: Path) -> tuple[ChartSeries, ...]:
    """All chart series of a scan file; files that are no DOCX have none."""
    return tuple(series for sheet in chart_sheets(path) for series in _series(sheet))


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
