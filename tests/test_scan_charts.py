"""Charts of a DOCX: the sheet behind them is read; example numbers of the word processor are told apart."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import openpyxl
from PIL import Image

from gouji.chart_input import read_charts
from gouji_postprocess.charts import is_filler


def report_with_a_chart(path: Path) -> None:
    document = docx.Document()
    picture = io.BytesIO()
    Image.new("RGB", (400, 300), "white").save(picture, "PNG")
    document.add_picture(io.BytesIO(picture.getvalue()))
    document.save(str(path))
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (
        (None, "办件量", "系列 2"),
        ("2017", 3, 2.4),
        ("2018", 8, 4.4),
        ("2019", 23, 1.8),
        ("2020", 42, 2.8),
    ):
        sheet.append(row)
    stored = io.BytesIO()
    book.save(stored)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("word/embeddings/Microsoft_Excel_Sheet1.xlsx", stored.getvalue())
        archive.writestr("word/embeddings/oleObject1.xlsx", b"no workbook")


def test_the_sheet_behind_a_chart_is_read_series_by_series(tmp_path: Path) -> None:
    path = tmp_path / "report.docx"
    report_with_a_chart(path)
    cases, filler = read_charts(path).series
    assert cases.name == "办件量"
    assert cases.categories == ("2017", "2018", "2019", "2020")
    assert cases.values == ("3", "8", "23", "42")
    assert not is_filler(cases)
    assert is_filler(filler)


def test_a_sheet_that_cannot_be_read_is_an_error_of_the_document(tmp_path: Path) -> None:
    path = tmp_path / "report.docx"
    report_with_a_chart(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("word/embeddings/Microsoft_Excel_Sheet2.xlsx", b"no workbook")
    charts = read_charts(path)
    assert len(charts.series) == 2
    assert [error.kind for error in charts.errors] == ["DamagedScanError"] * 2
    assert charts.errors[0].message.startswith("图表数据 Microsoft_Excel_Sheet2.xlsx 无法读取，未与表格核对")
