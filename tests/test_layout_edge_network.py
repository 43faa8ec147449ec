"""Edges judged by their looks: what a patch shows, and what the network makes of rules, gaps and texts."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gouji_layout.edge_network import PATCH, edge_looks, edge_patch, in_doubt
from gouji_layout.grid import Grid
from gouji_layout.rule_network import rule_evidence
from gouji_layout.worn_grid import Evidence, evidence_of

UNIT = 22.0
YS, XS = (60.0, 110.0, 160.0, 210.0), (60.0, 180.0, 300.0, 420.0)
NOISE = np.random.default_rng(3).normal(0, 12, (270, 480))


@given(
    line=st.floats(9, 290),
    start=st.floats(9, 290),
    length=st.floats(4, 99),
    unit=st.floats(17, 34),
)
def test_a_patch_shows_the_whole_edge_in_its_middle_wherever_it_lies(
    line: float, start: float, length: float, unit: float
) -> None:
    plane = np.full((300, 400), 7, np.uint8)
    patch = edge_patch((plane, plane, plane), line, (start, start + length), unit)
    along = np.flatnonzero(patch[3, 0])
    assert patch.shape == (4, *PATCH)
    assert along[0] > 0
    assert along[-1] < PATCH[1] - 1
    assert abs((along[0] + along[-1]) / 2 - PATCH[1] / 2) < 3
    assert patch[0, PATCH[0] // 2, PATCH[1] // 2] == 7


def test_what_lies_beyond_the_picture_is_paper_without_rules() -> None:
    plane = np.full((300, 400), 7, np.uint8)
    patch = edge_patch((plane, plane, plane), 0.0, (0.0, 60.0), UNIT)
    assert patch[0, 0, 0] == 255
    assert patch[1, 0, 0] == 0


def table_with(paint: str) -> tuple[Grid, tuple[Evidence, Evidence]]:
    """A grid of nine cells whose middle upright edge is missing, and what is painted in its place."""
    picture = np.full((270, 480), 250, np.uint8)
    for at, y in enumerate(YS):
        cv2.line(picture, (60, round(y)), (420, round(y)), (90.0,), 2)
        if at < 3:
            for x in XS:
                if (at, x) != (1, 180.0) or paint == "rule":
                    cv2.line(picture, (round(x), round(y)), (round(x), round(y) + 50), (90.0,), 2)
    if paint == "text":
        cv2.putText(picture, "41 10", (140, 143), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (90.0,), 2)
    evened = np.clip(cv2.GaussianBlur(picture, (0, 0), 0.8) + NOISE, 0, 255).astype(np.uint8)
    grid = Grid(YS, XS, np.ones((4, 3)), np.ones((3, 4)), ())
    return grid, evidence_of(evened, rule_evidence(evened), UNIT)


@pytest.mark.parametrize(("paint", "drawn"), [("rule", True), ("nothing", False), ("text", False)])
def test_a_rule_looks_drawn_and_a_gap_or_text_that_runs_across_does_not(paint: str, drawn: bool) -> None:
    grid, evidence = table_with(paint)
    doubt = (np.full((4, 3), 0.5), np.full((4, 3), 0.5))  # ink and network leave every edge in doubt
    level, upright = (looked.drawn for looked in edge_looks(grid, evidence, doubt, doubt))
    assert (upright[1, 1] > 0.5) == drawn
    others = np.delete(upright.ravel(), 4)
    assert (np.concatenate([level.ravel(), others]) > 0.5).all()


def test_edges_that_ink_and_network_settle_are_not_looked_at() -> None:
    assert not in_doubt(np.array([1.0, 0.0]), np.array([0.95, 0.01])).any()
    assert in_doubt(np.array([1.0, 0.5]), np.array([0.3, 0.5])).all()
