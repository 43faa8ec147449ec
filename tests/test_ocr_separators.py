"""Commas and points: the table may decide where pictures cannot, and only there."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest

from gouji_layout.geometry import Box, CellRef
from gouji_layout.table import Cell, Table
from gouji_ocr import grammar
from gouji_ocr.combine import combined
from gouji_ocr.reading import Candidate, Opinion, Reading, ReadingKind
from gouji_ocr.separators import settle_separators


@dataclass(frozen=True)
class Seen:
    """Evidence that knows a few texts."""

    known: dict[str, float]

    def log_probability(self, text: str) -> float:
        return math.log(self.known.get(text, 1e-9))


def column(texts: list[str], *, comma: float) -> tuple[Table, list[Reading]]:
    """A column whose figures were read with a point; the pictures give the comma this probability."""
    cells = tuple(Cell(CellRef(1, 0, i, 0), Box(0, 10 * i, 50, 10 * i + 10)) for i in range(len(texts)))
    readings = []
    for cell, text in zip(cells, texts, strict=True):
        seen = Seen({text: 1 - comma, text.replace(".", ","): comma})
        candidates = (Candidate(text, math.log(1 - comma)),)
        readings.append(Reading(cell.ref, cell.box, ReadingKind.FIGURE, candidates, seen))
    return Table(1, 0, Box(0, 0, 50, 10 * len(texts)), cells), readings


ROUND = ["1.400", "2.500", "8.900", "1.200", "3.000"]


def test_round_amounts_read_with_points_become_thousands() -> None:
    settled = settle_separators(*column(ROUND, comma=0.03))
    assert [r.text for r in settled] == [text.replace(".", ",") for text in ROUND]
    assert all(r.candidates[1].text == text for r, text in zip(settled, ROUND, strict=True))


def test_the_last_point_of_several_thousands_becomes_a_comma() -> None:
    texts = ["3,167.340", "1,309.700", "2,415.200", "8.900"]
    settled = settle_separators(*column(texts, comma=0.3))
    assert [r.text for r in settled] == [text.replace(".", ",") for text in texts]
    assert all(math.exp(r.log_probability) <= 0.9 for r in settled)


def test_decimals_that_end_in_any_digit_stay_decimals() -> None:
    texts = ["1.437", "2.518", "8.906", "1.252", "3.013"]
    assert [r.text for r in settle_separators(*column(texts, comma=0.03))] == texts


def test_a_picture_that_denies_the_comma_is_believed() -> None:
    assert [r.text for r in settle_separators(*column(ROUND, comma=1e-6))] == ROUND


def test_a_column_with_other_decimals_is_left_alone() -> None:
    texts = [*ROUND, "12.5"]
    assert [r.text for r in settle_separators(*column(texts, comma=0.03))] == texts


@pytest.mark.parametrize("text", ["1,234.50", "12", "0.5", "2024.01.02", "-", "3.45%", "(3.70)", "01"])
def test_what_is_printed_every_day_costs_nothing(text: str) -> None:
    assert grammar.prior(text) == 0.0


@pytest.mark.parametrize("text", ["1.234.567,00", "12,34", "5.", ",7", "1,2345", "+0", "-0"])
def test_wrong_separators_and_signs_of_nothing_cost_something_but_stay_possible(text: str) -> None:
    assert -20 < grammar.prior(text) < 0


def test_two_points_in_an_amount_lose_to_the_well_formed_spelling() -> None:
    picture = Seen({"389.409.537.65": 0.7, "389,409,537.65": 0.002})
    opinion = Opinion("figures-v6", (Candidate("389.409.537.65", math.log(0.7)),), picture)
    assert combined([opinion])[0].text == "389,409,537.65"


def test_a_reader_blind_to_separators_cannot_outvote_the_network_on_them() -> None:
    network = Seen({"1,400": 0.6, "1.400": 0.4})
    blind = Seen({"1.400": 0.9999})
    opinions = [
        Opinion("figures-v6", (Candidate("1,400", math.log(0.6)),), network),
        Opinion("ppocr-v6", (Candidate("1.400", 0.0),), blind),
    ]
    assert combined(opinions)[0].text == "1,400"


@pytest.mark.parametrize(("network", "printed"), [("/", "/"), ("1", "1")])
def test_a_reader_that_calls_every_slash_a_one_leaves_them_to_the_network(network: str, printed: str) -> None:
    other = {"/": "1", "1": "/"}[network]
    seen = Seen({network: 0.6, other: 0.4})
    opinions = [
        Opinion("figures-v6", (Candidate(network, math.log(0.6)),), seen),
        Opinion("ppocr-v6", (Candidate("1", 0.0),), Seen({"1": 0.9999})),
    ]
    assert combined(opinions)[0].text == printed


def test_agreement_makes_surer_and_disagreement_less_sure() -> None:
    one = Opinion("figures-v6", (Candidate("8", math.log(0.8)),), Seen({"8": 0.8, "3": 0.2}))
    same = Opinion("ppocr-v6", (Candidate("8", -0.1),), Seen({"8": 0.9, "3": 0.1}))
    other = Opinion("ppocr-v6", (Candidate("3", -0.1),), Seen({"3": 0.9, "8": 0.1}))
    agreed, disputed = combined([one, same]), combined([one, other])
    assert agreed[0].text == "8"
    assert agreed[0].log_probability > math.log(0.8)
    assert disputed[0].log_probability < agreed[0].log_probability


def test_two_figures_are_too_few_for_a_table_to_speak() -> None:
    texts = ROUND[:2]
    assert [r.text for r in settle_separators(*column(texts, comma=0.1))] == texts


def test_thousands_that_end_in_any_digit_are_told_by_pictures_that_waver() -> None:
    texts = ["101.079", "27.121", "78.991", "9.478"]
    settled = settle_separators(*column(texts, comma=0.3))
    assert [r.text for r in settled] == [text.replace(".", ",") for text in texts]
