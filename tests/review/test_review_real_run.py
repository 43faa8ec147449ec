"""The review over a folder that `gouji read` has made from a bundled scan."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from gouji.options import ReadOptions
from gouji.review import queue
from gouji.review.application import create_app
from gouji.review.guard import Access
from gouji.review.indexing import is_suspect
from gouji.review.opening import open_desk
from gouji.review.people import People
from gouji.review.queue import Filter, Viewer
from gouji.run_folder import run_folder
from gouji_postprocess.decision import State

SCANS = Path(__file__).parents[2] / "fixtures" / "scans"
WHO = Viewer("甲", "admin")


@pytest.mark.slow
def test_what_a_run_doubts_is_asked_with_its_picture_and_an_answer_survives_the_next_run(
    tmp_path: Path,
) -> None:
    folder = SCANS / "示例丙县2023年报"
    out = tmp_path / "out"
    run_folder([folder], out, ReadOptions())
    desk = open_desk(out)
    desk.sync(force=True)
    (name,) = desk.store.documents()
    cells = [cell for table in desk.document(name).tables for cell in table.cells]
    asked = {cell.ref for cell in cells if cell.state is State.DOUBTFUL or is_suspect(cell)}
    with desk.ledger.view() as connection:
        rows = queue.listing(connection, WHO, Filter(), limit=1000, offset=0)
    assert {row.ref for row in rows} == asked
    figure = next((cell.ref for cell in cells if cell.kind == "figure"), "")
    assert figure  # answered through the table page, whether it was doubted or not
    client = TestClient(create_app(desk, Access(People(desk.ledger), alone="甲")))
    card = client.get(f"/table/1/1/0/open/{figure}")
    assert card.status_code == 200
    item = int(card.url.path.rsplit("/", 1)[1])
    assert client.get(f"/crop/{item}.png").content.startswith(b"\x89PNG")
    token = re.search(r'"X-CSRF-Token": "([^"]+)"', card.text)
    version = re.search(r'name="version" value="(\d+)"', card.text)
    assert token
    assert version
    seen = re.search(r'name="figure" value="(\w+)"', card.text)
    assert seen
    form = {"version": version[1], "figure": seen[1], "text": "876", "csrf": token[1]}
    assert client.post(f"/card/{item}", data=form).status_code == 200
    desk.ledger.close()
    run_folder([folder], out, ReadOptions(second_look=False))
    again = open_desk(out)
    again.sync(force=True)
    kept = next(c for table in again.document(name).tables for c in table.cells if c.ref == figure)
    assert (kept.text, kept.state, kept.decided_by) == ("876", State.REVIEWED, "甲")
    again.ledger.close()
