"""Cards worked off without a mouse, over a folder of documents decided by gouji."""

from __future__ import annotations

import json
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
from playwright.sync_api import Route, expect

from fixtures.review_folder import Folder
from gouji_postprocess.decision import State

pytestmark = in_browser


def test_the_queue_is_worked_off_by_keyboard_alone(
    folder: Folder, serve: Callable[..., Server], visit: Callable[..., Visitor]
) -> None:
    server, visitor = serve("--as", "甲"), visit()
    page = first_card(visitor, server)
    told = []
    while page.locator("#text").count():
        before = item(page)
        page.keyboard.type(folder.truth[name_of(page, folder), shown(page)])
        page.keyboard.press("Enter")
        expect(page.locator(f'#desk[data-item="{before}"]')).to_have_count(0)
        told.append(page.locator("[role=status]").inner_text())
    for name in folder.names:
        for ref in folder.planted[name]:
            assert cell_of(folder, name, ref).text == folder.truth[name, ref]
    assert any("使另外 3 个数字得到确定" in one for one in told)
    assert len(told) < sum(map(len, folder.planted.values()))  # the rules did the rest
    assert visitor.complaints == []
    assert all(address.startswith(server.address) for address in visitor.requests)


def test_candidates_suggestions_and_every_command_have_a_key(
    folder: Folder, serve: Callable[..., Server], visit: Callable[..., Visitor]
) -> None:
    server = serve("--as", "甲")
    page = first_card(visit(), server)
    name, ref, first = name_of(page, folder), shown(page), item(page)
    text = page.locator("#text")
    expect(text).to_be_focused()
    read = text.input_value()

    page.keyboard.press("Alt+2")
    second = page.locator('[data-pick="2"]').get_attribute("data-text")
    expect(text).to_have_value(second or "")
    expect(page.locator(".formula.fails").first).to_be_visible()  # the other corners say something else
    page.keyboard.press("Alt+1")
    expect(text).to_have_value(read)
    expect(page.locator(".formula.fails")).to_have_count(0)

    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_hidden()

    boxes = [page.locator("#view").get_attribute("viewBox")]
    for key in ("p", "p", "p", "Shift+ArrowRight", "Shift+ArrowDown", "PageUp", "PageDown", "PageDown"):
        page.keyboard.press(key)
        boxes.append(page.locator("#view").get_attribute("viewBox"))
    assert boxes[3] == boxes[0]
    assert len(set(boxes)) == len(boxes) - 1
    expect(text).to_have_value(read)  # no command leaves a letter in the field

    page.keyboard.press("r")
    expect(page.locator(".formula.lit")).to_have_count(1)
    expect(page.locator("#view rect.lit").first).to_be_attached()

    page.keyboard.press("n")
    page.keyboard.type("看不清")
    page.keyboard.press("Escape")
    expect(text).to_be_focused()
    page.keyboard.press("u")
    next_shown(page, first)
    assert cell_of(folder, name, ref).kind == "unreadable"

    page.keyboard.press("z")
    expect(page.locator("#desk")).to_have_attribute("data-item", first)
    expect(page.locator("[role=status]")).to_contain_text("已撤销")
    assert cell_of(folder, name, ref).state is State.DOUBTFUL
    expect(page.locator(".history")).to_contain_text("看不清")

    page.keyboard.press("o")
    next_shown(page, first)
    assert cell_of(folder, name, ref).source_suspect

    skipped = item(page)
    page.keyboard.press("s")
    next_shown(page, skipped)
    page.keyboard.press("b")
    expect(page.locator("#desk")).to_have_attribute("data-item", skipped)

    page.keyboard.press("t")
    arrived(page, ".table-desk")
    page.keyboard.press("q")
    arrived(page, ".queue-page")


def test_a_rule_suggestion_is_marked_as_such_and_taken_only_on_demand(
    folder: Folder, serve: Callable[..., Server], visit: Callable[..., Visitor]
) -> None:
    server = serve("--as", "甲")
    page = visit().page
    page.goto(f"{server.address}/table/1/1/0/open/p1t0r3c9")  # the total of what was received
    arrived(page, "#text")
    before = item(page)
    page.keyboard.type("77777")
    page.keyboard.press("Enter")
    next_shown(page, before)
    page.goto(f"{server.address}/table/1/1/0/open/p1t0r3c3")
    arrived(page, "#text")
    offered = page.locator(".choice.only-rules").first
    expect(offered).to_contain_text("规则推得")
    expect(page.locator("#text")).not_to_have_value(offered.get_attribute("data-text") or "")
    page.keyboard.press("Alt+0")
    expect(page.locator("#text")).to_have_value(offered.get_attribute("data-text") or "")


def test_a_long_answer_says_that_it_works_and_takes_no_keys_meanwhile(
    serve: Callable[..., Server], visit: Callable[..., Visitor]
) -> None:
    server, visitor = serve("--as", "甲"), visit()
    page = first_card(visitor, server)
    before = item(page)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(f"**/card/{before}", hold)
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    expect(page.locator("#working")).to_be_visible()
    expect(page.locator("#working")).to_contain_text("正在重新勾稽")
    page.keyboard.type("77z")
    expect(page.locator("#text")).to_have_value("5")
    held.pop().continue_()
    next_shown(page, before)
    expect(page.locator("#working")).to_be_hidden()
    read = page.locator("#text").input_value()
    page.keyboard.type("7")
    expect(page.locator("#text")).to_have_value("7")
    assert read != "77"
    assert visitor.complaints == []


def test_undoing_and_answering_again_break_no_rule_of_the_page_about_styles(
    serve: Callable[..., Server], visit: Callable[..., Visitor]
) -> None:
    server, visitor = serve("--as", "甲"), visit()
    page = first_card(visitor, server)
    before = item(page)
    page.keyboard.press("Alt+1")
    page.keyboard.press("Enter")
    next_shown(page, before)
    page.keyboard.press("z")
    expect(page.locator("#desk")).to_have_attribute("data-item", before)
    page.keyboard.press("Enter")
    next_shown(page, before)
    assert visitor.complaints == []


def test_what_is_no_figure_is_kept_with_the_same_key_once_more(
    folder: Folder, serve: Callable[..., Server], visit: Callable[..., Visitor]
) -> None:
    server = serve("--as", "甲")
    page = first_card(visit(), server)
    name, ref, before = name_of(page, folder), shown(page), item(page)
    page.keyboard.type("1.2.3")
    page.keyboard.press("Enter")
    expect(page.locator("[role=alert]:visible")).to_contain_text("不是数字")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.press("Enter")
    next_shown(page, before)
    assert cell_of(folder, name, ref).text == "1.2.3"


def test_a_key_held_down_answers_one_figure_only(
    folder: Folder, serve: Callable[..., Server], visit: Callable[..., Visitor]
) -> None:
    server = serve("--as", "甲")
    page = first_card(visit(), server)
    name, first = name_of(page, folder), item(page)
    page.keyboard.down("Enter")
    next_shown(page, first)
    second, ref = item(page), shown(page)
    for _ in range(5):
        page.keyboard.down("Enter")  # not let go in between: the browser marks it as repeated
    page.keyboard.up("Enter")
    page.keyboard.down("s")
    next_shown(page, second)  # what had been sent before would have been answered by now
    third = item(page)
    for _ in range(5):
        page.keyboard.down("s")
    page.keyboard.up("s")
    page.keyboard.press("r")
    page.wait_for_timeout(500)
    assert item(page) == third
    assert cell_of(folder, name, ref).state == "doubtful"


def test_enter_in_the_note_goes_back_to_the_figure_and_answers_nothing(
    folder: Folder, serve: Callable[..., Server], visit: Callable[..., Visitor]
) -> None:
    page = first_card(visit(), serve("--as", "甲"))
    name, ref, before = name_of(page, folder), shown(page), item(page)
    page.keyboard.press("n")
    page.keyboard.type("印得不清")
    page.keyboard.press("Enter")
    expect(page.locator("#text")).to_be_focused()
    assert item(page) == before
    assert cell_of(folder, name, ref).state == "doubtful"
    page.keyboard.press("Enter")
    next_shown(page, before)
    assert cell_of(folder, name, ref).state == "reviewed"


def test_what_many_readers_said_stays_inside_its_panel(
    folder: Folder, serve: Callable[..., Server], visit: Callable[..., Visitor]
) -> None:
    for name in folder.names:
        path = folder.out / "documents" / name / "document.json"
        plain = json.loads(path.read_text(encoding="utf-8"))
        for cell in (cell for table in plain["tables"] for cell in table["cells"]):
            cell["opinions"] *= 5
        path.write_text(json.dumps(plain), encoding="utf-8")
    page = first_card(visit(), serve("--as", "甲"))
    assert page.locator(".reader").count() >= 10
    assert page.evaluate(
        "(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth)"
        "(document.querySelector('.reader').parentElement)"
    )
