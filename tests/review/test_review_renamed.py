"""Answers follow a scan that was renamed; nothing is counted or asked under its old name any more."""

from __future__ import annotations

from pathlib import Path

import pytest
from batch_runs import environment, run, scan, times_read
from sqlalchemy import insert, select

from fixtures.review_folder import Folder, document_of, item_of
from gouji.batch.answered import with_answers
from gouji.batch.renamed import RENAMED_CODE, follow_renamed
from gouji.ledger import Ledger, open_ledger
from gouji.ledger_claims import Claim, Kind
from gouji.ledger_tables import Step, decisions, documents
from gouji.review import journal
from gouji.review.answers import Action
from gouji.review.desk import Desk
from gouji.review.queue import Viewer
from gouji.review.recording import Reply
from gouji.review.resolving import ReadingsResolver
from gouji_layout.geometry import CellRef
from gouji_postprocess.decision import State

CELL = CellRef.parse("p1t0r1c1")


def say(ledger: Ledger, name: str, text: str = "7", by: str = "王") -> None:
    said = {
        "document": name,
        "ref": str(CELL),
        "version": 1,
        "text": text,
        "state": "reviewed",
        "why": "看图",
    }
    said |= {"source_suspect": False, "by": by, "at": "2024-01-01T00:00:00Z", "before": "1"}
    with ledger.begin() as connection:
        connection.execute(insert(decisions), [said])


@pytest.mark.parametrize("new", ["1号.png", "卷二/a.png"])
def test_a_run_over_a_renamed_scan_keeps_its_answers_and_reads_nothing_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, new: str
) -> None:
    log = environment(monkeypatch, tmp_path)
    old = scan(tmp_path / "in" / "卷一" / "a.png", 1)
    scan(tmp_path / "in" / "b.png", 2)
    run(tmp_path / "in", tmp_path / "out")
    ledger = open_ledger(tmp_path / "out")
    say(ledger, "卷一/a")
    (tmp_path / "in" / new).parent.mkdir(exist_ok=True)
    old.rename(tmp_path / "in" / new)
    report = run(tmp_path / "in", tmp_path / "out").report
    name = new.removesuffix(".png")
    assert report.tally.documents == 2
    assert report.duplicates == ()
    assert sum(times_read(log).values()) == 2
    answer = ledger.answers_of(name)[CELL]
    assert (answer.text, answer.by) == ("7", "王")
    assert ledger.decisions_of(name)[0].why == "原件由 卷一/a 改名，沿用：看图"
    assert (tmp_path / "out" / "renamed" / "卷一" / "a" / "document.json").exists()
    assert not (tmp_path / "out" / "documents" / "卷一" / "a").exists()
    assert run(tmp_path / "in", tmp_path / "out").report.now.documents == 0


def test_a_copy_beside_the_scan_and_one_whose_disk_is_not_at_hand_take_nothing_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment(monkeypatch, tmp_path)
    scan(tmp_path / "here" / "a.png", 1)
    scan(tmp_path / "disk" / "b.png", 2)
    run((str(tmp_path / "here"), str(tmp_path / "disk")), tmp_path / "out")
    ledger = open_ledger(tmp_path / "out")
    say(ledger, "a")
    say(ledger, "b")
    (tmp_path / "disk").rename(tmp_path / "elsewhere")
    scan(tmp_path / "here" / "a2.png", 1)
    scan(tmp_path / "here" / "b2.png", 2)
    report = run(tmp_path / "here", tmp_path / "out").report
    assert report.tally.documents == 4
    assert ledger.answers_of("a2") == ledger.answers_of("b2") == {}


def test_answers_given_under_the_new_name_are_not_overridden_by_older_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment(monkeypatch, tmp_path)
    for name in ("a", "b"):
        scan(tmp_path / "in" / f"{name}.png", 1)
    run(tmp_path / "in", tmp_path / "out")
    ledger = open_ledger(tmp_path / "out")
    say(ledger, "a", "7")
    say(ledger, "b", "8", "李")
    (tmp_path / "in" / "a.png").unlink()
    with ledger.begin() as connection:
        connection.execute(documents.update().where(documents.c.name == "b").values(step=Step.DECIDE))
    run(tmp_path / "in", tmp_path / "out")
    assert ledger.answers_of("b")[CELL].text == "8"
    with ledger.view() as connection:
        assert list(connection.scalars(select(documents.c.name))) == ["b"]


def test_a_renamed_document_says_so_and_shows_who_answered(desk: Desk, folder: Folder) -> None:
    old, new = folder.names[0], "改名/甲"
    ref = folder.planted[old][0]
    row = item_of(desk, old, ref)
    desk.answer(Viewer("甲", "admin"), row.id, row.version, Reply("12345", why="放大看过"))
    before = document_of(folder, old)
    with desk.ledger.begin() as connection:
        values = {"name": old, "shown": "没了.png", "location": str(folder.scans / "没了.png"), "stamp": "1"}
        values |= {"sha256": before.source.sha256, "reading": "r", "deciding": "d", "step": Step.DONE}
        connection.execute(insert(documents).values(**values))
    claim = Claim(Kind.DECIDE, 99, 1, new, "改名/甲.png", str(folder.scans / "x.png"), before.source.sha256)
    assert isinstance(desk.resolver, ReadingsResolver)
    follow_renamed(desk.store, desk.ledger, claim)
    fresh = before.model_copy(update={"name": new})
    desk.store.save_document(fresh)
    desk.store.save_document(with_answers(fresh, desk.ledger, desk.resolver))
    desk.sync(force=True)
    document = desk.document(new)
    (cell,) = [cell for table in document.tables for cell in table.cells if cell.ref == ref]
    assert (cell.state, cell.text, cell.decided_by) == (State.REVIEWED, "12345", "甲")
    (note,) = [note for note in document.notes if note.code == RENAMED_CODE]
    assert f"“{old}”改名而来" in note.detail
    with desk.ledger.view() as connection:
        answer, renamed = journal.of_document(connection, new)
    assert (answer.who, answer.why) == ("甲", f"原件由 {old} 改名，沿用：放大看过")
    assert (renamed.action, renamed.before) == (Action.RENAMED, old)
    assert item_of(desk, new, ref).version == 1
    assert old not in set(desk.store.documents())
