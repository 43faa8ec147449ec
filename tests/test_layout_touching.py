"""Which pieces of rules belong together."""

from __future__ import annotations

from gouji_layout.rules import Segment
from gouji_layout.touching import continued, touching

UNIT, NEAR = 20.0, 16.0
UPRIGHT = [Segment(100.0, 50.0, 200.0, 2.0), Segment(300.0, 50.0, 200.0, 2.0)]


def piece(at: float, start: float, end: float) -> Segment:
    return Segment(at, start, end, 2.0)


def ends(level: list[Segment], upright: list[Segment]) -> set[tuple[float, float, float]]:
    found = continued(level, upright, NEAR, UNIT)
    return {(segment.at, segment.start, segment.end) for segment in found}


def test_a_broken_rule_runs_to_its_end_where_no_border_is_drawn() -> None:
    broken = [piece(50, 40, 330), piece(51, 400, 450), piece(50, 520, 600), piece(49, 10, 20)]
    assert ends(broken, UPRIGHT) == {(50, 10, 600)}


def test_a_piece_off_the_line_or_far_beyond_it_stays_apart() -> None:
    level = [piece(50, 40, 330), piece(58, 400, 450), piece(50, 430, 600)]
    assert ends(level, UPRIGHT) == {(50, 40, 330), (58, 400, 450), (50, 430, 600)}


def test_a_table_beside_another_keeps_its_own_rules() -> None:
    level = [piece(50, 40, 330), piece(150, 40, 330), piece(50, 380, 600), piece(150, 380, 600)]
    upright = [*UPRIGHT, Segment(390.0, 50.0, 200.0, 2.0), Segment(600.0, 50.0, 200.0, 2.0)]
    assert ends(level, upright) == {(s.at, s.start, s.end) for s in level}
    groups = touching(continued(level, upright, NEAR, UNIT), upright, NEAR)
    assert sorted(len(group[1]) for group in groups) == [2, 2]


def test_pieces_without_any_upright_rule_and_none_at_all_are_no_error() -> None:
    assert ends([piece(50, 40, 330)], []) == {(50, 40, 330)}
    assert ends([], UPRIGHT) == set()
