"""Two reviewers at once, and a server that is killed under one of them."""

from __future__ import annotations

import signal
from collections.abc import Callable

from driving import (
    Server,
    Visitor,
    arrived,
    cell_of,
    first_card,
    in_browser,
    item,
    name_of,
    next_shown,
    shown,
)
from playwright.sync_api import expect

from fixtures.review_folder import Folder, document_of
from gouji.ledger import open_ledger
from gouji.review.people import People, Role

pytestmark = in_browser
PASSWORD = "口令口令口令口令口令"


def test_two_reviewers_at_once_are_told_of_each_other(
    folder: Folder, serve: Callable[..., Server], visit: Callable[..., Visitor]
) -> None:
    ledger = open_ledger(folder.out)
    for name in ("甲", "乙"):
        People(ledger).add(name, Role.REVIEWER, PASSWORD)
    ledger.close()
    server = serve()
    pages = []
    for name in ("甲", "乙"):
        page = visit().page
        page.goto(server.address)
        page.fill("[name=name]", name)
        page.fill("[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        arrived(page, ".queue-page")
        pages.append(page)
    one, other = pages
    one.goto(f"{server.address}/next")
    other.goto(f"{server.address}/next")
    assert item(one) != item(other)  # the queue keeps them apart
    other.goto(one.url)  # a link that was passed on does not
    arrived(other, "#text")
    before = item(one)
    one.keyboard.type("5")
    one.keyboard.press("Enter")
    next_shown(one, before)
    other.keyboard.type("6")
    other.keyboard.press("Enter")
    alert = other.locator("[role=alert]:visible")
    expect(alert).to_contain_text("甲")
    expect(alert).to_contain_text("“5”")
    expect(other.locator("#text")).to_have_value("6")
    other.keyboard.press("Enter")
    next_shown(other, before)
    documents = [document_of(folder, name) for name in folder.names]
    (cell,) = [c for d in documents for t in d.tables for c in t.cells if c.decided_by == "乙"]
    assert cell.text == "6"


def test_what_was_typed_survives_a_server_that_is_killed_and_comes_back(
    folder: Folder, serve: Callable[..., Server], visit: Callable[..., Visitor]
) -> None:
    server = serve("--as", "甲")
    page = first_card(visit(), server)
    name, ref, before = name_of(page, folder), shown(page), item(page)
    server.stop(signal.SIGKILL)
    page.keyboard.type("12345")
    page.keyboard.press("Enter")
    expect(page.locator("#trouble")).to_contain_text("没有应答")
    expect(page.locator("#text")).to_have_value("12345")
    server.start()
    page.keyboard.press("Enter")
    next_shown(page, before)
    assert cell_of(folder, name, ref).text == "12345"
