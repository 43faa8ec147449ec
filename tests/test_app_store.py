"""What is kept below OUT: writes are whole, page readings and points come back as they went in."""

from __future__ import annotations

import errno
import gzip
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gouji.exits import OutputError
from gouji.records import PageReading, Region, page_from_json, page_to_json
from gouji.store import Store, write_atomically
from gouji_layout.geometry import Box, CellRef, Straightening
from gouji_layout.page import IntakeFacts
from gouji_layout.table import Cell, CellMark, StructureCheck, Table, TableKind
from gouji_ocr import alphabet
from gouji_ocr.reading import Candidate, Opinion, Reading, ReadingKind, TextLine


def a_page() -> PageReading:
    ref = CellRef(1, 0, 0, 0)
    frames = np.log(np.random.default_rng(5).dirichlet(np.ones(len(alphabet.SYMBOLS) + 1), 12))
    evidence = alphabet.evidence(frames.astype(np.float16))
    candidates = (Candidate("42", -0.01), Candidate("47", -4.6))
    box = Box(10, 20, 110, 50)
    return PageReading(
        number=1,
        width=1654,
        height=2339,
        dpi=200.0,
        straightening=Straightening((1700, 2400), (1654, 2339), 1, 0.53, np.eye(3) * 1.01),
        facts=IntakeFacts(blur=12.5, fingerprint="ab12"),
        tables=(
            Table(
                1,
                0,
                box,
                (Cell(ref, box, marks=frozenset({CellMark.SEAL})),),
                TableKind.HALF_RULED,
                0,
                (StructureCheck("ink_outside_cells", "格外有墨迹", (ref,)),),
            ),
        ),
        readings=(
            (
                Reading(
                    ref,
                    box,
                    ReadingKind.FIGURE,
                    candidates,
                    evidence,
                    (Opinion("figures-v6", candidates, evidence),),
                ),
            ),
        ),
        regions=(Region("seal", box, 0.9),),
        lines=(TextLine(box, "三、收到和处理", -0.2),),
        seconds={"cells": 0.25},
    )


def test_a_page_reading_comes_back_as_it_went_in(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.prepare()
    page = a_page()
    store.save_page("ab" * 32, page)
    back = store.load_page("ab" * 32)
    assert back is not None
    assert page_to_json(back) == page_to_json(page)


def test_stored_evidence_scores_exactly_as_before() -> None:
    page = a_page()
    back = page_from_json(page_to_json(page))
    before, after = page.readings[0][0].evidence, back.readings[0][0].evidence
    assert before is not None
    assert after is not None
    for text in ("42", "47", "1,234.50", "", "—"):
        assert after.log_probability(text) == before.log_probability(text)


def with_a_flipped_byte(content: bytes) -> bytes:
    flipped = bytearray(content)
    flipped[14] ^= 0xFF  # the first of the packed bytes after the header of gzip are the plan of the rest
    return bytes(flipped)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no gzip",
        gzip.compress(b"{}"),
        gzip.compress(b"[1,2"),
        gzip.compress(b"[" * 100_000),
        with_a_flipped_byte(gzip.compress(b'{"a":1}' * 500)),
    ],
    # gzip writes the time, and test processes must agree on the names of tests.
    ids=["empty", "no gzip", "no page", "broken off", "too deep", "a flipped byte"],
)
def test_a_damaged_page_file_is_not_trusted(tmp_path: Path, content: bytes) -> None:
    store = Store(tmp_path)
    path = tmp_path / "pages" / "ab" / f"{'ab' * 32}.json.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    assert store.load_page("ab" * 32) is None


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc", "."])
def test_a_document_name_cannot_lead_out_of_the_output_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match="leads outside"):
        Store(tmp_path).folder(name)


def test_a_folder_that_holds_something_else_is_no_place_for_results(tmp_path: Path) -> None:
    (tmp_path / "x.txt").touch()
    (tmp_path / "documents").mkdir()  # anybody may have a folder of this name
    with pytest.raises(OutputError, match="holds something else"):
        Store(tmp_path).prepare()
    assert not (tmp_path / "pages").exists()


@pytest.mark.parametrize("inside", [(), (".DS_Store",), ("lost+found",), ("gouji.db", "x.txt")])
def test_a_folder_of_gouji_and_an_empty_one_take_results(tmp_path: Path, inside: tuple[str, ...]) -> None:
    for name in inside:
        (tmp_path / name).touch()
    Store(tmp_path).prepare()
    (tmp_path / "x.txt").touch()
    Store(tmp_path).prepare()  # a ledger may be elsewhere: its folders tell that it is gouji's


def test_a_full_disk_leaves_the_old_file_and_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    store.write_json("summary.json", {"run": 1})
    old = (tmp_path / "summary.json").read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        store.write_json("summary.json", {"run": 2})
    assert (tmp_path / "summary.json").read_bytes() == old
    assert [p.name for p in tmp_path.iterdir()] == ["summary.json"]


def test_an_interrupted_write_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(_descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", stop)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "document.json", b"{}")
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=60)
@given(
    st.integers(0, 3),
    st.floats(-12, 12),
    st.floats(0.98, 1.02),
    st.lists(st.tuples(st.floats(0, 999), st.floats(0, 1399)), min_size=1, max_size=8),
)
def test_a_point_taken_to_the_scan_and_back_has_not_moved(
    turns: int, degrees: float, scale: float, points: list[tuple[float, float]]
) -> None:
    angle = np.radians(degrees)
    matrix = np.array(
        [
            [scale * np.cos(angle), -np.sin(angle), 5.0],
            [np.sin(angle), np.cos(angle), -3.0],
            [1e-6, 2e-6, 1.0],
        ]
    )
    mesh = (np.random.default_rng(3).random((6, 5, 2)) * 4).astype(np.float32)
    way = Straightening((1000, 1400), (1000, 1400), turns, degrees, matrix, mesh)
    given_points = np.array(points)
    assert np.allclose(way.to_page(way.to_scan(given_points)), given_points, atol=0.05)
