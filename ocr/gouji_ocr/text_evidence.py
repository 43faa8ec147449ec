"""Evidence for text: the few characters that a line may hold, in which both widths of a sign are one.

Nobody can say which width of a bracket or a comma is printed, so a text is scored whatever width it is
written in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gouji_ocr import alphabet
from gouji_ocr.ctc import OUTSIDER, CtcEvidence, Frames, joined

NARROW = {chr(0xFF01 + k): chr(0x21 + k) for k in range(94)}
"""The narrow form of each wide sign, letter and digit."""

_NARROWED = str.maketrans(NARROW)


def text_evidence(frames: Frames, symbols: Sequence[str]) -> CtcEvidence:
    """Evidence over these characters, of which the last stands for all others.

    Args:
        frames: log-probabilities as (steps, 1 + symbols); class 0 is the CTC blank.
        symbols: narrow forms, each once, and `alphabet.REJECT` at the end.
    """
    spelling = _Spelling(tuple(symbols))
    return CtcEvidence(frames, spelling.symbols, spelling.classes, spelling.outsiders)


def joined_text(lines: Sequence[CtcEvidence]) -> CtcEvidence:
    """Evidence of the lines of one cell as of one line: text may break between them at any place."""
    if len(lines) == 1:
        return lines[0]
    known = dict.fromkeys(symbol for line in lines for symbol in line.symbols[:-1])
    symbols = (*known, alphabet.REJECT)
    return joined([text_evidence(_spread(line, symbols), symbols) for line in lines])


def _spread(line: CtcEvidence, symbols: Sequence[str]) -> Frames:
    """The frames of a line over more characters; those it does not know cost what outsiders cost."""
    own, others = {symbol: k for k, symbol in enumerate(line.symbols[:-1], 1)}, len(line.symbols)
    frames = line.frames[:, [0, *(own.get(symbol, others) for symbol in symbols[:-1]), others]]
    strange = [k for k, symbol in enumerate(symbols[:-1], 1) if symbol not in own]
    frames[:, strange] += np.float16(OUTSIDER)
    return frames


@dataclass(frozen=True, slots=True)
class _Spelling:
    """Takes text to the few classes kept for one strip; the last class stands for all others."""

    symbols: tuple[str, ...]

    def classes(self, text: str) -> list[int]:
        last = len(self.symbols)
        plain = text.translate(_NARROWED)
        return [self.symbols.index(char) + 1 if char in self.symbols else last for char in plain]

    def outsiders(self, text: str) -> int:
        return sum(char not in self.symbols for char in text.translate(_NARROWED))
