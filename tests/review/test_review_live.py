"""Headings and live formulas of a card."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.review_folder import Folder, document_of
from gouji.document import CellRecord, Document, TableRecord
from gouji.review.live import in_style_of
from gouji.review.settling import expected_settled, whole
from gouji_postprocess.decision import State


@pytest.fixture(scope="module")
def document(made: Folder) -> Document:
    return document_of(made, made.names[0])


def cell(table: TableRecord, ref: str) -> CellRecord:
    return next(one for one in table.cells if one.ref == ref)


def changed(table: TableRecord, ref: str, **fields: object) -> TableRecord:
    cells = tuple(one.model_copy(update=fields) if one.ref == ref else one for one in table.cells)
    return table.model_copy(update={"cells": cells})


@pytest.mark.parametrize(
    ("value", "scale", "model", "expected"),
    [
        (1234500, 2, "99,999.00", "12,345.00"),
        (-700, 2, "1.00", "-7.00"),
        (42, 0, "", "42"),
        (705, 2, "7", "7.05"),  # more decimals than the cell prints are not rounded away
        (12, 0, "/", "12"),
    ],
)
def test_what_a_rule_wants_is_shown_as_the_paper_would_print_it(
    value: int, scale: int, model: str, expected: str
) -> None:
    assert in_style_of(value, scale, model) == expected


def test_blank_and_dash_count_as_zero_but_words_and_surplus_decimals_do_not() -> None:
    assert [whole(text, 1) for text in ("", "—", "1.5", "1.55", "不清")] == [0, 0, 15, None, None]


def test_nothing_is_expected_where_no_candidate_fits_the_rules(document: Document) -> None:
    table = document.tables[0]
    for ref in [one.ref for one in table.cells if one.state is State.DOUBTFUL]:
        listed = tuple(
            candidate.model_copy(update={"text": str(int(candidate.text) + 500 + at)})
            for at, candidate in enumerate(cell(table, ref).candidates)
        )
        table = changed(table, ref, candidates=listed)
    gains = expected_settled(document.model_copy(update={"tables": (table, *document.tables[1:])}))
    assert gains
    assert set(gains.values()) == {0.0}


def test_a_document_without_doubts_expects_nothing(document: Document, tmp_path: Path) -> None:
    table = document.tables[1]
    assert expected_settled(document.model_copy(update={"tables": (table,), "rules": ()})) == {}
