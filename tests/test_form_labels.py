"""Labels of a known form: confirmed by it, mended where the picture agrees, else kept and asked about."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
from form_pages import table_from
from seen_text import seen_text

from gouji_ocr.reading import Candidate, Reading
from gouji_postprocess.decide_text import decide_text
from gouji_postprocess.decision import Decision, State
from gouji_postprocess.form_labels import decide_labels
from gouji_postprocess.form_layout import lay_out
from gouji_postprocess.matching import match_form
from gouji_postprocess.packs import load_packs
from gouji_postprocess.settings import ReconcileSettings

PACKS = load_packs()
Places = Sequence[dict[str, float]]


def decided(label: str, places: Places, *, answer: str | None = None, reworded: int = 0) -> Decision:
    """What becomes of one label of table 三 whose characters were seen so, among clean ones.

    `reworded` of those say something else than the form.
    """
    form = PACKS.table("2021/T3")
    assert form is not None
    table, readings = table_from(lay_out(form))
    (at,) = [i for i, reading in enumerate(readings) if reading.text == label]
    for i in [i for i, reading in enumerate(readings) if len(reading.text) > 10 and i != at][:reworded]:
        readings[i] = read(readings[i], surely(readings[i].text[:-2] + "内容"))
    readings[at] = read(readings[at], places)
    match = match_form(table, readings, PACKS)
    assert match is not None
    assert match.id == "2021/T3"
    alone = {
        reading.ref: decide_text(
            reading, ReconcileSettings(), fixed=answer if i == at else None, version="test"
        )
        for i, reading in enumerate(readings)
    }
    return (alone | decide_labels(match, readings, alone))[readings[at].ref]


def read(reading: Reading, places: Places) -> Reading:
    """The reading of a cell in which this was seen."""
    best = [max(place.items(), key=lambda pair: pair[1]) for place in places]
    text = "".join(char for char, _ in best)
    candidate = Candidate(text, sum(math.log(p) for _, p in best))
    return replace(reading, candidates=(candidate,), evidence=seen_text(*places))


def surely(text: str, share: float = 0.99) -> list[dict[str, float]]:
    return [{char: share} for char in text]


def test_a_label_that_reads_as_in_the_form_is_settled_however_hesitantly_it_was_read() -> None:
    found = decided("5.属于三类内部事务信息", surely("5.属于三类内部事务信息", 0.7))
    assert found.state is State.ACCEPTED
    assert found.reason == "读作 5.属于三类内部事务信息，与表式一致"
    assert 0.9 < math.exp(found.log_probability) < 1.0
    assert found.provenance["form"] == "2021/T3"


def test_white_space_and_widths_are_no_difference() -> None:
    found = decided("（五）不予处理", surely("(五) 不予处理", 0.8))
    assert found.state is State.ACCEPTED
    assert found.text == "(五) 不予处理"


def test_a_character_that_could_as_well_be_that_of_the_form_is_taken_for_it() -> None:
    seen = [*surely("5.属于三"), {"共": 0.6, "类": 0.35}, *surely("内部事务信息")]
    found = decided("5.属于三类内部事务信息", seen)
    assert (found.state, found.text) == (State.CORRECTED, "5.属于三类内部事务信息")
    assert found.read == "5.属于三共内部事务信息"
    assert "图像支持" in found.reason


def test_a_mark_of_which_little_is_seen_is_added() -> None:
    found = decided("三、本年度办理结果", [*surely("三"), {"": 0.9, "、": 0.08}, *surely("本年度办理结果")])
    assert (found.state, found.text) == (State.CORRECTED, "三、本年度办理结果")


def test_a_mark_that_is_surely_another_one_is_kept_and_asks_nobody() -> None:
    found = decided("三、本年度办理结果", surely("三。本年度办理结果"))
    assert (found.state, found.text) == (State.ACCEPTED, "三。本年度办理结果")
    assert found.reason.endswith("除标点外与表式一致")


def test_another_wording_that_is_surely_printed_is_kept_and_said() -> None:
    found = decided("5.属于三类内部事务信息", surely("5.属于四种内部事务资料"))
    assert (found.state, found.text) == (State.ACCEPTED, "5.属于四种内部事务资料")
    assert found.reason.endswith("可能是误读，也可能是原文如此")


def test_a_label_that_lacks_a_part_goes_to_a_person_however_surely_the_rest_was_read() -> None:
    rest = "属于三类内部事务"
    found = decided("5.属于三类内部事务信息", surely(rest))
    assert (found.state, found.text) == (State.DOUBTFUL, rest)
    assert [one.text for one in found.suggestions] == ["5.属于三类内部事务信息", rest]


def test_where_an_office_words_other_labels_otherwise_too_a_shorter_one_is_what_it_prints() -> None:
    found = decided("5.属于三类内部事务信息", surely("属于三类内部事务"), reworded=9)
    assert (found.state, found.text) == (State.ACCEPTED, "属于三类内部事务")


def test_a_label_of_which_the_picture_says_little_goes_to_a_person_with_that_of_the_form_first() -> None:
    seen = [*surely("5.属于三"), {"共": 0.6, "类": 0.004}, *surely("内部事务信息")]
    found = decided("5.属于三类内部事务信息", seen)
    assert found.state is State.DOUBTFUL
    assert found.suggestions[0].text == "5.属于三类内部事务信息"


def test_a_label_read_otherwise_surely_but_not_surely_seen_otherwise_goes_to_a_person() -> None:
    seen = [*surely("5.属于三"), {"共": 0.97, "类": 0.003}, *surely("内部事务信息")]
    assert decided("5.属于三类内部事务信息", seen).state is State.DOUBTFUL


@pytest.mark.parametrize("numeral", ["6", "3"])
def test_a_numeral_is_never_changed(numeral: str) -> None:
    found = decided("5.属于三类内部事务信息", [{numeral: 0.5, "5": 0.45}, *surely(".属于三类内部事务信息")])
    assert found.state is State.DOUBTFUL
    assert found.text == f"{numeral}.属于三类内部事务信息"


def test_nothing_is_taken_that_another_label_of_the_form_could_be_as_well() -> None:
    seen = [*surely("（"), {"口": 0.4, "三": 0.3, "五": 0.3}, *surely("）不予"), {"公": 0.5, "处": 0.45}]
    found = decided("（五）不予处理", [*seen, {"开": 0.5, "理": 0.45}])
    assert found.state is State.DOUBTFUL


def test_what_a_person_said_stands() -> None:
    found = decided("（五）不予处理", surely("（五）不于处理", 0.6), answer="（五）不于处理")
    assert (found.state, found.text) == (State.REVIEWED, "（五）不于处理")
