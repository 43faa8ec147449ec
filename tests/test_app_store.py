"""What is kept below OUT: names stay inside, writes are whole, page readings come back as they went in."""

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
from gouji.naming import NamedScan, PassedOver, UnreadablePath, find_scans, natural_key
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
                    (Opinion("figures-v5", candidates, evidence),),
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


def names(folder: Path) -> dict[str, str]:
    return {scan.shown: scan.name for scan in find_scans([folder]) if isinstance(scan, NamedScan)}


def test_documents_are_named_by_their_place_in_the_tree(tmp_path: Path) -> None:
    for shown in ("2020/文登区/年报.pdf", "2020/文登区/附表.TIF", "001.png", "notes.txt", ".hidden.png"):
        (tmp_path / shown).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / shown).touch()
    assert names(tmp_path) == {
        "001.png": "001",
        "2020/文登区/年报.pdf": "2020/文登区/年报",
        "2020/文登区/附表.TIF": "2020/文登区/附表",
    }


def test_scans_that_differ_only_in_their_suffix_do_not_overwrite_each_other(tmp_path: Path) -> None:
    for name in ("a.png", "a.pdf", "b.jpg"):
        (tmp_path / name).touch()
    assert names(tmp_path) == {"a.pdf": "a.pdf", "a.png": "a.png", "b.jpg": "b"}


def test_a_file_that_is_reached_in_several_ways_is_found_once(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").touch()
    roots = [tmp_path / "in" / "a.png", tmp_path / "in", tmp_path / "in" / ".." / "in"]
    found = [(scan.name, scan.path) for scan in find_scans(roots) if isinstance(scan, NamedScan)]
    assert found == [("a", tmp_path / "in" / "a.png")]


def test_a_file_reached_through_dots_has_the_same_place_as_without(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.png").touch()
    for root in (tmp_path / "in" / ".." / "in", tmp_path / "in" / ".." / "in" / "a.png"):
        (scan,) = find_scans([root])
        assert isinstance(scan, NamedScan)
        assert scan.path == tmp_path / "in" / "a.png"


def test_two_files_of_one_name_get_two_names(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.png").touch()
    found = find_scans([tmp_path / "one", tmp_path / "two"])
    assert [scan.name for scan in found if isinstance(scan, NamedScan)] == ["a", "a~2"]


def test_a_number_is_not_given_to_a_name_that_a_file_has_by_itself(tmp_path: Path) -> None:
    for name in ("one/a.png", "two/a.png", "two/a~2.png", "three/a~2.png", "three/a.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    roots = [tmp_path / folder for folder in ("one", "two", "three")]
    found = [scan.name for scan in find_scans(roots) if isinstance(scan, NamedScan)]
    assert len(set(found)) == len(found) == 5
    assert found[0] == "a"


def test_a_name_that_is_not_utf8_is_told_and_the_rest_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    (tmp_path / os.fsdecode("人口.png".encode("gbk"))).touch()
    (tmp_path / os.fsdecode(b"\xff")).mkdir()
    (tmp_path / os.fsdecode(b"\xff") / "b.png").touch()
    told = [item for item in find_scans([tmp_path]) if isinstance(item, UnreadablePath)]
    assert [Path(item.shown).name for item in told] == ["人口.png", "\\xff"]
    assert all("rename it" in item.message for item in told)
    assert names(tmp_path) == {"a.png": "a"}


def test_files_that_are_no_scans_are_told_and_what_systems_leave_is_not(tmp_path: Path) -> None:
    (tmp_path / "二").mkdir()
    others = ("年报.doc", "二/目录.DOC", "二/名单", "二/3. 人口表", os.fsdecode("a.表".encode("gbk")))
    scans = ("照片.jfif", "照片2.jpe", "a.png")
    companions = ("Thumbs.db", "desktop.ini", ".DS_Store", "~$年报.doc")
    for name in (*others, *scans, *companions):
        (tmp_path / name).touch()
    told = list(find_scans([tmp_path, tmp_path / "二"]))
    assert sorted(item.suffix for item in told if isinstance(item, PassedOver)) == [
        "",
        "",
        "",
        ".doc",
        ".doc",
    ]
    assert sorted(names(tmp_path)) == sorted(scans)


def test_a_link_that_leads_in_a_circle_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    assert list(names(tmp_path)) == ["a.png"]


def test_a_folder_that_cannot_be_listed_is_reported_and_the_rest_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "a.png").touch()
    real = os.scandir

    def scandir(path: Path) -> object:
        if Path(path).name == "closed":  # root, who runs the tests in CI, could list it
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return real(path)

    monkeypatch.setattr("os.scandir", scandir)
    found = list(find_scans([tmp_path]))
    assert [type(item) for item in found] == [NamedScan, UnreadablePath]


@given(st.lists(st.integers(0, 10_000), unique=True, max_size=20))
def test_numbered_files_come_in_the_order_of_their_numbers(numbers: list[int]) -> None:
    shuffled = [f"page{n}.png" for n in numbers]
    assert sorted(shuffled, key=natural_key) == [f"page{n}.png" for n in sorted(numbers)]


def test_a_circled_or_raised_digit_in_a_name_is_no_number(tmp_path: Path) -> None:
    for name in ("附表①.png", "m².png", "二/3①5.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert sorted(names(tmp_path)) == ["m².png", "二/3①5.png", "附表①.png"]


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
