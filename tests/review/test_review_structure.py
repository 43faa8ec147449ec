"""Mending the structure of tables."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gouji.records import PageReading
from gouji.review.errors import StructureError
from gouji.review.structure import Edit, EditKind, edit_pages
from gouji_layout.geometry import Box, CellRef, Straightening
from gouji_layout.page import IntakeFacts
from gouji_layout.table import Cell, Table
from gouji_ocr.reading import Candidate, Reading, ReadingKind


def page(texts: list[list[str]], header: str = "") -> PageReading:
    """A table of plain cells, with one header over all columns where `header` is given."""
    cells, readings = [], []
    first = 0
    wide = len(texts[0])
    if header:
        ref = CellRef(1, 0, 0, 0)
        cells.append(Cell(ref, Box(0, 0, wide * 50, 20), 1, wide))
        readings.append(Reading(ref, cells[0].box, ReadingKind.TEXT, (Candidate(header, -0.01),)))
        first = 1
    for row, line in enumerate(texts, first):
        for col, text in enumerate(line):
            ref = CellRef(1, 0, row, col)
            box = Box(col * 50, row * 20, col * 50 + 50, row * 20 + 20)
            kind = ReadingKind.FIGURE if text else ReadingKind.BLANK
            cells.append(Cell(ref, box))
            readings.append(Reading(ref, box, kind, (Candidate(text, math.log(0.9)),)))
    table = Table(1, 0, Box(0, 0, 50 * wide, 20 * (len(texts) + first)), tuple(cells))
    way = Straightening((500, 500), (500, 500), page_to_turned=np.eye(3))
    return PageReading(1, 500, 500, 100.0, way, IntakeFacts(), (table,), (tuple(readings),))


def grid(given_page: PageReading) -> dict[tuple[int, int], str]:
    readings = {reading.ref: reading.text for reading in given_page.readings[0]}
    return {(cell.row, cell.col): readings[cell.ref] for cell in given_page.tables[0].cells}


def merge(row: int, col: int, last_row: int, last_col: int) -> Edit:
    return Edit(EditKind.MERGE, 1, 0, row, col, last_row, last_col)


def move(col: int, to: int) -> Edit:
    return Edit(EditKind.MOVE_COLUMN, 1, 0, 0, col, 0, to)


def test_merging_two_halves_of_a_figure_joins_their_texts() -> None:
    edited = edit_pages([page([["12", "34", "5"]])], [merge(0, 0, 0, 1)])
    table = edited.pages[0].tables[0]
    assert grid(edited.pages[0]) == {(0, 0): "1234", (0, 2): "5"}
    assert (table.cells[0].colspan, table.cells[0].box) == (2, Box(0, 0, 100, 20))


def test_merging_with_a_blank_keeps_the_reading_with_all_its_candidates() -> None:
    edited = edit_pages([page([["12", ""]])], [merge(0, 0, 0, 1)])
    assert edited.pages[0].readings[0][0].candidates == (Candidate("12", math.log(0.9)),)


def test_a_merge_that_cuts_through_another_merged_cell_is_refused() -> None:
    with pytest.raises(StructureError, match="矩形"):
        edit_pages([page([["1", "2", "3"]], header="表头")], [merge(0, 0, 1, 1)])


def test_splitting_gives_every_piece_its_share_of_the_figures_when_they_are_spaced_apart() -> None:
    given_page = page([["1", "2"], ["3", "4"]])
    joined = edit_pages([given_page], [merge(0, 0, 0, 1)]).pages[0]
    spaced = joined.readings[0][0]
    spaced = Reading(spaced.ref, spaced.box, spaced.kind, (Candidate("17 20", -0.1),))
    again = PageReading(
        1,
        500,
        500,
        100.0,
        joined.straightening,
        joined.facts,
        joined.tables,
        ((spaced, *joined.readings[0][1:]),),
    )
    split = edit_pages([again], [Edit(EditKind.SPLIT, 1, 0, 0, 0)]).pages[0]
    assert grid(split) == {(0, 0): "17", (0, 1): "20", (1, 0): "3", (1, 1): "4"}
    assert split.tables[0].cells[1].box == Box(50, 0, 100, 20)


def test_a_piece_that_was_never_read_is_not_called_blank() -> None:
    given_page = edit_pages([page([["12", ""], ["3", "4"]])], [merge(0, 0, 0, 1)]).pages[0]
    split = edit_pages([given_page], [Edit(EditKind.SPLIT, 1, 0, 0, 0)]).pages[0]
    assert [reading.kind for reading in split.readings[0][:2]] == [ReadingKind.FIGURE, ReadingKind.UNREADABLE]


def test_a_cell_that_was_never_merged_cannot_be_split() -> None:
    with pytest.raises(StructureError, match="拆分"):
        edit_pages([page([["1", "2"]])], [Edit(EditKind.SPLIT, 1, 0, 0, 0)])


def test_a_moved_column_takes_its_answers_with_it() -> None:
    edited = edit_pages([page([["1", "2", "3"]], header="表头")], [move(0, 2)])
    assert grid(edited.pages[0]) == {(0, 0): "表头", (1, 0): "2", (1, 1): "3", (1, 2): "1"}
    assert edited.now(CellRef(1, 0, 1, 0)) == CellRef(1, 0, 1, 2)
    assert edited.base(CellRef(1, 0, 1, 2)) == CellRef(1, 0, 1, 0)


def test_a_column_is_not_moved_out_of_the_heading_that_spans_it() -> None:
    narrow = edit_pages([page([["1", "2", "3"]], header="表头")], [Edit(EditKind.SPLIT, 1, 0, 0, 0)]).pages[0]
    spanned = edit_pages([narrow], [merge(0, 0, 0, 1)]).pages[0]
    with pytest.raises(StructureError, match="表头"):
        edit_pages([spanned], [move(0, 2)])


@given(st.integers(2, 5).flatmap(lambda n: st.tuples(st.just(n), st.permutations(range(n)))))
def test_moving_a_column_there_and_back_changes_nothing(drawn: tuple[int, list[int]]) -> None:
    count, (source, target, *_) = drawn
    given_page = page([[str(col) for col in range(count)] for _ in range(2)])
    edited = edit_pages([given_page], [move(source, target), move(target, source)])
    assert edited.pages[0].tables == given_page.tables
    assert edited.pages[0].readings == given_page.readings
    assert all(edited.now(cell.ref) == cell.ref for cell in given_page.tables[0].cells)


@given(st.lists(st.permutations(range(4)), min_size=1, max_size=5))
def test_every_cell_finds_back_to_the_name_it_had_before_all_moves(moves: list[list[int]]) -> None:
    given_page = page([["0", "1", "2", "3"]])
    edited = edit_pages([given_page], [move(order[0], order[1]) for order in moves])
    for reading in edited.pages[0].readings[0]:
        base = edited.base(reading.ref)
        assert reading.text == str(base.col)
        assert edited.now(base) == reading.ref


def test_an_edit_reads_back_from_the_audit() -> None:
    edit = merge(1, 2, 3, 4)
    assert Edit.parse(edit.as_text()) == edit
