"""Labels of a known form: what was read is weighed against what the form prints there, by the picture.

Comes in: a table recognised as one of a form, the readings of its cells, what was decided of them by reading
alone. Goes out: decisions on its label cells. A label that reads as the form prints it is settled, however
hesitantly it was read. The form's label takes the place of another reading only where the picture shows it
about as well, and none of the form's other labels; what lost part of its print goes to a person, and a label
that surely reads otherwise is kept: offices do print other words. `docs/decisions/0013` says what it is
measured on.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from gouji_layout.geometry import CellRef
from gouji_ocr.dictionary import NUMERALS
from gouji_ocr.reading import Evidence, Reading, ReadingKind
from gouji_postprocess import explain
from gouji_postprocess.decision import Decision, State, Suggestion
from gouji_postprocess.form import TableForm
from gouji_postprocess.labels import fold_label
from gouji_postprocess.matching import FormMatch

_USUAL = math.log(1000)  # a form's label stands in its place so much likelier than any one other text
_CERTAIN = 0.95  # from here on the form's label is taken
_DENIED = 0.1  # below this the picture surely shows another label
_RIVAL = 3.0  # nats: another label of the form that the picture shows almost as well
_COUNTED = NUMERALS | frozenset("0123456789")


def decide_labels(
    match: FormMatch, readings: Sequence[Reading], decisions: Mapping[CellRef, Decision]
) -> dict[CellRef, Decision]:
    """Decide the label cells of a table whose text in the form is known.

    Args:
        match: the table's form, with the text it prints in label cells.
        readings: of the table's cells.
        decisions: what was decided of them by reading alone.

    Returns:
        New decisions for label cells; those that a person settled, and those rules bind, are left out.
    """
    labels = sorted(set(_labels(match.form)))
    found = {}
    for reading in readings:
        known, decision = match.known.get(reading.ref), decisions[reading.ref]
        words = reading.kind is ReadingKind.TEXT and not decision.rules
        if known is not None and words and decision.state is not State.REVIEWED:
            decided = _decided(reading, decision, known, labels)
            found[reading.ref] = replace(decided, provenance=decision.provenance | {"form": match.id})
    return found


def _decided(reading: Reading, decision: Decision, known: str, labels: Sequence[str]) -> Decision:
    read = decision.read
    if _plain(read) == _plain(known):
        probability = _usual(math.exp(min(reading.log_probability, 0.0)))
        why = explain.why_as_in_form(read)
        return replace(
            decision, state=State.ACCEPTED, log_probability=math.log(probability), reason=why, suggestions=()
        )
    odds = _odds(reading.evidence, known, read)
    certain = 1.0 / (1.0 + math.exp(-min(odds + _USUAL, 500.0))) if odds > -math.inf else 0.0
    if certain >= _CERTAIN and _counts_alike(read, known) and not _has_rival(reading.evidence, known, labels):
        return replace(
            decision,
            state=State.CORRECTED,
            text=known,
            log_probability=math.log(certain),
            reason=explain.why_label(read, known, odds),
            suggestions=(),
        )
    if fold_label(read) == fold_label(known):  # only marks differ, and no mark tells labels apart
        return replace(decision, state=State.ACCEPTED, reason=explain.why_as_in_form(read), suggestions=())
    reason = explain.why_other_label(read, known)
    if decision.state is State.ACCEPTED and certain < _DENIED and not _is_rest_of(read, known):
        return replace(decision, reason=reason)
    offered = [
        Suggestion(known, round(certain, 6), "表式的标签"),
        Suggestion(read, round(1.0 - certain, 6), "识别候选"),
    ]
    suggestions = tuple(sorted(offered, key=lambda one: -one.probability))
    return replace(decision, state=State.DOUBTFUL, text=read, reason=reason, suggestions=suggestions)


def _labels(form: TableForm) -> Iterator[str]:
    """Every label that a table of this form may print, in all its wordings."""
    for block in form.blocks:
        for label in (block.heading, block.corner):
            yield from label.split("|")
        for line in (*block.rows, *block.columns):
            for label in line.path:
                yield from label.split("|")
    yield from form.notes


def _plain(text: str) -> str:
    """A text without white space and in one width."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def _usual(seen: float) -> float:
    """How probable a reading is that says what the form prints."""
    return 1.0 / (1.0 + math.exp(-_USUAL) * (1.0 - seen) / max(seen, 1e-12))


def _odds(evidence: Evidence | None, known: str, read: str) -> float:
    """By how many nats the picture shows the form's label better than what was read."""
    if evidence is None:
        return -math.inf
    return evidence.log_probability(known) - evidence.log_probability(read)


def _has_rival(evidence: Evidence | None, known: str, labels: Sequence[str]) -> bool:
    """Whether the picture shows another label of the form about as well."""
    if evidence is None:
        return True
    held = evidence.log_probability(known)
    others = (label for label in labels if label and _plain(label) != _plain(known))
    return any(evidence.log_probability(label) > held - _RIVAL for label in others)


def _counts_alike(read: str, known: str) -> bool:
    """Whether all numerals read stand in the form's label, in their order; they tell labels apart."""
    counted = iter([char for char in _plain(known) if char in _COUNTED])
    return all(char in counted for char in _plain(read) if char in _COUNTED)


def _is_rest_of(read: str, known: str) -> bool:
    """Whether a label is what is left of the form's, some of its characters lost."""
    rest = iter(fold_label(known))
    return all(char in rest for char in fold_label(read))
