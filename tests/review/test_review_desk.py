"""Answers at the desk: recorded first, then worked in; nothing lost, nobody overruled unseen."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import openpyxl
import pytest
from desk_work import EYES, ONE, OTHER, answer, cell_of, doubtful
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from fixtures.review_folder import Folder, desk_of, document_of, item_of
from gouji.review import journal, queue
from gouji.review.answers import Action
from gouji.review.desk import Desk
from gouji.review.errors import ConflictError, PictureGoneError, StructureError
from gouji.review.live import live_rules
from gouji.review.pictures import Pictures
from gouji.review.queue import Filter
from gouji.review.recording import Reply, item_row, record_answer
from gouji.review.settling import expected_settled
from gouji.review.structure import Edit, EditKind
from gouji_layout.geometry import CellRef
from gouji_layout.scan import Scan, ScanError, open_scan
from gouji_ocr.reading import ReadingKind
from gouji_postprocess.decision import State


def test_one_answer_settles_as_many_figures_as_the_queue_expected(desk: Desk, folder: Folder) -> None:
    name = folder.names[0]
    before = desk.document(name)
    expected = expected_settled(before)
    assert set(expected) == doubtful(before) == set(folder.planted[name])
    while left := doubtful(desk.document(name)):
        ref = max(sorted(left), key=lambda one: expected_settled(desk.document(name))[one])
        gain = expected_settled(desk.document(name))[ref]
        assert answer(desk, folder, ref).settled == pytest.approx(gain)
    printed = {ref: cell_of(desk.document(name), ref).text for ref in folder.planted[name]}
    assert printed == {ref: folder.truth[name, ref] for ref in folder.planted[name]}


def test_an_answer_stands_in_the_document_and_in_the_workbook_with_who_gave_it(
    desk: Desk, folder: Folder
) -> None:
    ref = folder.planted[folder.names[0]][0]
    before = (folder.out / "documents" / folder.names[0] / "tables.xlsx").read_bytes()
    answer(desk, folder, ref)
    cell = cell_of(document_of(folder, folder.names[0]), ref)
    assert (cell.state, cell.text, cell.decided_by) == (
        State.REVIEWED,
        folder.truth[folder.names[0], ref],
        "甲",
    )
    assert (folder.out / "documents" / folder.names[0] / "tables.xlsx").read_bytes() != before


def test_a_figure_answered_meanwhile_is_a_conflict_that_names_who_and_what(
    desk: Desk, folder: Folder
) -> None:
    ref = folder.planted[folder.names[0]][0]
    row = item_of(desk, folder.names[0], ref)
    answer(desk, folder, ref, "5")
    with pytest.raises(ConflictError) as caught:
        desk.answer(OTHER, row.id, row.version, Reply("6"))
    assert caught.value.event is not None
    assert (caught.value.event.who, caught.value.event.after) == ("甲", "5")
    assert cell_of(desk.document(folder.names[0]), ref).text == "5"


def test_a_figure_typed_in_full_width_is_a_number_in_the_workbook(desk: Desk, folder: Folder) -> None:
    name, (ref, *_) = folder.names[0], folder.planted[folder.names[0]]
    wide = folder.truth[name, ref].translate({ord(str(n)): chr(ord("０") + n) for n in range(10)})
    answer(desk, folder, ref, f"\u200b{wide} ")
    assert cell_of(document_of(folder, name), ref).text == folder.truth[name, ref]
    book = openpyxl.load_workbook(folder.out / "documents" / name / "tables.xlsx")
    place = CellRef.parse(ref)
    value = book.worksheets[0].cell(place.row + 1, place.col + 1).value
    assert value == int(folder.truth[name, ref])


def test_undoing_brings_the_doubt_back(desk: Desk, folder: Folder) -> None:
    name = folder.names[0]
    before = desk.document(name)
    answer(desk, folder, folder.planted[name][0])
    undone = desk.undo(ONE)
    assert undone is not None
    assert desk.document(name).tables == before.tables
    assert desk.undo(ONE) is None


def test_nobody_undoes_what_somebody_else_has_answered_since(desk: Desk, folder: Folder) -> None:
    ref = folder.planted[folder.names[0]][0]
    answer(desk, folder, ref, "5")
    answer(desk, folder, ref, "6", OTHER)
    with pytest.raises(ConflictError):
        desk.undo(ONE)


def test_what_the_paper_prints_wrong_is_kept_and_flagged(desk: Desk, folder: Folder) -> None:
    ref = folder.planted[folder.names[0]][0]
    row = item_of(desk, folder.names[0], ref)
    desk.answer(ONE, row.id, row.version, Reply("999", suspect=True))
    cell = cell_of(document_of(folder, folder.names[0]), ref)
    assert (cell.text, cell.state, cell.source_suspect) == ("999", State.REVIEWED, True)


def test_an_unreadable_figure_is_neither_blank_nor_zero(desk: Desk, folder: Folder) -> None:
    ref = folder.planted[folder.names[0]][0]
    row = item_of(desk, folder.names[0], ref)
    desk.answer(ONE, row.id, row.version, Reply("", Action.UNREADABLE))
    document = document_of(folder, folder.names[0])
    cell = cell_of(document, ref)
    assert (cell.text, cell.kind, cell.state) == ("", ReadingKind.UNREADABLE, State.REVIEWED)
    assert all(
        rule.verdict.value == "not_assessable" for rule in document.tables[0].rules if ref in rule.cells
    )


def test_an_answer_survives_a_server_that_dies_before_working_it_in(folder: Folder) -> None:
    name = folder.names[0]
    ref = folder.planted[name][0]
    with desk_of(folder) as dying:
        row = item_of(dying, name, ref)
        with dying.ledger.begin() as connection:
            record_answer(connection, ONE, item_row(connection, row.id), row.version, Reply("19"))
    assert cell_of(document_of(folder, name), ref).state is State.DOUBTFUL
    with desk_of(folder):
        assert cell_of(document_of(folder, name), ref).state is State.REVIEWED


def test_a_document_written_again_without_the_answers_gets_them_back(folder: Folder) -> None:
    name = folder.names[0]
    path = folder.out / "documents" / name / "document.json"
    fresh = path.read_bytes()
    ref = folder.planted[name][0]
    with desk_of(folder) as opened:
        answer(opened, folder, ref)
        path.write_bytes(fresh)
        opened.sync(force=True)
        assert cell_of(opened.document(name), ref).state is State.REVIEWED


def test_answers_are_kept_also_where_the_readings_are_gone(folder: Folder) -> None:
    name = folder.names[0]
    shutil.rmtree(folder.out / "pages")
    ref = folder.planted[name][0]
    with desk_of(folder) as opened:
        answer(opened, folder, ref)
        assert cell_of(opened.document(name), ref).text == folder.truth[name, ref]
        opened.undo(ONE)
        assert cell_of(opened.document(name), ref).state is State.DOUBTFUL
        with pytest.raises(StructureError, match="识别数据"):
            opened.edit(ONE, name, 0, Edit(EditKind.MERGE, 1, 0, 3, 3, 3, 4))


def test_the_record_cannot_be_changed_or_deleted(desk: Desk, folder: Folder) -> None:
    answer(desk, folder, folder.planted[folder.names[0]][0])
    for statement in ("UPDATE review_events SET after = '0'", "DELETE FROM review_events"):
        with pytest.raises(IntegrityError, match="append-only"), desk.ledger.engine.begin() as connection:
            connection.execute(text(statement))


def test_the_record_says_who_when_before_after_and_why(desk: Desk, folder: Folder) -> None:
    name, ref = folder.names[0], folder.planted[folder.names[0]][0]
    row = item_of(desk, name, ref)
    desk.answer(ONE, row.id, row.version, Reply("19", why="放大后可辨", effort=journal.Effort(3.2, 4)))
    with desk.ledger.view() as connection:
        (event,) = journal.every(connection)
    assert (event.who, event.before, event.after, event.why) == ("甲", row.text, "19", "放大后可辨")
    assert (event.seconds, event.keys, event.document, event.base) == (3.2, 4, name, ref)


def test_the_second_reviewer_is_asked_and_only_then_the_answer_counts(desk: Desk, folder: Folder) -> None:
    name, ref = folder.names[0], folder.planted[folder.names[0]][0]
    first, second, _ = EYES
    assert answer(desk, folder, ref, viewer=first).waits
    assert cell_of(desk.document(name), ref).state is State.DOUBTFUL
    with desk.ledger.view() as connection:
        mine = queue.listing(connection, first, Filter(), limit=100, offset=0)
        theirs = queue.listing(connection, second, Filter(), limit=100, offset=0)
    assert ref not in {row.ref for row in mine}
    assert ref in {row.ref for row in theirs}
    assert not answer(desk, folder, ref, viewer=second).waits
    assert cell_of(desk.document(name), ref).state is State.REVIEWED


def test_two_different_answers_wait_for_a_third_look(desk: Desk, folder: Folder) -> None:
    name, ref = folder.names[0], folder.planted[folder.names[0]][0]
    first, second, third = EYES
    answer(desk, folder, ref, "19", viewer=first)
    assert answer(desk, folder, ref, "20", viewer=second).waits
    assert item_of(desk, name, ref).status == "third"
    answer(desk, folder, ref, "19", viewer=third)
    cell = cell_of(desk.document(name), ref)
    assert (cell.text, cell.decided_by) == ("19", "丙")


def test_a_mended_structure_flows_into_the_document_and_back_out_by_undo(desk: Desk, folder: Folder) -> None:
    name = folder.names[0]
    before = desk.document(name)
    ref = next(one for one in folder.planted[name] if one.endswith("c7"))  # inside 法人或其他组织
    answer(desk, folder, ref)
    place = CellRef.parse(ref)
    desk.edit(ONE, name, 0, Edit(EditKind.MOVE_COLUMN, 1, 0, 0, place.col, 0, place.col - 1))
    moved = desk.document(name)
    assert moved.tables[0].cells != before.tables[0].cells
    there = f"p1t0r{place.row}c{place.col - 1}"
    assert (cell_of(moved, there).state, cell_of(moved, there).text) == (
        State.REVIEWED,
        folder.truth[name, ref],
    )
    assert item_of(desk, name, there).base == ref
    with pytest.raises(ConflictError):
        desk.undo_edit(OTHER, name, 0)
    with desk.ledger.view() as connection:
        last = [event for event in journal.every(connection) if event.action == Action.STRUCTURE][-1]
    desk.undo_edit(OTHER, name, last.id)
    assert [c.ref for c in desk.document(name).tables[0].cells] == [c.ref for c in before.tables[0].cells]
    assert cell_of(desk.document(name), ref).state is State.REVIEWED


def test_rules_turn_false_and_true_with_what_is_typed_and_say_what_they_want(
    desk: Desk, folder: Folder
) -> None:
    name = folder.names[0]
    document = desk.document(name)
    ref = folder.planted[name][0]
    read = cell_of(document, ref).text
    as_read = live_rules(document, document.tables[0], ref, read)
    wrong = live_rules(document, document.tables[0], ref, str(int(read) + 5))
    words = live_rules(document, document.tables[0], ref, "不清楚")
    assert len(as_read) == len(wrong) >= 2
    assert all(rule.holds for rule in as_read)
    assert all(rule.holds is False and rule.wants == read for rule in wrong)
    assert all(rule.holds is None for rule in words)


def test_a_scan_that_moved_is_found_below_another_folder_and_a_changed_one_is_refused(
    desk: Desk, folder: Folder, tmp_path: Path
) -> None:
    document = desk.document(folder.names[0])
    with pytest.raises(PictureGoneError, match="--scans"):
        Pictures((tmp_path / "nowhere",)).page(document, 1)
    moved = tmp_path / "moved"
    shutil.copytree(folder.scans, moved)
    assert Pictures((tmp_path / "nowhere", moved)).page(document, 1).startswith(b"\xff\xd8")
    other = next(moved.glob("*.png"))
    other.write_bytes(other.read_bytes() + b"\0")
    with pytest.raises(PictureGoneError, match="changed"):
        Pictures((moved,)).page(document, 1)
    # A run over several folders may have read another file of the same name.
    assert Pictures((moved, folder.scans)).page(document, 1).startswith(b"\xff\xd8")
    other.write_bytes(b"no picture")
    assert Pictures((moved, folder.scans)).page(document, 1).startswith(b"\xff\xd8")
    with pytest.raises(ScanError):
        Pictures((moved,)).page(document, 1)


def test_a_scan_is_opened_once_for_all_its_pages_and_again_when_it_changes(
    desk: Desk, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []

    def note(path: Path) -> Scan:
        opened.append(path)
        return open_scan(path)

    monkeypatch.setattr("gouji.review.pictures.open_scan", note)
    document = desk.document(folder.names[0])
    pictures = Pictures((folder.scans,))

    def look(shift: int) -> None:
        """Each shift is a page that is not in memory."""
        matrix = ((1.0, 0.0, shift), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
        (page,) = document.pages
        way = page.straightening.model_copy(update={"page_to_turned": matrix})
        pages = (page.model_copy(update={"straightening": way}),)
        pictures.upright(document.model_copy(update={"pages": pages}), 1)

    look(0)
    look(1)
    assert len(opened) == 1
    os.utime(opened[0], (1, 1))
    look(2)
    assert len(opened) == 2
