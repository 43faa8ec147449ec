"""What leaves the desk: the audit as a table, and samples that are read blind."""

from __future__ import annotations

import csv
import io
import json
import re

import openpyxl
import pypdfium2
from clients import client_of, planted, signed_in, token, typed

from fixtures.review_folder import Folder
from gouji.review.desk import Desk
from gouji.review.people import People
from gouji.review.queue import Viewer
from gouji.review.recording import Reply
from gouji.review.routes_office import csv_lines


def test_the_audit_is_exported_whole_and_harmless_to_spreadsheets(desk: Desk, folder: Folder) -> None:
    client = client_of(desk)
    row = planted(desk, folder)
    form = typed(client, row, "5", '=HYPERLINK("http://evil")')
    client.post(f"/card/{row.id}", data=form)
    (line,) = client.get("/audit.jsonl").text.splitlines()
    assert json.loads(line)["why"] == '=HYPERLINK("http://evil")'
    (record,) = csv.DictReader(io.StringIO(client.get("/audit.csv").text.lstrip("\ufeff")))
    assert record["why"].startswith("'=")
    assert (record["who"], record["before"], record["after"]) == ("本机", row.text, "5")


def test_a_sign_before_more_than_a_number_is_made_harmless_to_spreadsheets(
    desk: Desk, folder: Folder
) -> None:
    harmful = ("-2+3+cmd|' /C calc'!A0", "+1+@SUM(A1)", "-１=1", "--1")
    plain = ("-1,234.50", "+12%", "-")
    for why in (*harmful, *plain):
        row = planted(desk, folder)
        desk.answer(Viewer("甲", "admin"), row.id, row.version, Reply("5", why=why))
    exported = csv.DictReader(io.StringIO("".join(csv_lines(desk.ledger)).lstrip("\ufeff")))
    assert [record["why"] for record in exported] == [*(f"'{why}" for why in harmful), *plain]


def test_a_blind_sample_hides_the_decided_text_and_asks_again_before_it_calls_it_wrong(
    desk: Desk, folder: Folder
) -> None:
    client = client_of(desk)
    csrf = token(client)
    client.post("/acceptance", data={"per_state": 4, "seed": 1, "csrf": csrf})
    wrong = 0
    while (page := client.get("/acceptance/1/read")).status_code == 200:
        number = re.search(r'name="row" value="(\d+)"', page.text)
        assert number
        assert re.search(r'id="text" name="text" value=""', page.text)
        ref = re.search(r'class="self" data-ref="([^"]+)"', page.text)
        assert ref
        truth = folder.truth[folder.names[0], ref[1]]
        typed = "12345" if wrong == 0 else truth
        form = {"row": number[1], "text": typed, "seconds": 2.0, "csrf": csrf}
        answer = client.post("/acceptance/1/read", data=form, headers={"HX-Request": "true"})
        if typed == "12345":
            assert f"“{truth or '□'}”" in answer.text
            client.post("/acceptance/1/read", data={**form, "sure": "=12345"}, headers={"HX-Request": "true"})
            wrong += 1
    report = client.get("/acceptance/1")
    assert "12345" in report.text
    book = openpyxl.load_workbook(io.BytesIO(client.get("/acceptance/1/report.xlsx").content))
    assert book.worksheets[1].cell(2, 5).value == "12345"
    assert len(pypdfium2.PdfDocument(client.get("/acceptance/1/report.pdf").content)) == 1


def test_a_cell_read_blank_against_gouji_is_asked_once_and_then_counts(desk: Desk, folder: Folder) -> None:
    client = client_of(desk)
    csrf = token(client)
    client.post("/acceptance", data={"per_state": 4, "seed": 1, "csrf": csrf})
    part = {"HX-Request": "true"}
    while (page := client.get("/acceptance/1/read")).status_code == 200:
        number = re.search(r'name="row" value="(\d+)"', page.text)
        assert number
        form = {"row": number[1], "text": "", "csrf": csrf}
        asked = client.post("/acceptance/1/read", data=form, headers=part)
        if 'name="sure" value="="' in asked.text:
            client.post("/acceptance/1/read", data={**form, "sure": "="}, headers=part)
            assert number[0] not in client.get("/acceptance/1/read").text
    assert "□" in client.get("/acceptance/1").text


def test_a_figure_whose_page_cannot_be_seen_is_not_read_blind(desk: Desk, folder: Folder) -> None:
    client = client_of(desk)
    client.post("/acceptance", data={"per_state": 2, "seed": 1, "csrf": token(client)})
    desk.pictures.folders = ()
    page = client.get("/acceptance/1/read").text
    assert "不能盲读" in page
    assert 'name="text"' not in page


def test_whose_reading_came_second_is_told_that_it_was_not_kept(desk: Desk, people: People) -> None:
    admin, other = signed_in(desk, people, "丙"), signed_in(desk, people, "乙")
    admin.post("/acceptance", data={"per_state": 1, "seed": 1, "csrf": token(admin)})
    told = "已由他人先读，您的读数没有记入"
    while (page := admin.get("/acceptance/1/read")).status_code == 200:
        number = re.search(r'name="row" value="(\d+)"', page.text)
        assert number
        form = {"row": number[1], "text": "12345", "sure": "=12345", "csrf": token(admin)}
        admin.post("/acceptance/1/read", data=form)
        again = admin.post("/acceptance/1/read", data=form)  # sent twice over a bad line
        late = other.post("/acceptance/1/read", data={**form, "text": "6", "csrf": token(other)})
        for answer, who, expected in ((again, admin, False), (late, other, True)):
            shown = who.get(answer.headers["location"]) if answer.status_code == 303 else answer
            assert (told in shown.text) is expected
            assert "“6”" not in shown.text  # nor is anything asked about it
    report = other.get("/acceptance/1").text
    assert told not in report
    assert "<td>12345</td><td>丙</td>" in report
    assert "<td>乙</td>" not in report


def test_the_same_seed_draws_the_same_sample(desk: Desk) -> None:
    client = client_of(desk)
    csrf = token(client)
    for _ in range(2):
        client.post("/acceptance", data={"per_state": 6, "seed": 9, "csrf": csrf})
    first, second = client.get("/acceptance/1/read").text, client.get("/acceptance/2/read").text
    pattern = r'class="self" data-ref="([^"]+)"'
    assert re.findall(pattern, first) == re.findall(pattern, second)
