"""Walks the folders while workers already read, and goes on walking where a drop folder is watched."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from gouji.batch.sources import find_sources
from gouji.ledger import Ledger
from gouji.ledger_enlist import Enlisted, Fingerprints, enlist
from gouji.naming import PassedOver, UnreadablePath

WATCH_SECONDS = 5.0


class Enlister(threading.Thread):
    """Puts scans on the list; with `watch` it never ends by itself."""

    def __init__(
        self,
        ledger: Ledger,
        wanted: Fingerprints,
        places: Sequence[str],
        out: str,
        *,
        watch: bool = False,
        pause: float | None = None,
    ) -> None:
        super().__init__(name="enlister", daemon=True)
        self.found = 0
        self.unreadable: dict[str, str] = {}  # folder or file -> why
        self.passed_over: Counter[str] = Counter()  # suffix -> files that are no scans
        self.failure: Exception | None = None
        self._ledger = ledger
        self._wanted = wanted
        self._places = tuple(places)
        self._out = out
        self._watch = watch
        self._pause = WATCH_SECONDS if pause is None else pause
        self._leave = threading.Event()
        self._seen: dict[str, str] = {}  # location -> stamp at the last walk

    def run(self) -> None:
        """Walk once, or again and again."""
        try:
            self._walk()
            while self._watch and not self._leave.wait(self._pause):
                self._walk()
        except Exception as error:  # noqa: BLE001 - raised where the run is watched: a list cut short is no list
            self.failure = error

    def at_work(self) -> bool:
        """True while scans may still be added.

        Raises:
            OutputError: the list cannot be written.
        """
        if self.failure is not None:
            raise self.failure
        return self.is_alive()

    @property
    def seen(self) -> Collection[str]:
        """Locations of all scans of the last walk."""
        return self._seen.keys()

    def leave(self) -> None:
        """Stop at the next chance."""
        self._leave.set()
        self.join(timeout=30)

    def _walk(self) -> None:
        self.unreadable = {}
        self.passed_over = Counter()
        before, self._seen = self._seen, {}
        found = 0
        for _ in enlist(self._ledger, self._scans(before), self._wanted):
            found = len(self._seen)
            self.found = max(self.found, found)
            if self._leave.is_set():
                return
        self.found = len(self._seen)

    def _scans(self, before: dict[str, str]) -> Iterator[Enlisted]:
        for item in find_sources(self._places, self._out):
            if isinstance(item, UnreadablePath):
                self.unreadable[item.shown] = item.message
                continue
            if isinstance(item, PassedOver):
                self.passed_over[item.suffix] += 1
                continue
            self._seen[item.location] = item.stamp
            # In a drop folder a file may still be on its way: it must look the same twice.
            if not self._watch or before.get(item.location) == item.stamp or _old(item.stamp):
                yield item


def _old(stamp: str) -> bool:
    """True for a local file nobody has written to for a while."""
    _, _, changed = stamp.partition(" ")
    return changed.isdigit() and time.time() - int(changed) / 1e9 > 2 * WATCH_SECONDS
