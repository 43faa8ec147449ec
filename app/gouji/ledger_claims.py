"""Pieces of work in the queue: what there is to do, whose it is until when, and how it failed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What there is to do."""

    OPEN = "open"
    READ = "read"
    DECIDE = "decide"


@dataclass(frozen=True, slots=True)
class Claim:
    """Work that is this owner's until the lease runs out."""

    kind: Kind
    row: int  # id in documents, or in pages for Kind.READ
    fence: int
    name: str
    shown: str
    location: str
    sha256: str = ""
    number: int = 0  # of the page; 0 for documents
    key: str = ""

    @property
    def label(self) -> str:
        """The work in the words of a log."""
        return f"{self.name} p{self.number}" if self.kind is Kind.READ else f"{self.name} {self.kind}"


class Struck(StrEnum):
    """What became of work that failed."""

    AGAIN = "again"
    GIVEN_UP = "given_up"
    LOST = "lost"  # the lease was no longer ours
