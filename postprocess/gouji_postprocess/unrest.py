"""How well a page can be read: the share of its figures that were read hesitantly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gouji_ocr.reading import Reading, ReadingKind
from gouji_postprocess.attempt import FEW
from gouji_postprocess.calibration import Calibration
from gouji_postprocess.figures import Figure, figure_of
from gouji_postprocess.voices import decimals_of


@dataclass(frozen=True, slots=True)
class Hesitation:
    """How many inked figures were read hesitantly, and how many there are: faded print leaves sure blanks."""

    hesitant: int
    inked: int

    @classmethod
    def of(cls, figures: Iterable[Figure]) -> Hesitation:
        """Count these figures."""
        inked = [figure for figure in figures if not figure.blank]
        return cls(sum(figure.hesitant for figure in inked), len(inked))

    @classmethod
    def in_readings(cls, readings: Sequence[Reading], calibration: Calibration) -> Hesitation:
        """Count the figures of tables that are decided elsewhere."""
        figures = [reading for reading in readings if reading.kind is not ReadingKind.TEXT]
        scale = decimals_of(figures)
        return cls.of(figure_of(reading, scale=scale, calibration=calibration) for reading in figures)

    def unrest(self, around: Hesitation) -> float:
        """Share of hesitant figures, 0 where too few could tell.

        Where they are few, as in a small table below a large one, those around them tell how worn it is.
        """
        if self.inked >= FEW:
            return self.hesitant / self.inked
        inked = self.inked + around.inked
        return (self.hesitant + around.hesitant) / inked if inked >= FEW else 0.0
