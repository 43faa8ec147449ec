"""Worn tables: lines of which there are only traces, and all edges of a grid judged together."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from gouji_layout.edge_evidence import Looks
from gouji_layout.grid import Grid
from gouji_layout.page import Gray
from gouji_layout.paper import Paper
from gouji_layout.rule_network import rule_evidence
from gouji_layout.rules import RuleInk, rule_ink
from gouji_layout.second_look import _without_undrawn
from gouji_layout.settled_grid import _with_lost
from gouji_layout.worn_edges import PLANES, grid_planes, mirrored, mirrored_edges, worn_chances
from gouji_layout.worn_grid import evidence_of, with_traces

UNIT = 22.0
YS = tuple(60.0 + 50 * at for at in range(7))
XS = tuple(60.0 + 90 * at for at in range(6))
MERGED = {(2, 3), (3, 3)}  # rows without the upright edge of this line


def worn_page(*, ink: float = 70.0, noise: float = 14.0) -> Gray:
    """A faint table of six rows and five columns in noise, with a figure in the middle of most cells."""
    picture = np.full((430, 580), 245, np.uint8)
    for y in YS:
        cv2.line(picture, (60, round(y)), (510, round(y)), (245.0 - ink,), 2)
    for at, x in enumerate(XS):
        for row in range(6):
            if (row, at) not in MERGED:
                top = round(YS[row])
                cv2.line(picture, (round(x), top), (round(x), top + 50), (245.0 - ink,), 2)
    for row in range(6):
        for column in range(5):
            merged = (row, column + 1) in MERGED
            if (row, column) in MERGED:
                continue
            where = (round(XS[column]) + (58 if merged else 25), round(YS[row]) + 34)
            cv2.putText(picture, "41072" if merged else "415", where, 0, 0.7, (245.0 - 1.6 * ink,), 2)
    grain = np.random.default_rng(5).normal(0, noise, picture.shape)
    return np.clip(cv2.GaussianBlur(picture, (0, 0), 0.7) + grain, 0, 255).astype(np.uint8)


def looks_at(page: Gray) -> Looks:
    paper = Paper.of(np.dstack([page] * 3))
    evidence = evidence_of(paper.evened, rule_evidence(paper.evened), UNIT)
    return Looks(rule_ink(paper.evened, UNIT), evidence, paper.inked)


def seen_grid(looks: Looks, xs: tuple[float, ...]) -> Grid:
    level, upright = looks.evidence[0].cover(YS, xs), looks.evidence[1].cover(xs, YS).T
    return Grid(YS, xs, level, upright, (), 0.58)


def test_edges_of_a_faint_table_are_drawn_and_those_of_its_merged_cells_are_not() -> None:
    looks = looks_at(worn_page())
    level, upright = worn_chances(seen_grid(looks, XS), looks)
    assert level.drawn.min() > 0.5
    wanted = np.array([[(row, at) not in MERGED for at in range(6)] for row in range(6)])
    assert ((upright.drawn > 0.5) == wanted).all()


def test_a_line_that_was_never_printed_is_left_out_of_a_worn_grid() -> None:
    looks = looks_at(worn_page())
    proposed = seen_grid(looks, tuple(sorted([*XS, 283.0])))
    grid, chances = _without_undrawn(proposed, worn_chances(proposed, looks), looks)
    assert grid.xs == XS
    assert chances[1].drawn.shape == (6, 6)


@pytest.mark.parametrize(("shape", "columns"), [((2, 2), 1), ((2, 9), 8), ((30, 2), 1)])
def test_grids_of_any_size_are_judged(shape: tuple[int, int], columns: int) -> None:
    looks = looks_at(worn_page())
    ys, xs = np.linspace(60, 360, shape[0]), np.linspace(60, 510, shape[1])
    grid = Grid(tuple(ys), tuple(xs), np.ones((len(ys), len(xs) - 1)), np.ones((len(ys) - 1, len(xs))), ())
    level, upright = worn_chances(grid, looks)
    assert level.drawn.shape == (len(ys), columns)
    assert upright.drawn.shape == (len(ys) - 1, len(xs))
    drawn = np.concatenate([level.drawn.ravel(), upright.drawn.ravel()])
    assert ((drawn >= 0) & (drawn <= 1)).all()


def seen(share: float, line: int) -> Gray:
    """What a network that sees one upright line so surely says, laid along axis 1."""
    plane = np.zeros((580, 430), np.uint8)
    plane[line - 1 : line + 2, 60:361] = round(255 * share)
    return plane


@pytest.mark.parametrize(
    ("share", "line", "found"), [(0.3, 200, True), (0.05, 200, False), (0.3, 156, False)]
)
def test_a_trace_between_rules_is_a_place_to_look_at(share: float, line: int, found: bool) -> None:
    blank = np.full((430, 580), 255, np.uint8)
    evidence = evidence_of(blank, (blank, np.ascontiguousarray(seen(share, line).T)), UNIT)[1]
    lines = with_traces(XS, YS, evidence, 0.15, 0.3)
    assert (len(lines) == len(XS) + 1) is found
    assert not found or min(abs(at - line) for at in lines) <= 1


def test_cuts_beyond_the_picture_hold_no_trace() -> None:
    blank = np.full((430, 580), 255, np.uint8)
    evidence = evidence_of(blank, (blank, np.ascontiguousarray(seen(0.3, 200).T)), UNIT)[1]
    assert len(with_traces(XS, (*YS, 440.0, 470.0), evidence, 0.15, 0.3)) == len(XS) + 1


@pytest.mark.parametrize(("inked", "found"), [(0.7, True), (0.2, False)])
def test_a_column_that_network_and_broken_ink_see_together_is_no_longer_lost(
    inked: float, found: bool
) -> None:
    ink = np.zeros((580, 430), np.uint8)
    ink[199:202] = np.arange(430) % 50 < 50 * inked
    ink[199:202, 60:361:50] = 1
    blank, nothing = np.full((430, 580), 255, np.uint8), np.zeros((430, 580), np.uint8)
    evidence = evidence_of(blank, (nothing, np.ascontiguousarray(seen(0.8, 200).T)), UNIT)
    level = np.zeros((430, 580), np.uint8)
    looks = Looks((RuleInk(level, level, UNIT), RuleInk(ink, ink, UNIT)), evidence, nothing)
    grid = Grid(YS, XS, np.ones((7, 5)), np.ones((6, 6)), ())
    assert (len(_with_lost(grid, looks).xs) == len(XS) + 1) is found


@pytest.mark.parametrize("axis", [1, 2])
def test_planes_of_a_mirrored_grid_are_those_of_the_mirrored_page(axis: int) -> None:
    page = worn_page(noise=0.0)
    height, width = page.shape
    looks, turned = looks_at(page), looks_at(np.ascontiguousarray(np.flip(page, axis - 1)))
    grid = seen_grid(looks, XS)
    ys = YS if axis == 2 else tuple(sorted(height - 1 - y for y in YS))
    xs = XS if axis == 1 else tuple(sorted(width - 1 - x for x in XS))
    level, upright = turned.evidence[0].cover(ys, xs), turned.evidence[1].cover(xs, ys).T
    wanted = grid_planes(Grid(ys, xs, level, upright, (), 0.58), turned)[0]
    found = mirrored(grid_planes(grid, looks)[0], axis)
    assert found.shape == (PLANES, len(ys), len(xs))
    # The networks see a mirrored picture nearly, not just as they see the picture.
    assert np.median(np.abs(found - wanted)) < 0.01
    assert np.corrcoef(found.ravel(), wanted.ravel())[0, 1] > 0.95


@pytest.mark.parametrize("axis", [1, 2])
def test_mirrored_twice_is_as_before(axis: int) -> None:
    rng = np.random.default_rng(4)
    planes = rng.normal(size=(PLANES, 4, 6)).astype(np.float32)
    edges = rng.normal(size=(2, 4, 6)).astype(np.float32)
    assert (mirrored(mirrored(planes, axis), axis) == planes).all()
    assert (mirrored_edges(mirrored_edges(edges, axis), axis) == edges).all()
