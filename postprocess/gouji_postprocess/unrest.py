"""How well a page can be read: the share of its figures that were read hesitantly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gouji_ocr.reading import Reading, ReadingKind
from gouji_postprocess.attempt import FEW
from gouji_postprocess.calibration import Calibration
from gouji_postprocess.figures import Figure, figure_of
from gouji_postprocess.voices import decimals_of


def unrest(figures: Iterable[Figure], beside: Sequence[Reading], calibration: Calibration) -> float:
    """Share of hesitant readings among the inked figures of some tables, 0 where too few could tell.

    Blanks say nothing: faded print leaves sure ones. Where the figures are few, as in a small table below a
    large one, those beside them tell how worn the paper is.

    Args:
        figures: of tables that are decided together.
        beside: readings of the other tables on their pages.
        calibration: what was measured of the readers.
    """
    inked = [figure for figure in figures if not figure.blank]
    if len(inked) < FEW:
        others = [reading for reading in beside if reading.kind is not ReadingKind.TEXT]
        scale = decimals_of(others)
        around = (figure_of(reading, scale=scale, calibration=calibration) for reading in others)
        inked += [figure for figure in around if not figure.blank]
    return sum(figure.hesitant for figure in inked) / len(inked) if len(inked) >= FEW else 0.0
