"""A second opinion on lines of words, by the line reader trained further on worn print.

That reader was trained on damaged Chinese labels and is worse at all else: runs of dashes, raised digits,
units. So it is asked only about lines of words that the line reader is not sure of, and never alone: of the
two texts the one is taken that both readers together find likelier, and numbers, numerals, units and signs
stay as the line reader has them. Between characters that both leave open, words decide
(`gouji_ocr.dictionary`). `docs/measured/reading.md` says what that is worth.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

from gouji_layout.page import Gray
from gouji_models import weights
from gouji_ocr.dictionary import NUMERALS, WORDS, Dictionary
from gouji_ocr.lines import WORN, LineReader, LineText

_SURE = math.log(0.95)  # of the least likely character of a line, marks left out
_MARKS = " 　。，、；：！？“”‘’（）()《》〈〉【】[].,:;\"'·…"
_HAN = re.compile(r"[\u4e00-\u9fff]")
_WORDS = re.compile(rf"[\u4e00-\u9fff0-9{re.escape(_MARKS)}]*")
_MISREAD = re.compile(rf"[\u4e00-\u9fff0-9A-Za-z{re.escape(_MARKS)}]*")  # worn characters pass for letters
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(eq=False)
class WornWords:
    """The line reader trained further, opened when first it is asked."""

    threads: int = 1

    @classmethod
    def load(cls, threads: int = 1) -> Self:
        """Look for the weights, so that a page is not half read when they turn out to be missing.

        Raises:
            ModelMissingError: see `gouji_models.weights`.
        """
        weights(WORN)
        weights(WORDS)
        return cls(threads)

    @cached_property
    def reader(self) -> LineReader:
        """The reader itself."""
        return LineReader.load_worn(self.threads)

    @cached_property
    def dictionary(self) -> Dictionary:
        """The words that decide between characters in doubt."""
        return Dictionary.load()

    def settled(
        self, strips: Sequence[Gray], lines: Sequence[LineText], cells: Sequence[Sequence[int]]
    ) -> list[LineText]:
        """The lines read from these strips, each as it is or as both readers and the words have it.

        Args:
            strips: one of each line.
            lines: as the line reader has them.
            cells: which lines are those of one cell, in their order; those of none stay as they are.
        """
        doubtful = [i for cell in cells for i in cell if _is_doubtful(lines[i])]
        if not doubtful:
            return list(lines)
        found = dict(zip(doubtful, self.reader.read([strips[i] for i in doubtful]), strict=True))
        settled = [likelier(line, found[i]) if i in found else line for i, line in enumerate(lines)]
        for cell in cells:
            if not found.keys().isdisjoint(cell):
                readers = [(lines[i], found[i]) if i in found else () for i in cell]
                spelt = self.dictionary.spelt([settled[i] for i in cell], readers)
                for i, line in zip(cell, spelt, strict=True):
                    settled[i] = line
        return settled


def likelier(line: LineText, worn: LineText) -> LineText:
    """The line as the one or the other reader has it; its evidence for figures stays the first reader's."""
    if line.text == worn.text or not _speaks_of_words(line.text, worn.text):
        return line
    kept, other = (
        line.evidence.log_probability(text) + worn.evidence.log_probability(text)
        for text in (line.text, worn.text)
    )
    return replace(worn, figures=line.figures) if other > kept else line


def _is_doubtful(line: LineText) -> bool:
    known = zip(line.text, line.character_log_probabilities, strict=True)
    least = min((p for char, p in known if char not in _MARKS), default=0.0)
    return least < _SURE and bool(_MISREAD.fullmatch(line.text))


def _speaks_of_words(line: str, worn: str) -> bool:
    """Whether two texts differ in words alone.

    >>> _speaks_of_words("结果维特", "结果维持")
    True
    >>> [_speaks_of_words(*texts) for texts in (("（×103℃）", "（×10℃）"), ("12.5元", "125元"), ("—", "一"))]
    [False, False, False]
    """
    chinese = _HAN.search(worn) and (_HAN.search(line) or len(worn) > 1)
    kinds = _MISREAD.fullmatch(line) and _WORDS.fullmatch(worn)
    counted = iter([char for char in worn if char in NUMERALS])
    kept = all(char in counted for char in line if char in NUMERALS)  # in their order, others between them
    return bool(chinese and kinds) and kept and _NUMBER.findall(line) == _NUMBER.findall(worn)
