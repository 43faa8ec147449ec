"""Reviewers and their answers, for tests of the desk."""

from __future__ import annotations

from fixtures.review_folder import Folder, item_of
from gouji.document import Document
from gouji.review.desk import Desk
from gouji.review.queue import Viewer
from gouji.review.recording import Reply
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
