"""Small tables whose rows and columns add up, for tests of the reconciliation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gouji_layout.geometry import Box, CellRef
from gouji_ocr.reading import Candidate, Opinion, Reading, ReadingKind
from gouji_postprocess.calibration import Calibration, ReaderCalibration
from gouji_postprocess.decision import Decision, Reconciliation
from gouji_postprocess.rule import Rule, RuleSource, Term, Verdict

GOOD = [["3", "4", "7"], ["1", "5", "6"], ["4", "9", "13"]]
READER = "test-1"
CALIBRATION = Calibration("test", {READER: ReaderCalibration(blind=0.002, figures=1000)})


@dataclass(frozen=True)
class Scores:
    """Evidence that knows a few strings."""

    known: Mapping[str, float]

    def log_probability(self, text: str) -> float:
        return self.known.get(text, -50.0)


def at(row: int, col: int) -> CellRef:
    return CellRef(1, 0, row, col)


def reading(ref: CellRef, scores: Mapping[str, float] | str, reader: str = READER) -> Reading:
    if isinstance(scores, str):
        scores = {scores: -1e-6}
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    candidates = tuple(Candidate(text, score) for text, score in ranked)
    kind = ReadingKind.BLANK if candidates and candidates[0].text == "" else ReadingKind.FIGURE
    opinion = Opinion(reader, candidates, Scores(dict(scores)))
    box = Box(ref.col, ref.row, ref.col + 1, ref.row + 1)
    return Reading(ref, box, kind, candidates, opinion.evidence, (opinion,))


def unreadable(ref: CellRef) -> Reading:
    return Reading(ref, Box(0, 0, 1, 1), ReadingKind.UNREADABLE, ())


def total(name: str, parts: Sequence[CellRef], whole: CellRef, **more: object) -> Rule:
    terms = (Term(1, whole), *(Term(-1, part) for part in parts))
    return Rule(name, terms, RuleSource.FORM, name, **more)  # type: ignore[arg-type]


def square(texts: Sequence[Sequence[Mapping[str, float] | str]]) -> tuple[list[Reading], list[Rule]]:
    """A table whose last row and column are totals."""
    rows, cols = len(texts), len(texts[0])
    readings = [reading(at(r, c), texts[r][c]) for r in range(rows) for c in range(cols)]
    rules = [total(f"row{r}", [at(r, c) for c in range(cols - 1)], at(r, cols - 1)) for r in range(rows)]
    rules += [total(f"col{c}", [at(r, c) for r in range(rows - 1)], at(rows - 1, c)) for c in range(cols)]
    return readings, rules


def by_ref(outcome: Reconciliation) -> dict[CellRef, Decision]:
    return {decision.ref: decision for decision in outcome.decisions}


def verdicts(outcome: Reconciliation) -> dict[str, Verdict]:
    return {verdict.rule.id: verdict.verdict for verdict in outcome.verdicts}
