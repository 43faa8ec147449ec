"""Evidence for words, made by hand: at each place what it may be, and how likely."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gouji_ocr import alphabet
from gouji_ocr.ctc import CtcEvidence, frames_of
from gouji_ocr.text_evidence import text_evidence

_LEAST = 1e-7


def seen_text(*places: Mapping[str, float]) -> CtcEvidence:
    """Evidence of characters one after the other; `""` is that nothing stands in a place."""
    symbols = tuple(sorted({char for place in places for char in place if char}))
    frames = np.full((2 * len(places), len(symbols) + 2), _LEAST, dtype=np.float32)
    frames[:, 0] = 1.0
    for frame, place in zip(frames[::2], places, strict=True):
        frame[0] = place.get("", _LEAST)
        for char, probability in place.items():
            if char:
                frame[symbols.index(char) + 1] = probability
    return text_evidence(frames_of(np.log(frames)), (*symbols, alphabet.REJECT))
