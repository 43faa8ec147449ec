"""Estimating a calibration from readings with known truth.

For every reader: a temperature that makes its log-probabilities honest (least mean log-loss, Guo et
al., "On Calibration of Modern Neural Networks", 2017), how often it is blind (wrong, with the truth as
good as unseen), and together the digits that blind readers confuse. Rates are smoothed so that a clean
sample never claims certainty: none in n counts as one in n + 2.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from gouji_ocr.amounts import parse_amount
from gouji_ocr.reading import Opinion, Reading
from gouji_postprocess.calibration import CONFUSABLE, Calibration, Channel, ReaderCalibration, family_of
from gouji_postprocess.voices import opinions_of

LEAST = 300
"""A reader seen on fewer figures than this is not calibrated by them."""
_HEARD = math.log(0.5)
_UNSEEN = 9.0  # nats below the best at which the truth counts as not seen at all
_TEMPERATURES = [
    1.12**k for k in range(19)
]  # 1 to 7.7; never below: no sample makes a reader surer than it says
_PRIOR = 8.0  # how many confusions the confusion of shapes is worth against counted ones


@dataclass(frozen=True, slots=True)
class Sample:
    """A figure as it was read, and what is printed there."""

    reading: Reading
    printed: str


def calibrate(
    samples: Iterable[Sample],
    *,
    version: str,
    base: Calibration,
    misprints: int | None = None,
) -> Calibration:
    """Measure the readers on figures with known truth.

    Args:
        samples: readings with what is printed; samples whose truth is no amount are ignored.
        version: the name under which decisions will cite the calibration.
        base: where too little was seen to measure, its facts stay.
        misprints: how many of the figures are printed wrong, if known.

    Returns:
        The new calibration. Readers seen on fewer than `LEAST` figures keep what `base` says of them, and
        stay uncalibrated if it says nothing.
    """
    kept = [sample for sample in samples if parse_amount(sample.printed) is not None]
    by_reader: dict[str, list[tuple[Opinion, str]]] = {}
    for sample in kept:
        for opinion in opinions_of(sample.reading):
            by_reader.setdefault(opinion.reader, []).append((opinion, sample.printed))
    readers = dict(base.readers)
    confused: Counter[tuple[str, str]] = Counter()
    edits: Counter[str] = Counter()
    for name, seen in sorted(by_reader.items()):
        outcomes = [_outcome(opinion, printed) for opinion, printed in seen]
        for outcome in outcomes:
            _count_edit(outcome, confused, edits)
        measured = _measure(outcomes)
        if measured.figures >= LEAST:
            known = base.readers.get(name)
            readers[name] = replace(measured, family=known.family if known else family_of(name))
    rate = base.misprint_rate
    if misprints is not None and kept:
        rate = (misprints + 1) / (len(kept) + 2)
    return replace(
        base,
        version=version,
        readers=readers,
        channel=_channel(confused, edits, base.channel),
        misprint_rate=rate,
    )


@dataclass(frozen=True, slots=True)
class _Outcome:
    """One opinion held against the truth, by value."""

    scores: tuple[float, ...]  # log-probabilities of the listed values, best first
    truth: float  # that of the printed value; minus infinity when it is not listed
    read: str  # digits read
    printed: str  # digits printed


def _outcome(opinion: Opinion, printed: str) -> _Outcome:
    truth = parse_amount(printed)
    assert truth is not None
    weights: dict[tuple[int, int] | str, float] = {}
    for candidate in opinion.candidates:
        amount = parse_amount(candidate.text)
        key = candidate.text if amount is None else _exact(amount.value, amount.decimals)
        weights[key] = _log_sum(weights.get(key, -math.inf), candidate.log_probability)
    target = _exact(truth.value, truth.decimals)
    if target not in weights and opinion.evidence is not None:
        # Not listed is not unseen: the picture is asked.
        spellings = {printed, printed.replace(",", "")} | ({"", "0", "-"} if truth.value == 0 else set())
        for text in sorted(spellings):
            score = opinion.evidence.log_probability(text)
            weights[target] = _log_sum(weights.get(target, -math.inf), score)
    ranked = sorted(weights.items(), key=lambda item: (-item[1], str(item[0])))
    best = ranked[0][0] if ranked else ""
    read = str(abs(best[0])) if isinstance(best, tuple) else ""
    return _Outcome(
        tuple(weight for _, weight in ranked), weights.get(target, -math.inf), read, str(abs(target[0]))
    )


def _exact(value: int, decimals: int) -> tuple[int, int]:
    while decimals and value % 10 == 0:
        value, decimals = value // 10, decimals - 1
    return value, decimals


def _measure(outcomes: Sequence[_Outcome]) -> ReaderCalibration:
    """Temperature and blindness of one reader; blindness is what the fitted temperature cannot explain."""
    # A reader that makes no amount of a cell, or is not even half sure of it, says so itself: it is measured
    # where it is believed. Otherwise a few spoilt pages would make it look unsure of everything.
    outcomes = [outcome for outcome in outcomes if outcome.read and outcome.scores[0] >= _HEARD]
    temperature = min(_TEMPERATURES, key=lambda t: (_loss(outcomes, t), t))
    blind = sum(1 for o in outcomes if not o.scores or _behind(o) / temperature > _UNSEEN)
    return ReaderCalibration(
        round(temperature, 3), round((blind + 1) / (len(outcomes) + 2), 7), len(outcomes)
    )


def _loss(outcomes: Sequence[_Outcome], temperature: float) -> float:
    """Mean log-loss on the figures whose truth was seen, each loss bounded by `_UNSEEN`."""
    total = 0.0
    for outcome in outcomes:
        if not outcome.scores:
            continue
        best = outcome.scores[0]
        left = math.log(max(1e-9, 1.0 - sum(math.exp(s) for s in outcome.scores)))
        norm = math.log(sum(math.exp((s - best) / temperature) for s in (*outcome.scores, left)))
        loss = norm - (outcome.truth - best) / temperature
        total += min(loss, _UNSEEN)
    return total / max(1, len(outcomes))


def _behind(outcome: _Outcome) -> float:
    return outcome.scores[0] - outcome.truth


def _count_edit(outcome: _Outcome, confused: Counter[tuple[str, str]], edits: Counter[str]) -> None:
    read, printed = outcome.read, outcome.printed
    if not read or read == printed:
        return
    different = [(p, r) for p, r in zip(printed, read, strict=False) if p != r]
    if len(read) == len(printed) and len(different) == 1:
        confused[different[0]] += 1
        edits["substitution"] += 1
    elif len(read) == len(printed) - 1:
        edits["deletion"] += 1
    elif len(read) == len(printed) + 1:
        edits["insertion"] += 1
    else:
        edits["unrelated"] += 1


def _channel(confused: Counter[tuple[str, str]], edits: Counter[str], base: Channel) -> Channel:
    """The counted confusions over those of `base`, which count as `_PRIOR` cases."""
    confusion: dict[str, dict[str, float]] = {}
    for printed in CONFUSABLE:
        before = base.confusion.get(printed, {})
        counted = {read: n for (p, read), n in confused.items() if p == printed}
        total = sum(counted.values()) + _PRIOR
        confusion[printed] = {
            read: round((counted.get(read, 0) + _PRIOR * before.get(read, 0.0)) / total, 5)
            for read in sorted({*before, *counted})
        }
    kinds = {
        "substitution": base.substitution,
        "deletion": base.deletion,
        "insertion": base.insertion,
        "unrelated": base.unrelated,
    }
    total = sum(edits.values()) + _PRIOR
    shares = {kind: round((edits[kind] + _PRIOR * share) / total, 5) for kind, share in kinds.items()}
    return Channel(**shares, confusion=confusion)


def _log_sum(one: float, other: float) -> float:
    high, low = max(one, other), min(one, other)
    return high if low == -math.inf else high + math.log1p(math.exp(low - high))
