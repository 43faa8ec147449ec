"""Which readings stand by themselves, or with rules that hold, where more is not known."""

from __future__ import annotations

import math

from gouji_postprocess.figures import MILLI, Figure
from gouji_postprocess.settings import ReconcileSettings


def well_founded(figure: Figure, holding: int, settings: ReconcileSettings) -> bool:
    """Whether a reading stands though much around it was misread: it is sure, and rules hold with it.

    Were it wrong, a second figure of each of them would have to be wrong by just as much. Bad copies do
    that to a part and its total, both a `0` that looks like `9`: one rule is enough for zeros alone.
    """
    return stands_alone(figure, settings) and holding >= (2 if figure.value else 1)


def stands_alone(figure: Figure, settings: ReconcileSettings) -> bool:
    """Whether the readers alone are sure of a figure and of how it is written."""
    unsure = 1.0 - math.exp(-figure.doubt / MILLI)
    sure = unsure <= settings.tau_unchecked and figure.spelling >= settings.spelling
    return sure and figure.text == figure.read
