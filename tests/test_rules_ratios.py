"""Shares and growth in unknown tables: found where the numbers bear them out, and only verified."""

from __future__ import annotations

import random

from form_pages import changed, table_from
from hypothesis import given
from hypothesis import strategies as st

from gouji_ocr.amounts import parse_amount
from gouji_postprocess.check import Check
from gouji_postprocess.form_layout import Grid
from gouji_postprocess.rules_for import gather

BUDGET = [
    ["项目", "本年数", "上年数", "比上年增长（%）", "比重（%）"],
    ["合计", "27610", "25310", "9.1", "100.0"],
    ["教育支出", "12000", "10000", "20.0", "43.5"],
    ["卫生支出", "8300", "9500", "-12.6", "30.1"],
    ["农林水支出", "6400", "4900", "30.6", "23.2"],
    ["住房保障", "910", "910", "0.0", "3.3"],
]


def checked(grid: Grid) -> dict[Check, str]:
    """The checks of a table and their verdicts."""
    table, readings = table_from(grid)
    values = {reading.ref: parse_amount(reading.text) for reading in readings}
    return {check: check.assess(values)[0].value for check in gather(table, readings, None).checks}


def printed(**places: str) -> Grid:
    return changed(BUDGET, **places)


def failed(grid: Grid) -> list[str]:
    return [check.words for check, verdict in checked(grid).items() if verdict == "source_inconsistent"]


def test_shares_of_a_total_and_growth_over_a_year_are_verified() -> None:
    found = checked(printed())
    assert len(found) == 8
    assert set(found.values()) == {"holds"}
    assert "比重（%） = 本年数 ÷ 合计本年数 × 100（教育支出）" in {check.words for check in found}


def test_a_misprinted_percentage_is_said_with_the_figures_it_should_come_from() -> None:
    assert failed(printed(r4c4="28.2")) == ["比重（%） = 本年数 ÷ 合计本年数 × 100（农林水支出）"]
    assert failed(printed(r3c3="-21.6")) == ["比上年增长（%） = 本年数 ÷ 上年数 × 100 - 100（卫生支出）"]


def test_a_figure_so_small_that_its_rounding_moves_the_share_is_not_held_against_it() -> None:
    assert not failed(printed(r5c1="9", r5c2="9", r5c4="0.1"))


def test_percentages_of_something_else_are_no_shares_of_what_stands_beside_them() -> None:
    grid: Grid = [["地区", "人口", "城镇化率比重（%）"], ["全县", "29087", "100.0"]]
    grid += [["东关", "12034", "61.4"], ["西关", "9020", "55.0"], ["南街", "8033", "70.2"]]
    assert not checked(grid)


@given(st.integers(0, 10**6))
def test_random_percentages_are_not_believed(seed: int) -> None:
    draw = random.Random(seed)
    grid: Grid = [["地区", "本年", "上年", "增长%", "比重%"]]
    for name in "甲乙丙丁戊己":
        now, before = draw.randint(1000, 9999), draw.randint(1000, 9999)
        grid.append(
            [f"{name}县", f"{now}", f"{before}", f"{draw.uniform(-40, 40):.1f}", f"{draw.uniform(1, 60):.1f}"]
        )
    grid.append(["合计", "30000", "28000", "7.1", "100.0"])
    assert not checked(grid)
