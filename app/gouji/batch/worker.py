"""One worker process: `python -m gouji.batch.worker`, started and watched by a supervisor.

It is told its settings in the first line of its standard input. "stop" on a later line lets it finish
the page at hand and leave; the end of the input means that the supervisor is gone, and the worker
leaves at once, so that nobody reads behind the back of the next run. What it does it tells through
a pipe whose number is in GOUJI_EVENTS; its standard error is kept for the case that it dies.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, TextIO

import psutil

from gouji.batch.events import EVENTS_VARIABLE, Event
from gouji.batch.renamed import RENAMED_CODE
from gouji.batch.replaced import NOTE_CODE
from gouji.batch.settings import BatchSettings
from gouji.batch.work_kind import FileChangedError, Timed, Unread, WorkKind
from gouji.document import Document
from gouji.exits import OutputError
from gouji.ledger import Ledger, open_ledger
from gouji.ledger_claims import Claim, Kind
from gouji.ledger_work import Work
from gouji_layout.scan import ScanError
from gouji_ocr.reading import ReadingKind
from gouji_postprocess.decision import State

_SHORTEST_NAP, _LONGEST_NAP = 0.05, 1.0  # seconds between looks at an empty queue
_GONE = 3  # exit status of a worker whose supervisor went away


class Worker:
    """Claims, works, finishes; until there is nothing left, it is told to stop, or it has grown too big."""

    def __init__(
        self, settings: BatchSettings, owner: str, tell: Callable[[Event], None], stop: threading.Event
    ) -> None:
        self._settings = settings
        self._tell = tell
        self._stop = stop
        self._process = psutil.Process()
        start = time.monotonic()
        self._ledger = open_ledger(Path(settings.out), settings.ledger, worker=True)
        self._queue = Work(self._ledger, settings.wanted, owner, settings.lease_seconds)
        self._do: WorkKind = _made(settings, self._ledger)
        tell(Event("ready", seconds=time.monotonic() - start, megabytes=self._megabytes()))

    def run(self) -> str:
        """Work until there is a reason to leave, and return it: "stop" or "recycle"."""
        limits = self._settings.limits
        pages = 0
        nap = _SHORTEST_NAP
        waiting: list[Claim] = []
        while not self._stop.is_set():
            waiting = waiting or self._queue.claim(self._settings.shard)
            if not waiting:
                self._tell(Event("idle", megabytes=self._megabytes()))
                self._stop.wait(nap)
                nap = min(nap * 2, _LONGEST_NAP)
                continue
            nap = _SHORTEST_NAP
            claim = waiting.pop(0)
            pages += claim.kind is Kind.READ
            full = pages >= limits.recycle_pages
            waiting += self._work(
                claim, 0 if waiting or full or self._stop.is_set() else self._settings.shard
            )
            if full or self._megabytes() > limits.recycle_megabytes:
                self._put_back(waiting)
                return "recycle"
        self._put_back(waiting)
        return "stop"

    def _work(self, claim: Claim, then: int) -> list[Claim]:
        """Do one piece of work; returns what was claimed together with finishing it."""
        start = time.monotonic()
        self._tell(Event("start", claim))
        doubtful, message = 0, ""
        more: list[Claim] = []
        try:
            match claim.kind:
                case Kind.OPEN:
                    opened = self._do.open(claim)
                    more = self._queue.opened(claim, opened.sha256, opened.keys, then)
                case Kind.READ:
                    facts = self._do.read(claim)
                    more = self._queue.read(claim, {**facts, "megabytes": self._megabytes()}, then)
                case Kind.DECIDE:
                    made = self._do.decide(claim)
                    if isinstance(made, Unread):
                        self._queue.unread(claim, made.keys)
                    else:
                        doubtful, message = _doubtful(made.document), _told(made.document)
                        took = round(time.monotonic() - start, 3)
                        more = self._queue.decided(claim, made.document, took, then, whole=made.whole)
        except OutputError:
            raise  # no page is to blame
        except FileChangedError:
            self._queue.put_back(claim, open_again=True)
        except Exception as error:  # noqa: BLE001 - a page may fail in any way; it costs only itself
            self._tell(_failure(claim, error, time.monotonic() - start))
            return []
        seconds = round(time.monotonic() - start, 3)
        steps = self._do.spent() if isinstance(self._do, Timed) else {}
        megabytes = self._megabytes()
        self._tell(
            Event(
                "end",
                claim,
                seconds=seconds,
                megabytes=megabytes,
                message=message,
                doubtful=doubtful,
                steps=steps,
            )
        )
        return more

    def _put_back(self, waiting: list[Claim]) -> None:
        for claim in waiting:
            self._queue.put_back(claim)

    def _megabytes(self) -> int:
        return int(self._process.memory_info().rss >> 20)


def main() -> int:
    """Entry of the process."""
    orders = _take_input()
    settings_line, owner = json.loads(orders.readline())
    settings = BatchSettings.from_json(settings_line)
    events = os.fdopen(int(os.environ[EVENTS_VARIABLE]), "wb", buffering=0)
    stop = threading.Event()
    threading.Thread(target=_listen, args=(orders, stop), daemon=True).start()
    _one_thread()
    try:
        worker = Worker(settings, owner, lambda event: _write(events, event), stop)
        why = worker.run()
    except Exception as error:  # noqa: BLE001 - told to the supervisor, which says it to the person
        details = traceback.format_exc()
        _write(events, Event("unusable", kind=type(error).__name__, message=str(error), details=details))
        return 1
    _write(events, Event("bye", message=why))
    return 0


def _made(settings: BatchSettings, ledger: Ledger) -> WorkKind:
    module, _, name = settings.work.partition(":")
    kind: Callable[[BatchSettings, Ledger], WorkKind] = getattr(importlib.import_module(module), name)
    return kind(settings, ledger)


def _take_input() -> TextIO:
    """Keep the input for orders: Tesseract and poppler would inherit it and could eat them."""
    orders = os.fdopen(os.dup(0), encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return orders


def _listen(orders: TextIO, stop: threading.Event) -> None:
    for line in orders:
        if line.strip() == "stop":
            stop.set()
    if not stop.is_set():
        os._exit(_GONE)  # the input ended: the supervisor is gone


def _write(events: BinaryIO, event: Event) -> None:
    events.write(event.to_line())


def _one_thread() -> None:
    # The environment pins OpenMP, ONNX Runtime and Tesseract; OpenCV must be told.
    import cv2  # noqa: PLC0415 - after the settings are read, so that a worker of tests may do without

    cv2.setNumThreads(1)


def _failure(claim: Claim, error: Exception, seconds: float) -> Event:
    return Event(
        "failed",
        claim,
        seconds=round(seconds, 3),
        kind=type(error).__name__,
        message=str(error) or type(error).__name__,
        details=traceback.format_exc(),
        final=isinstance(error, ScanError),  # the file will not get better
    )


def _doubtful(document: Document) -> int:
    return sum(
        cell.state is State.DOUBTFUL and cell.kind is not ReadingKind.TEXT
        for table in document.tables
        for cell in table.cells
    )


def _told(document: Document) -> str:
    """What the person at the screen should know of a document at once."""
    return " ".join(note.detail for note in document.notes if note.code in (NOTE_CODE, RENAMED_CODE))


if __name__ == "__main__":
    sys.exit(main())
