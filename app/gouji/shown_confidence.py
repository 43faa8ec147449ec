"""How sure gouji is of what stands in a cell, as far as a person can make use of it."""

from __future__ import annotations

from gouji.document import CellRecord
from gouji_ocr.reading import ReadingKind
from gouji_postprocess.decision import State


def shown_confidence(cell: CellRecord) -> float | None:
    """The probability to show beside the text of a cell; None where there is none to show.

    What is stored for a doubtful cell is how sure the decision was, and that was to ask: beside its text
    stands the probability of having read it. Of a cell that cannot be read nothing is sure.
    """
    if cell.kind is ReadingKind.UNREADABLE:
        return None
    if cell.state is not State.DOUBTFUL:
        return cell.confidence
    return next((c.probability for c in cell.candidates if c.text == cell.text), None)
