"""The reader trained on worn print is asked about words in doubt alone, and never believed alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from seen_text import seen_text

from gouji_layout.page import Gray
from gouji_models import CARDS, ModelMissingError, registry
from gouji_models.sessions import session
from gouji_ocr.lines import LineText
from gouji_ocr.worn_words import WornWords, likelier

FILES = {name: registry.weights(name) for name in ("ppocr-v6-rec", "worn-lines-v1")}
STRIP: Gray = np.full((48, 64), 255, dtype=np.uint8)


def seen(*places: dict[str, float]) -> LineText:
    """A line as a reader sees it: at each place what it may be, and how likely."""
    best = [max(place.items(), key=lambda pair: pair[1]) for place in places]
    kept = [(char, float(np.log(p))) for char, p in best if char]

    evidence = seen_text(*places)
    text = "".join(char for char, _ in kept)
    return LineText(text, tuple(p for _, p in kept), tuple(range(len(kept))), evidence, evidence)


def surely(text: str) -> LineText:
    return seen(*({char: 0.99} for char in text))


@dataclass
class Told:
    """Stands for the reader of worn print: says what it was told to, and keeps how many strips it saw."""

    lines: Sequence[LineText]
    asked: list[int] = field(default_factory=list)

    def read(self, strips: Sequence[Gray]) -> list[LineText]:
        self.asked.append(len(strips))
        return list(self.lines)


def settled(lines: Sequence[LineText], told: Told) -> list[str]:
    worn = WornWords()
    worn.__dict__["reader"] = told
    return [line.text for line in worn.settled([STRIP] * len(lines), lines, [[i] for i in range(len(lines))])]


def test_a_word_in_doubt_is_read_as_both_readers_together_find_likeliest() -> None:
    line = seen({"维": 0.99}, {"特": 0.6, "持": 0.3})
    assert settled([line], Told([seen({"维": 0.99}, {"持": 0.9, "特": 0.05})])) == ["维持"]


def test_what_the_line_reader_holds_hopeless_is_not_taken() -> None:
    line = seen({"维": 0.99}, {"持": 0.9})
    assert settled([line], Told([seen({"维": 0.99}, {"特": 0.9, "持": 0.05})])) == ["维持"]


def test_the_second_reader_is_not_even_opened_for_sure_lines_nor_for_signs() -> None:
    told = Told([])
    lines = [surely("总计"), seen({"-": 0.5}), seen({"（": 0.5}, {"计": 0.99}), seen({"5": 0.4}, {"%": 0.9})]
    assert settled(lines, told) == ["总计", "-", "（计", "5%"]
    assert told.asked == []


def test_words_that_the_line_reader_takes_for_letters_are_asked_about() -> None:
    line = seen({"B": 0.4, "总": 0.3}, {"计": 0.6})
    assert settled([line], Told([seen({"总": 0.9}, {"计": 0.9})])) == ["总计"]


def test_only_lines_in_doubt_are_read_again_and_all_come_back_in_order() -> None:
    told = Told([seen({"合": 0.9}, {"计": 0.99})])
    lines = [surely("总计"), seen({"台": 0.5, "合": 0.4}, {"计": 0.99}), surely("其他")]
    assert settled(lines, told) == ["总计", "合计", "其他"]
    assert told.asked == [1]


@pytest.mark.parametrize(
    ("line", "worn"),
    [
        ("（×103℃）值", "（×10℃）值"),  # a raised digit lost
        ("12.5元", "125元"),  # a point lost
        ("2019年", "2013年"),
        ("占比%", "占比％"),
        ("——", "一一"),
        ("O", "口"),  # one glyph says little
        ("第二十条", "第三十条"),
        ("第二十条（一）", "第二十条（）"),
        ("一——", "批量货"),
        ("热量Qgr（MJ/kg）", "热量Qgr（MJkg）"),
    ],
)
def test_numbers_units_and_signs_stay_as_the_line_reader_has_them(line: str, worn: str) -> None:
    doubtful = replace(surely(line), character_log_probabilities=(-2.0,) * len(line))
    assert likelier(doubtful, surely(worn)).text == line


def test_evidence_for_figures_stays_that_of_the_line_reader() -> None:
    line = seen({"维": 0.99}, {"特": 0.6, "持": 0.3})
    found = likelier(line, seen({"维": 0.99}, {"持": 0.9, "特": 0.05}))
    assert found.text == "维持"
    assert found.figures is line.figures


def test_lines_of_no_cell_are_not_asked_about() -> None:
    told = Told([])
    worn = WornWords()
    worn.__dict__["reader"] = told
    lines = [seen({"台": 0.5, "合": 0.4}, {"计": 0.99}), surely("总计")]
    assert worn.settled([STRIP] * 2, lines, [[1]]) == lines
    assert told.asked == []


def test_differences_of_another_file_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    other = replace(CARDS["ppocr-v6-rec"], sha256="0" * 64)
    monkeypatch.setattr(registry, "CARDS", CARDS | {"ppocr-v6-rec": other})
    monkeypatch.setattr("gouji_models.sessions.weights", FILES.__getitem__)
    with pytest.raises(ModelMissingError, match="worn-lines-v1"):
        session("ppocr-v6-rec", further="worn-lines-v1")
