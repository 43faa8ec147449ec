"""Writes down what happens in a run: log lines, quarantine, and the numbers shown as progress."""

from __future__ import annotations

import contextlib
import json
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import structlog

from gouji.batch.events import Event
from gouji.ledger_claims import Claim, Kind, Struck
from gouji.store import Store

_WINDOW = 60.0  # seconds over which the rate is measured


@dataclass
class Standing:
    """How far the run is, as its watcher counts it."""

    pages: int = 0  # read in this run
    documents: int = 0  # decided in this run
    doubtful: int = 0
    failures: int = 0
    retries: int = 0
    at: str = ""  # what was begun last
    page_seconds: float = 0.0
    most_megabytes: int = 0
    warnings: list[str] = field(default_factory=list)  # what a person should know of decided documents
    steps: dict[str, float] = field(default_factory=dict)  # processor seconds by step
    _ends: deque[float] = field(default_factory=deque)

    def page_ended(self) -> None:
        """Count a page."""
        now = time.monotonic()
        self.pages += 1
        self._ends.append(now)
        while now - self._ends[0] > _WINDOW:
            self._ends.popleft()

    def rate(self) -> float:
        """Pages a second over the last minute."""
        if len(self._ends) < 2:
            return 0.0
        return (len(self._ends) - 1) / max(time.monotonic() - self._ends[0], 1e-3)


class Journal:
    """The watcher of a run; see `Watcher`."""

    def __init__(self, store: Store, log: TextIO | None) -> None:
        self.standing = Standing()
        self._store = store
        self._log: Any = structlog.wrap_logger(
            structlog.WriteLogger(log) if log is not None else structlog.testing.ReturnLogger(),
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )

    def heard(self, event: Event, owner: str) -> None:
        """Count and log what a worker said."""
        standing = self.standing
        standing.most_megabytes = max(standing.most_megabytes, event.megabytes)
        if event.what == "start" and event.claim is not None:
            standing.at = event.claim.name
        elif event.what == "end" and event.claim is not None:
            for step, seconds in event.steps.items():
                standing.steps[step] = standing.steps.get(step, 0.0) + seconds
            if event.claim.kind is Kind.READ:
                standing.page_ended()
                standing.page_seconds += event.seconds
                self._lift_quarantine(event.claim)
            elif event.claim.kind is Kind.DECIDE:
                standing.documents += 1
                standing.doubtful += event.doubtful
                self._warn(event.claim, event.message)
                self._lift_quarantine(event.claim)
            self._log.info(
                f"{event.claim.kind} done",
                **_named(event.claim),
                seconds=event.seconds,
                megabytes=event.megabytes,
                worker=_slot(owner),
            )
        elif event.what in {"ready", "bye"}:
            self._log.info(
                f"worker {event.what}",
                worker=_slot(owner),
                why=event.message,
                megabytes=event.megabytes,
                seconds=round(event.seconds, 3),
            )

    def struck(self, claim: Claim, failure: Event, outcome: Struck) -> None:
        """Log a failure, and keep the reason where the work was given up."""
        facts = {"kind": failure.kind, "message": failure.message, "seconds": round(failure.seconds, 3)}
        self._log.warning(f"{claim.kind} failed", **_named(claim), **facts, outcome=outcome.value)
        if outcome is Struck.AGAIN:
            self.standing.retries += 1
        if outcome is not Struck.GIVEN_UP:
            return
        self.standing.failures += 1
        record = {
            "document": claim.name,
            "location": claim.location,
            "page": claim.number or None,
            "sha256": claim.sha256 or None,
            "step": claim.kind.value,
            **facts,
            "details": failure.details,
        }
        self._store.write_json(_quarantine(claim), record)

    def noted(self, what: str, **facts: object) -> None:
        """Log what the supervisor did."""
        self._log.info(what, **facts)

    def _warn(self, claim: Claim, message: str) -> None:
        if message:
            self.standing.warnings.append(f"{claim.shown}: {message}")
            self._log.warning("told", **_named(claim), message=message)

    def _lift_quarantine(self, claim: Claim) -> None:
        with contextlib.suppress(OSError):
            (self._store.out / _quarantine(claim)).unlink(missing_ok=True)


def _quarantine(claim: Claim) -> str:
    return f"quarantine/{claim.name}/{f'p{claim.number}' if claim.number else 'file'}.json"


def _named(claim: Claim) -> dict[str, object]:
    if claim.kind is not Kind.READ:
        return {"document": claim.name}
    return {"document": claim.name, "page": claim.number, "key": claim.key}


def _slot(owner: str) -> str:
    return owner.rsplit("/", 1)[-1]


def read_log(path: Path) -> list[dict[str, Any]]:
    """All lines of a log; a line cut short by a kill is left out."""
    lines = []
    with contextlib.suppress(FileNotFoundError):
        for line in path.read_text(encoding="utf-8").splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                lines.append(json.loads(line))
    return lines
