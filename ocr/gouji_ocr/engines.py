"""The readers of one process, opened once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gouji_layout.page import Gray
from gouji_ocr.ctc import CtcEvidence
from gouji_ocr.figures import FigureNetwork
from gouji_ocr.lines import LineReader
from gouji_ocr.tesseract import TesseractReader
from gouji_ocr.worn_words import WornWords


class FigureReader(Protocol):
    """Reads strips of figures and hands out evidence over the alphabet of figures."""

    @property
    def name(self) -> str:
        """The name that opinions of this reader carry."""
        ...

    def read_figures(self, strips: Sequence[Gray]) -> list[CtcEvidence]:
        """Evidence of each strip, in the same order."""
        ...


@dataclass(frozen=True, eq=False)
class Engines:
    """All readers: `figures` is asked first, `lines` for text, both, `tesseract` and `worn` in doubt."""

    figures: FigureReader
    lines: LineReader
    tesseract: TesseractReader
    worn: WornWords

    @classmethod
    def load(cls, threads: int = 1) -> Engines:
        """Open every reader once for this process.

        Args:
            threads: threads of one inference call; one per process is fastest for folders of pages.

        Raises:
            ModelMissingError: weights are absent or not the measured ones.
        """
        figures, lines = FigureNetwork.load(threads), LineReader.load(threads)
        return cls(figures, lines, TesseractReader.load(), WornWords.load(threads))
