"""Tesseract as an independent second reader of figures.

Without a digit whitelist: with one, the LSTM of Tesseract drops a lone `0` in one cell of twenty
(`docs/measured/reading.md`). What it takes for a letter is mapped back to the figure it looks like.
"""

from __future__ import annotations

import logging
import math
import shutil
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytesseract
from PIL import Image

from gouji_layout.page import Gray
from gouji_ocr import alphabet
from gouji_ocr.reading import Candidate

_log = logging.getLogger(__name__)

_GAP = 40  # paper between crops that are read in one call
_MOST_STRIPS = 300  # in one picture: Tesseract takes 32,767 pixels, which are 372 strips
_SECONDS = 120.0  # for one call, which takes a few
_LOOKALIKES = str.maketrans("OoQ〇lI|iSsBZzgqbT", "00001111558229967")


@dataclass(frozen=True, slots=True)
class TesseractReader:
    """Reads crops of figures; each call starts a process, so it is asked only in doubt."""

    present: bool
    language: str = "eng"
    name: str = "tesseract-5"

    @classmethod
    def load(cls) -> TesseractReader:
        """Look for the program; without it the reader holds no opinions."""
        return cls(shutil.which("tesseract") is not None)

    def read_figures(self, strips: Sequence[Gray]) -> list[tuple[Candidate, ...]]:
        """The candidate of each strip (48 high); none where nothing was read, or where Tesseract fails."""
        if not self.present:
            return [() for _ in strips]
        return [
            candidates
            for first in range(0, len(strips), _MOST_STRIPS)
            for candidates in self._read_together(strips[first : first + _MOST_STRIPS])
        ]

    def _read_together(self, strips: Sequence[Gray]) -> list[tuple[Candidate, ...]]:
        """All strips stand below each other in one picture, one line each, so that one process reads all."""
        width = max(strip.shape[1] for strip in strips) + 2 * _GAP
        pitch = strips[0].shape[0] + _GAP
        sheet = np.full((pitch * len(strips) + _GAP, width), 255, dtype=np.uint8)
        for row, strip in enumerate(strips):
            top = _GAP + row * pitch
            sheet[top : top + strip.shape[0], _GAP : _GAP + strip.shape[1]] = strip
        try:
            words = pytesseract.image_to_data(
                Image.fromarray(sheet),
                lang=self.language,
                config="--psm 6 --oem 1 -c load_system_dawg=0 -c load_freq_dawg=0",
                output_type=pytesseract.Output.DICT,
                timeout=_SECONDS,
            )
        except (RuntimeError, OSError) as error:  # its own errors and its timeout are RuntimeErrors
            _log.warning("tesseract read none of %d figures: %s", len(strips), error)
            return [() for _ in strips]
        texts: list[list[tuple[int, str, float]]] = [[] for _ in strips]
        for text, confidence, left, top, height in zip(
            words["text"], words["conf"], words["left"], words["top"], words["height"], strict=True
        ):
            row = int((top + height / 2 - _GAP / 2) // pitch)
            if str(text).strip() and 0 <= row < len(strips):
                texts[row].append((int(left), str(text), float(confidence)))
        return [_candidate(parts) for parts in texts]


def _candidate(parts: list[tuple[int, str, float]]) -> tuple[Candidate, ...]:
    if not parts:
        return ()
    text = alphabet.fold("".join(part for _, part, _ in sorted(parts)).translate(_LOOKALIKES))
    sure = min(max(confidence, 1.0) / 100 for _, _, confidence in parts)
    return (Candidate(text, math.log(min(sure, 0.97))),)
