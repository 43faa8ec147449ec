"""A worker process as its supervisor holds it: started, heard, measured, killed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

import psutil

from gouji.batch.events import EVENTS_VARIABLE, Event
from gouji.batch.settings import BatchSettings
from gouji.ledger_claims import Claim

_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OMP_THREAD_LIMIT",  # Tesseract
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
_LOOK_SECONDS = 1.0
_STDERR_KEPT = 4000  # bytes shown of what a dead worker wrote


@dataclass(frozen=True, slots=True)
class Doing:
    """What a worker is at."""

    claim: Claim
    since: float  # time.monotonic


class Child:
    """One worker process in a session of its own, so that it dies together with what it started."""

    def __init__(self, settings: BatchSettings, owner: str) -> None:
        self.owner = owner
        self.doing: Doing | None = None
        self.ready = False
        self.idle = False
        self.stopping = False
        self._buffer = b""
        self._watched: psutil.Process | None = None
        self._others = 0
        self._looked = 0.0
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the child
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        self.events = reading
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gouji.batch.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=self._stderr,
                pass_fds=(writing,),
                env={**os.environ, **dict.fromkeys(_THREAD_VARIABLES, "1"), EVENTS_VARIABLE: str(writing)},
                start_new_session=True,  # Ctrl-C is the supervisor's business
            )
        finally:
            os.close(writing)
        self._send(json.dumps([settings.to_json(), owner]))

    @property
    def pid(self) -> int:
        """Process number."""
        return self._process.pid

    def begin(self, claim: Claim | None) -> None:
        """It says that it began this."""
        self.doing = None if claim is None else Doing(claim, time.monotonic())

    def heard(self) -> list[Event]:
        """Messages that came since the last call."""
        with contextlib.suppress(BlockingIOError):
            while chunk := os.read(self.events, 65536):
                self._buffer += chunk
        *lines, self._buffer = self._buffer.split(b"\n")
        return [Event.from_line(line) for line in lines]

    def exit_status(self) -> int | None:
        """None while it runs; negative: the signal that killed it."""
        return self._process.poll()

    def megabytes(self) -> int:
        """Memory of the worker and everything it started; what it started is looked for once a second."""
        try:
            if self._watched is None:
                self._watched = psutil.Process(self.pid)
            own = int(self._watched.memory_info().rss)
            if time.monotonic() - self._looked > _LOOK_SECONDS:  # finding children reads all of /proc
                self._looked = time.monotonic()
                self._others = sum(_rss(process) for process in self._watched.children(recursive=True))
        except psutil.Error:
            return 0
        return (own + self._others) >> 20

    def stop(self) -> None:
        """Ask it to finish the page at hand and leave."""
        if not self.stopping:
            self.stopping = True
            self._send("stop")

    def kill(self) -> None:
        """End it and everything it started, now."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def last_words(self) -> str:
        """The end of its standard error."""
        size = self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(0, size - _STDERR_KEPT))
        return self._stderr.read().decode(errors="replace").strip()

    def close(self) -> None:
        """Let go of its pipes."""
        os.close(self.events)
        with contextlib.suppress(OSError):
            if self._process.stdin:
                self._process.stdin.close()
        self._stderr.close()

    def _send(self, line: str) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # its death is noticed elsewhere
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()


def _rss(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0
