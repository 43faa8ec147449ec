"""What the readers said about a cell: candidates best first, and evidence that can score any other answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from gouji_layout.geometry import Box, CellRef


class ReadingKind(StrEnum):
    """What a cell holds, as far as reading alone can tell."""

    FIGURE = "figure"
    TEXT = "text"
    BLANK = "blank"
    UNREADABLE = "unreadable"  # there is ink, but no reader makes text of it


class Evidence(Protocol):
    """Scores any string against one picture of a cell, also strings no reader proposed."""

    def log_probability(self, text: str) -> float:
        """Natural-log probability that the picture shows exactly this text."""
        ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """One possible text of a cell; an empty text means the cell is blank."""

    text: str
    log_probability: float


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one reader made of one picture of the cell; kept apart, whatever is combined of opinions."""

    reader: str  # e.g. "figures-v6", "ppocr-v6", "tesseract-5"
    candidates: tuple[Candidate, ...]
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """All that is known of one cell's text, best candidate first.

    `candidates` is the combined list, not calibrated yet; `opinions` holds each reader apart. The first
    opinion is the reader that was asked first, and its best candidate is what "the engine said".
    """

    ref: CellRef
    box: Box
    kind: ReadingKind
    candidates: tuple[Candidate, ...]
    evidence: Evidence | None = None
    opinions: tuple[Opinion, ...] = ()
    doubted: bool = False  # something about the cell speaks against it, whatever is read in its cuts

    @property
    def text(self) -> str:
        """The best candidate's text; empty when blank or unreadable."""
        return self.candidates[0].text if self.candidates else ""

    @property
    def log_probability(self) -> float:
        """The best candidate's log-probability; minus infinity when there is none."""
        return self.candidates[0].log_probability if self.candidates else float("-inf")


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text outside tables, with its box and the mean log-probability of its characters."""

    box: Box
    text: str
    log_probability: float
