"""What the labels of reports say, drawn at random from the words of a dictionary."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Self

_MOST = 30_000  # words, the commonest ones
_RARER = 0.4  # power of a word's frequency: so rare words are drawn often enough
_TEST_PAGES = Path("fixtures/make")
_WORD = re.compile(r"[\u4e00-\u9fff]{1,5}")
_NUMERALS = "一二三四五六七八九十"
_UNITS = (
    "%", "％", "‰", "℃", "元", "万元", "亿元", "人", "人次", "件", "个", "吨", "万吨", "公顷", "千瓦时",
    "元/吨", "平方米", "m²", "km²", "m³", "10³t", "MJ/kg", "J/g", "kJ/kg", "mg/L",
    "mg/m³", "μg/m³", "kW·h", "kW", "kg", "mm", "t/h", "MPa", "h", "年", "月", "天", "单位：万元",
    "单位：件", "年末数", "上年=100", "Unit",
)  # fmt: skip
_LATIN = (
    "GDP", "CPI", "PPI", "PM2.5", "PM10", "CO", "SO2", "NOx", "COD", "pH",
    "FC", "A", "B", "C", "H", "N", "O", "S", "V", "No.",
    "ID", "Total", "Index", "Unit", "Item", "Year", "Rate", "Income",
    "Tax", "Cost", "Sum", "Value", "Number", "Name", "Code", "Date", "IPO", "ROE", "M2",
)  # fmt: skip
_NOTHING = (
    "-", "--", "---", "----", "------", "—", "——", "———", "－", "－－", "–", "…", "……", "/", "//", "*",
    "**", "√", "×", "无",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words and how often each is drawn, summed up."""

    words: tuple[str, ...]
    summed: tuple[float, ...]

    @classmethod
    def load(cls, dictionary: Path) -> Self:
        """The commonest words of a dictionary with lines of word, frequency and kind.

        Words of three and more characters that the made test pages print are left out.
        """
        test_pages = "".join(path.read_text("utf-8") for path in sorted(_TEST_PAGES.glob("*.py")))
        found = []
        for line in dictionary.read_text("utf-8").splitlines():
            word, frequency, kind = line.split(" ")
            usual = _WORD.fullmatch(word) and not kind.startswith(("nr", "y", "e"))
            if usual and (len(word) < 3 or word not in test_pages):
                found.append((int(frequency), word))
        found = sorted(found, reverse=True)[:_MOST]
        weights = accumulate(frequency**_RARER for frequency, _ in found)
        return cls(tuple(word for _, word in found), tuple(weights))

    def printable(self, glyphs: frozenset[int]) -> Self:
        """The words that a face can print."""
        each = [high - low for low, high in zip((0.0, *self.summed), self.summed, strict=False)]
        kept = [(w, n) for w, n in zip(self.words, each, strict=True) if all(ord(c) in glyphs for c in w)]
        return type(self)(tuple(w for w, _ in kept), tuple(accumulate(n for _, n in kept)))

    def label(self, r: random.Random) -> str:
        """One label, a mark or a short sentence."""
        kind = r.random()
        if kind < 0.07:
            return r.choice(_NOTHING)
        if kind < 0.10:
            return r.choice(_LATIN)
        if kind < 0.14:
            return _dated(r)
        if kind < 0.22:
            return self._sentence(r)
        name = self._name(r)
        if kind < 0.36:
            name = r.choice([name, r.choice(_LATIN), name + " " + r.choice(_LATIN)])
            left, right = r.choice(["（）", "（）", "()"])
            return name + left + r.choice(_UNITS) + right
        if kind < 0.60:
            return _prefix(r) + name
        if kind < 0.66:
            left, right = r.choice(["（）", "（）", "()", "“”", "《》"])
            return r.choice([name + left + self._name(r) + right, left + name + right, _dated(r) + name])
        return name

    def _words(self, r: random.Random, count: int) -> str:
        return "".join(r.choices(self.words, cum_weights=self.summed, k=count))

    def _name(self, r: random.Random) -> str:
        return self._words(r, r.choice([1, 2, 2, 2, 3, 3, 4, 5]))

    def _sentence(self, r: random.Random) -> str:
        parts = [self._words(r, r.choice([1, 2, 3, 4])) for _ in range(r.randrange(2, 5))]
        marks = [r.choice("，，，、、：；") for _ in parts[1:]] + [r.choice(["。", "", ""])]
        return "".join(part + mark for part, mark in zip(parts, marks, strict=True))


def _prefix(r: random.Random) -> str:
    number, numeral = str(r.randrange(1, 30)), r.choice(_NUMERALS)
    counted = [f"{numeral}、", f"（{numeral}）", f"({numeral})", f"第{numeral}条", f"第{numeral}项"]
    numbered = [f"{number}.", f"{number}.", f"{number}、", f"({number})", f"（{number}）"]
    return r.choice([*counted, *counted[:2], *numbered, "其中：", "其中:", "加：", "减：", "#", "*"])


def _dated(r: random.Random) -> str:
    year, month = r.randrange(1978, 2030), r.randrange(1, 13)
    of_year = [f"{year}年", f"{year}年度", f"{year}年{month}月", f"{year}-{month:02}"]
    return r.choice([*of_year, f"{month}月", f"1-{month}月", f"{r.randrange(1, 400)}个"])
