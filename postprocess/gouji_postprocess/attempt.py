"""One attempt at a table: what was decided with the readings at hand, and what should be read again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from gouji_layout.geometry import CellRef
from gouji_postprocess import explain
from gouji_postprocess.decision import Decision, Outcome, RuleVerdict, State
from gouji_postprocess.figures import Figure
from gouji_postprocess.rule import Verdict
from gouji_postprocess.settings import ReconcileSettings
from gouji_postprocess.solving import HOPELESS, Solved
from gouji_postprocess.standing import well_founded

FEW = 20
"""Figures below which a share of doubtful ones says nothing about a page."""


@dataclass(frozen=True, eq=False)
class Attempt:
    """Decisions and verdicts from the readings at hand."""

    decisions: Mapping[CellRef, Decision]
    verdicts: tuple[RuleVerdict, ...]
    outcome: Outcome
    figures: Mapping[CellRef, Figure]

    def worth_a_look(self, settings: ReconcileSettings, looked: Collection[CellRef]) -> list[CellRef]:
        """Cells in doubt, suspected misprints, and changes that are weakly guarded or weakly seen.

        Where a table could not be solved, those read hesitantly first: the others may well be right.
        """
        unsettled = sorted(
            ref
            for ref, decision in self.decisions.items()
            if ref not in looked and _unsettled(decision, settings)
        )
        if self.outcome not in (Outcome.OUT_OF_TIME, Outcome.TOO_DOUBTFUL):
            return unsettled
        return [ref for ref in unsettled if ref in self.figures and self.figures[ref].hesitant] or unsettled

    def given_up(self, settings: ReconcileSettings) -> Attempt:
        """On a page with too many doubts nothing is corrected at all: it should be scanned again."""
        doubts = [ref for ref in self.figures if self.decisions[ref].state is State.DOUBTFUL]
        if len(self.figures) < FEW or len(doubts) <= settings.doubtful_share * len(self.figures):
            return self
        # Where so much was misread, one rule that holds may hold by chance with a reading that is not sure.
        kept = (State.REVIEWED, State.DOUBTFUL)
        withdrawn = {
            ref: replace(d, state=State.DOUBTFUL, text=d.read, reason=explain.why_too_doubtful())
            for ref, d in self.decisions.items()
            if ref in self.figures and d.rules and d.state not in kept
            if d.state is State.CORRECTED or not _stands(d, self.figures[ref], settings)
        }
        return replace(self, decisions={**self.decisions, **withdrawn}, outcome=Outcome.TOO_DOUBTFUL)


def _stands(decision: Decision, figure: Figure, settings: ReconcileSettings) -> bool:
    """Whether a figure that was not changed stands on a page with too many doubts."""
    closing = decision.provenance["closing"]
    assert isinstance(closing, int)
    return closing > 1 or well_founded(figure, closing, settings)


def _unsettled(decision: Decision, settings: ReconcileSettings) -> bool:
    if decision.state is State.DOUBTFUL or decision.source_suspect:
        return True
    misprint = decision.provenance.get("misprint", 0.0)
    return decision.state is State.CORRECTED and (
        decision.provenance.get("distance") == 2
        or (isinstance(misprint, float) and misprint > settings.tau / 100)
    )


def outcome_of(
    decisions: Mapping[CellRef, Decision], judged: Sequence[RuleVerdict], solved: Solved
) -> Outcome:
    """The outcome of the whole table in one word."""
    if solved.impossible:
        return Outcome.CONTRADICTORY
    if solved.path == HOPELESS:
        return Outcome.TOO_DOUBTFUL
    if not solved.proven:
        return Outcome.OUT_OF_TIME
    if any(decision.state is State.DOUBTFUL and decision.rules for decision in decisions.values()):
        return Outcome.AMBIGUOUS
    if any(verdict.verdict is Verdict.SOURCE_INCONSISTENT for verdict in judged):
        return Outcome.CONTRADICTORY
    return Outcome.CONSISTENT if solved.path == "clean" else Outcome.SETTLED
