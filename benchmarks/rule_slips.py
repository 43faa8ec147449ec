"""Slips planted in real tables, everything else as it is printed: which of them are said."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tests.form_pages import truth_tables
from tests.square_tables import Scores

from gouji_layout.geometry import CellRef
from gouji_layout.table import Table
from gouji_ocr.amounts import AmountKind, parse_amount
from gouji_ocr.reading import Candidate, Opinion, Reading, ReadingKind
from gouji_postprocess.calibration import Calibration, ReaderCalibration
from gouji_postprocess.decision import State
from gouji_postprocess.form import Packs
from gouji_postprocess.matching import match_form
from gouji_postprocess.reconcile import reconcile
from gouji_postprocess.rule import Verdict
from gouji_postprocess.rules_for import gather

_CALIBRATION = Calibration("slips", {"sure": ReaderCalibration(blind=2e-5, figures=1_000_000)})
_SURE = -1e-7
_FIGURES, _DIGITS = 4, 3  # a table has so many figures at least of so many digits
_A_TABLE = 2  # slips
_EXCHANGED = 0.3  # of the slips are two neighbours that changed places
_FAILS = (Verdict.SOURCE_INCONSISTENT, Verdict.AMBIGUOUS)


@dataclass(frozen=True)
class _Said:
    """What is said of a table."""

    figures: frozenset[CellRef]  # blamed, corrected or asked about
    ruled: frozenset[CellRef]  # in rules or checks that do not hold
    bound: frozenset[CellRef]  # in any rule or check
    corrected: int


def slips(packs: Packs, folder: Path, seed: int) -> dict[str, object]:
    """Plant two slips, one after the other, in each real table that has figures enough.

    `unbound` slips are in no rule or check of the table as it is printed; `before` is what is said of that.
    """
    draw, count = random.Random(seed), Counter[str]()
    for path in sorted(folder.glob("*/truth/*.json")):
        for table, texts in truth_tables(path):
            readings = [_sure(reading, reading.text) for reading in texts]
            figures = [at for at, reading in enumerate(readings) if _is_long(reading.text)]
            if len(figures) < _FIGURES:
                continue
            printed = _said(table, readings, packs)
            count["before_figures"] += len(printed.figures)
            count["before_ruled"] += len(printed.ruled)
            for at in draw.sample(figures, _A_TABLE):
                wrong = _sure(readings[at], _slipped(readings[at].text, draw))
                said = _said(table, [*readings[:at], wrong, *readings[at + 1 :]], packs)
                count["slips"] += 1
                count["unbound"] += wrong.ref not in printed.bound
                count["figure"] += wrong.ref in said.figures
                count["figure_or_rule"] += wrong.ref in said.figures | said.ruled
                count["corrected"] += said.corrected
    return dict(count)


def _sure(reading: Reading, text: str) -> Reading:
    """The same cell with this text, read surely."""
    amount = parse_amount(text)
    kind = ReadingKind.TEXT if amount is None else ReadingKind.FIGURE if text else ReadingKind.BLANK
    candidates, evidence = (Candidate(text, _SURE),), Scores({text: _SURE})
    return Reading(
        reading.ref, reading.box, kind, candidates, evidence, (Opinion("sure", candidates, evidence),)
    )


def _is_long(text: str) -> bool:
    amount = parse_amount(text)
    figure = amount is not None and amount.kind is AmountKind.FIGURE and amount.value > 0
    return figure and sum(char.isdigit() for char in text) >= _DIGITS


def _slipped(text: str, draw: random.Random) -> str:
    """The figure with another digit, or with two neighbours that changed places."""
    digits = [at for at, char in enumerate(text) if char.isdigit()]
    pairs = [(a, b) for a, b in pairwise(digits) if text[a] != text[b]]
    chars = list(text)
    if pairs and draw.random() < _EXCHANGED:
        a, b = draw.choice(pairs)
        chars[a], chars[b] = chars[b], chars[a]
    else:
        at = draw.choice(digits)
        chars[at] = str((int(text[at]) + draw.randrange(1, 10)) % 10)
    return "".join(chars)


def _said(table: Table, readings: Sequence[Reading], packs: Packs) -> _Said:
    found = gather(table, readings, match_form(table, readings, packs))
    outcome = reconcile(readings, found.rules, calibration=_CALIBRATION)
    values = {reading.ref: parse_amount(reading.text) for reading in readings}
    failing = [verdict.rule.cells for verdict in outcome.verdicts if verdict.verdict in _FAILS]
    failing += [check.cells for check in found.checks if check.assess(values)[0] in _FAILS]
    unsure = (State.DOUBTFUL, State.CORRECTED)
    return _Said(
        figures=frozenset(d.ref for d in outcome.decisions if d.state in unsure or d.source_suspect),
        ruled=frozenset(cell for cells in failing for cell in cells),
        bound=frozenset(cell for one in (*found.rules, *found.checks) for cell in one.cells),
        corrected=sum(decision.state is State.CORRECTED for decision in outcome.decisions),
    )
