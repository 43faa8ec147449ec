"""DOCX as scans: what the document shows of its pictures, and what of it is not read."""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import numpy as np
import openpyxl
import psutil
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from PIL import Image

from gouji_layout.scan import DamagedScanError, ScanError, ScanLimits, open_scan
from gouji_layout.scan_docx import chart_sheets


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


def change(path: Path, part: str, changed: Callable[[bytes], bytes]) -> None:
    """Store a part of an archive otherwise."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, changed(content) if name == part else content)


@pytest.mark.parametrize(
    ("part", "changed"),
    [
        ("word/document.xml", lambda content: content[:-30]),
        ("[Content_Types].xml", lambda content: content[:20]),
        ("word/document.xml", lambda content: content.replace(b"w:body", b"w:boby")),
        ("_rels/.rels", lambda _: b""),
    ],
)
def test_a_docx_that_is_broken_inside_is_one_clear_error(
    tmp_path: Path, part: str, changed: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "broken.docx"
    with_picture().save(str(path))
    change(path, part, changed)
    with pytest.raises(DamagedScanError, match=r"broken\.docx is not a whole DOCX"):
        open_scan(path)


def test_a_docx_with_a_byte_changed_in_a_packed_part_is_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "broken.docx"
    with_picture().save(str(path))
    raw = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        raw[archive.getinfo("word/document.xml").header_offset + 60] ^= 0xFF
    path.write_bytes(raw)
    with pytest.raises(DamagedScanError, match=r"broken\.docx is not a whole DOCX"):
        open_scan(path)


def test_a_picture_that_breaks_off_between_its_chunks_costs_its_own_page(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (300, 300, 3), dtype=np.uint8)
    stored = io.BytesIO()
    Image.fromarray(noise).save(stored, "PNG")
    first, second, *others = stored.getvalue().split(b"IDAT")
    document = docx.Document()
    document.add_picture(io.BytesIO(b"IDAT".join([first, second]) + b"\0\0\0\0" + b"IDAT".join(others)))
    path = tmp_path / "report.docx"
    document.save(str(path))
    with pytest.raises(DamagedScanError, match=r"picture 1 of report\.docx"):
        open_scan(path).page(1)


def has_ended(pid: int) -> bool:
    """Whether a process that was killed is gone within ten seconds, or nobody asked for its status yet."""
    for _ in range(100):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.1)
    return False


def test_libreoffice_that_takes_too_long_is_ended_with_what_it_started_and_not_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, log = tmp_path / "soffice", tmp_path / "started"
    program.write_text(f"#!/bin/sh\nsleep 300 &\necho $! >> {log}\nwait\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr("shutil.which", lambda _name: str(program))
    document = docx.Document()
    add_table(document, "合计", "1,234")
    path = tmp_path / "report.docx"
    document.save(str(path))
    scan = open_scan(path, ScanLimits(seconds=2))
    with pytest.raises(ScanError, match=r"took over 2 s to lay out report\.docx"):
        scan.page(1)
    [started] = log.read_text(encoding="utf-8").split()
    assert has_ended(int(started))


def workbook(rows: int = 2, columns: int = 2) -> bytes:
    book = openpyxl.Workbook()
    for row in range(1, rows + 1):
        book.worksheets[0].cell(row, 1, f"{row}年")
    book.worksheets[0].cell(1, columns, "收到申请")
    stored = io.BytesIO()
    book.save(stored)
    return stored.getvalue()


def far_cell() -> bytes:
    """A workbook with a figure far from the others."""
    book = openpyxl.load_workbook(io.BytesIO(workbook()))
    book.worksheets[0].cell(3, 16_000, 5)
    stored = io.BytesIO()
    book.save(stored)
    return stored.getvalue()


def changed_workbook(part: str, changed: Callable[[bytes], bytes]) -> bytes:
    stored = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as whole, zipfile.ZipFile(stored, "w", 8) as other:
        for name in whole.namelist():
            other.writestr(name, changed(whole.read(name)) if name == part else whole.read(name))
    return stored.getvalue()


@pytest.mark.parametrize(
    "stored",
    [
        b"no workbook",
        workbook()[:-400],
        changed_workbook("xl/worksheets/sheet1.xml", lambda content: content[:-40]),
        changed_workbook("xl/workbook.xml", lambda content: content[:-10]),
        changed_workbook("xl/workbook.xml", lambda content: re.sub(rb"<sheets>.*</sheets>", b"", content)),
        changed_workbook("xl/styles.xml", lambda content: content + bytes(5 << 20)),  # packed to 5 KB
        workbook(rows=5001),
        workbook(columns=101),
        far_cell(),
    ],
    ids=["no zip", "cut", "bad sheet", "bad book", "no sheet", "bomb", "long", "wide", "far"],
)
def test_a_sheet_that_cannot_be_read_says_so_and_leaves_the_others(tmp_path: Path, stored: bytes) -> None:
    path = tmp_path / "report.docx"
    with_picture().save(str(path))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("word/embeddings/sheet1.xlsx", stored)
        archive.writestr("word/embeddings/sheet2.xlsx", workbook())
    bad, good = chart_sheets(path)
    assert bad.name == "sheet1.xlsx"
    assert isinstance(bad.problem, ScanError)
    assert not bad.rows
    assert good.rows == (("1年", "收到申请"), ("2年", None))
    assert good.problem is None


def test_a_file_of_another_kind_that_ends_in_an_archive_has_no_chart_sheets(tmp_path: Path) -> None:
    path = tmp_path / "scan.png"
    Image.fromarray(spread()).save(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("readme.txt", "more")
    assert chart_sheets(path) == []
