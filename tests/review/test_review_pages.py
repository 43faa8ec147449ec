"""Pages of the review app: safe against what they show, whole in both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path

from clients import client_of, planted, token, typed

from fixtures.review_folder import Folder
from gouji.review.desk import Desk
from gouji.review.numbering import meaning
from gouji.review.people import Role
from gouji.review.rendering import templates
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
    form = typed(client, row, "<img src=x onerror=alert(1)>", "<script>")
    asked = client.post(f"/card/{row.id}", data=form)
    assert "&lt;img src=x" in asked.text
    assert "<img src=x" not in asked.text
    client.post(f"/card/{row.id}", data={**form, "sure": "=" + form["text"]})
    for path in (f"/card/{row.id}", "/audit", f"/table/{row.document}/1/0"):
        page = client.get(path).text
        assert "<img src=x" not in page
        assert "&lt;img src=x" in page


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
