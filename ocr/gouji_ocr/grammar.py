"""How figures are written: what separators are for, as a mild prior on what a picture shows.

A low-resolution comma differs from a point by two pixels, but `1.234.567,00` is not how figures are printed
here. The prior only weighs candidates of one picture against each other; evidence stays the picture's alone,
and a misprint that shows clearly still wins.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from gouji_ocr.ctc import CtcEvidence
from gouji_ocr.reading import Candidate

_MALFORMED = math.log(0.01)  # share of printed figures whose separators are set wrongly, generously
_NO_NUMBER = math.log(1e-5)  # two decimal points: not even a slip of the typist

_THREE_DECIMALS = math.log(0.15)  # thousands are grouped far more often than three decimals are printed

_NUMBER = re.compile(r"[-+△▲(]?(\d[\d.,]*\d|\d)(?=[%‰)元万亿件]|$)")
_WELL_FORMED = re.compile(r"(\d+|\d{1,3}(,\d{3})+)(\.\d+)?")
_THOUSANDS_OR_DECIMALS = re.compile(r"[1-9]\d{0,2}\.\d{3}")
_DATE = re.compile(r"\d{4}\.\d{1,2}(\.\d{1,2})?")
_LOOSE = re.compile(r"^[.,]|[.,]$|[.,-]{2}|\d-$|^-[.,]|^[-+△▲]0$")


def prior(text: str) -> float:
    """Natural log of how likely figures are set this way, relative to a well-formed one."""
    match = _NUMBER.search(text)
    lone_point = match is not None and _THOUSANDS_OR_DECIMALS.fullmatch(match[1])
    return _THREE_DECIMALS if lone_point else form(text)


def form(text: str) -> float:
    """The part of the prior that holds for every table: no figure has two decimal points, no bare 0 a sign.

    >>> form("1,234.5") == form("1.234") == 0 > form("1,2345") > form("1.234.5")
    True
    """
    if _LOOSE.search(text) and len(text) > 1:
        return _MALFORMED
    match = _NUMBER.search(text)
    if match is None or _WELL_FORMED.fullmatch(match[1]) or _DATE.fullmatch(match[1]):
        return 0.0
    return _NO_NUMBER if match[1].count(".") > 1 else _MALFORMED


def variants(text: str) -> list[str]:
    """The same digits with separators set as they should be; nothing when they are or cannot be.

    >>> variants("5.288.011,39")
    ['5,288,011.39', '528801139']
    """
    match = _NUMBER.search(text)
    if match is None or not prior(text):
        return []
    parts = re.split(r"[.,]", match[1])
    plain = "".join(parts)
    if len(parts) == 1 or not plain:
        return []
    proposals = [",".join(parts[:-1]) + "." + parts[-1], ",".join(parts), plain]
    fitting = [p for p in proposals if _WELL_FORMED.fullmatch(p)]
    return [text[: match.start(1)] + p + text[match.end(1) :] for p in fitting]


def weighed(
    candidates: Iterable[Candidate], evidence: CtcEvidence, *, count: int = 8
) -> tuple[Candidate, ...]:
    """Candidates with the prior laid on them, best first; texts that the prior would rather see are added.

    What probability the list did not hold stays outside it.
    """
    known = {c.text: c.log_probability for c in candidates}
    strange = [text for text in known if prior(text)]
    if not strange:
        return tuple(Candidate(t, p) for t, p in sorted(known.items(), key=lambda item: -item[1]))[:count]
    for text in strange[:3]:
        for variant in variants(text):
            known.setdefault(variant, evidence.log_probability(variant))
    held = sum(math.exp(p) for p in known.values())
    raised = {text: p + prior(text) for text, p in known.items()}
    total = sum(math.exp(p) for p in raised.values())
    if not total:
        return tuple(Candidate(t, p) for t, p in sorted(known.items(), key=lambda item: -item[1]))[:count]
    shift = math.log(min(held, 1.0) / total)
    ranked = sorted(((text, p + shift) for text, p in raised.items()), key=lambda item: -item[1])
    return tuple(Candidate(text, min(p, 0.0)) for text, p in ranked[:count])
