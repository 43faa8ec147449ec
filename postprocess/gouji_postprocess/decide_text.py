"""Deciding what no rule binds and no sum can check: labels, codes, dates."""

from __future__ import annotations

import math

from gouji_ocr.reading import Reading, ReadingKind
from gouji_postprocess import explain
from gouji_postprocess.codes import is_figure_with_mark, is_label_with_figure, is_spoilt_figure
from gouji_postprocess.decision import Decision, State, Suggestion
from gouji_postprocess.settings import ReconcileSettings
from gouji_postprocess.suggestions import SHOWN

_ODD = (is_spoilt_figure, is_label_with_figure, is_figure_with_mark)
"""What digits with something beside them may be: a figure that would be lost to its sums as a label."""


def decide_text(
    reading: Reading, settings: ReconcileSettings, *, fixed: str | None, version: str, strange: bool = False
) -> Decision:
    """Decide a label, a code or a date, by the readers' confidence alone; what is `strange` is never sure."""
    first = reading.opinions[0].candidates if reading.opinions else ()
    read = first[0].text if first else reading.text
    provenance: dict[str, object] = {"calibration": version}
    if fixed is not None:
        reason = explain.why_reviewed(fixed)
        return Decision(reading.ref, State.REVIEWED, fixed, read, 0.0, reason, provenance=provenance)
    # A long label is given more room as a whole, but each of its characters must be likely. A digit of
    # a code is as easily taken for another as one of a figure.
    floor = max(settings.text_floor, settings.character_floor * max(1, len(read)))
    if reading.kind is not ReadingKind.TEXT:
        floor = math.log1p(-settings.tau_unchecked)
    sure = reading.log_probability >= floor and read == reading.text
    sure &= not (strange or any(odd(read) for odd in _ODD))
    reason = explain.why_accepted(read) if sure else explain.why_doubtful(read, [])
    others = tuple(
        Suggestion(c.text, round(math.exp(min(0.0, c.log_probability)), 6), "识别候选")
        for c in reading.candidates[:SHOWN]
    )
    return Decision(
        reading.ref,
        State.ACCEPTED if sure else State.DOUBTFUL,
        read,
        read,
        reading.log_probability,
        reason,
        suggestions=() if sure else others,
        provenance=provenance,
    )
