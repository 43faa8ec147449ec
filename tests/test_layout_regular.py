"""Equal columns: lost rules are found by their traces, edges of seals are not taken for rules."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gouji_layout.regular import mend_regular

LENGTHS = np.array([30.0, 60.0, 30.0])
RULES = [0.0, 100.0, 200.0, 300.0, 400.0, 500.0, 600.0, 700.0]


def page(drawn: dict[float, list[float]]):
    """Inked shares of the rules drawn on a page, within two pixels; nothing elsewhere."""

    def cover(places: Sequence[float]) -> np.ndarray:
        rows = []
        for place in places:
            near = [shares for at, shares in drawn.items() if abs(at - place) <= 2]
            rows.append(near[0] if near else [0.0, 0.0, 0.0])
        return np.array(rows)

    return cover


def mended(believed: list[float], drawn: dict[float, list[float]]) -> list[float]:
    return mend_regular(believed, LENGTHS, page(drawn), seen=0.6, least=50.0)


def test_a_broken_rule_between_equal_columns_is_found_by_its_traces() -> None:
    drawn = {at: [1.0, 1.0, 1.0] for at in RULES} | {400.0: [0.0, 0.45, 0.5]}
    assert [round(at, -1) for at in mended([at for at in RULES if at != 400.0], drawn)] == RULES


def test_a_wide_column_without_a_trace_of_ink_stays_wide() -> None:
    believed = [at for at in RULES if at != 400.0]
    assert mended(believed, {at: [1.0, 1.0, 1.0] for at in believed}) == believed


def test_the_edge_of_a_seal_that_cuts_an_equal_column_is_left_out() -> None:
    drawn = {at: [1.0, 1.0, 1.0] for at in RULES} | {430.0: [0.9, 0.1, 0.9]}
    assert mended(sorted([*RULES, 430.0]), drawn) == RULES


def test_the_edge_of_a_seal_in_one_of_many_rows_is_left_out() -> None:
    lengths = np.full(8, 30.0)
    drawn = {at: [1.0] * 8 for at in RULES} | {450.0: [0.0, 0.95, 0.2, 0.0, 0.0, 0.0, 0.0, 0.0]}

    def cover(places: Sequence[float]) -> np.ndarray:
        return np.array([next((v for at, v in drawn.items() if abs(at - p) <= 2), [0.0] * 8) for p in places])

    assert mend_regular(sorted([*RULES, 450.0]), lengths, cover, seen=0.6, least=50.0) == RULES


def test_a_narrow_column_drawn_in_one_piece_is_kept() -> None:
    drawn = {at: [1.0, 1.0, 1.0] for at in RULES} | {445.0: [0.0, 0.9, 0.9]}
    believed = sorted([*RULES, 445.0])
    assert mended(believed, drawn) == believed


def test_a_sliver_of_an_equal_column_is_no_column() -> None:
    drawn = {at: [1.0, 1.0, 1.0] for at in RULES} | {480.0: [0.9, 0.9, 0.9]}
    assert mended(sorted([*RULES, 480.0]), drawn) == RULES


def test_columns_of_many_widths_say_nothing() -> None:
    believed = [0.0, 40.0, 130.0, 180.0, 320.0, 350.0, 500.0]
    assert mended(believed, {at: [1.0, 1.0, 1.0] for at in believed}) == believed


def test_on_a_worn_page_equal_columns_are_proposed_without_any_trace() -> None:
    believed = [0.0, 100.0, 200.0, 300.0, 400.0, 700.0]
    drawn = {at: [1.0, 1.0, 1.0] for at in believed}
    found = mend_regular(believed, LENGTHS, page(drawn), seen=0.6, least=0.0, parts=8)
    assert [round(at, -1) for at in found] == RULES
