"""Opens scans for a worker: the last few stay open, files in object stores are fetched once."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import OrderedDict
from pathlib import Path

from upath import UPath

from gouji.batch.sources import is_remote
from gouji_layout.scan import Scan, ScanError, ScanLimits, open_scan

_KEPT = 3


class LocalCopies:
    """Scans by location, the least used one forgotten first."""

    def __init__(self, limits: ScanLimits) -> None:
        self._limits = limits
        self._scans: OrderedDict[str, tuple[tuple[int, int], Scan]] = OrderedDict()
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def scan(self, location: str) -> Scan:
        """Open the scan, or take the one opened before if its file has not changed.

        Raises:
            ScanError: it cannot be fetched or opened.
        """
        known = self._scans.get(location)
        if known is not None and (is_remote(location) or _stamp(Path(location)) == known[0]):
            self._scans.move_to_end(location)
            return known[1]
        self.forget(location)
        path = self._fetch(location) if is_remote(location) else Path(location)
        stamp = _stamp(path)
        try:
            scan = open_scan(path, self._limits)
        except ScanError:
            if is_remote(location):
                path.unlink()
            raise
        self._scans[location] = (stamp, scan)
        while len(self._scans) > _KEPT:
            self.forget(next(iter(self._scans)))
        return scan

    def forget(self, location: str) -> None:
        """Let go of a scan, and of its fetched copy."""
        known = self._scans.pop(location, None)
        if known is not None and is_remote(location):
            known[1].path.unlink(missing_ok=True)

    def _fetch(self, location: str) -> Path:
        self._folder = self._folder or tempfile.TemporaryDirectory(prefix="gouji-")
        handle, name = tempfile.mkstemp(dir=self._folder.name, suffix=Path(location).suffix)
        try:
            with os.fdopen(handle, "wb") as here, UPath(location).open("rb") as there:
                shutil.copyfileobj(there, here)
        except BaseException as error:
            Path(name).unlink()
            if isinstance(error, OSError):
                raise ScanError(f"cannot fetch {location}: {error.strerror or error}") from error
            raise
        return Path(name)


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return (0, 0)  # open_scan says what is wrong
    return status.st_size, status.st_mtime_ns
