"""Finds the scans of a run on local disks and in object stores, with the stamp that tells a changed file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from upath import UPath

from gouji.batch.archive_numbers import archive_number
from gouji.exits import OutputError
from gouji.ledger_enlist import Enlisted
from gouji.naming import PassedOver, UnreadablePath, find_scans, is_companion, natural_key, plain_suffix
from gouji_layout.scan import SCAN_SUFFIXES


def is_remote(place: str) -> bool:
    """True for addresses such as s3://bucket/folder."""
    return "://" in place and not place.startswith("file://")


def out_path(place: str) -> Path:
    """The output folder as a path; an object store's path has the same methods."""
    found: Any = UPath(place) if is_remote(place) else Path(place.removeprefix("file://"))
    return found  # type: ignore[no-any-return]  # UPath only looks like a Path


def find_sources(
    places: Sequence[str], out: str | None = None
) -> Iterator[Enlisted | UnreadablePath | PassedOver]:
    """Walk files, folders and buckets in a stable order, leaving the output folder out.

    Raises:
        OutputError: an object store cannot be reached, or the library for it is missing.
    """
    local = [Path(place.removeprefix("file://")) for place in places if not is_remote(place)]
    results = Path(out).resolve() if out is not None and not is_remote(out) else None
    for item in find_scans(local):
        if isinstance(item, UnreadablePath):
            yield item
        elif results is not None and results in item.path.resolve().parents:
            continue
        elif isinstance(item, PassedOver):
            yield item
        else:
            try:
                status = item.path.stat()
            except OSError:
                continue  # taken away since the folder was listed
            yield Enlisted(
                item.name,
                item.shown,
                str(item.path.absolute()),
                f"{status.st_size} {status.st_mtime_ns}",
                archive_number(item.shown),
            )
    for place in places:
        if is_remote(place):
            yield from _remote(place)


def _remote(place: str) -> Iterator[Enlisted | PassedOver]:
    try:
        root = UPath(place)
        filesystem = root.fs
        found: dict[str, dict[str, Any]] = filesystem.find(root.path, detail=True)
    except (ImportError, OSError, ValueError) as error:
        raise OutputError(f"cannot list {place}: {error}") from error
    base = root.path.rstrip("/")
    names = sorted(found, key=natural_key)
    stems = _stems(names)
    for name in names:
        shown = name.removeprefix(base).lstrip("/") or name.rsplit("/", 1)[-1]
        stem = shown.rsplit(".", 1)[0]
        if name.endswith("/") or is_companion(name.rsplit("/", 1)[-1]):
            continue
        if _suffix(name) not in SCAN_SUFFIXES:
            yield PassedOver(Path(name), plain_suffix(name))
        else:
            facts = found[name]
            stamp = (
                f"{facts.get('size')} {facts.get('ETag') or facts.get('LastModified') or facts.get('mtime')}"
            )
            unique = stem if stems[name.rsplit(".", 1)[0]] == 1 else shown
            yield Enlisted(
                unique, shown, f"{root.protocol}://{name}", stamp.replace('"', "")[:80], archive_number(shown)
            )


def _stems(names: Iterable[str]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for name in names:
        if _suffix(name) in SCAN_SUFFIXES:
            stem = name.rsplit(".", 1)[0]
            counted[stem] = counted.get(stem, 0) + 1
    return counted


def _suffix(name: str) -> str:
    return "." + name.rsplit(".", 1)[-1].lower() if "." in name else ""
