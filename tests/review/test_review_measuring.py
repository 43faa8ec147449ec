"""Error rates and their intervals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gouji.review.measuring import Estimate, character_errors, difference, weighted, wilson


@pytest.mark.parametrize(
    ("errors", "trials", "low", "high"),
    # Newcombe (1998), Stat. Med. 17, table I, method 3 (Wilson score).
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_wilson_interval_is_the_published_one(errors: int, trials: int, low: float, high: float) -> None:
    found = wilson(errors, trials)
    assert found.low == pytest.approx(low, abs=1e-4)
    assert found.high == pytest.approx(high, abs=1e-4)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    # Newcombe (1998), Stat. Med. 17, table II, method 10.
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((5, 56), (0, 29), -0.0381, 0.1926),
    ],
)
def test_the_interval_of_a_difference_is_the_published_one(
    one: tuple[int, int], other: tuple[int, int], low: float, high: float
) -> None:
    found = difference(wilson(*one), wilson(*other))
    assert found.low == pytest.approx(low, abs=1e-4)
    assert found.high == pytest.approx(high, abs=1e-4)


@given(st.integers(0, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_its_own_estimate(drawn: tuple[int, int]) -> None:
    found = wilson(*drawn)
    assert 0 <= found.low <= found.value <= found.high <= 1


@given(st.integers(1, 400), st.integers(0, 400))
def test_one_stratum_alone_weighs_as_itself(trials: int, errors: int) -> None:
    found = wilson(min(errors, trials), trials)
    whole = weighted([(1.0, found)])
    assert whole.value == found.value
    assert whole.low == pytest.approx(found.low)
    assert whole.high == pytest.approx(found.high)


def test_nothing_read_says_nothing() -> None:
    assert wilson(0, 0) == Estimate(0.0, 0.0, 1.0)


def test_character_errors_count_inserted_dropped_and_replaced_characters() -> None:
    assert character_errors("1,234", "1234") == 1
    assert character_errors("", "7") == 1
    assert character_errors("19", "20") == 2
