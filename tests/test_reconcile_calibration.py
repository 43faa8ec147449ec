"""Calibrations: kept, read back, and estimated from figures with known truth."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pytest
from benchmarks.simulated_tables import FIRST, Noise, simulate

from gouji_layout.geometry import Box, CellRef
from gouji_ocr.reading import Candidate, Opinion, Reading, ReadingKind
from gouji_postprocess.calibrate import LEAST, Sample, calibrate
from gouji_postprocess.calibration import Calibration, ReaderCalibration, family_of
from gouji_postprocess.figures import figure_of

EMPTY = Calibration("none", {})


def samples(noise: Noise, pages: int, seed: int = 5) -> list[Sample]:
    draw = random.Random(seed)
    return [
        Sample(reading, page.printed[reading.ref])
        for page in (simulate(draw, noise) for _ in range(pages))
        for reading in page.readings
    ]


def test_a_calibration_is_read_back_as_it_was_saved(tmp_path: Path) -> None:
    bundled = Calibration.bundled()
    bundled.save(tmp_path / "calibration.json")
    assert Calibration.load(tmp_path / "calibration.json") == bundled


@pytest.mark.parametrize("text", ["{}", "[1]", '{"version": 1, "readers": 3, "channel": {}}'])
def test_what_is_not_a_calibration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a calibration"):
        Calibration.parse(text)


def test_an_honest_reader_gets_a_temperature_near_one() -> None:
    measured = calibrate(samples(Noise(0.05), 30), version="t", base=EMPTY).readers[FIRST]
    assert 0.7 <= measured.temperature <= 1.5


def test_an_overconfident_reader_is_cooled() -> None:
    honest = calibrate(samples(Noise(0.05), 30), version="t", base=EMPTY).readers[FIRST]
    boastful = calibrate(samples(Noise(0.05, over=2.5), 30), version="t", base=EMPTY).readers[FIRST]
    assert boastful.temperature > 1.6 * honest.temperature


def test_blindness_is_the_share_of_confident_errors_and_never_zero() -> None:
    measured = calibrate(samples(Noise(0.05, hard=0.4), 40), version="t", base=EMPTY).readers[FIRST]
    assert 0.01 <= measured.blind <= 0.03
    perfect = calibrate(samples(Noise(1e-9), 5), version="t", base=EMPTY).readers[FIRST]
    assert 0 < perfect.blind <= 2 / perfect.figures


def test_a_reader_seen_too_rarely_stays_uncalibrated() -> None:
    few = samples(Noise(0.02), 1)[: LEAST - 1]
    assert FIRST not in calibrate(few, version="t", base=EMPTY).readers


def test_confused_digits_are_learnt() -> None:
    box = Box(0, 0, 1, 1)
    pairs = []
    for k in range(600):
        read = "5" if k % 20 == 0 else "2"
        opinion = Opinion("reader-1", (Candidate(read, -1e-6),))
        pairs.append(Sample(Reading(CellRef(1, 0, k, 0), box, ReadingKind.FIGURE, (), None, (opinion,)), "2"))
    measured = calibrate(pairs, version="t", base=EMPTY)
    assert measured.channel.log_probability("5", "2") > EMPTY.channel.log_probability("5", "2") + 1
    assert measured.channel.confusion["2"]["5"] > measured.channel.confusion["2"]["7"]


def test_the_rate_of_misprints_is_counted_where_known() -> None:
    pairs = samples(Noise(0.02), 3)
    assert calibrate(pairs, version="t", base=EMPTY).misprint_rate == EMPTY.misprint_rate
    assert calibrate(pairs, version="t", base=EMPTY, misprints=4).misprint_rate == 5 / (len(pairs) + 2)


def test_one_network_on_two_crops_has_one_vote() -> None:
    assert family_of("figures-v6-smaller") == family_of("figures-v6") == "figures-v6"
    facts = Calibration(
        "t", {name: ReaderCalibration(blind=0.001) for name in ("net-v1", "net-v1-smaller", "other-2")}
    )

    def cost(*readers: str) -> int:
        opinions = tuple(
            Opinion(name, (Candidate("7", math.log(0.9)), Candidate("1", math.log(0.1)))) for name in readers
        )
        reading = Reading(CellRef(1, 0, 0, 0), Box(0, 0, 1, 1), ReadingKind.FIGURE, (), None, opinions)
        return figure_of(reading, scale=0, calibration=facts).misread(1)

    assert cost("net-v1", "net-v1-smaller") == cost("net-v1")
    assert cost("net-v1", "other-2") == pytest.approx(2 * cost("net-v1"), abs=20)
