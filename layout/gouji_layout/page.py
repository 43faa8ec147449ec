"""What stands between a file and a table: the scan, its pages, and the upright page."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gouji_layout.geometry import Straightening

Rgb = NDArray[np.uint8]
"""A picture as (height, width, 3) RGB bytes."""
Gray = NDArray[np.uint8]
"""A picture as (height, width) bytes, 255 is paper."""
Mask = NDArray[np.uint8]
"""A picture as (height, width) bytes, 1 where something is and 0 elsewhere."""


@dataclass(frozen=True, eq=False)
class ScanPage:
    """One page as it came out of the file, at its native resolution."""

    number: int  # from 1
    image: Rgb
    dpi: float | None  # None: the file does not say
    origin: str = "image"  # "image", "embedded" (a PDF page that is one picture), "rendered"


@dataclass(frozen=True, slots=True)
class IntakeFacts:
    """What can be said of a page before anything is read."""

    blank: bool = False
    black_border: bool = False
    blur: float = 0.0  # variance of the Laplacian at 100 dpi; small is blurred
    dpi_guessed: bool = False
    fingerprint: str = ""  # perceptual hash; differs in few bits for the same sheet scanned twice


@dataclass(frozen=True, eq=False)
class Page:
    """An upright page: the picture everything later measures in, and the way back to the scan."""

    number: int
    image: Rgb
    dpi: float
    straightening: Straightening
    facts: IntakeFacts = field(default_factory=IntakeFacts)

    @property
    def width(self) -> int:
        """Width in page pixels."""
        return int(self.image.shape[1])

    @property
    def height(self) -> int:
        """Height in page pixels."""
        return int(self.image.shape[0])
