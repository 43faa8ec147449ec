"""Opinions of several readers on one cell as one list of candidates.

They are combined in log-odds, each with a measured weight (`docs/measured/reading.md`), and all of them are
kept apart beside the combined list: disagreement is never averaged away.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from gouji_ocr import alphabet, grammar
from gouji_ocr.reading import Candidate, Opinion

WEIGHTS: Mapping[str, float] = {"ppocr-v6": 0.5, "tesseract-5": 0.3}
"""How much an opinion counts beside the figure network's, which counts 1."""

_BLIND_TO_SEPARATORS = frozenset({"ppocr-v6", "tesseract-5"})
_LEAST = math.log(1e-4)  # what an opinion gives at least to a candidate it does not believe in
_SHOWN = 8


def combined(opinions: Sequence[Opinion]) -> tuple[Candidate, ...]:
    """Candidates of all opinions, best first.

    The score of a text is the weighted sum of what each opinion gives it and the prior of how figures
    are written, made a probability over all texts any opinion names. Empty when none names a figure.
    """
    texts = {c.text for opinion in opinions for c in opinion.candidates if _is_figure(c.text)}
    for text in tuple(texts):
        texts.update(grammar.variants(text))
    if not texts:
        return ()
    scores = {
        text: grammar.prior(text)
        + sum(WEIGHTS.get(opinion.reader, 1.0) * _score(opinion, text) for opinion in opinions)
        for text in texts
    }
    peak = max(scores.values())
    total = peak + math.log(sum(math.exp(score - peak) for score in scores.values()))
    ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN]
    return tuple(Candidate(text, score - total) for text, score in ranked)


def _is_figure(text: str) -> bool:
    return alphabet.REJECT not in text and alphabet.outsiders(text) == 0


_SWAPPED = str.maketrans(".,", ",.")


def _score(opinion: Opinion, text: str) -> float:
    """What an opinion gives a text; readers that cannot tell a comma from a point have no say on that."""
    if opinion.reader not in _BLIND_TO_SEPARATORS:
        return _stated(opinion, text)
    spellings = {text, text.replace(",", "."), text.replace(".", ","), text.translate(_SWAPPED)}
    return max(_stated(opinion, spelling) for spelling in spellings)


def _stated(opinion: Opinion, text: str) -> float:
    if opinion.evidence is not None:
        return max(opinion.evidence.log_probability(text), _LEAST)
    return next((max(c.log_probability, _LEAST) for c in opinion.candidates if c.text == text), _LEAST)
