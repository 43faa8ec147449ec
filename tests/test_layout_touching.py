"""Which pieces of rules belong together."""

from __future__ import annotations

from gouji_layout.rules import Segment
from gouji_layout.touching import touching

UNIT = 20.0
UPRIGHT = [Segment(100.0, 50.0, 200.0, 2.0), Segment(300.0, 50.0, 200.0, 2.0)]
SECOND, LAST = (150.0, 20.0, 600.0), (200.0, 20.0, 600.0)


def piece(at: float, start: float, end: float) -> Segment:
    return Segment(at, start, end, 2.0)


def level_of_groups(level: list[Segment], upright: list[Segment]) -> list[set[tuple[float, float, float]]]:
    groups = touching(level, upright, UNIT)
    return [{(segment.at, segment.start, segment.end) for segment in group[0]} for group in groups]


def test_a_broken_rule_runs_to_its_end_where_no_border_is_drawn() -> None:
    broken = [piece(50, 40, 330), piece(51, 400, 450), piece(50, 520, 600), piece(49, 10, 20)]
    assert level_of_groups([*broken, piece(*SECOND), piece(*LAST)], UPRIGHT) == [
        {(50, 10, 600), SECOND, LAST}
    ]


def test_it_does_not_where_the_other_rules_end_elsewhere() -> None:
    level = [piece(50, 40, 330), piece(50, 400, 450), piece(150, 40, 330), piece(200, 40, 331)]
    assert level_of_groups(level, UPRIGHT) == [{(50, 40, 330), (150, 40, 330), (200, 40, 331)}]


def test_a_piece_off_the_line_or_far_beyond_it_stays_apart() -> None:
    level = [piece(50, 40, 330), piece(58, 400, 600), piece(50, 430, 600), piece(*SECOND), piece(*LAST)]
    assert level_of_groups(level, UPRIGHT) == [{(50, 40, 330), SECOND, LAST}]


def test_strokes_in_line_are_no_rule_that_goes_on() -> None:
    level = [piece(50, 90, 130), piece(50, 160, 200), piece(*SECOND), piece(*LAST)]
    assert level_of_groups(level, UPRIGHT) == [{(50, 90, 130), SECOND, LAST}]


def test_a_table_beside_another_keeps_its_own_rules() -> None:
    left, right = [piece(y, 40, 330) for y in (50, 150)], [piece(y, 380, 600) for y in (50, 150)]
    upright = [*UPRIGHT, Segment(390.0, 50.0, 200.0, 2.0), Segment(600.0, 50.0, 200.0, 2.0)]
    found = level_of_groups(left + right, upright)
    assert found == [{(s.at, s.start, s.end) for s in table} for table in (left, right)]


def test_a_table_that_a_crease_breaks_is_one_if_a_rule_is_whole_there() -> None:
    broken = [piece(y, *ends) for y in (100, 200) for ends in ((40, 330), (380, 600))]
    upright = [*UPRIGHT, Segment(450.0, 100.0, 200.0, 2.0), Segment(600.0, 100.0, 200.0, 2.0)]
    whole = [piece(50, 40, 500)]  # it does not reach the upright rules of the right half
    assert level_of_groups(broken + whole, upright) == [{(s.at, s.start, s.end) for s in broken + whole}]
    assert len(level_of_groups(broken, upright)) == 2


def test_two_tables_below_a_rule_keep_their_borders() -> None:
    level = [piece(y, *ends) for y in (100, 200) for ends in ((40, 330), (380, 600))] + [piece(50, 40, 500)]
    borders = [Segment(x, 100.0, 200.0, 2.0) for x in (330.0, 380.0, 600.0)]
    assert len(level_of_groups(level, [*UPRIGHT, *borders])) == 2


def test_pieces_without_any_upright_rule_and_none_at_all_are_no_table() -> None:
    assert touching([piece(50, 40, 330), piece(90, 40, 330)], [], UNIT) == []
    assert touching([], UPRIGHT, UNIT) == []


BROAD = [piece(y, 20, 600) for y in (50, 100, 150, 200)]


def test_the_rule_of_its_width_a_row_above_is_the_border_of_a_table() -> None:
    for border in ([piece(4, 25, 290), piece(5, 320, 598)], [piece(5, 50, 598)]):  # and with a worn end
        for above in (True, False):
            turned = [piece(s.at if above else 250 - s.at, s.start, s.end) for s in [*border, *BROAD]]
            assert level_of_groups(turned, UPRIGHT) == [{(s.at, s.start, s.end) for s in turned}]


def test_a_border_that_touches_a_piece_of_one_side_alone_brings_it_along() -> None:
    border, side = piece(5, 40, 600), Segment(598.0, 8.0, 45.0, 2.0)
    [(level, upright)] = touching([border, *BROAD], [*UPRIGHT, side], UNIT)
    assert border in level
    assert side in upright


def test_a_shorter_rule_one_further_away_and_one_with_wide_gaps_are_none() -> None:
    for others in ([piece(5, 90, 598)], [piece(-30, 20, 600)], [piece(5, 20, 200), piece(5, 450, 600)]):
        found = level_of_groups([*others, *BROAD], UPRIGHT)
        assert found == [{(s.at, s.start, s.end) for s in BROAD}]
