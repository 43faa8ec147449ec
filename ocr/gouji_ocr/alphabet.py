"""The symbols a figure can be made of, and how printed variants fold onto them.

One symbol stands for all its printed forms: every dash is `-`, both widths of a bracket are one
bracket. `?` is the reject symbol: a glyph (or a run of glyphs) that belongs to no figure.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

FIGURES = "0123456789.,-+/%()△▲…元万亿减增件"
REJECT = "?"
SYMBOLS = FIGURES + REJECT
"""Order of the network's classes after the CTC blank, which is class 0."""

INDEX: Mapping[str, int] = {symbol: i + 1 for i, symbol in enumerate(SYMBOLS)}

RUNS = frozenset(INDEX[symbol] for symbol in ("-", "…", REJECT))
"""Classes that mean the same alone or repeated."""

MARKS = frozenset("-/…")
"""What is printed for nothing, and is read like a figure."""

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
    """
    plain = unicodedata.normalize("NFKC", text.translate(_FOLDS)).translate(_FOLDS)
    plain = "".join(plain.split()).replace("...", "…")
    folded: list[str] = []
    for char in plain:
        if folded and char == folded[-1] and char in "-…":
            continue
        folded.append(char)
    return "".join(folded)


def classes(text: str) -> list[int]:
    """Class numbers of the folded text; glyphs outside the alphabet become one reject for each run."""
    reject = INDEX[REJECT]
    found: list[int] = []
    for char in fold(text):
        number = INDEX.get(char, reject)
        if number == reject and found and found[-1] == reject:
            continue
        found.append(number)
    return found


def outsiders(text: str) -> int:
    """How many glyphs of the folded text no figure can hold."""
    return sum(char not in FIGURES for char in fold(text))


def is_figure(text: str) -> bool:
    """Whether a text in figure symbols is a whole figure or a mark; units and brackets alone are neither.

    >>> [is_figure(text) for text in ("12件", "-", "()件", "?5", "")]
    [True, True, False, False, False]
    """
    return REJECT not in text and (text in MARKS or any(char.isdigit() for char in text))
