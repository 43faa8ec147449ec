"""Documents that cannot be decided or read cost only themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from desk_work import ONE, answer, cell_of

from fixtures.review_folder import Folder, desk_of, item_of
from gouji.document import Document
from gouji.review import queue
from gouji.review.answers import Settled
from gouji.review.desk import Desk
from gouji.review.queue import Filter
from gouji.review.recording import Reply, item_row, record_answer
from gouji.review.resolving import ReadingsResolver, Resolved, Resolver
from gouji.review.structure import Edit
from gouji_postprocess.decision import State


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
