"""Keeps workers going on one machine: starts, watches, kills, replaces them; judges failures.

Workers claim their work from the ledger themselves. The supervisor answers for their leases, ends
what takes too long or too much memory, and notes each failure once. It never holds work itself, so
it can be killed at any moment: its workers leave with it, and their leases are taken back.
"""

from __future__ import annotations

import contextlib
import selectors
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from gouji.batch.child import Child
from gouji.batch.events import Event
from gouji.batch.owners import is_dead, runner
from gouji.batch.settings import BatchSettings
from gouji.exits import OutputError, SettingsError, WorkersDieError
from gouji.ledger import Ledger
from gouji.ledger_claims import Claim, Kind, Struck
from gouji.ledger_leases import reclaim, release, renew
from gouji.ledger_progress import backlog
from gouji.ledger_work import Work

_TICK = 0.2  # seconds between looks at memory and clocks
_GRACE = 20.0  # seconds that pages in flight get to end after Ctrl-C
_MOST_FALSE_STARTS = 3


class Watcher(Protocol):
    """Is told what happens; draws progress, writes the log, keeps the quarantine."""

    def heard(self, event: Event, owner: str) -> None:
        """A worker said something."""
        ...

    def struck(self, claim: Claim, failure: Event, outcome: Struck) -> None:
        """Work failed."""
        ...

    def noted(self, what: str, **facts: object) -> None:
        """The supervisor did something worth a line in the log."""
        ...


@dataclass(frozen=True, slots=True)
class Signs:
    """What a run is told from outside."""

    more_to_come: Callable[[], bool] = lambda: False  # scans may still be put on the list
    stopping: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True)
class Ended:
    """How a supervised run ended."""

    interrupted: bool
    workers_started: int
    reclaimed: int


class Supervisor:
    """Runs workers until the queue is empty, or until told to stop."""

    def __init__(
        self,
        settings: BatchSettings,
        ledger: Ledger,
        watcher: Watcher,
        signs: Signs,
    ) -> None:
        self._settings = settings
        self._ledger = ledger
        self._watcher = watcher
        self._signs = signs
        self._runner = runner()
        self._children: list[Child] = []
        self._selector = selectors.DefaultSelector()
        self._started = 0
        self._reclaimed = 0
        self._false_starts = 0

    def run(self) -> Ended:
        """Run to the end.

        Raises:
            OutputError: results or the ledger cannot be written.
            WorkersDieError: workers cannot start.
        """
        interrupted = False
        try:
            self._take_back()
            for _ in self._ticks():
                self._hear()
                self._enforce_limits()
                self._bury()
                if self._signs.stopping():
                    interrupted = True
                    break
                self._staff()
                if self._finished():
                    break
        finally:
            self._end(gently=not self._false_starts)
        return Ended(interrupted, self._started, self._reclaimed)

    def _ticks(self) -> Iterator[None]:
        """Wake up for messages and at least every tick; look after leases in between."""
        upkeep = self._settings.lease_seconds / 3
        last = time.monotonic()
        while True:
            if self._selector.get_map():
                self._selector.select(_TICK)
            else:
                time.sleep(_TICK / 4)
            if time.monotonic() - last > upkeep:
                last = time.monotonic()
                renew(self._ledger, self._runner, self._settings.lease_seconds)
                self._take_back()
            yield

    def _take_back(self) -> None:
        taken = reclaim(self._ledger, self._settings.wanted, is_dead)
        self._reclaimed += taken
        if taken:
            self._watcher.noted("leases taken back", count=taken)

    def _hear(self) -> None:
        for child in self._children:
            for event in child.heard():
                self._note(child, event)

    def _note(self, child: Child, event: Event) -> None:
        child.idle = event.what == "idle"
        match event.what:
            case "ready":
                child.ready = True
                self._false_starts = 0
            case "start":
                child.begin(event.claim)
            case "end":
                child.doing = None
            case "failed":
                child.doing = None
                self._strike(child.owner, event)
            case "unusable":
                child.doing = None
                self._give_up(event)
        self._watcher.heard(event, child.owner)

    def _strike(self, owner: str, failure: Event) -> None:
        assert failure.claim is not None
        queue = Work(self._ledger, self._settings.wanted, owner, self._settings.lease_seconds)
        outcome = queue.strike(failure.claim, failure.kind, failure.message, final=failure.final)
        self._watcher.struck(failure.claim, failure, outcome)

    def _give_up(self, event: Event) -> None:
        if event.kind == OutputError.__name__:
            raise OutputError(event.message)
        if event.kind == SettingsError.__name__:
            raise SettingsError(event.message)
        raise WorkersDieError(f"a worker cannot work: {event.kind}: {event.message}\n{event.details}")

    def _enforce_limits(self) -> None:
        limits = self._settings.limits
        for child in self._children:
            if child.doing is None:
                continue
            claim, since = child.doing.claim, child.doing.since
            allowed = limits.page_seconds if claim.kind is Kind.READ else limits.document_seconds
            took = time.monotonic() - since
            grown = child.megabytes()
            if took > allowed:
                what = f"took longer than {allowed:g} s and was stopped"
                self._kill(child, Event("failed", claim, took, grown, "TookTooLongError", what))
            elif grown > limits.megabytes:
                what = f"needed {grown} MB, over the limit of {limits.megabytes} MB, and was stopped"
                self._kill(child, Event("failed", claim, took, grown, "TooMuchMemoryError", what))

    def _kill(self, child: Child, failure: Event) -> None:
        child.kill()
        for event in child.heard():  # it may have finished in the meantime
            self._note(child, event)
        if child.doing is not None and failure.claim == child.doing.claim:
            child.doing = None
            self._strike(child.owner, failure)

    def _bury(self) -> None:
        """Let go of workers that have ended, and find out why."""
        for child in [child for child in self._children if child.exit_status() is not None]:
            for event in child.heard():
                self._note(child, event)
            status = child.exit_status()
            if child.doing is not None:
                words = child.last_words()
                what = f"its worker ended with {_cause(status)}"
                self._strike(
                    child.owner, Event("failed", child.doing.claim, 0, 0, "WorkerDiedError", what, words)
                )
            elif not child.ready:
                self._false_starts += 1
                if self._false_starts >= _MOST_FALSE_STARTS:
                    raise WorkersDieError(f"workers end at once ({_cause(status)}): {child.last_words()}")
            self._remove(child)

    def _remove(self, child: Child) -> None:
        self._selector.unregister(child.events)
        self._children.remove(child)
        child.close()
        release(self._ledger, child.owner)
        self._watcher.noted("worker ended", owner=child.owner, status=child.exit_status())

    def _staff(self) -> None:
        """Start workers while there is work that nobody free could take."""
        living = [child for child in self._children if not child.stopping]
        free = sum(child.idle or not child.ready for child in living)
        room = self._settings.workers - len(living)
        if room <= 0:
            return
        wanted = backlog(self._ledger, room + free) - free
        for _ in range(min(room, wanted)):
            self._start()

    def _start(self) -> None:
        self._started += 1
        child = Child(self._settings, f"{self._runner}/{self._started}")
        self._children.append(child)
        self._selector.register(child.events, selectors.EVENT_READ)
        self._watcher.noted("worker started", owner=child.owner, pid=child.pid)

    def _finished(self) -> bool:
        if self._signs.more_to_come() or any(not child.idle for child in self._children):
            return False
        return not self._queue_open()

    def _queue_open(self) -> bool:
        return Work(self._ledger, self._settings.wanted, self._runner).open_work()

    def _end(self, *, gently: bool) -> None:
        """Let pages in flight end, within reason, then end everything."""
        deadline = time.monotonic() + (_GRACE if gently else 0)
        for child in self._children:
            child.stop()
        with contextlib.suppress(OutputError, WorkersDieError, KeyboardInterrupt):
            while self._children and time.monotonic() < deadline:
                self._selector.select(_TICK)
                self._hear()
                self._enforce_limits()
                self._bury()
        for child in list(self._children):
            child.kill()
            self._remove(child)
        release(self._ledger, f"{self._runner}/")
        self._selector.close()


def _cause(status: int | None) -> str:
    return f"signal {-status}" if status is not None and status < 0 else f"status {status}"
