"""Names of documents: each its own, in the order of numbers, and told where a file cannot be named."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gouji.naming import NamedScan, PassedOver, UnreadablePath, find_scans, natural_key


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


def test_links_that_lead_nowhere_or_to_folders_outside_are_reported(tmp_path: Path) -> None:
    root, outside = tmp_path / "scans", tmp_path / "disk"
    root.mkdir()
    outside.mkdir()
    (outside / "b.png").touch()
    (root / "a.png").symlink_to(outside / "b.png")
    (root / "gone.png").symlink_to(tmp_path / "nothing.png")
    (root / "volume").symlink_to(outside, target_is_directory=True)
    found = list(find_scans([root]))
    assert [item.name for item in found if isinstance(item, NamedScan)] == ["a"]
    told = {item.message for item in found if isinstance(item, UnreadablePath)}
    assert {message.split(" is a link to ")[1] for message in told} == {
        "something that is not there",
        "a folder and was not followed: name the folder itself",
    }


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
