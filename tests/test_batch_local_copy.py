"""Copies of scans in object stores: one that cannot be fetched or opened leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import fsspec
import pytest

from gouji.batch.local_copy import LocalCopies
from gouji_layout.scan import ScanError, ScanLimits


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def left(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def open_in(folder: Path) -> list[Path]:
    """Files below a folder that this process holds open; whatever else it holds may come and go."""
    held = [link.readlink() for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    return [path for path in held if folder in path.parents]


def test_a_scan_that_cannot_be_fetched_leaves_no_file_open_and_none_on_the_disk(folder: Path) -> None:
    copies = LocalCopies(ScanLimits())
    for number in range(5):
        with pytest.raises(ScanError, match="cannot fetch"):
            copies.scan(f"memory://nothing/{number}.png")
    assert open_in(folder) == []
    assert left(folder) == []


def test_a_fetch_that_breaks_off_in_any_way_leaves_no_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsspec.filesystem("memory").pipe("/bucket/a.png", b"x")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("shutil.copyfileobj", stop)
    copies = LocalCopies(ScanLimits())
    with pytest.raises(KeyboardInterrupt):
        copies.scan("memory://bucket/a.png")
    assert left(folder) == []


def test_a_scan_that_cannot_be_opened_leaves_no_copy(folder: Path) -> None:
    fsspec.filesystem("memory").pipe("/bucket/b.png", b"no picture")
    copies = LocalCopies(ScanLimits())
    with pytest.raises(ScanError):
        copies.scan("memory://bucket/b.png")
    assert left(folder) == []
