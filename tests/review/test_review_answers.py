"""What stands of what persons said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gouji.review.answers import (
    Action,
    Event,
    Stage,
    Status,
    as_read,
    live_edits,
    same_text,
    settled,
    standings,
)
from gouji_layout.geometry import CellRef


def said(
    number: int,
    after: str = "7",
    *,
    who: str = "甲",
    stage: Stage | str = Stage.ONLY,
    action: Action = Action.ANSWER,
    suspect: bool = False,
    undoes: int | None = None,
) -> Event:
    return Event(
        number,
        "2026-01-01T00:00:00+00:00",
        who,
        "reviewer",
        "文件",
        "p1t0r1c1",
        number,
        action,
        str(stage),
        "1",
        after,
        suspect,
        "",
        undoes,
        1.0,
        2,
    )


def standing(*events: Event):  # type: ignore[no-untyped-def]
    return standings(events)["p1t0r1c1"]


def test_one_answer_stands_at_once_without_four_eyes() -> None:
    assert standing(said(1)).final == said(1)


def test_a_first_answer_waits_for_a_second() -> None:
    found = standing(said(1, stage=Stage.FIRST))
    assert (found.status, found.final) == (Status.SECOND, None)


def test_two_equal_answers_stand_however_they_are_spaced() -> None:
    found = standing(said(1, "1,234", stage=Stage.FIRST), said(2, "１,234 ", who="乙", stage=Stage.SECOND))
    assert found.status is Status.DONE
    assert found.final is not None
    assert found.final.who == "乙"


def test_two_different_answers_go_to_a_third_look() -> None:
    found = standing(said(1, "7", stage=Stage.FIRST), said(2, "1", who="乙", stage=Stage.SECOND))
    assert (found.status, found.final) == (Status.THIRD, None)


def test_the_same_figure_with_another_verdict_on_the_paper_is_another_answer() -> None:
    found = standing(
        said(1, "7", stage=Stage.FIRST), said(2, "7", who="乙", stage=Stage.SECOND, suspect=True)
    )
    assert found.status is Status.THIRD


def test_a_third_look_decides() -> None:
    found = standing(
        said(1, "7", stage=Stage.FIRST),
        said(2, "1", who="乙", stage=Stage.SECOND),
        said(3, "9", who="丙", stage=Stage.THIRD),
    )
    assert found.final is not None
    assert found.final.after == "9"


def test_undoing_the_second_answer_leaves_the_first() -> None:
    found = standing(
        said(1, "7", stage=Stage.FIRST),
        said(2, "7", who="乙", stage=Stage.SECOND),
        said(3, who="乙", action=Action.UNDO, stage="", undoes=2),
    )
    assert found.status is Status.SECOND


@given(st.lists(st.sampled_from(["7", "1", "12"]), min_size=1, max_size=6))
def test_undoing_everything_in_turn_leaves_the_cell_as_it_was(texts: list[str]) -> None:
    events = [said(at, text) for at, text in enumerate(texts, 1)]
    undos = [
        said(100 + at, action=Action.UNDO, stage="", undoes=event.id)
        for at, event in enumerate(reversed(events))
    ]
    assert standing(*events, *undos).final is None
    for kept in range(1, len(events)):
        assert standing(*events, *undos[:-kept]).final == events[kept - 1]


def test_unreadable_is_no_text_for_the_rules() -> None:
    found = settled([said(1, "", action=Action.UNREADABLE)])
    assert not found.answers
    assert found.unreadable == {CellRef(1, 0, 1, 1): "甲"}


def test_a_misprint_keeps_the_printed_figure_and_says_so() -> None:
    answer = settled([said(1, "41", suspect=True)]).answers[CellRef(1, 0, 1, 1)]
    assert (answer.text, answer.by, answer.source_suspect) == ("41", "甲", True)


def test_amounts_of_equal_value_but_other_decimals_are_not_the_same_print() -> None:
    assert same_text("1,234", "1234")
    assert not same_text("3.70", "3.7")
    assert not same_text("减4", "4")


def test_only_edits_that_were_not_undone_live() -> None:
    edits = [said(1, "a", action=Action.STRUCTURE), said(2, "b", action=Action.STRUCTURE)]
    assert [event.id for event in live_edits([*edits, said(3, action=Action.UNDO, undoes=2)])] == [1]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("１９７１６", "19716"),
        ("１２，３４５．６", "12,345.6"),
        ("－５．５％", "-5.5%"),
        ("−5", "-5"),
        ("\u200b19\u200d716\ufeff", "19716"),
        (" 12 ", "12"),
        ("５００万元", "500万元"),
        ("—15.5", "-15.5"),  # of a Chinese keyboard
        ("‑３", "-3"),
        ("－", "－"),  # a dash: the paper's mark for nothing, not a minus
        ("——", "——"),
        ("见表１", "见表１"),
        ("1.2.3", "1.2.3"),
        ("٣", "٣"),
        ("", ""),
    ],
)
def test_a_typed_figure_is_kept_in_the_half_width_forms_that_gouji_reads(typed: str, kept: str) -> None:
    assert as_read(typed) == kept
