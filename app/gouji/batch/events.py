"""What a worker tells its supervisor: one JSON object a line, through a pipe of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from gouji.ledger_claims import Claim, Kind

EVENTS_VARIABLE = "GOUJI_EVENTS"
"""Environment variable of a worker: the number of its pipe."""


@dataclass(frozen=True, slots=True)
class Event:
    """One message; `what` says which of the other fields are used."""

    what: str  # ready, start, end, failed, unusable, idle, bye
    claim: Claim | None = None
    seconds: float = 0.0  # wall clock of the work, or of getting ready
    megabytes: int = 0  # of the worker when it wrote this
    kind: str = ""  # class of an error
    message: str = ""  # one sentence
    details: str = ""  # traceback
    final: bool = False  # trying again is of no use
    doubtful: int = 0  # figures in question of a decided document
    steps: Mapping[str, float] = field(default_factory=dict)  # processor seconds of the work by step

    def to_line(self) -> bytes:
        """As one line."""
        return (json.dumps(asdict(self), ensure_ascii=False) + "\n").encode()

    @classmethod
    def from_line(cls, line: bytes) -> Event:
        """Read back what `to_line` wrote."""
        plain = json.loads(line)
        claim = plain.pop("claim")
        if claim is not None:
            claim["kind"] = Kind(claim["kind"])
            claim = Claim(**claim)
        return cls(claim=claim, **plain)
