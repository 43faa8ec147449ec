"""What the reading benchmark counts and draws."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from benchmarks.reading_measures import Seen, calibration, error_rate, figure_kind, same
from benchmarks.reliability_plot import reliability_plot, wilson

from gouji_layout.geometry import Box, CellRef
from gouji_ocr.reading import Candidate, Reading, ReadingKind


def seen(truth: str, read: str, sure: float) -> Seen:
    import math

    candidates = (Candidate(read, math.log(sure)),)
    reading = Reading(CellRef(1, 0, 0, 0), Box(0, 0, 1, 1), ReadingKind.FIGURE, candidates)
    return Seen(truth, reading, 2, "font")


def test_a_long_dash_is_a_dash_and_a_full_width_digit_is_a_digit() -> None:
    assert same("——", "-")
    assert same("１２", "12")
    assert not same("1,400", "1.400")


@pytest.mark.parametrize(
    ("text", "kind"), [("", "blank"), ("—", "dash"), ("/", "slash"), ("7", "digit"), ("1,400", "separators")]
)
def test_kinds_of_figures_have_names(text: str, kind: str) -> None:
    assert figure_kind(text) == kind


def test_readers_that_state_what_they_keep_have_no_calibration_error() -> None:
    cells = [seen("1", "1", 0.75)] * 3 + [seen("1", "7", 0.75)]
    assert calibration(cells)["ece"] == pytest.approx(0.0, abs=1e-6)


def test_readers_that_boast_have_one() -> None:
    cells = [seen("1", "1", 0.995)] * 5 + [seen("1", "7", 0.995)] * 5
    found = calibration(cells)
    assert found["ece"] == pytest.approx(0.495, abs=1e-4)
    assert found["surest_error"] == pytest.approx(0.995)


def test_the_error_rate_counts_characters() -> None:
    assert error_rate([("自然人", "自然入"), ("合计", "合计")]) == pytest.approx(0.2)


def test_an_interval_narrows_with_more_figures() -> None:
    few, many = wilson(0.9, 10), wilson(0.9, 1000)
    assert few[0] < many[0] < 0.9 < many[1] < few[1]
    assert wilson(0.5, 0) == (0.0, 1.0)


def test_the_plot_is_well_formed_and_shows_every_bin() -> None:
    plot = reliability_plot([(0.5, 20, 0.6, 0.55), (0.999, 5000, 0.9996, 1.0)])
    root = ElementTree.fromstring(plot)
    assert len(root.findall("{http://www.w3.org/2000/svg}circle")) == 2
    assert "5000" in plot
