"""Answers belong to the scan they were given on: another scan of the same name does not inherit them."""

from __future__ import annotations

from pathlib import Path

import pytest
from batch_runs import environment, run, scan
from sqlalchemy import insert

from fixtures.review_folder import Folder, document_of, item_of
from gouji.batch.answered import with_answers
from gouji.batch.events import Event
from gouji.batch.journal import Journal
from gouji.batch.replaced import NOTE_CODE, set_aside_answers
from gouji.document import Document
from gouji.ledger import open_ledger
from gouji.ledger_claims import Claim, Kind
from gouji.ledger_tables import decisions
from gouji.review import journal
from gouji.review.answers import Action
from gouji.review.desk import Desk
from gouji.review.errors import ConflictError
from gouji.review.queue import Viewer
from gouji.review.recording import Reply
from gouji.review.resolving import ReadingsResolver
from gouji.store import Store
from gouji_layout.geometry import CellRef
from gouji_postprocess.decision import State

ONE = Viewer("甲", "admin")


def state_of(document: Document, ref: str) -> State:
    return next(cell.state for table in document.tables for cell in table.cells if cell.ref == ref)


def answered(desk: Desk, folder: Folder) -> tuple[str, str]:
    """One doubtful figure answered; its document and cell."""
    name = folder.names[0]
    ref = folder.planted[name][0]
    row = item_of(desk, name, ref)
    desk.answer(ONE, row.id, row.version, Reply("12345"))
    return name, ref


def as_read_anew(desk: Desk, document: Document, sha256: str) -> Document:
    """What a run makes of the document when the scan under its name has this content."""
    assert isinstance(desk.resolver, ReadingsResolver)
    set_aside_answers(desk.store, desk.ledger, document.name, sha256)
    source = document.source.model_copy(update={"sha256": sha256})
    fresh = with_answers(document.model_copy(update={"source": source}), desk.ledger, desk.resolver)
    desk.store.save_document(fresh)
    desk.sync(force=True)
    return desk.document(document.name)


def test_an_answer_is_not_applied_to_another_scan_of_the_same_name(desk: Desk, folder: Folder) -> None:
    name, ref = answered(desk, folder)
    document = as_read_anew(desk, document_of(folder, name), "f" * 64)
    assert state_of(document, ref) is State.DOUBTFUL
    (note,) = [note for note in document.notes if note.code == NOTE_CODE]
    assert "1 项人工核定未沿用" in note.detail
    assert desk.ledger.answers_of(name) == {}


def test_an_answer_on_another_scan_stays_in_the_audit_with_the_reason_it_was_set_aside(
    desk: Desk, folder: Folder
) -> None:
    name, _ = answered(desk, folder)
    as_read_anew(desk, document_of(folder, name), "f" * 64)
    with desk.ledger.view() as connection:
        given, undone = journal.of_document(connection, name)
    assert (given.who, given.after) == ("甲", "12345")
    assert (undone.action, undone.undoes) == (Action.UNDO, given.id)
    assert "原件已更换" in undone.why
    assert [made.text for made in desk.ledger.decisions_of(name)] == ["12345", ""]


def test_an_answer_outlives_reading_the_same_scan_again(desk: Desk, folder: Folder) -> None:
    name, ref = answered(desk, folder)
    before = document_of(folder, name)
    document = as_read_anew(desk, before, before.source.sha256)
    assert state_of(document, ref) is State.REVIEWED
    assert CellRef.parse(ref) in desk.ledger.answers_of(name)


def test_whoever_still_has_the_old_scan_open_is_told_before_an_answer_counts(
    desk: Desk, folder: Folder
) -> None:
    name, ref = answered(desk, folder)
    seen = item_of(desk, name, ref)
    as_read_anew(desk, document_of(folder, name), "f" * 64)
    with pytest.raises(ConflictError):
        desk.answer(ONE, seen.id, seen.version, Reply("777"))
    now = item_of(desk, name, ref)
    desk.answer(ONE, now.id, now.version, Reply("777"))
    assert state_of(desk.document(name), ref) is State.REVIEWED


def test_a_run_over_a_replaced_file_sets_the_answers_on_the_old_one_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment(monkeypatch, tmp_path)
    for name, seed in (("replaced", 1), ("kept", 2)):
        scan(tmp_path / "in" / f"{name}.png", seed)
    run(tmp_path / "in", tmp_path / "out")
    ledger = open_ledger(tmp_path / "out")
    said = {"ref": "p1t0r1c1", "version": 1, "text": "7", "state": "reviewed", "source_suspect": False}
    said |= {"by": "王", "at": "2024-01-01T00:00:00Z", "before": "1", "why": ""}
    with ledger.begin() as connection:
        connection.execute(insert(decisions), [{"document": name, **said} for name in ("replaced", "kept")])
    scan(tmp_path / "in" / "replaced.png", seed=99)
    run(tmp_path / "in", tmp_path / "out")
    assert ledger.answers_of("replaced") == {}
    assert [made.text for made in ledger.decisions_of("replaced")] == ["7", ""]
    assert set(ledger.answers_of("kept")) == {CellRef.parse("p1t0r1c1")}


def test_answers_that_were_set_aside_are_said_on_the_screen(tmp_path: Path) -> None:
    watcher = Journal(Store(tmp_path), None)
    claim = Claim(Kind.DECIDE, 1, 1, "人口", "人口.png", "/in/人口.png")
    told = Event("end", claim, message="1 项人工核定未沿用")
    watcher.heard(Event.from_line(told.to_line()), "w")
    assert watcher.standing.warnings == ["人口.png: 1 项人工核定未沿用"]
