"""Labels of a known form: what was read is weighed against what the form prints there, by the picture.

Comes in: a table recognised as one of a form, the readings of its cells, what was decided of them by reading
alone. Goes out: decisions on its label cells. A label that reads as the form prints it is settled, however
hesitantly it was read. The form's label takes the place of another reading only where the picture shows it
about as well, and none of the form's other labels. A label that surely reads otherwise is kept, since offices
do print other words; one that lacks characters goes to a person, unless the table words others otherwise.
`docs/decisions/0013` says what it is measured on.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from gouji_layout.geometry import CellRef
from gouji_ocr.amounts import fold_text
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
_REWORDED = 0.1  # share of a table's labels in other words from which on shorter ones lost nothing, either
_OFFERED = 0.98  # of labels that are asked about are the form's; what is lost of the others no picture shows
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
    kept = [ref for ref, one in found.items() if _is_kept(one, match.known[ref])]
    shorter = [ref for ref in kept if _is_rest_of(found[ref].text, match.known[ref])]
    if len(kept) - len(shorter) <= _REWORDED * len(found):
        found |= {ref: _asked(found[ref], match.known[ref]) for ref in shorter}
    return found


def _decided(reading: Reading, decision: Decision, known: str, labels: Sequence[str]) -> Decision:
    read = decision.read
    if fold_text(read) == fold_text(known):
        seen = min(math.exp(reading.log_probability), 1.0 - 1e-9)
        return replace(
            decision,
            state=State.ACCEPTED,
            log_probability=math.log(_believed(math.log(max(seen, 1e-9) / (1.0 - seen)))),
            reason=explain.why_as_in_form(read),
            suggestions=(),
        )
    odds = _odds(reading.evidence, known, read)
    believed = _believed(odds)
    if (
        believed >= _CERTAIN
        and _counts_alike(read, known)
        and not _has_rival(reading.evidence, known, labels)
    ):
        return replace(
            decision,
            state=State.CORRECTED,
            text=known,
            log_probability=math.log(believed),
            reason=explain.why_label(read, known, odds),
            suggestions=(),
        )
    if fold_label(read) == fold_label(known):  # only marks differ, and no mark tells labels apart
        why = explain.why_as_in_form(read, but_marks=True)
        return replace(decision, state=State.ACCEPTED, reason=why, suggestions=())
    if decision.state is State.ACCEPTED and believed < _DENIED:
        return replace(decision, reason=explain.why_other_label(read, known))
    return _asked(decision, known)


def _is_kept(decision: Decision, known: str) -> bool:
    """Whether a label surely reads otherwise than in the form."""
    return decision.state is State.ACCEPTED and fold_label(decision.text) != fold_label(known)


def _asked(decision: Decision, known: str) -> Decision:
    """The label goes to a person, who is offered what the form prints and what was read."""
    return replace(
        decision,
        state=State.DOUBTFUL,
        text=decision.read,
        reason=explain.why_other_label(decision.read, known),
        suggestions=(
            Suggestion(known, _OFFERED, "表式的标签"),
            Suggestion(decision.read, round(1.0 - _OFFERED, 6), "识别候选"),
        ),
    )


def _labels(form: TableForm) -> Iterator[str]:
    """Every label that a table of this form may print, in all its wordings."""
    for block in form.blocks:
        for label in (block.heading, block.corner):
            yield from label.split("|")
        for line in (*block.rows, *block.columns):
            for label in line.path:
                yield from label.split("|")
    yield from form.notes


def _believed(odds: float) -> float:
    """How probable the form's label is where the picture speaks for it with these odds, in nats."""
    return 1.0 / (1.0 + math.exp(min(-odds - _USUAL, 700.0)))


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
    others = (label for label in labels if label and fold_text(label) != fold_text(known))
    return any(evidence.log_probability(label) > held - _RIVAL for label in others)


def _counts_alike(read: str, known: str) -> bool:
    """Whether all numerals read stand in the form's label, in their order; they tell labels apart."""
    seen, printed = ([char for char in fold_text(text) if char in _COUNTED] for text in (read, known))
    return _is_within(seen, printed)


def _is_rest_of(read: str, known: str) -> bool:
    """Whether a label is what is left of the form's, some of its characters lost."""
    return _is_within(fold_label(read), fold_label(known))


def _is_within(some: Iterable[str], characters: Iterable[str]) -> bool:
    """Whether these characters stand among the others, in their order."""
    left = iter(characters)
    return all(char in left for char in some)
