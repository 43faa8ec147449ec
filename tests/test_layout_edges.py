"""How far an edge of a grid is inked, and what text beside it says."""

from __future__ import annotations

import numpy as np
import pytest

from gouji_layout.edge_cover import edge_cover
from gouji_layout.rules import RuleInk
from gouji_layout.second_look import likely_drawn

UNIT, AT, CUTS = 20.0, 30, (10.0, 60.0)


def cover(*, gap: int, crowded: bool) -> float:
    """Inked share of one edge with a gap in it, with strokes close on both sides or without."""
    ink = np.zeros((60, 70), np.uint8)
    ink[AT, 8:63] = 1
    ink[AT, 30 : 30 + gap] = 0
    if crowded:
        for beside in (AT - 9, AT + 9):
            ink[beside, 14:56] = 1
    return float(edge_cover(RuleInk(ink, ink, UNIT), [float(AT)], CUTS, 3)[0, 0])


def test_an_edge_inked_from_end_to_end_is_drawn_however_closely_text_stands() -> None:
    assert cover(gap=0, crowded=True) > 0.9


def test_beside_dense_text_an_edge_with_a_gap_may_be_made_of_strokes() -> None:
    assert cover(gap=12, crowded=True) < 0.6 < cover(gap=12, crowded=False)


@pytest.mark.parametrize("lean", [0.0, 0.01, -0.015, 0.02])
def test_a_rule_that_leans_is_inked_at_all_of_its_edges(lean: float) -> None:
    columns = np.arange(800)
    ink = np.zeros((60, 800), np.uint8)
    for thickness in (0, 1):
        ink[np.round(AT + lean * (columns - 400)).astype(int) + thickness, columns] = 1
    shares = edge_cover(RuleInk(ink, ink, UNIT), [float(AT)], np.linspace(10.0, 790.0, 14), 4)
    assert shares.min() > 0.8


def test_text_off_the_place_of_a_level_rule_is_none_of_it() -> None:
    ink = np.zeros((60, 800), np.uint8)
    ink[AT : AT + 2, :500] = 1
    ink[AT + 7 : AT + 9, 500:] = 1
    shares = edge_cover(RuleInk(ink, ink, UNIT), [float(AT)], np.linspace(0.0, 800.0, 9), 4)
    assert shares[0, :5].min() > 0.8
    assert shares[0, 5:].max() < 0.2


def test_ink_is_sure_only_where_it_is_plain() -> None:
    edges = np.array([0.95, 0.05, 0.4, 0.7])
    chances = np.array([0.2, 0.8, 0.9, 0.3])
    likely = likely_drawn(edges, edges, chances, np.zeros(4, dtype=bool), 0.6)
    assert likely[0] > 0.99
    assert likely[1] < 0.01
    assert tuple(likely[2:]) == (0.9, 0.3)


def test_an_edge_that_was_asked_about_is_as_likely_as_was_answered_and_a_stroke_is_none() -> None:
    edges, decided, chances = np.array([0.5, 0.9]), np.array([0.8, 0.1]), np.array([0.8, 0.95])
    likely = likely_drawn(edges, decided, chances, np.zeros(2, dtype=bool), 0.6)
    assert likely[0] == 0.8
    assert likely[1] < 0.01


def test_an_edge_below_a_seal_may_be_there_though_nothing_is_seen_of_it() -> None:
    edges, chances, hidden = (
        np.array([0.95, 0.05, 0.05]),
        np.array([0.9, 0.01, 0.01]),
        np.array([1, 1, 0]) > 0,
    )
    likely = likely_drawn(edges, edges, chances, hidden, 0.6)
    assert likely[0] > 0.99
    assert likely[1] == 0.5
    assert likely[2] < 0.01
