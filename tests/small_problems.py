"""Small tables with totals, some figures read badly: for laws of reconciling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hypothesis import strategies as st

from gouji_layout.geometry import Box, CellRef
from gouji_ocr.reading import Candidate, Opinion, Reading, ReadingKind
from gouji_postprocess.calibration import Calibration, ReaderCalibration
from gouji_postprocess.figures import figure_of
from gouji_postprocess.problem import Problem, assemble
from gouji_postprocess.rule import Rule, RuleSource, Term

CALIBRATION = Calibration("test", {"test-1": ReaderCalibration(blind=0.002, figures=1000)})
Texts = Mapping[CellRef, Mapping[str, float]]
"""What the one reader has of each cell."""


def reading(ref: CellRef, scores: Mapping[str, float]) -> Reading:
    candidates = tuple(
        Candidate(t, s) for t, s in sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    )
    opinion = Opinion("test-1", candidates)
    box = Box(ref.col, ref.row, ref.col + 1, ref.row + 1)
    return Reading(ref, box, ReadingKind.FIGURE, candidates, None, (opinion,))


def sum_rule(name: str, parts: Sequence[CellRef], whole: CellRef) -> Rule:
    return Rule(name, (Term(-1, whole), *(Term(1, part) for part in parts)), RuleSource.FORM, name)


@st.composite
def tables(draw: st.DrawFn, *, rows: int = 3, cols: int = 3, wrong: int = 3) -> tuple[Texts, list[Rule]]:
    """A small table with totals, some figures read badly, some with second readings."""
    inner = [[draw(st.integers(0, 30)) for _ in range(cols - 1)] for _ in range(rows - 1)]
    full = [[*row, sum(row)] for row in inner]
    full.append([sum(column) for column in zip(*full, strict=True)])
    at = {(r, c): CellRef(1, 0, r, c) for r in range(rows) for c in range(cols)}
    texts: dict[CellRef, dict[str, float]] = {}
    for (r, c), ref in at.items():
        texts[ref] = {str(full[r][c]): -0.001}
    for _ in range(draw(st.integers(0, wrong))):
        ref = draw(st.sampled_from(sorted(texts)))
        truth = str(full[ref.row][ref.col])
        other = str(draw(st.integers(0, 60)))
        texts[ref] = {truth: -draw(st.floats(0.1, 3.0)), other: -draw(st.floats(0.1, 3.0))}
    rules = [sum_rule(f"r{r}", [at[r, c] for c in range(cols - 1)], at[r, cols - 1]) for r in range(rows)]
    rules += [sum_rule(f"c{c}", [at[r, c] for r in range(rows - 1)], at[rows - 1, c]) for c in range(cols)]
    return texts, rules


def problem_of(texts: Texts, rules: Sequence[Rule]) -> Problem:
    """The system that reconciling would solve."""
    figures = [figure_of(reading(ref, t), scale=0, calibration=CALIBRATION) for ref, t in texts.items()]
    return assemble(figures, rules, scale=0)
