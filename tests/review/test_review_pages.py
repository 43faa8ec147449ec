"""Pages of the review app: safe against what they show, whole in both languages, true to each answer."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
from clients import client_of, planted, signed_in, token

from fixtures.review_folder import Folder, item_of, plant_suspect
from gouji.review.desk import Desk
from gouji.review.numbering import meaning
from gouji.review.people import People, Role
from gouji.review.queue import Viewer
from gouji.review.recording import Reply, figure_of
from gouji.review.rendering import templates
from gouji.review.resolving import ReadingsResolver
from gouji.review.routes_office import csv_lines
from gouji.review.words import words


def test_every_answer_forbids_foreign_content_and_framing(desk: Desk) -> None:
    client = client_of(desk)
    for path in ("/", "/static/keys.js", "/card/999999", "/nowhere"):
        policy = client.get(path).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy


def test_no_template_brings_inline_scripts_styles_or_foreign_addresses() -> None:
    folder = Path(templates().loader.searchpath[0])  # type: ignore[union-attr]
    for path in folder.glob("*.html"):
        source = path.read_text(encoding="utf-8")
        assert not re.search(r"\son\w+=|\sstyle=|<style|<script(?! src)|hx-on|javascript:", source), path
        assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", source), path


def test_pictures_come_by_number_only_and_paths_lead_nowhere(desk: Desk, folder: Folder) -> None:
    client = client_of(desk)
    row = planted(desk, folder)
    picture = client.get(f"/crop/{row.id}.png")
    assert picture.content.startswith(b"\x89PNG")
    assert client.get(f"/page/{row.document}/1.jpg").content.startswith(b"\xff\xd8")
    for path in (
        "/crop/999999.png",
        "/page/99/1.jpg",
        f"/page/{row.document}/7.jpg",
        "/crop/..%2f..%2fetc%2fpasswd.png",
        "/page/..%2f1/1.jpg",
        "/static/..%2fdesk.py",
        "/static/../desk.py",
        "/table/1/1/0/open/..%2f..%2fx",
    ):
        assert client.get(path).status_code in (404, 422), path


def test_numbers_beyond_the_database_name_nothing(desk: Desk, folder: Folder) -> None:
    client = client_of(desk)
    row = planted(desk, folder)
    much = "9" * 20
    for path in (
        f"/card/{much}",
        f"/card/{much}/rules",
        f"/crop/{much}.png",
        f"/page/{much}/1.jpg",
        f"/page/{row.document}/{much}.jpg",
        f"/table/{much}/1/0",
        f"/table/{row.document}/{much}/0",
        f"/table/{much}/1/0/open/p1t0r3c3",
        f"/acceptance/{much}",
        f"/acceptance/{much}/read",
        f"/?start={much}",
        f"/group?start={much}",
        f"/tables?start={much}",
        f"/audit?before={much}",
        f"/peek?but={much}",
        "/peek?but=x",
    ):
        assert client.get(path).status_code in (404, 422), path
    assert client.get(f"/?year={much}").status_code == 200
    csrf = token(client)
    for path, form in (
        (f"/card/{row.id}", {"version": much, "text": "5"}),
        (f"/card/{much}", {"version": 0, "text": "5"}),
        (f"/table/{row.document}/1/0/edit", {"kind": "undo", "seen": much}),
        ("/acceptance", {"per_state": 2, "seed": much}),
        ("/acceptance/1/read", {"row": much}),
    ):
        assert client.post(path, data={**form, "csrf": csrf}).status_code in (404, 422), path


def test_a_document_whose_source_leads_outside_shows_no_picture(desk: Desk, folder: Folder) -> None:
    (folder.out.parent / "secret.png").write_bytes(b"secret")
    path = folder.out / "documents" / folder.names[0] / "document.json"
    plain = json.loads(path.read_text(encoding="utf-8"))
    plain["source"]["path"] = "../secret.png"
    path.write_text(json.dumps(plain), encoding="utf-8")
    desk.sync(force=True)
    answer = client_of(desk).get(f"/crop/{planted(desk, folder).id}.png")
    assert answer.status_code == 404
    assert "outside" in answer.text


def test_after_choosing_a_language_one_stays_on_this_site(desk: Desk) -> None:
    client = client_of(desk)
    csrf = token(client)
    for back, expected in (
        ("/group", "/group"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("x", "/"),
    ):
        answer = client.post("/language", data={"to": "en", "back": back, "csrf": csrf})
        assert answer.headers["location"] == expected
    assert "Same reading" in client.get("/group").text


def test_what_persons_type_never_becomes_markup(desk: Desk, folder: Folder) -> None:
    client = client_of(desk)
    row = planted(desk, folder)
    form = {
        "version": row.version,
        "figure": figure_of(row),
        "text": "<img src=x onerror=alert(1)>",
        "why": "<script>",
        "csrf": token(client),
    }
    asked = client.post(f"/card/{row.id}", data=form)
    assert "&lt;img src=x" in asked.text
    assert "<img src=x" not in asked.text
    client.post(f"/card/{row.id}", data={**form, "sure": form["text"]})
    for path in (f"/card/{row.id}", "/audit", f"/table/{row.document}/1/0"):
        page = client.get(path).text
        assert "<img src=x" not in page
        assert "&lt;img src=x" in page


def test_the_second_answer_to_the_same_version_gets_409_with_who_and_what(
    desk: Desk, people: People, folder: Folder
) -> None:
    one, other = signed_in(desk, people, "甲"), signed_in(desk, people, "乙")
    row = planted(desk, folder)
    form = {"version": row.version, "figure": figure_of(row), "text": "5"}
    part = {"HX-Request": "true"}
    assert one.post(f"/card/{row.id}", data={**form, "csrf": token(one)}, headers=part).status_code == 200
    late = other.post(f"/card/{row.id}", data={**form, "text": "6", "csrf": token(other)}, headers=part)
    assert late.status_code == 409
    assert "甲" in late.text
    assert "“5”" in late.text
    assert 'name="text" value="6"' in late.text  # what was typed is kept


def test_the_same_answer_sent_twice_over_a_bad_line_is_no_conflict(desk: Desk, folder: Folder) -> None:
    client = client_of(desk)
    row = planted(desk, folder)
    form = {"version": row.version, "figure": figure_of(row), "text": "5", "csrf": token(client)}
    assert client.post(f"/card/{row.id}", data=form).status_code == 200
    assert client.post(f"/card/{row.id}", data=form).status_code == 200
    assert item_of(desk, folder.names[0], row.ref).version == row.version + 1


def test_an_answer_that_cannot_be_decided_is_told_to_be_kept_and_undoing_goes_on(
    desk: Desk, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(desk)
    row = planted(desk, folder)
    form = {"version": row.version, "figure": figure_of(row), "text": "9" * 20, "csrf": token(client)}
    with monkeypatch.context() as broken:
        broken.setattr(ReadingsResolver, "resolve", lambda *_: 1 / 0)
        answer = client.post(f"/card/{row.id}", data=form)
        assert answer.status_code == 200
        assert "答案已保存并写入此格，但重新勾稽时出错" in answer.text
        listed = client.get("/").text
        assert "1 份文件未能读取或重新勾稽" in listed
        assert folder.names[0] in listed
    undone = client.post("/undo", data={"csrf": token(client)})
    assert "已撤销" in undone.text
    assert "出错" not in undone.text
    assert "未能读取或重新勾稽" not in client.get("/").text


def test_who_has_changed_an_answer_that_cannot_be_undone_is_said_where_nothing_is_left(
    desk: Desk, folder: Folder
) -> None:
    client = client_of(desk)
    row = planted(desk, folder)
    form = {"version": row.version, "figure": figure_of(row), "text": "5", "csrf": token(client)}
    client.post(f"/card/{row.id}", data=form)
    desk.answer(Viewer("乙", "admin"), row.id, row.version + 1, Reply("6"))
    told = client.post("/undo", data={"csrf": token(client), "query": "year=1"}).text
    assert "撤销不了：乙 其后已改为 6。" in told


def test_a_figure_blamed_on_the_paper_offers_both_ways_with_a_key_each(desk: Desk, folder: Folder) -> None:
    name = folder.names[0]
    plant_suspect(folder, name, "p1t0r3c3", "2514")
    desk.sync(force=True)
    client = client_of(desk)
    row = item_of(desk, name, "p1t0r3c3")
    page = client.get(f"/card/{row.id}").text
    assert f"确是 {row.text}，按 O 照印保留" in page
    assert "其实是 2514，按 Alt+0 填入" in page
    assert 'data-pick="0" data-text="2514"' in page
    listed = client.get("/?cause=suspect").text
    assert "数据 0 · 疑似原文错误 1 · 文字 0" in listed
    assert f"数据 {len(folder.planted[name])} · 疑似原文错误 1 · 文字 0" in client.get("/dashboard").text


def test_a_doubtful_heading_is_counted_apart_from_figures_everywhere(desk: Desk, folder: Folder) -> None:
    path = folder.out / "documents" / folder.names[0] / "document.json"
    plain = json.loads(path.read_text(encoding="utf-8"))
    next(c for c in plain["tables"][0]["cells"] if c["kind"] == "text")["state"] = "doubtful"
    path.write_text(json.dumps(plain), encoding="utf-8")
    desk.sync(force=True)
    client = client_of(desk)
    doubts = len(folder.planted[folder.names[0]])
    told = f"数据 {doubts} · 疑似原文错误 0 · 文字 1"
    assert told in client.get("/").text
    board = client.get("/dashboard").text
    assert told in board
    assert f"<b>{doubts}</b><span>待复核</span>" in board
    assert f'<td class="num doubt">{doubts} <small>+ 文字 1</small>' in client.get("/tables").text


def test_what_is_no_figure_is_asked_about_once_and_then_kept_as_printed(desk: Desk, folder: Folder) -> None:
    client = client_of(desk)
    part = {"HX-Request": "true"}
    for text in ("1.2.3", "1e5", "٣"):
        row = planted(desk, folder)
        form = {"version": row.version, "figure": figure_of(row), "text": text, "csrf": token(client)}
        asked = client.post(f"/card/{row.id}", data=form, headers=part)
        assert asked.status_code == 422
        assert f"“{text}”不是数字" in asked.text
        assert f'name="sure" value="{text}"' in asked.text
        assert planted(desk, folder).version == row.version
        other = client.post(f"/card/{row.id}", data={**form, "text": "1..2", "sure": text}, headers=part)
        assert other.status_code == 422
        assert client.post(f"/card/{row.id}", data={**form, "sure": text}, headers=part).status_code == 200
        assert planted(desk, folder).text == text


def test_marks_that_the_paper_prints_for_nothing_are_not_asked_about(desk: Desk, folder: Folder) -> None:
    client = client_of(desk)
    for text in ("", "—", "/", "无"):
        row = planted(desk, folder)
        form = {"version": row.version, "figure": figure_of(row), "text": text, "csrf": token(client)}
        assert client.post(f"/card/{row.id}", data=form).status_code == 200
        assert planted(desk, folder).text == text


def test_the_second_reviewer_sees_no_trace_of_the_first_answer(
    desk: Desk, people: People, folder: Folder
) -> None:
    first = signed_in(desk, people, "甲", four_eyes=True)
    second = signed_in(desk, people, "乙", four_eyes=True)
    row = planted(desk, folder)
    form = {
        "version": row.version,
        "figure": figure_of(row),
        "text": "8765",
        "why": "看得清楚",
        "csrf": token(first),
    }
    first.post(f"/card/{row.id}", data=form)
    page = second.get(f"/card/{row.id}").text
    assert "二核" in page
    assert "8765" not in page
    assert "看得清楚" not in page
    assert "甲" not in page


def test_the_audit_is_exported_whole_and_harmless_to_spreadsheets(desk: Desk, folder: Folder) -> None:
    client = client_of(desk)
    row = planted(desk, folder)
    form = {
        "version": row.version,
        "figure": figure_of(row),
        "text": "5",
        "why": '=HYPERLINK("http://evil")',
        "csrf": token(client),
    }
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
            client.post("/acceptance/1/read", data={**form, "sure": "12345"}, headers={"HX-Request": "true"})
            wrong += 1
    report = client.get("/acceptance/1")
    assert "12345" in report.text
    book = openpyxl.load_workbook(io.BytesIO(client.get("/acceptance/1/report.xlsx").content))
    assert book.worksheets[1].cell(2, 5).value == "12345"
    assert len(pypdfium2.PdfDocument(client.get("/acceptance/1/report.pdf").content)) == 1


def test_whose_reading_came_second_is_told_that_it_was_not_kept(desk: Desk, people: People) -> None:
    admin, other = signed_in(desk, people, "丙"), signed_in(desk, people, "乙")
    admin.post("/acceptance", data={"per_state": 1, "seed": 1, "csrf": token(admin)})
    told = "已由他人先读，您的读数没有记入"
    while (page := admin.get("/acceptance/1/read")).status_code == 200:
        number = re.search(r'name="row" value="(\d+)"', page.text)
        assert number
        form = {"row": number[1], "text": "12345", "sure": "12345", "csrf": token(admin)}
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


def test_a_structure_edit_that_does_not_fit_is_refused_and_leaves_no_trace(
    desk: Desk, folder: Folder
) -> None:
    client = client_of(desk)
    of = meaning(folder.names[0])
    form = {"kind": "merge", "row": 3, "col": 3, "last_row": 3, "last_col": 3, "of": of}
    form["csrf"] = token(client)
    answer = client.post("/table/1/1/0/edit", data=form)
    assert answer.status_code == 422
    assert client.get("/audit.jsonl").text == ""


def test_all_pages_are_served_in_both_languages_without_unknown_words(desk: Desk, folder: Folder) -> None:
    client = client_of(desk)
    row = planted(desk, folder)
    csrf = token(client)
    client.post("/acceptance", data={"per_state": 2, "seed": 1, "csrf": csrf})
    for language in ("zh", "en"):
        client.post("/language", data={"to": language, "csrf": csrf})
        for path in (
            "/",
            f"/card/{row.id}",
            "/group",
            "/tables",
            f"/table/{row.document}/1/0",
            "/acceptance",
            "/acceptance/1",
            "/acceptance/1/read",
            "/dashboard",
            "/audit",
        ):
            answer = client.get(path)
            assert answer.status_code == 200, path
            assert f'<html lang="{"zh-CN" if language == "zh" else "en"}">' in answer.text


def test_every_word_a_template_names_exists_in_both_languages() -> None:
    environment = templates()
    known = words()
    assert all(all(pair) or key.endswith("_") or key == "stage_only" for key, pair in known.items())
    for name in environment.list_templates(extensions=["html"]):
        source, _, _ = environment.loader.get_source(environment, name)  # type: ignore[union-attr]
        for key in re.findall(r"\bt\('(\w+[^_'])'", source):
            assert key in known, f"{name}: {key}"


def test_every_state_cause_source_and_action_has_a_word() -> None:
    from gouji.review.answers import Action, Stage
    from gouji_layout.table import CellMark
    from gouji_postprocess.decision import Protection, State
    from gouji_postprocess.rule import RuleSource

    causes = ("suspect", "unreadable", "source", "rules", "readers", "marks", "unsure", "")
    wanted = [f"cause_{cause}" for cause in causes]
    for prefix, values in (
        ("state", State),
        ("protection", Protection),
        ("source", RuleSource),
        ("mark", CellMark),
        ("action", Action),
        ("stage", Stage),
        ("role", Role),
    ):
        wanted += [f"{prefix}_{value}" for value in values]
    assert not [key for key in wanted if key not in words()]
