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
class UnreadablePath:
    """A folder that cannot be listed, a name that cannot be kept, or a link that is not followed."""

    shown: str  # as a person would read it; not always a path that opens
    message: str


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A file that is no scan by its name; hidden files, and what systems leave in folders, are not told."""

    path: Path
    suffix: str  # as `plain_suffix` gives it


Found = NamedScan | UnreadablePath | PassedOver


def find_scans(paths: Iterable[Path]) -> Iterator[Found]:
    """Walk files and folders in a stable order; hidden files and links out of the tree are left out.

    A file that is reached in several ways is found once, the first time.

    Two scans that differ only in their suffix keep it in their names, so that neither
    overwrites the other.
    """
    taken: Counter[str] = Counter()
    found: set[Path] = set()
    for item in _below(map(_straight, paths)):
        if isinstance(item, UnreadablePath):
            yield item
        elif (file := item.path.resolve()) not in found:
            found.add(file)
            yield _unique(item, taken) if isinstance(item, NamedScan) else item


def _below(roots: Iterable[Path]) -> Iterator[Found]:
    for root in roots:
        if root.is_file():
            yield NamedScan(root, root.stem, root.name)
        else:
            yield from _walk(root, root)


def _straight(root: Path) -> Path:
    """The path without `..`, so that a later run knows the file by its location.

    Links stay in it: an archive is often reached through one, and its files must not become others
    when the link is pointed elsewhere.
    """
    if ".." not in root.parts:
        return root
    return root.resolve() if root.name == ".." else root.parent.resolve() / root.name


def _walk(folder: Path, root: Path) -> Iterator[Found]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: natural_key(entry.name))
    except OSError as error:
        yield UnreadablePath(str(folder), f"cannot list {folder}: {error.strerror or error}")
        return
    yield from (
        problem
        for entry in entries
        if entry.is_symlink()
        and not entry.name.startswith(".")
        and (problem := _useless_link(Path(entry), root)) is not None
    )
    # Links to folders are not followed: they can lead in circles or out of the archive.
    inside = [
        entry for entry in entries if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")
    ]
    files = [Path(entry) for entry in entries if not is_companion(entry.name) and entry.is_file()]
    scans = [path for path in files if path.suffix.lower() in SCAN_SUFFIXES]
    others = (path for path in files if path.suffix.lower() not in SCAN_SUFFIXES)
    yield from (PassedOver(path, plain_suffix(path.name)) for path in others)
    yield from (_misnamed(path) for path in (*scans, *map(Path, inside)) if not has_utf8_name(path))
    scans = [path for path in scans if has_utf8_name(path)]
    stems = Counter(path.stem for path in scans)
    for path in scans:
        shown = path.relative_to(root)
        name = shown.with_suffix("") if stems[path.stem] == 1 else shown
        yield NamedScan(path, name.as_posix(), shown.as_posix())
    for entry in inside:
        if has_utf8_name(Path(entry)):
            yield from _walk(Path(entry), root)


def _useless_link(link: Path, root: Path) -> UnreadablePath | None:
    """A link that leads nowhere, or to a folder outside, which is then not read; None for others."""
    shown = link.relative_to(root).as_posix()
    if link.is_file():
        return None
    if not link.is_dir():
        return UnreadablePath(shown, f"{link} is a link to something that is not there")
    if link.resolve().is_relative_to(root.resolve()):
        return None  # what is in there is read where it lies
    return UnreadablePath(shown, f"{link} is a link to a folder and was not followed: name the folder itself")


def is_companion(name: str) -> bool:
    """Whether a file name is hidden, or one that systems and editors leave beside a person's files."""
    return name.startswith((".", "~$")) or name.lower() in {"thumbs.db", "ehthumbs.db", "desktop.ini"}


def plain_suffix(name: str) -> str:
    """The suffix of a file name, in small letters, to count by; empty where it tells no kind of file.

    >>> [plain_suffix(name) for name in ("年报.DOC", "目录", "2. 人口表")]
    ['.doc', '', '']
    """
    suffix = Path(name).suffix.lower()
    return suffix if re.fullmatch(r"\.[a-z0-9]{1,8}", suffix) else ""


def has_utf8_name(path: Path) -> bool:
    """Whether the path can be written down: results and ledger keep names as UTF-8."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def readable_name(path: Path) -> str:
    """A path for the eye: a part that is not UTF-8 as GBK where it is that, else with escapes.

    >>> readable_name(Path("2011") / os.fsdecode("人口.png".encode("gbk")))
    '2011/人口.png'
    """
    return str(Path(*map(_readable, path.parts)))


def _readable(part: str) -> str:
    raw = os.fsencode(part)
    for encoding in ("utf-8", "gbk"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "backslashreplace")


def _misnamed(path: Path) -> UnreadablePath:
    return UnreadablePath(
        readable_name(path),
        "the name is not UTF-8; rename it, e.g. with convmv -f gbk -t utf-8 --notest -r FOLDER, "
        "then run the same command again",
    )


def _unique(scan: NamedScan, taken: Counter[str]) -> NamedScan:
    name = scan.name
    while taken[name]:  # a file may be called a~2 by itself
        taken[scan.name] += 1
        name = f"{scan.name}~{taken[scan.name]}"
    taken[name] += 1
    return NamedScan(scan.path, name, scan.shown)


def natural_key(name: str) -> tuple[tuple[int, int | str], ...]:
    """A sort key in which page 2 comes before page 10.

    >>> sorted(["p10.png", "p2.png"], key=natural_key)
    ['p2.png', 'p10.png']
    """
    return tuple((0, int(part)) if part.isdecimal() else (1, part) for part in re.split(r"(\d+)", name))
