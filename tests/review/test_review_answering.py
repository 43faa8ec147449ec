"""Answers given on the page: conflicts, echoes, undoing, slips, blamed figures, second looks."""

from __future__ import annotations

import json

import pytest
from clients import client_of, planted, signed_in, token, typed

from fixtures.review_folder import Folder, change_cell, document_of, item_of, plant_suspect
from gouji.review.desk import Desk
from gouji.review.people import People
from gouji.review.queue import Viewer
from gouji.review.recording import Reply, figure_of
from gouji.review.resolving import ReadingsResolver


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
    form = typed(client, row)
    assert client.post(f"/card/{row.id}", data=form).status_code == 200
    assert client.post(f"/card/{row.id}", data=form).status_code == 200
    assert item_of(desk, folder.names[0], row.ref).version == row.version + 1


def test_an_answer_that_cannot_be_decided_is_told_to_be_kept_and_undoing_goes_on(
    desk: Desk, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(desk)
    row = planted(desk, folder)
    form = typed(client, row, "9" * 20)
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
    form = typed(client, row)
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
        form = typed(client, row, text)
        asked = client.post(f"/card/{row.id}", data=form, headers=part)
        assert asked.status_code == 422
        assert f"“{text}”不是数字" in asked.text
        assert f'name="sure" value="={text}"' in asked.text
        assert planted(desk, folder).version == row.version
        form["sure"] = f"={text}"
        other = client.post(f"/card/{row.id}", data={**form, "text": "1..2"}, headers=part)
        assert other.status_code == 422
        assert client.post(f"/card/{row.id}", data=form, headers=part).status_code == 200
        assert planted(desk, folder).text == text


def test_marks_that_the_paper_prints_for_nothing_are_not_asked_about(desk: Desk, folder: Folder) -> None:
    client = client_of(desk)
    for text in ("—", "/", "无"):
        row = planted(desk, folder)
        form = typed(client, row, text)
        assert client.post(f"/card/{row.id}", data=form).status_code == 200
        assert planted(desk, folder).text == text


def test_a_blank_where_ink_was_read_is_asked_about_once_and_then_kept(desk: Desk, folder: Folder) -> None:
    client = client_of(desk)
    part = {"HX-Request": "true"}
    row = planted(desk, folder)
    form = typed(client, row, " ")
    asked = client.post(f"/card/{row.id}", data=form, headers=part)
    assert asked.status_code == 422
    assert "你却留空" in asked.text
    assert 'name="sure" value="="' in asked.text
    assert planted(desk, folder).version == row.version
    assert client.post(f"/card/{row.id}", data={**form, "sure": "="}, headers=part).status_code == 200
    assert planted(desk, folder).text == ""


def test_a_blank_cell_is_kept_blank_unasked_unless_a_rule_wants_a_figure_there(
    desk: Desk, folder: Folder
) -> None:
    client = client_of(desk)
    name = folder.names[0]
    document = document_of(folder, name)
    bound = [cell for table in document.tables for cell in table.cells if cell.rules]
    zero = next(cell for cell in bound if cell.text == "0")
    other = next(cell for cell in bound if cell.text not in ("", "0"))
    for cell, status in ((zero, 200), (other, 422)):
        change_cell(folder, name, cell.ref, kind="blank", text="", state="doubtful")
        desk.sync(force=True)
        row = item_of(desk, name, cell.ref)
        form = typed(client, row, "")
        assert client.post(f"/card/{row.id}", data=form).status_code == status


def test_a_text_that_a_rule_takes_for_a_figure_is_asked_about(desk: Desk, folder: Folder) -> None:
    client = client_of(desk)
    name = folder.names[0]
    ref = folder.planted[name][0]
    change_cell(folder, name, ref, kind="text", text="大以12")
    desk.sync(force=True)
    row = item_of(desk, name, ref)
    asked = client.post(f"/card/{row.id}", data=typed(client, row, "大以12"))
    assert asked.status_code == 422
    assert "“大以12”不是数字" in asked.text


def test_the_second_reviewer_sees_no_trace_of_the_first_answer(
    desk: Desk, people: People, folder: Folder
) -> None:
    first = signed_in(desk, people, "甲", four_eyes=True)
    second = signed_in(desk, people, "乙", four_eyes=True)
    row = planted(desk, folder)
    form = typed(first, row, "8765", "看得清楚")
    first.post(f"/card/{row.id}", data=form)
    page = second.get(f"/card/{row.id}").text
    assert "二核" in page
    assert "8765" not in page
    assert "看得清楚" not in page
    assert "甲" not in page
