"""What one cell cannot tell of its separators, the figures of its table do."""

from __future__ import annotations

from collections.abc import Mapping

from square_tables import CALIBRATION, at, by_ref, reading, square

from gouji_postprocess.decision import State
from gouji_postprocess.reconcile import reconcile


def test_a_speck_read_as_a_decimal_point_is_not_believed_in_a_table_of_whole_numbers() -> None:
    texts: list[list[Mapping[str, float] | str]] = [[str(r + c) for c in range(5)] for r in range(5)]
    for row in texts:
        row.append(str(sum(int(str(t)) for t in row)))
    texts.append([str(sum(int(str(row[c])) for row in texts)) for c in range(6)])
    texts[0][0] = {".0": -0.6, "0": -0.9}
    decision = by_ref(reconcile(*square(texts), calibration=CALIBRATION))[at(0, 0)]
    assert decision.text == "0"
    assert decision.state is State.CONFIRMED


def test_a_comma_that_looks_like_a_point_is_read_as_the_figure_can_be_printed() -> None:
    text, printed = "5,288.011.738.39", "5,288,011,738.39"
    cell = reading(at(0, 0), {text: -0.5, printed: -0.94})
    decision = by_ref(reconcile([cell], [], calibration=CALIBRATION))[at(0, 0)]
    assert (decision.text, decision.state) == (printed, State.ACCEPTED)


def test_thousands_are_set_apart_as_in_the_rest_of_the_table() -> None:
    usual = [reading(at(r, 0), f"{1 + r},234") for r in range(30)]
    unclear = reading(at(30, 0), {"7234": -0.3, "7,234": -1.5})
    decision = by_ref(reconcile([*usual, unclear], [], calibration=CALIBRATION))[at(30, 0)]
    assert decision.text == "7,234"


def test_codes_beside_a_table_of_amounts_in_cents_are_no_lost_points() -> None:
    amounts = [reading(at(r, c), f"{10 * r + c + 3}.50") for r in range(12) for c in range(1, 5)]
    codes = [reading(at(r, 0), {"204": -0.001, "2.04": -8.0}) for r in range(12)]
    decided = by_ref(reconcile([*codes, *amounts], [], calibration=CALIBRATION))
    assert {decided[at(r, 0)].state for r in range(12)} == {State.ACCEPTED}


def test_a_lost_point_among_amounts_in_cents_is_not_believed() -> None:
    amounts = [reading(at(r, c), f"{10 * r + c + 3}.50") for r in range(12) for c in range(5)]
    unclear = reading(at(12, 2), {"2750": -0.3, "27.50": -1.5})
    assert by_ref(reconcile([*amounts, unclear], [], calibration=CALIBRATION))[at(12, 2)].text == "27.50"
