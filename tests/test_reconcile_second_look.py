"""What is read again, and in which order, when a table cannot be solved at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from square_tables import CALIBRATION, GOOD, at, by_ref, reading, square

from gouji_layout.geometry import CellRef
from gouji_ocr.reading import Reading, ReadingKind
from gouji_postprocess.decision import Outcome, State
from gouji_postprocess.reconcile import ReconcileSettings, reconcile

HESITANT = {"8": math.log(0.6), "5": math.log(0.4)}


def test_a_table_out_of_time_is_solved_after_its_hesitant_cells_were_read_again() -> None:
    texts = [list[object](row) for row in GOOD]
    texts[1][1] = HESITANT
    readings, rules = square(texts)  # type: ignore[arg-type]
    asked: list[list[CellRef]] = []

    def look(refs: Sequence[CellRef]) -> list[Reading]:
        asked.append(list(refs))
        return [reading(ref, GOOD[ref.row][ref.col]) for ref in refs]

    hurried = ReconcileSettings(brief=1e-9)
    outcome = reconcile(readings, rules, calibration=CALIBRATION, settings=hurried, second_look=look)
    assert asked[0] == [at(1, 1)]
    assert outcome.outcome in (Outcome.CONSISTENT, Outcome.SETTLED)
    assert by_ref(outcome)[at(1, 1)].text == "5"


def test_without_a_second_look_the_whole_time_is_spent_on_solving() -> None:
    texts = [list[object](row) for row in GOOD]
    texts[1][1] = HESITANT
    readings, rules = square(texts)  # type: ignore[arg-type]
    outcome = reconcile(readings, rules, calibration=CALIBRATION, settings=ReconcileSettings(brief=1e-9))
    assert by_ref(outcome)[at(1, 1)].state is State.CORRECTED


def test_words_are_not_read_again_as_figures() -> None:
    readings, rules = square(GOOD)
    label = reading(at(9, 0), {"数据资料合计": math.log(0.2)})
    words = replace(label, kind=ReadingKind.TEXT)
    asked: list[CellRef] = []

    def look(refs: Sequence[CellRef]) -> list[Reading]:
        asked.extend(refs)
        return []

    outcome = reconcile([*readings, words], rules, calibration=CALIBRATION, second_look=look)
    assert by_ref(outcome)[at(9, 0)].state is State.DOUBTFUL
    assert asked == []
