"""Evidence for words: any text is scored, in either width, over all lines of a cell, also when read back."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from seen_text import seen_text

from gouji_ocr.lines import LineReader
from gouji_ocr.stored import evidence_from_json, evidence_to_json
from gouji_ocr.text_evidence import joined_text


def test_a_text_scores_the_same_in_either_width() -> None:
    evidence = seen_text({"(": 0.9}, {"一": 0.9}, {")": 0.9})
    assert evidence.log_probability("（一）") == evidence.log_probability("(一)") > math.log(0.7)


def test_a_character_that_was_never_seen_costs_more_than_one_that_was_hardly_seen() -> None:
    evidence = seen_text({"精": 0.9, "稽": 0.02}, {"关": 0.95})
    sure, hardly, never = (evidence.log_probability(text) for text in ("精关", "稽关", "绩关"))
    assert sure > hardly > never
    assert math.isfinite(never)


def test_a_question_mark_is_a_character_and_not_all_that_is_unknown() -> None:
    evidence = joined_text([seen_text({"何": 0.9}, {"?": 0.9}), seen_text({"人": 0.9})])
    assert evidence.log_probability("何？人") > math.log(0.7)
    assert evidence.log_probability("何时人") < math.log(0.01)


@given(st.lists(st.text(alphabet="一二部分公开()", min_size=1, max_size=4), min_size=1, max_size=3))
def test_lines_of_a_cell_are_scored_as_their_text_without_breaks(lines: list[str]) -> None:
    parts = [seen_text(*({char: 0.9} for char in line)) for line in lines]
    alone = sum(part.log_probability(line) for part, line in zip(parts, lines, strict=True))
    assert joined_text(parts).log_probability("".join(lines)) == pytest.approx(alone, abs=0.1)


def test_stored_evidence_scores_as_before() -> None:
    evidence = joined_text([seen_text({"总": 0.8, "息": 0.1}), seen_text({"计": 0.9})])
    back = evidence_from_json(json.loads(json.dumps(evidence_to_json(evidence), ensure_ascii=False)))
    assert back is not None
    for text in ("总计", "息计", "合计"):
        assert back.log_probability(text) == evidence.log_probability(text)


@dataclass
class Told:
    """Stands for a network: the same probabilities for every strip."""

    shares: NDArray[np.float32]

    def run(self, _: None, given: dict[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        return [np.repeat(self.shares[None], len(given["x"]), axis=0)]


def test_a_bracket_is_as_sure_as_both_of_its_widths_together() -> None:
    shares = np.array([[0.01, 0.55, 0.43, 0.01], [0.02, 0.0, 0.0, 0.98]], dtype=np.float32)
    reader = LineReader(Told(shares), ("（", "(", "一"))  # type: ignore[arg-type]
    (line,) = reader.read([np.full((48, 16), 255, dtype=np.uint8)])
    assert line.text == "（一"
    assert line.log_probability == pytest.approx(math.log(0.98 * 0.98), abs=1e-3)
    assert line.evidence.log_probability("(一") == pytest.approx(line.log_probability, abs=0.01)
