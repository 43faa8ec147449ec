"""What was decided about each figure and each rule, with the reasons. Names are those of ARCHITECTURE.md."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from gouji_layout.geometry import CellRef
from gouji_postprocess.rule import Rule, Verdict


class State(StrEnum):
    """How sure a decided text is, and who decided it."""

    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    DOUBTFUL = "doubtful"
    REVIEWED = "reviewed"


class Protection(StrEnum):
    """What the rules can do for a figure (see docs/rules: coding distance)."""

    UNCHECKED = "unchecked"  # distance 1: in no rule
    DETECT_ONLY = "detect_only"  # distance 2: an error shows, but not where it is
    CORRECTABLE = "correctable"  # distance 3 and more


class Outcome(StrEnum):
    """What the solver could say about a whole table. 'Out of time' is never taken for 'impossible'."""

    CONSISTENT = "consistent"  # nothing violated, no solver was needed
    SETTLED = "settled"
    AMBIGUOUS = "ambiguous"
    CONTRADICTORY = "contradictory"
    OUT_OF_TIME = "out_of_time"
    TOO_DOUBTFUL = "too_doubtful"  # rescan this page


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A value offered to a person, best first; never applied by itself."""

    text: str
    probability: float
    why: str  # one Chinese sentence


@dataclass(frozen=True, slots=True)
class Decision:
    """What is taken to stand on the paper in one cell, and why.

    `read` is what the first reader said, `text` what was decided; they differ only when `state`
    is corrected or reviewed.
    """

    ref: CellRef
    state: State
    text: str
    read: str
    log_probability: float
    reason: str  # one Chinese sentence
    suggestions: tuple[Suggestion, ...] = ()
    rules: tuple[str, ...] = ()  # ids of the rules that touch the cell
    protection: Protection = Protection.UNCHECKED
    source_suspect: bool = False  # 疑似原文错误: the paper itself seems to be wrong here
    provenance: dict[str, object] = field(default_factory=dict)  # costs, gaps, versions


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """What became of one rule; residuals are in last-place units, None where it cannot be computed."""

    rule: Rule
    verdict: Verdict
    residual_before: int | None
    residual_after: int | None
    reason: str = ""  # one Chinese sentence


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The outcome for one table (or one set of tables tied by rules)."""

    outcome: Outcome
    decisions: tuple[Decision, ...]
    verdicts: tuple[RuleVerdict, ...]
    seconds: float = 0.0
