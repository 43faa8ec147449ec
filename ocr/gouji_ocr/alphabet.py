"""The symbols a figure can be made of, and how printed variants fold onto them.

One symbol stands for all its printed forms: every dash is `-`, both widths of a bracket are one
bracket. `?` is the reject symbol: a glyph (or a run of glyphs) that belongs to no figure. The permille sign
has none of its own: networks see a percent sign and one more zero in it, and nothing else ends in those.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from gouji_ocr.ctc import CtcEvidence, Frames

FIGURES = "0123456789.,-+/%()△▲…元万亿减增件"
REJECT = "?"
SYMBOLS = FIGURES + REJECT
"""Order of the network's classes after the CTC blank, which is class 0."""

INDEX: Mapping[str, int] = {symbol: i + 1 for i, symbol in enumerate(SYMBOLS)}

RUNS = frozenset(INDEX[symbol] for symbol in ("-", "…", REJECT))
"""Classes that mean the same alone or repeated."""

MARKS = frozenset("-/…")
"""What is printed for nothing, and is read like a figure."""

_PERMILLE, _AS_SEEN = "‰", "%0"
_DASHES = "‐‑‒–—―−－─━ー﹣"
_FOLDS = str.maketrans(
    {
        **dict.fromkeys(_DASHES, "-"),
        "⋯": "…",
        "‥": "…",
        "，": ",",
        "、": ",",
        "．": ".",
        "。": ".",
        "（": "(",
        "）": ")",
        "［": "(",
        "］": ")",
        "／": "/",
        "＼": "/",
        "％": "%",
        "＋": "+",
        "∆": "△",
        "Δ": "△",
    }
)


def fold(text: str) -> str:
    """The text in figure symbols where it has them; a run of dashes or dots of omission is one symbol.

    >>> fold("１，２３４．５０")
    '1,234.50'
    >>> fold("——")
    '-'
    >>> fold("5.28％0")
    '5.28‰'
    """
    plain = unicodedata.normalize("NFKC", text.translate(_FOLDS)).translate(_FOLDS)
    plain = "".join(plain.split()).replace("...", "…")
    folded: list[str] = []
    for char in plain:
        if folded and char == folded[-1] and char in "-…":
            continue
        folded.append(char)
    return spelt("".join(folded))


def spelt(symbols: str) -> str:
    """Figure symbols as they are written, with a permille sign for what networks see in one.

    >>> spelt("5.28%0"), spelt("(5.28%0)"), spelt("5.28%")
    ('5.28‰', '(5.28‰)', '5.28%')
    """
    return re.sub(rf"{_AS_SEEN}(?=\)?$)", _PERMILLE, symbols)


def classes(text: str) -> list[int]:
    """Class numbers of the folded text; glyphs outside the alphabet become one reject for each run."""
    reject = INDEX[REJECT]
    found: list[int] = []
    for char in fold(text).replace(_PERMILLE, _AS_SEEN):
        number = INDEX.get(char, reject)
        if number == reject and found and found[-1] == reject:
            continue
        found.append(number)
    return found


def outsiders(text: str) -> int:
    """How many glyphs of the folded text no figure can hold."""
    return sum(char not in FIGURES + _PERMILLE for char in fold(text))


def evidence(frames: Frames) -> CtcEvidence:
    """Evidence over these symbols."""
    return CtcEvidence(frames, SYMBOLS, classes, outsiders, RUNS, spelt)


def is_figure(text: str) -> bool:
    """Whether a text in figure symbols is a whole figure or a mark; units and brackets alone are neither.

    >>> [is_figure(text) for text in ("12件", "-", "()件", "?5", "")]
    [True, True, False, False, False]
    """
    return REJECT not in text and (text in MARKS or any(char.isdigit() for char in text))
