"""What the evaluation counts, on small tables whose answers are known by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from gouji.evaluate import Evaluation, measures, render, summed
from gouji.found_tables import FoundCell, FoundTable, normalised, pair_tables
from gouji.score_tables import PageScore, score_page
from gouji.truth import CellTruth, PageTruth, SourceError

TRUTH = (
    CellTruth(0, 0, "项目"),
    CellTruth(0, 1, "件数"),
    CellTruth(1, 0, "申请"),
    CellTruth(1, 1, "39", numeric=True),
    CellTruth(2, 0, "结转"),
    CellTruth(2, 1, "3", numeric=True),
    CellTruth(3, 0, "总计"),
    CellTruth(3, 1, "42", numeric=True),
)


def found(*changes: FoundCell, without: tuple[tuple[int, int], ...] = ()) -> FoundTable:
    """The true table as found, but for some cells."""
    changed = {(cell.row, cell.col): cell for cell in changes}
    cells = (
        changed.get(
            (c.row, c.col), FoundCell(c.row, c.col, c.text, c.rowspan, c.colspan, c.text, "confirmed")
        )
        for c in TRUTH
        if (c.row, c.col) not in without
    )
    return FoundTable(tuple(cells))


def page(*tables: tuple[CellTruth, ...], error: SourceError | None = None) -> PageTruth:
    return PageTruth("a.png", tables or (TRUTH,), error, level=1, form="2019")


def scored(table: FoundTable, error: SourceError | None = None) -> PageScore:
    return score_page(page(error=error), [table])


def test_a_table_found_as_printed_is_right_in_everything() -> None:
    result = measures(scored(found()))
    assert result["figures_exact"] == result["structure_f1"] == result["teds"] == result["grid_exact"] == 1
    assert result["label_cer"] == result["silent_error_rate"] == result["harmed"] == 0
    assert result["states"]["confirmed"] == {"right": 3, "wrong": 0}


def test_a_wrong_figure_that_is_claimed_to_be_sure_is_a_silent_error() -> None:
    result = measures(scored(found(FoundCell(1, 1, "30", read="30", state="accepted"))))
    assert result["silent_errors"] == 1
    assert result["figures_exact"] == pytest.approx(2 / 3, abs=1e-6)
    assert result["states"]["accepted"] == {"right": 0, "wrong": 1}


def test_a_wrong_figure_that_a_person_is_asked_about_is_not_silent() -> None:
    asked = measures(scored(found(FoundCell(1, 1, "30", read="30", state="doubtful"))))
    flagged = measures(scored(found(FoundCell(1, 1, "30", read="30", state="accepted", flagged=True))))
    assert asked["silent_errors"] == flagged["silent_errors"] == 0
    assert asked["figures_exact"] == flagged["figures_exact"] == pytest.approx(2 / 3, abs=1e-6)


def test_spoiling_a_right_reading_is_harm_and_repairing_a_wrong_one_is_not() -> None:
    spoiled = scored(found(FoundCell(1, 1, "30", read="39", state="corrected")))
    repaired = scored(found(FoundCell(1, 1, "39", read="30", state="corrected")))
    assert (spoiled.counts["harmed"], spoiled.counts["mended"]) == (1, 0)
    assert (repaired.counts["harmed"], repaired.counts["mended"]) == (0, 1)


@pytest.mark.parametrize(("state", "silent"), [("doubtful", 0), ("confirmed", 1)])
def test_a_figure_swallowed_by_a_larger_cell_is_silent_unless_a_person_is_asked_there(
    state: str, silent: int
) -> None:
    swallowing = FoundCell(1, 1, "3951", rowspan=2, read="3951", state=state)
    result = measures(scored(found(swallowing, without=((2, 1),))))
    assert result["states"]["missing"]["wrong"] == 1
    assert result["silent_missing"] == silent


def test_a_lost_table_counts_every_figure_as_missing_and_silent() -> None:
    result = measures(score_page(page(), []))
    assert result["tables_found"] == 0
    assert result["states"]["missing"] == {"right": 0, "wrong": 3}
    assert result["silent_missing"] == result["silent_errors"] == 3
    assert result["structure_f1"] == result["teds"] == 0
    assert result["label_cer"] == 1


def test_a_table_that_is_not_there_costs_structure() -> None:
    score = score_page(page(), [found(), FoundTable((FoundCell(0, 0, "红头文件"),))])
    assert score.counts["tables_extra"] == 1


def test_a_missing_cell_lowers_the_structure_and_is_wrong() -> None:
    result = measures(scored(found(without=((2, 1),))))
    assert result["structure_f1"] == pytest.approx(2 * 7 / 15, abs=1e-6)
    assert result["grid_exact"] == 0
    assert result["states"]["missing"]["wrong"] == 1


def test_a_cell_with_another_span_is_another_cell() -> None:
    result = measures(scored(found(FoundCell(0, 1, "件数", colspan=2))))
    assert result["structure_f1"] == pytest.approx(14 / 16)
    assert result["teds_struct"] < 1


def test_a_misprint_must_be_kept_as_printed() -> None:
    error = SourceError(0, 3, 1, "43")
    kept = scored(found(FoundCell(3, 1, "42", read="42", state="accepted", flagged=True)), error)
    mended = scored(found(FoundCell(3, 1, "43", read="42", state="corrected")), error)
    assert measures(kept)["source_errors"] == {
        "printed": 1,
        "kept": 1,
        "flagged": 1,
        "asked": 0,
        "repaired": 0,
        "missing": 0,
    }
    assert measures(mended)["source_errors"]["kept"] == 0
    assert measures(mended)["source_errors"]["repaired"] == 1
    assert measures(mended)["harmed"] == 1


def test_a_misprint_is_flagged_when_a_rule_that_binds_it_says_so() -> None:
    error = SourceError(0, 3, 1, "43")
    table = replace(found(), broken=frozenset({(1, 1), (2, 1), (3, 1)}))
    assert measures(scored(table, error))["source_errors"]["flagged"] == 1
    assert measures(scored(found(), error))["source_errors"]["flagged"] == 0


def test_a_warning_about_a_right_figure_is_a_false_alarm() -> None:
    assert scored(found(FoundCell(1, 1, "39", read="39", flagged=True))).counts["false_alarms"] == 1


def test_cells_the_truth_is_unsure_of_do_not_count() -> None:
    unsure = tuple(replace(cell, ignore=True) if cell.numeric else cell for cell in TRUTH)
    score = score_page(page(unsure), [found(FoundCell(1, 1, "7", read="7"))])
    assert score.counts["figures"] == 0
    assert score.counts["ignored"] == 3


def test_texts_are_compared_without_white_space_and_width() -> None:
    assert normalised("（一） 予以\n公开") == normalised("(一)予以公开")
    assert normalised("——") == normalised("－") == normalised("-")
    assert normalised("0") != normalised("-") != normalised("")
    assert normalised("1,234") != normalised("1234")


def test_tables_are_paired_by_what_they_hold_not_by_their_order() -> None:
    other = (CellTruth(0, 0, "行政复议", colspan=2), CellTruth(1, 0, "5", numeric=True), CellTruth(1, 1, "6"))
    table = FoundTable((FoundCell(0, 0, "行政复议", colspan=2), FoundCell(1, 0, "5"), FoundCell(1, 1, "6")))
    assert pair_tables([TRUTH, other], [table, found()]) == {0: 1, 1: 0}


def test_equal_tables_are_paired_in_order() -> None:
    assert pair_tables([TRUTH, TRUTH], [found(), found()]) == {0: 0, 1: 1}


def boxed(row: int, col: int) -> tuple[float, float, float, float]:
    return 100.0 * col, 40.0 * row, 100.0 * col + 100, 40.0 * row + 40


def test_a_false_row_costs_structure_but_not_the_figures_at_their_place() -> None:
    truth = tuple(replace(cell, box=boxed(cell.row, cell.col)) for cell in TRUTH)
    moved = tuple(
        replace(
            cell,
            row=cell.row + (cell.row > 0),
            box=tuple(1.5 * v + 30 for v in boxed(cell.row, cell.col)),  # another scale and origin
        )
        for cell in found().cells
    )
    result = measures(score_page(page(truth), [FoundTable(moved)]))
    assert result["figures_exact"] == 0
    assert result["figures_exact_in_place"] == 1


def test_scores_of_pages_add_up_by_level() -> None:
    first, second = page(), replace(page(), level=2)
    evaluation = summed(
        [("a", first, scored(found())), ("b", second, scored(found(FoundCell(1, 1, "9", read="9"))))]
    )
    assert measures(evaluation.total)["figures"] == 6
    assert measures(evaluation.by_level["1"])["figures_exact"] == 1
    assert measures(evaluation.by_level["2"])["silent_errors"] == 1


def shown(evaluation: Evaluation) -> str:
    written = StringIO()
    Console(width=200, file=written).print(render(evaluation))
    return written.getvalue()


def test_the_readable_form_names_the_silent_mistake() -> None:
    text = shown(summed([("a", page(), scored(found(FoundCell(1, 1, "30", read="30"))))]))
    assert "t0r1c1" in text
    assert "0.6667" in text


def test_the_record_is_json() -> None:
    evaluation = summed([("a", page(), scored(found(FoundCell(1, 1, "30", read="30"))))])
    again = json.loads(json.dumps(evaluation.as_record()))
    assert again["mistakes"][0]["printed"] == "39"
