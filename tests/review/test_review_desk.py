"""Answers at the desk: recorded first, then worked in; nothing lost, nobody overruled unseen."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from fixtures.review_folder import Folder, desk_of, document_of, item_of, plant_suspect
from gouji.document import Document, SuggestionRecord
from gouji.review import journal, queue, sampling, schema
from gouji.review.answers import Action, Settled
from gouji.review.card import card_of
from gouji.review.desk import Desk
from gouji.review.errors import ConflictError, PictureGoneError, StructureError
from gouji.review.live import live_rules
from gouji.review.pictures import Pictures
from gouji.review.progress import progress_of
from gouji.review.queue import Filter, Viewer
from gouji.review.recording import Reply, item_row, record_answer
from gouji.review.resolving import ReadingsResolver, Resolved, Resolver
from gouji.review.settling import expected_settled
from gouji.review.structure import Edit, EditKind
from gouji.shown_confidence import shown_confidence
from gouji_layout.geometry import CellRef
from gouji_ocr.reading import ReadingKind
from gouji_postprocess.decision import State

ONE, OTHER, THIRD = Viewer("甲", "admin"), Viewer("乙", "admin"), Viewer("丙", "admin")
EYES = [
    Viewer(name, role, four_eyes=True)
    for name, role in (("甲", "reviewer"), ("乙", "second"), ("丙", "admin"))
]


def cell_of(document: Document, ref: str):  # type: ignore[no-untyped-def]
    return next(cell for table in document.tables for cell in table.cells if cell.ref == ref)


def doubtful(document: Document) -> set[str]:
    return {c.ref for table in document.tables for c in table.cells if c.state is State.DOUBTFUL}


def answer(desk: Desk, folder: Folder, ref: str, said: str | None = None, viewer: Viewer = ONE):  # type: ignore[no-untyped-def]
    name = folder.names[0]
    row = item_of(desk, name, ref)
    reply = Reply(folder.truth[name, ref] if said is None else said)
    return desk.answer(viewer, row.id, row.version, reply)


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


def test_a_figure_in_one_persons_hands_is_not_offered_to_another(desk: Desk) -> None:
    with desk.ledger.begin() as connection:
        mine = queue.next_item(connection, ONE, Filter(), time.time())
        assert mine is not None
        queue.claim(connection, mine.id, ONE.name, time.time())
        theirs = queue.next_item(connection, OTHER, Filter(), time.time())
        assert theirs is not None
        assert theirs.id != mine.id
        later = queue.next_item(connection, OTHER, Filter(), time.time() + 2 * queue.CLAIM_SECONDS)
        assert later is not None
        assert later.id == mine.id


def test_a_skipped_figure_comes_again_after_the_others(desk: Desk, folder: Folder) -> None:
    seen = []
    for _ in range(len(folder.planted[folder.names[0]]) + 1):
        with desk.ledger.view() as connection:
            row = queue.next_item(connection, ONE, Filter(), time.time())
        assert row is not None
        seen.append(row.ref)
        desk.skip(ONE, row.id, journal.Effort())
    assert sorted(seen[:-1]) == sorted(folder.planted[folder.names[0]])
    assert seen[-1] == seen[0]


def test_filters_narrow_the_queue_and_their_counts_add_up(desk: Desk) -> None:
    with desk.ledger.view() as connection:
        left = queue.left(connection, ONE, Filter())
        facets = queue.facets(connection, ONE, Filter())
        rows = queue.listing(connection, ONE, Filter(), limit=1, offset=0)
        rule = rows[0].rules.split()[0]
        by_rule = queue.left(connection, ONE, Filter(rule=rule))
        none = queue.left(connection, ONE, Filter(year="1999"))
        sure = queue.left(connection, ONE, Filter(state="confirmed"))
    states = dict(facets.pop("state"))
    assert all(sum(count for _, count in values) == left for values in facets.values())
    assert (states["doubtful"], states["confirmed"]) == (left, sure)
    assert sure > left
    assert 0 < by_rule < left
    assert none == 0


def test_figures_blamed_on_the_paper_are_asked_after_the_doubtful_ones_and_counted_once(
    desk: Desk, folder: Folder
) -> None:
    name, ref = folder.names[0], "p1t0r3c3"
    assert cell_of(desk.document(name), ref).state is State.CONFIRMED
    plant_suspect(folder, name, ref, "2514")
    desk.sync(force=True)
    with desk.ledger.view() as connection:
        rows = queue.listing(connection, ONE, Filter(), limit=100, offset=0)
        kinds = queue.kinds(connection, ONE, Filter())
        states = dict(queue.facets(connection, ONE, Filter())["state"])
        causes = dict(queue.facets(connection, ONE, Filter())["cause"])
        only = queue.listing(connection, ONE, Filter(cause="suspect"), limit=100, offset=0)
        accepted = queue.listing(connection, ONE, Filter(state="accepted"), limit=100, offset=0)
        progress = progress_of(connection)
    with desk.ledger.begin() as connection:
        sampling.draw_sample(connection, "甲", per_state=1000, seed=1)
        sampled = set(connection.scalars(select(schema.sampled.c.base)))
    doubts = len(folder.planted[name])
    assert (len(rows), rows[-1].ref) == (doubts + 1, ref)
    assert kinds == progress.asked == queue.Kinds(figures=doubts, suspects=1)
    assert (states["doubtful"], causes["suspect"], progress.states["suspect"]) == (doubts + 1, 1, 1)
    assert progress.states["doubtful"] == doubts
    assert [row.ref for row in only] == [ref]
    assert ref not in {row.ref for row in accepted}
    assert states["accepted"] == len(accepted) == progress.states["accepted"]
    assert sampled
    assert ref not in sampled  # somebody will look anyway
    row = item_of(desk, name, ref)
    desk.answer(ONE, row.id, row.version, Reply(row.text, suspect=True))
    cell = cell_of(desk.document(name), ref)
    assert (cell.text, cell.state, cell.source_suspect) == (row.text, State.REVIEWED, True)
    with desk.ledger.view() as connection:
        assert queue.left(connection, ONE, Filter(cause="suspect")) == 0


def test_only_what_rules_want_is_offered_as_wanted_and_other_texts_as_candidates(
    desk: Desk, folder: Folder
) -> None:
    name, ref = folder.names[0], folder.planted[folder.names[0]][0]
    row = item_of(desk, name, ref)
    with desk.ledger.view() as connection:
        shown = desk.show(connection, row.id)
    offers = (
        SuggestionRecord(text="1,234", probability=0.5, why="识别候选"),
        SuggestionRecord(text="77", probability=0.3, why="若为 77，勾稽关系成立"),
        SuggestionRecord(text="88", probability=0.2, why="与识别结果一致"),
    )
    card = card_of(replace(shown, cell=shown.cell.model_copy(update={"suggestions": offers})), ONE, [])
    assert [(offer.key, offer.text) for offer in card.suggestions] == [("0", "77")]
    listed = [candidate.text for candidate in card.candidates]
    assert listed == [*(c.text for c in shown.cell.candidates), "1,234", "88"]


def test_a_doubtful_cell_shows_how_surely_it_was_read_and_an_unreadable_one_nothing(
    desk: Desk, folder: Folder
) -> None:
    cell = cell_of(desk.document(folder.names[0]), folder.planted[folder.names[0]][0])
    sure = cell.model_copy(update={"confidence": 1.0})
    assert shown_confidence(sure) == next(c.probability for c in cell.candidates if c.text == cell.text)
    assert shown_confidence(sure.model_copy(update={"candidates": ()})) is None
    assert shown_confidence(sure.model_copy(update={"kind": ReadingKind.UNREADABLE})) is None
    assert shown_confidence(sure.model_copy(update={"state": State.CONFIRMED})) == 1.0
    book = openpyxl.load_workbook(folder.out / "documents" / folder.names[0] / "tables.xlsx")
    comment = book.worksheets[0].cell(cell.row + 1, cell.col + 1).comment
    assert comment.text.startswith(f"待复核（识读 {shown_confidence(cell):.1%}）：")


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


@dataclass
class _Failing:
    """Decides as the other does, but breaks on one text, as a solver might."""

    resolver: Resolver
    text: str

    def resolve(self, document: Document, given: Settled, edits: Sequence[Edit]) -> Resolved:
        if any(answer.text == self.text for answer in given.answers.values()):
            raise OverflowError("too large for the solver")
        return self.resolver.resolve(document, given, edits)


def test_an_answer_that_cannot_be_decided_is_kept_in_its_cell_and_can_be_undone(
    desk: Desk, folder: Folder
) -> None:
    name, (ref, other, *_) = folder.names[0], folder.planted[folder.names[0]]
    before = desk.document(name)
    desk.resolver = _Failing(desk.resolver, "9" * 20)
    assert "too large" in answer(desk, folder, ref, "9" * 20).undecided
    assert "too large" in desk.troubles[name]
    assert cell_of(desk.document(name), ref).text == "9" * 20
    assert answer(desk, folder, other).undecided  # the document still cannot be decided; the answer stands
    assert cell_of(desk.document(name), other).state is State.REVIEWED
    desk.undo(ONE)
    desk.undo(ONE)
    assert desk.document(name).tables == before.tables
    assert desk.troubles == {}


def test_a_document_that_cannot_be_decided_at_the_start_costs_only_itself_and_is_tried_at_the_next(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, (ref, *_) = folder.names[0], folder.planted[folder.names[0]]
    with desk_of(folder) as dying:
        row = item_of(dying, name, ref)
        with dying.ledger.begin() as connection:
            record_answer(connection, ONE, item_row(connection, row.id), row.version, Reply("9" * 20))
    with monkeypatch.context() as broken:
        broken.setattr(ReadingsResolver, "resolve", lambda *_: 1 / 0)
        with desk_of(folder) as opened:
            assert list(opened.troubles) == [name]
            assert cell_of(opened.document(name), ref).text == "9" * 20
    with desk_of(folder) as mended:
        assert mended.troubles == {}
        assert cell_of(mended.document(name), ref).reason.startswith("人工核定为")


def test_a_damaged_document_is_left_out_and_the_others_are_served(desk: Desk, folder: Folder) -> None:
    whole = folder.out / "documents" / folder.names[0] / "document.json"
    other = folder.out / "documents" / "damaged" / "document.json"
    other.parent.mkdir()
    other.write_text("{", encoding="utf-8")
    desk.sync(force=True)
    assert list(desk.troubles) == ["damaged"]
    with desk.ledger.view() as connection:
        assert queue.left(connection, ONE, Filter()) == len(folder.planted[folder.names[0]])
    other.write_bytes(whole.read_bytes().replace(folder.names[0].encode(), b"damaged"))
    desk.sync(force=True)
    assert desk.troubles == {}


def test_a_document_that_went_and_came_back_takes_answers_again(desk: Desk, folder: Folder) -> None:
    name, (ref, *_) = folder.names[0], folder.planted[folder.names[0]]
    answer(desk, folder, ref)
    kept = folder.out / "documents" / name
    away = kept.rename(folder.out / "away")
    desk.sync(force=True)
    away.rename(kept)
    desk.sync(force=True)
    answer(desk, folder, ref, "5")
    assert cell_of(desk.document(name), ref).text == "5"
