"""Opinions of several readers on one cell as one list of candidates.

They are combined in log-odds, each with a measured weight (`docs/measured/reading.md`), and all of them are
kept apart beside the combined list: disagreement is never averaged away.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from gouji_ocr import alphabet, grammar
from gouji_ocr.reading import Candidate, Opinion

WEIGHTS: Mapping[str, float] = {"figures-v6": 1.0, "ppocr-v6": 0.35, "tesseract-5": 0.15}
"""How much the opinions of a reader count together (`docs/measured/reading.md` says how they were found)."""

_BLIND_TO_SEPARATORS = frozenset({"ppocr-v6", "tesseract-5"})
_LEAST = math.log(1e-4)  # what an opinion gives at least to a candidate it does not believe in
_SHOWN = 8


def combined(opinions: Sequence[Opinion]) -> tuple[Candidate, ...]:
    """Candidates of all opinions, best first.

    The score of a text is the weighted sum of what each reader gives it and the prior of how figures
    are written, made a probability over all texts any opinion names. Empty when none names a figure.
    """
    texts = named_figures(opinions)
    if not texts:
        return ()
    scores = {
        text: grammar.prior(text)
        + sum(WEIGHTS.get(reader, 1.0) * given for reader, given in by_reader(opinions, text).items())
        for text in texts
    }
    peak = max(scores.values())
    total = peak + math.log(sum(math.exp(score - peak) for score in scores.values()))
    ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN]
    return tuple(Candidate(text, score - total) for text, score in ranked)


def named_figures(opinions: Sequence[Opinion]) -> set[str]:
    """All figures that any opinion names, and the same with their separators set as they should be."""
    texts = {c.text for opinion in opinions for c in opinion.candidates if _is_figure(c.text)}
    return texts.union(*(grammar.variants(text) for text in texts))


def by_reader(opinions: Sequence[Opinion], text: str) -> dict[str, float]:
    """What each reader gives a text; its opinions on other crops (`name@crop`) share one vote, their mean."""
    given: dict[str, list[float]] = {}
    for opinion in opinions:
        given.setdefault(opinion.reader.partition("@")[0], []).append(_score(opinion, text))
    return {reader: sum(scores) / len(scores) for reader, scores in given.items()}


def _is_figure(text: str) -> bool:
    return alphabet.REJECT not in text and alphabet.outsiders(text) == 0


_SWAPPED = str.maketrans(".,", ",.")


def _score(opinion: Opinion, text: str) -> float:
    """What an opinion gives a text; readers that cannot tell a comma from a point have no say on that.

    Nor do they know a lone slash: of what is one they say `1`, of what is none never `/`.
    """
    if opinion.reader not in _BLIND_TO_SEPARATORS:
        return _stated(opinion, text)
    spellings = {text, text.replace(",", "."), text.replace(".", ","), text.translate(_SWAPPED)}
    spellings |= {"1"} if text == "/" else set()
    return max(_stated(opinion, spelling) for spelling in spellings)


def _stated(opinion: Opinion, text: str) -> float:
    if opinion.evidence is not None:
        return max(opinion.evidence.log_probability(text), _LEAST)
    return next((max(c.log_probability, _LEAST) for c in opinion.candidates if c.text == text), _LEAST)
