"""What the queue offers, in which order, and what is shown beside it."""

from __future__ import annotations

import time
from dataclasses import replace

import openpyxl
from desk_work import ONE, OTHER, cell_of
from sqlalchemy import select

from fixtures.review_folder import Folder, item_of, plant_suspect
from gouji.document import SuggestionRecord
from gouji.review import journal, queue, sampling, schema
from gouji.review.card import card_of
from gouji.review.desk import Desk
from gouji.review.progress import progress_of
from gouji.review.queue import Filter
from gouji.review.recording import Reply
from gouji.shown_confidence import shown_confidence
from gouji_ocr.reading import ReadingKind
from gouji_postprocess.decision import State


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
