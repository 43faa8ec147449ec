"""Numbers of figures and documents: one that was given away again is not taken for what it stood for."""

from __future__ import annotations

import json
import re
from typing import Any

from clients import client_of, planted, token, typed
from sqlalchemy import Row, delete, insert

from fixtures.review_folder import Folder
from gouji.review.desk import Desk
from gouji.review.numbering import meaning
from gouji.review.schema import documents, items

PART = {"HX-Request": "true"}
REFUSED = "答案没有记入"


def columns(row: Row[Any]) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in items.columns}


def test_an_answer_to_a_figure_whose_number_is_anothers_by_now_is_refused(desk: Desk, folder: Folder) -> None:
    client = client_of(desk)
    row = planted(desk, folder)
    shown = client.get(f"/card/{row.id}").text
    form = dict(re.findall(r'name="(version|figure)" value="(\w+)"', shown))
    form |= {"text": "5", "csrf": token(client)}
    kept = folder.out / "documents" / folder.names[0]
    away = kept.rename(folder.out / "away")
    desk.sync(force=True)
    gone = client.post(f"/card/{row.id}", data=form, headers=PART)
    assert (gone.status_code, REFUSED in gone.text) == (409, True)
    with desk.ledger.begin() as connection:  # another document came, and its figures got the free numbers
        connection.execute(insert(documents).values(id=row.document, name="other", stamp="", waiting=False))
        connection.execute(insert(items).values(columns(row)))
    nowhere = {**form, "query": "year=1"}  # where nothing is asked, only the refusal is shown
    for action in ("save", "misprint", "unreadable", "skip"):
        other = client.post(f"/card/{row.id}", data={**nowhere, "action": action}, headers=PART)
        assert (other.status_code, REFUSED in other.text) == (409, True)
    assert client.get("/audit.jsonl").text == ""
    with desk.ledger.begin() as connection:
        connection.execute(delete(items))
        connection.execute(delete(documents))
    away.rename(kept)
    desk.sync(force=True)
    back = planted(desk, folder)
    assert client.post(f"/card/{back.id}", data=form, headers=PART).status_code == 200


def test_the_card_that_follows_a_refused_answer_is_another_figures(desk: Desk, folder: Folder) -> None:
    client = client_of(desk)
    row = planted(desk, folder)
    form = {"version": row.version, "figure": meaning("other"), "text": "x", "csrf": token(client)}
    refused = client.post(f"/card/{row.id}", data=form, headers=PART)
    assert refused.status_code == 409
    assert REFUSED in refused.text
    assert 'value="x"' not in refused.text  # what was typed was meant for another figure
    assert refused.headers["hx-push-url"].startswith("/card/")


def test_a_structure_edit_of_a_document_whose_number_is_anothers_is_refused(
    desk: Desk, folder: Folder
) -> None:
    client = client_of(desk)
    form = {"kind": "merge", "row": 3, "col": 3, "last_row": 3, "last_col": 4, "csrf": token(client)}
    answer = client.post("/table/1/1/0/edit", data={**form, "of": meaning("other")})
    assert answer.status_code == 404
    assert "改动没有记入" in answer.text
    assert client.get("/audit.jsonl").text == ""
    seen = re.search(r'name="of" value="(\w+)"', client.get("/table/1/1/0").text)
    assert seen
    assert client.post("/table/1/1/0/edit", data={**form, "of": seen[1]}).status_code == 200


def test_a_picture_has_another_address_once_another_picture_belongs_there(desk: Desk, folder: Folder) -> None:
    client = client_of(desk)
    row = planted(desk, folder)
    pattern = r'"(/(?:crop|page)/[^"]+)"'
    before = re.findall(pattern, client.get(f"/card/{row.id}").text)
    assert len(before) == 2
    assert all(client.get(address).status_code == 200 for address in before)
    assert before[0] in client.get("/").text
    assert before[1] in client.get(f"/table/{row.document}/1/0").text
    first = client.get(client.get("/next").headers["location"]).text
    assert client.get("/peek").json() == re.findall(pattern, first)
    path = folder.out / "documents" / folder.names[0] / "document.json"
    plain = json.loads(path.read_text(encoding="utf-8"))
    plain["source"]["sha256"] = "f" * 64
    path.write_text(json.dumps(plain), encoding="utf-8")
    after = re.findall(pattern, client.get(f"/card/{row.id}").text)
    assert set(after).isdisjoint(before)
    form = typed(client, row)
    client.post(f"/card/{row.id}", data=form)
    # What was fetched ahead is still good after an answer.
    assert re.findall(pattern, client.get(f"/card/{row.id}").text) == after
