"""Worn simplified characters are not read as traditional ones, and traditional print stays as it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gouji_layout.page import Gray
from gouji_ocr.lines import LineReader
from gouji_ocr.script import Scripts

CHARACTERS = tuple("项目数总计表合类類項數龍龙東东")


class Seen:
    """Stands for the network: hands out what it was told to see, one text a strip."""

    def __init__(self, *texts: list[dict[str, float]]) -> None:
        self.texts = texts

    def run(self, _: object, given: dict[str, np.ndarray]) -> list[np.ndarray]:
        wide = max(len(text) for text in self.texts)
        frames = np.zeros((len(self.texts), 2 * wide, len(CHARACTERS) + 13), dtype=np.float32)
        frames[:, :, 0] = 1.0
        for strip, text in zip(frames, self.texts, strict=True):
            for i, seen in enumerate(text):
                for char, probability in seen.items():
                    strip[2 * i, CHARACTERS.index(char) + 1] = probability
                strip[2 * i, 0] = 1 - sum(seen.values())
        assert len(given["x"]) == len(frames)
        return [frames]


def plainly(text: str) -> list[dict[str, float]]:
    return [{char: 0.98} for char in text]


def read(*texts: list[dict[str, float]]) -> list[str]:
    strips: list[Gray] = [np.full((48, 160), 245, dtype=np.uint8) for _ in texts]
    padded = [[*text, *[{"目": 0.0}] * (max(map(len, texts)) - len(text))] for text in texts]
    reader = LineReader(Seen(*padded), (*CHARACTERS, *"0123456789.一"))  # type: ignore[arg-type]
    return [line.text for line in reader.read(strips)]


SIMPLIFIED = plainly("项数总计类龙东")


def test_a_traditional_form_in_simplified_print_gives_way_to_its_likely_twin() -> None:
    assert read(SIMPLIFIED, [{"項": 0.9, "项": 0.08}, {"目": 0.98}])[1] == "项目"


def test_what_is_seen_clearly_stays_as_it_is_printed() -> None:
    assert read(SIMPLIFIED, [{"項": 0.99, "项": 0.001}, {"目": 0.98}])[1] == "項目"


def test_in_traditional_print_nothing_is_changed() -> None:
    assert read(plainly("項數類龍東"), [{"項": 0.9, "项": 0.08}])[1] == "項"


def test_a_few_characters_do_not_show_the_script_of_a_text() -> None:
    assert read(plainly("总"), [{"項": 0.9, "项": 0.08}])[1] == "項"


def test_the_reader_knows_thousands_of_traditional_forms() -> None:
    pairs = Scripts.of(LineReader.load().characters).simplified_of
    assert len(pairs) > 2000
    assert pairs["項"] == "项"


@pytest.mark.parametrize("char", ["目", "0", "后"])
def test_what_is_simplified_already_has_no_twin(char: str) -> None:
    assert char not in Scripts.of(LineReader.load().characters).simplified_of


def test_a_file_in_the_folder_of_work_is_not_taken_for_the_dictionary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t2s.json").write_text("{}")
    assert Scripts.of(("項", "项")).simplified_of == {"項": "项"}
