"""The review app over HTTP: what a stranger may not, who signs in how, and what each role may do."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from clients import PASSWORD, client_of, planted, signed_in, token

from fixtures.review_folder import Folder, item_of
from gouji.review.application import create_app
from gouji.review.desk import Desk
from gouji.review.guard import Access
from gouji.review.people import People, Role, Throttle


def test_every_page_asks_strangers_to_sign_in(desk: Desk, people: People, folder: Folder) -> None:
    client = client_of(desk, Access(people))
    number = planted(desk, folder).id
    for path in (
        "/",
        "/next",
        "/peek",
        "/group",
        "/tables",
        "/acceptance",
        "/acceptance/1",
        "/acceptance/1/report.pdf",
        "/acceptance/1/report.xlsx",
        "/dashboard",
        "/audit",
        "/audit.csv",
        "/audit.jsonl",
        "/people",
        f"/card/{number}",
        f"/card/{number}/rules",
        f"/crop/{number}.png",
        "/page/1/1.jpg",
        "/table/1/1/0",
        "/table/1/1/0/open/p1t0r3c3",
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.headers.get("location")) == (303, "/sign-in"), path


def test_an_address_that_nobody_knows_is_answered_with_a_page(desk: Desk) -> None:
    answer = client_of(desk).get("/nowhere")
    assert answer.status_code == 404
    assert "没有这个页面" in answer.text


def test_every_page_is_listed_in_the_test_above(desk: Desk) -> None:
    app = create_app(desk, Access(People(desk.ledger), alone="本机"))
    source = Path(__file__).read_text(encoding="utf-8")
    routes = {route.path for route in _routes(app) if "GET" in (getattr(route, "methods", None) or ())}
    for path in routes - {"/sign-in"}:
        shape = re.escape(path).replace(r"\{number\}", '[^/"]+')
        shape = re.sub(r"\\\{\w+\\\}", '[^/"]+', shape)
        assert re.search(rf'f?"{shape}"', source), path


def _routes(app):  # type: ignore[no-untyped-def]
    for route in app.routes:
        inner = getattr(route, "original_router", None)
        yield from inner.routes if inner is not None else [route]


def test_a_password_lets_in_and_a_wrong_one_does_not(desk: Desk, people: People) -> None:
    assert signed_in(desk, people, "甲").get("/").status_code == 200
    client = client_of(desk, Access(people))
    form = {"name": "甲", "password": "falsch falsch", "csrf": token(client, "/sign-in")}
    assert client.post("/sign-in", data=form).status_code == 403


def test_guessing_is_slowed_down_for_a_name_and_for_names_that_do_not_exist(
    desk: Desk, people: People
) -> None:
    for name in ("甲", "无此人"):
        client = client_of(desk, Access(people))
        csrf = token(client, "/sign-in")
        tries = [
            client.post("/sign-in", data={"name": name, "password": "guess guess", "csrf": csrf}).status_code
            for _ in range(7)
        ]
        assert tries == [403] * 5 + [429] * 2
        right = client.post("/sign-in", data={"name": name, "password": PASSWORD, "csrf": csrf})
        assert right.status_code == 429
        assert int(right.headers["retry-after"]) > 0


def test_the_pause_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("gouji.review.people.time.monotonic", lambda: clock[0])
    throttle = Throttle(most=2, seconds=10)
    assert throttle.start("x") == throttle.start("x") == 0
    assert throttle.start("x", "y") == 10
    clock[0] = 10.5
    assert throttle.start("x") == 0


def test_many_guesses_at_the_same_time_are_no_more_than_many_in_turn(
    desk: Desk, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = threading.Barrier(5, timeout=60)

    def check(*_: object) -> None:
        begun.wait()  # no password is found wrong before five tries have begun

    monkeypatch.setattr(People, "check", check)
    client = client_of(desk, Access(people))
    form = {"name": "甲", "password": "guess guess", "csrf": token(client, "/sign-in")}
    with ThreadPoolExecutor(10) as guessers:
        tries = list(guessers.map(lambda _: client.post("/sign-in", data=form).status_code, range(10)))
    assert sorted(tries) == [403] * 5 + [429] * 5


def test_a_right_password_is_no_failure() -> None:
    throttle = Throttle(most=2)
    for _ in range(5):
        assert throttle.start("x", "y") == 0
        throttle.right("x", "y")


def test_a_session_ends_with_the_account_and_outlives_a_restart(desk: Desk, people: People) -> None:
    client = signed_in(desk, people, "甲")
    again = client_of(desk, Access(people))
    again.cookies = client.cookies
    assert again.get("/").status_code == 200
    people.close("甲")
    assert again.get("/").status_code == 303


def test_passwords_are_kept_as_argon2_only(desk: Desk, people: People, folder: Folder) -> None:
    kept = b"".join(path.read_bytes() for path in folder.out.glob("gouji.db*"))
    assert b"$argon2id$" in kept
    assert PASSWORD.encode() not in kept


def test_the_session_cookie_is_strict_and_out_of_reach_of_scripts(desk: Desk, people: People) -> None:
    cookie = client_of(desk, Access(people)).get("/sign-in").headers["set-cookie"].lower()
    assert "samesite=strict" in cookie
    assert "httponly" in cookie


def test_nothing_is_changed_without_the_token_of_the_session(desk: Desk, folder: Folder) -> None:
    client = client_of(desk)
    row = planted(desk, folder)
    form = {"version": row.version, "text": "5"}
    for path, data in (
        (f"/card/{row.id}", form),
        ("/undo", {}),
        ("/acceptance", {"per_state": 5}),
        ("/people", {"name": "x"}),
        ("/table/1/1/0/edit", {"kind": "split"}),
        ("/language", {"to": "en"}),
        ("/sign-out", {}),
        ("/acceptance/1/read", {"row": 1}),
    ):
        assert client.post(path, data=data).status_code == 403, path
        assert client.post(path, data={**data, "csrf": "x"}).status_code == 403, path
    assert item_of(desk, folder.names[0], row.ref).version == row.version


def test_only_admins_see_audit_and_people_and_draw_samples(desk: Desk, people: People) -> None:
    reviewer, admin = signed_in(desk, people, "甲"), signed_in(desk, people, "丙")
    for path in ("/audit", "/audit.csv", "/audit.jsonl", "/people"):
        assert reviewer.get(path).status_code == 403
        assert admin.get(path).status_code == 200
    form = {"per_state": 3, "csrf": token(reviewer)}
    assert reviewer.post("/acceptance", data=form).status_code == 403


def test_an_admin_makes_and_ends_accounts_but_not_their_own(desk: Desk, people: People) -> None:
    admin = signed_in(desk, people, "丙")
    csrf = token(admin)
    short = admin.post("/people", data={"name": "丁", "password": "short", "csrf": csrf})
    assert short.status_code == 422
    assert admin.post("/people", data={"name": "丁", "password": PASSWORD, "csrf": csrf}).status_code == 303
    assert people.find("丁") is not None
    admin.post("/people", data={"name": "丁", "act": "close", "csrf": csrf})
    assert people.find("丁") is None
    assert admin.post("/people", data={"name": "丙", "act": "close", "csrf": csrf}).status_code == 403


def test_a_name_from_the_proxy_counts_only_from_the_proxys_address(desk: Desk, people: People) -> None:
    people.add("proxied", Role.REVIEWER, None)
    header = {"X-Remote-User": "proxied"}
    trusted = client_of(desk, Access(people, proxy_header="X-Remote-User", proxies=("testclient",)))
    assert trusted.get("/", headers=header).status_code == 200
    assert trusted.get("/").status_code == 303
    assert trusted.get("/", headers={"X-Remote-User": "nobody"}).status_code == 403
    other = client_of(desk, Access(people, proxy_header="X-Remote-User", proxies=("192.0.2.1",)))
    assert other.get("/", headers=header).status_code == 303


def test_a_name_that_another_site_points_at_this_machine_is_refused(desk: Desk) -> None:
    assert client_of(desk).get("/", headers={"Host": "evil.example"}).status_code == 400
