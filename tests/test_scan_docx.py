"""DOCX as scans: what the document shows of its pictures, and what of it is not read."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import numpy as np
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from PIL import Image

from gouji_layout.scan import ScanError, open_scan


@pytest.fixture(autouse=True)
def without_libreoffice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)


def spread() -> np.ndarray:
    """A picture of two pages side by side, the right one darker."""
    pixels = np.full((300, 800, 3), 255, dtype=np.uint8)
    pixels[:, 400:] = 128
    return pixels


def with_picture(crop: str = "") -> docx.document.Document:
    """A document of one picture, cut as an `a:srcRect` with these attributes says."""
    stored = io.BytesIO()
    Image.fromarray(spread()).save(stored, "PNG")
    document = docx.Document()
    document.add_picture(stored)
    if crop:
        blip = next(document.element.body.iter(qn("a:blip")))
        blip.addnext(parse_xml(f"<a:srcRect {nsdecls('a')} {crop}/>"))
    return document


@pytest.mark.parametrize(
    ("crop", "shown"),
    [
        ('r="50000"', (slice(0, 300), slice(0, 400))),
        ('l="50000" b="10000"', (slice(0, 270), slice(400, 800))),
        ('l="50%"', (slice(0, 300), slice(400, 800))),
        ('l="-5000"', (slice(0, 300), slice(0, 800))),  # set into a wider frame
        ('l="60000" r="60000"', (slice(0, 300), slice(0, 800))),  # nonsense hides nothing
    ],
)
def test_only_what_a_document_shows_of_a_picture_is_its_page(
    tmp_path: Path, crop: str, shown: tuple[slice, slice]
) -> None:
    path = tmp_path / "halves.docx"
    with_picture(crop).save(str(path))
    assert np.array_equal(open_scan(path).page(1).image, spread()[shown])


def add_table(document: docx.document.Document, *texts: str) -> None:
    for cell, text in zip(document.add_table(1, len(texts)).rows[0].cells, texts, strict=True):
        cell.text = text


def test_tables_beside_pictures_cost_an_error_where_libreoffice_is_missing(tmp_path: Path) -> None:
    document = with_picture()
    add_table(document, "合计", "1,234")
    path = tmp_path / "report.docx"
    document.save(str(path))
    scan = open_scan(path)
    assert scan.page_count == 2
    with pytest.raises(ScanError, match="tables of its own, which were not read; install LibreOffice"):
        scan.page(1)
    assert np.array_equal(scan.page(2).image, spread())


def test_a_table_that_only_places_captions_is_not_missed(tmp_path: Path) -> None:
    document = with_picture()
    add_table(document, "附件1", "第2页", "")
    path = tmp_path / "report.docx"
    document.save(str(path))
    assert open_scan(path).page_count == 1
