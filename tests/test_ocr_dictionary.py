"""Words decide between characters that both line readers leave open, and nothing else."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gouji_ocr.ctc import CtcEvidence, frames_of
from gouji_ocr.dictionary import Dictionary
from gouji_ocr.lines import LineText


@pytest.fixture(scope="module")
def dictionary() -> Dictionary:
    return Dictionary.load()


def seen(*places: dict[str, float]) -> LineText:
    """A line as a reader sees it: at each place what it may be, and how likely, three frames apart."""
    symbols = (*sorted({char for place in places for char in place}), "\ufffd")
    frames = np.full((3 * len(places), len(symbols) + 1), 1e-7, dtype=np.float32)
    frames[:, 0] = 1.0
    for frame, place in zip(frames[1::3], places, strict=True):
        frame[0] = 1e-7
        for char, probability in place.items():
            frame[symbols.index(char) + 1] = probability

    def classes(text: str) -> list[int]:
        return [symbols.index(char) + 1 if char in symbols else len(symbols) for char in text]

    evidence = CtcEvidence(
        frames_of(np.log(frames)), symbols, classes, lambda text: sum(c not in symbols for c in text)
    )
    best = [max(place.items(), key=lambda pair: pair[1]) for place in places]
    known = tuple(math.log(p) for _, p in best)
    at = tuple((3 * k + 1.5) / len(frames) for k in range(len(places)))
    return LineText("".join(char for char, _ in best), known, at, evidence, evidence)


def spelt(dictionary: Dictionary, *lines: LineText) -> list[LineText]:
    """Lines of one cell that both readers have alike."""
    return dictionary.spelt(lines, [(line, line) for line in lines])


def test_a_doubtful_character_becomes_the_one_that_makes_a_word(dictionary: Dictionary) -> None:
    line, worn = seen({"数": 0.99}, {"最": 0.6, "量": 0.3}), seen({"数": 0.99}, {"最": 0.5, "量": 0.4})
    (found,) = dictionary.spelt([line], [(line, worn)])
    assert found.text == "数量"
    assert math.exp(found.character_log_probabilities[1]) < 0.5  # chosen, but not surer than it was seen
    assert found.figures is line.figures


def test_what_is_clearly_seen_stays_whatever_word_it_makes(dictionary: Dictionary) -> None:
    line = seen({"数": 0.99}, {"最": 0.95, "量": 0.04})
    assert spelt(dictionary, line)[0].text == "数最"


def test_a_word_that_neither_reader_holds_possible_is_never_written(dictionary: Dictionary) -> None:
    line = seen({"数": 0.99}, {"最": 0.5, "冒": 0.3})
    assert "量" not in spelt(dictionary, line)[0].text


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"1": 0.5, "工": 0.4}, {"作": 0.99}),  # a digit
        ({"一": 0.5, "上": 0.4}, {"年": 0.99}),  # a numeral
        ({"上": 0.5, "一": 0.45}, {"年": 0.99}),  # nor does one come in
        ({"B": 0.5, "总": 0.4}, {"计": 0.99}),  # a letter
    ],
)
def test_digits_numerals_and_letters_are_not_touched(
    dictionary: Dictionary, first: dict[str, float], second: dict[str, float]
) -> None:
    line = seen(first, second)
    assert spelt(dictionary, line)[0] is line


def test_names_keep_their_characters_where_no_word_is_likelier(dictionary: Dictionary) -> None:
    line = seen({"下": 0.99}, {"塘": 0.7, "墙": 0.1}, {"镇": 0.99})
    assert spelt(dictionary, line)[0].text == "下塘镇"


def test_line_length_never_changes(dictionary: Dictionary) -> None:
    line = seen(
        {"结": 0.6, "給": 0.2}, {"果": 0.5, "最": 0.3}, {"维": 0.5, "雉": 0.3}, {"神": 0.5, "持": 0.3}
    )
    (found,) = spelt(dictionary, line)
    assert found.text == "结果维持"
    assert len(found.character_log_probabilities) == len(found.positions) == len(found.text)


def test_words_run_on_into_the_next_line_of_a_cell(dictionary: Dictionary) -> None:
    first, second = seen({"结": 0.99}, {"果": 0.99}, {"维": 0.99}), seen({"神": 0.5, "持": 0.3})
    found = dictionary.spelt([first, second], [(), (second, second)])
    assert [line.text for line in found] == ["结果维", "持"]
    assert found[0] is first
