"""What a batch run was asked to do beside reading itself: how many workers, how much each may take."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field

from gouji.ledger_enlist import Fingerprints
from gouji.options import ReadOptions

REAL_WORK = "gouji.batch.page_work:PageWork"


def usable_cores() -> int:
    """Cores this process may use, which in a container is less than what the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Limits:
    """Guards around one worker; what goes over them is killed.

    Raises:
        ValueError: a limit is not positive.
    """

    page_seconds: float = 180.0  # wall clock; a page takes 2 to 5 on a busy core
    document_seconds: float = 1800.0  # opening a file, or deciding all its figures
    megabytes: int = 3000  # of a worker and what it started
    recycle_pages: int = 500  # a worker that read so many makes room for a fresh one
    recycle_megabytes: int = 1500  # or that has grown to this after a page

    def __post_init__(self) -> None:
        if min(asdict(self).values()) <= 0:
            raise ValueError(f"limits must be positive: {self}")


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """Everything a supervisor needs; plain values, so that it can be sent to another machine."""

    out: str
    options: ReadOptions
    wanted: Fingerprints
    ledger: str | None = None  # address of a database; None: SQLite in OUT
    workers: int = field(default_factory=usable_cores)
    limits: Limits = Limits()
    lease_seconds: float = 60.0
    shard: int = 1  # pages claimed at once; more where the ledger is far away
    work: str = REAL_WORK  # "module:class" of what workers do
    run: int = 0  # its row in the ledger

    def to_json(self) -> str:
        """For a worker process or another machine."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> BatchSettings:
        """Read back what `to_json` wrote."""
        plain = json.loads(text)
        options = plain.pop("options")
        return cls(
            **{name: value for name, value in plain.items() if name not in {"wanted", "limits"}},
            options=ReadOptions.from_record(options),
            wanted=Fingerprints(**plain["wanted"]),
            limits=Limits(**plain["limits"]),
        )
