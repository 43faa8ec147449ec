"""Reviewers at the review app, each with a client and a session of their own."""

from __future__ import annotations

import re

from fastapi.testclient import TestClient

from fixtures.review_folder import Folder, item_of
from gouji.review.application import create_app
from gouji.review.desk import Desk
from gouji.review.guard import Access
from gouji.review.people import People
from gouji.review.recording import figure_of

PASSWORD = "十个字符以上的口令 ok"


def client_of(desk: Desk, access: Access | None = None) -> TestClient:
    access = access or Access(People(desk.ledger), alone="本机")
    app = create_app(desk, access, hosts=("testserver",))
    return TestClient(app, follow_redirects=False)


def token(client: TestClient, path: str = "/") -> str:
    found = re.search(r'"X-CSRF-Token": "([^"]+)"', client.get(path).text)
    assert found
    return found[1]


def signed_in(desk: Desk, people: People, name: str, *, four_eyes: bool = False) -> TestClient:
    client = client_of(desk, Access(people, four_eyes=four_eyes))
    form = {"name": name, "password": PASSWORD, "csrf": token(client, "/sign-in")}
    assert client.post("/sign-in", data=form).status_code == 303
    return client


def planted(desk: Desk, folder: Folder):  # type: ignore[no-untyped-def]
    return item_of(desk, folder.names[0], folder.planted[folder.names[0]][0])


def typed(client: TestClient, row, text: str = "5", why: str = "") -> dict[str, str]:  # type: ignore[no-untyped-def]
    """The form of a card as it stands in the browser, with this typed into it."""
    return {
        "version": str(row.version),
        "figure": figure_of(row),
        "text": text,
        "why": why,
        "csrf": token(client),
    }
