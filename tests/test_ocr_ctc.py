"""Evidence: the forward recursion is exact, and the n-best list agrees with it."""

from __future__ import annotations

import itertools
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gouji_ocr import alphabet
from gouji_ocr.ctc import CtcEvidence, forward, frames_of, joined, prefix_beam
from gouji_ocr.stored import evidence_from_json, evidence_to_json


def random_frames(seed: int, steps: int, classes: int, sharpness: float = 2.0) -> np.ndarray:
    logits = np.random.default_rng(seed).normal(0, sharpness, (steps, classes))
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


def collapsed(path: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(symbol for symbol, _ in itertools.groupby(path) if symbol)


def by_enumeration(frames: np.ndarray) -> dict[tuple[int, ...], float]:
    """Probability of every label sequence, summed over every path."""
    found: dict[tuple[int, ...], float] = {}
    for path in itertools.product(range(frames.shape[1]), repeat=len(frames)):
        p = math.exp(sum(frames[t, symbol] for t, symbol in enumerate(path)))
        key = collapsed(path)
        found[key] = found.get(key, 0.0) + p
    return found


@given(seed=st.integers(0, 10_000), steps=st.integers(1, 5))
@settings(max_examples=30, deadline=None)
def test_the_likelihood_of_any_text_is_the_sum_over_all_its_paths(seed: int, steps: int) -> None:
    frames = random_frames(seed, steps, 3)
    for labels, probability in by_enumeration(frames).items():
        assert forward(frames, labels) == pytest.approx(math.log(probability), abs=1e-9)


def test_a_text_longer_than_the_frames_is_impossible() -> None:
    assert forward(random_frames(1, 3, 3), [1, 1]) > float("-inf")
    assert forward(random_frames(1, 2, 3), [1, 1]) == float("-inf")


@given(seed=st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_a_beam_that_drops_nothing_finds_every_text_with_its_exact_likelihood(seed: int) -> None:
    frames = random_frames(seed, 4, 3)
    found = dict(prefix_beam(frames, width=500, drop=0.0))
    for labels, probability in by_enumeration(frames).items():
        assert found[labels] == pytest.approx(math.log(probability), abs=1e-6)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_a_narrow_beam_never_promises_more_than_the_exact_likelihood(seed: int) -> None:
    frames = random_frames(seed, 10, 6, sharpness=3.0)
    for labels, score in prefix_beam(frames, width=8):
        assert score <= forward(frames, labels) + 1e-9


def evidence(seed: int, steps: int = 12) -> CtcEvidence:
    frames = random_frames(seed, steps, len(alphabet.SYMBOLS) + 1, sharpness=3.0)
    return alphabet.evidence(frames_of(frames.astype(np.float32)))


def clearly(*symbols: str) -> CtcEvidence:
    """Evidence of these symbols and nothing else."""
    frames = np.full((3 * len(symbols), len(alphabet.SYMBOLS) + 1), -12.0, dtype=np.float32)
    frames[:, 0] = -0.001
    for at, symbol in enumerate(symbols):
        frames[3 * at + 1, 0], frames[3 * at + 1, alphabet.INDEX[symbol]] = -9.0, -0.001
    return alphabet.evidence(frames_of(frames))


def test_evidence_can_score_what_no_reader_proposed() -> None:
    seen = evidence(3)
    proposed = {candidate.text for candidate in seen.best()}
    assert "42" not in proposed
    assert math.isfinite(seen.log_probability("42"))
    assert seen.log_probability("42") < seen.best()[0].log_probability


def test_printed_variants_of_one_figure_score_the_same() -> None:
    seen = evidence(4)
    assert seen.log_probability("１，２３４") == seen.log_probability("1,234")
    assert seen.log_probability("——") == seen.log_probability("-")


def test_dashes_in_a_row_are_one_dash_however_many_are_seen() -> None:
    seen = clearly("-", "-", "-")
    for evidence in (seen, evidence_from_json(evidence_to_json(seen))):
        assert evidence is not None
        assert evidence.best()[0].text == "-"
        assert evidence.log_probability("------") > math.log(0.9)


def test_a_permille_sign_is_what_looks_like_a_percent_sign_with_one_more_zero() -> None:
    seen = clearly(*"5.28%0")
    assert seen.best()[0].text == seen.likeliest().text == "5.28‰"
    assert seen.log_probability("5.28‰") == seen.log_probability("5.28%0") > math.log(0.9)
    assert seen.log_probability("5.28%") < math.log(0.01)
    assert clearly(*"5.28%").best()[0].text == "5.28%"


def test_a_glyph_outside_the_alphabet_costs_more_than_the_reject_alone() -> None:
    seen = evidence(5)
    as_reject = forward(seen.frames.astype(np.float64), [alphabet.INDEX[alphabet.REJECT]])
    assert seen.log_probability("县") < as_reject


def test_evidence_of_two_lines_scores_the_text_of_both() -> None:
    one, two = evidence(6, 6), evidence(7, 6)
    both = joined([one, two])
    first, second = one.best()[0].text, two.best()[0].text
    assert (
        both.log_probability(first + second) >= one.log_probability(first) + two.log_probability(second) - 0.1
    )


def test_evidence_survives_pickling() -> None:
    seen = evidence(8)
    assert pickle.loads(pickle.dumps(seen)).log_probability("7") == seen.log_probability("7")
