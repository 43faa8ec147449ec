"""Which files are scans, what each document is called, and what its name tells: 档号, organ, year."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gouji_layout.scan import SCAN_SUFFIXES


@dataclass(frozen=True, slots=True)
class NamedScan:
    """A scan file and the name its document gets below `OUT/documents`."""

    path: Path
    name: str  # the path below the folder that was read, without the suffix where that is unique
    shown: str  # the path below the folder that was read, with the suffix


@dataclass(frozen=True, slots=True)
class UnreadableFolder:
    """A folder of the tree that could not be listed."""

    path: Path
    message: str


def find_scans(paths: Iterable[Path]) -> Iterator[NamedScan | UnreadableFolder]:
    """Walk files and folders in a stable order; hidden files and links out of the tree are left out.

    Two scans that differ only in their suffix keep it in their names, so that neither
    overwrites the other.
    """
    taken: Counter[str] = Counter()
    for root in paths:
        if root.is_file():
            yield _unique(NamedScan(root, root.stem, root.name), taken)
        else:
            for item in _walk(root, root):
                yield item if isinstance(item, UnreadableFolder) else _unique(item, taken)


def _walk(folder: Path, root: Path) -> Iterator[NamedScan | UnreadableFolder]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: natural_key(entry.name))
    except OSError as error:
        yield UnreadableFolder(folder, f"cannot list {folder}: {error.strerror or error}")
        return
    scans = [
        Path(entry)
        for entry in entries
        if entry.is_file()
        and Path(entry).suffix.lower() in SCAN_SUFFIXES
        and not entry.name.startswith((".", "~$"))
    ]
    stems = Counter(path.stem for path in scans)
    for path in scans:
        shown = path.relative_to(root)
        name = shown.with_suffix("") if stems[path.stem] == 1 else shown
        yield NamedScan(path, name.as_posix(), shown.as_posix())
    for entry in entries:
        # Links to folders are not followed: they can lead in circles or out of the archive.
        if entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."):
            yield from _walk(Path(entry), root)


def _unique(scan: NamedScan, taken: Counter[str]) -> NamedScan:
    taken[scan.name] += 1
    if taken[scan.name] == 1:
        return scan
    return NamedScan(scan.path, f"{scan.name}~{taken[scan.name]}", scan.shown)


def natural_key(name: str) -> tuple[tuple[int, int | str], ...]:
    """A sort key in which page 2 comes before page 10.

    >>> sorted(["p10.png", "p2.png"], key=natural_key)
    ['p2.png', 'p10.png']
    """
    return tuple((0, int(part)) if part.isdigit() else (1, part) for part in re.split(r"(\d+)", name))
