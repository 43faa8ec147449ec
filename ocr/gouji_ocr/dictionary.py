"""Words for lines in doubt: of the characters that readers hold possible, those that make usual words.

A reader of worn print takes a character for another that looks like it, and does not know that nothing is
called `数最`. A dictionary of general Chinese does: how often each of its words is printed weighs in beside
what both line readers see. It speaks only of Chinese characters that neither is sure of, chooses only among
those that the readers themselves hold possible there, and never touches numerals, numbers, signs or letters.
"""

from __future__ import annotations

import gzip
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from gouji_models import weights
from gouji_ocr.lines import LineText

WORDS = "words-v1"
"""The words and how often each is printed."""

NUMERALS = frozenset("〇零一二三四五六七八九十百千万亿两")
"""What no word may change or bring."""

_HAN = re.compile(r"[\u4e00-\u9fff]")
_LEAST = 0.01  # of either reader: a character less likely is not thought of
_KNOWN = 0.9  # of both readers together: a character so likely stays, whatever word it makes
_SHARE = 0.3  # of the word's log-probability beside that of what is seen, measured
_NO_WORD = math.log(1e-8)  # of a character that is no word by itself
_LONGEST, _MOST = 4, 6  # characters of a word, and what one place may hold

Choice = dict[str, float]
"""Characters that one place of a line may hold, with the log-probability that the readers give each."""


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Words with the log-probability of each."""

    words: Mapping[str, float] = field(repr=False)

    @classmethod
    def load(cls) -> Self:
        """Read the words that are shipped: a line of word and count each.

        Raises:
            ModelMissingError: see `gouji_models.weights`.
        """
        lines = gzip.decompress(weights(WORDS).read_bytes()).decode("utf-8").splitlines()
        counts = {word: int(count) for word, count in (line.split(" ") for line in lines)}
        every = math.log(sum(counts.values()))
        return cls({word: math.log(count) - every for word, count in counts.items()})

    def spelt(self, lines: Sequence[LineText], readers: Sequence[Sequence[LineText]]) -> list[LineText]:
        """The lines of a cell with their doubtful characters as they make the likeliest words.

        Args:
            lines: as they were settled on; words run on from one to the next.
            readers: each line's strip as readers have it, all believed alike; none where it is not in doubt.
        """
        places = [list(_places(*both)) for both in zip(lines, readers, strict=True)]
        text = self.likeliest([place for mine in places for place in mine])
        found = []
        for line, mine, seen in zip(lines, places, readers, strict=True):
            found.append(_changed(line, text[: len(mine)], mine, seen))
            text = text[len(mine) :]
        return found

    def likeliest(self, places: Sequence[Choice]) -> str:
        """The text that is likeliest by what is seen and by the words it is made of.

        >>> words = Dictionary({"数量": -8.0, "最": -7.0})
        >>> words.likeliest([{"数": 0.0}, {"最": -0.5, "量": -0.9}])
        '数量'
        """
        best: list[tuple[float, str]] = [(0.0, "")] + [(-math.inf, "")] * len(places)
        for start in range(len(places)):
            score, text = best[start]
            for word, seen in _spellings(places[start : start + _LONGEST]):
                usual = self._usual(word)
                if usual is not None:
                    end = start + len(word)
                    best[end] = max(best[end], (score + seen + _SHARE * usual, text + word))
        return best[-1][1]

    def _usual(self, word: str) -> float | None:
        """Log-probability of a word; None of what is none."""
        if not _HAN.match(word):
            return 0.0
        return self.words.get(word, _NO_WORD if len(word) == 1 else None)


def _changed(line: LineText, text: str, places: Sequence[Choice], readers: Sequence[LineText]) -> LineText:
    """The line with another text of the same length, no character surer than the readers are of it."""
    if text == line.text:
        return line
    known = tuple(
        old if char == kept else place[char]
        for old, kept, char, place in zip(
            line.character_log_probabilities, line.text, text, places, strict=True
        )
    )
    evidence = max((reader.evidence for reader in readers), key=lambda one: one.log_probability(text))
    return replace(line, text=text, character_log_probabilities=known, evidence=evidence)


def _spellings(places: Sequence[Choice]) -> Iterator[tuple[str, float]]:
    """What these places may begin with: one sign, or Chinese characters of one place, of two, and so on."""
    begun: list[tuple[str, float]] = [("", 0.0)]
    for place in places:
        if not all(map(_HAN.match, place)):
            if begun == [("", 0.0)]:
                yield from place.items()
            return
        begun = [(word + char, seen + one) for word, seen in begun for char, one in place.items()]
        yield from begun


def _places(line: LineText, readers: Sequence[LineText]) -> Iterator[Choice]:
    """What each place of a line may hold; one character alone where it is no doubtful Chinese one."""
    for at, (char, position) in enumerate(zip(line.text, line.positions, strict=True)):
        alone = {char: 0.0}
        if not readers or not _is_word(char):
            yield alone
            continue
        found = _possible(position, readers)
        for neighbour in {*line.text[max(0, at - 1) : at], *line.text[at + 1 : at + 2]} - {char}:
            found.pop(neighbour, None)  # its frames lie beside these
        held = found.setdefault(char, math.log(_LEAST))
        ranked = sorted(found.items(), key=lambda item: -item[1])[:_MOST]
        yield alone if held >= math.log(_KNOWN) else {**dict(ranked), char: held}


def _possible(position: float, readers: Sequence[LineText]) -> Choice:
    """Chinese characters that a reader sees about this place, each with its mean over the readers."""
    seen = []
    for reader in readers:
        frames, symbols = reader.evidence.frames, reader.evidence.symbols
        at = min(int(position * len(frames)), len(frames) - 1)
        most = frames[max(0, at - 1) : at + 2].max(axis=0).astype(np.float64)
        seen.append({char: most[k] for k, char in enumerate(symbols, 1) if _is_word(char)})
    least = math.log(_LEAST)
    chars = {char for found in seen for char, share in found.items() if share > least}
    return {
        char: float(np.mean([max(found.get(char, least), least) for found in seen])) for char in sorted(chars)
    }


def _is_word(char: str) -> bool:
    return bool(_HAN.match(char)) and char not in NUMERALS
