"""The table beside its image and the cells of one reading, walked by keyboard."""

from __future__ import annotations

from collections.abc import Callable

from driving import Server, Visitor, arrived, cell_of, in_browser
from playwright.sync_api import expect

from fixtures.review_folder import Folder

pytestmark = in_browser


def test_the_table_beside_its_image_is_walked_and_mended_by_keyboard(
    folder: Folder, serve: Callable[..., Server], visit: Callable[..., Visitor]
) -> None:
    server, visitor = serve("--as", "甲"), visit()
    page = visitor.page
    page.goto(f"{server.address}/table/1/1/0?cell=p1t0r3c3")
    words = page.locator("#words")
    expect(words).to_contain_text("自然人")
    page.keyboard.press("ArrowDown")
    expect(words).to_contain_text("p1t0r4c3")
    panes = page.locator(".panes svg")
    for key in ("PageUp", "PageDown", "p"):
        page.keyboard.press(key)
        assert panes.nth(0).get_attribute("viewBox") == panes.nth(1).get_attribute("viewBox")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("m")
    arrived(page, '[data-ref="p1t0r4c3"][data-colspan="2"]')
    assert cell_of(folder, folder.names[0], "p1t0r4c3").colspan == 2
    page.keyboard.press("z")
    arrived(page, '[data-ref="p1t0r4c4"]')
    assert cell_of(folder, folder.names[0], "p1t0r4c3").colspan == 1
    page.keyboard.press("Enter")
    arrived(page, "#text")
    assert visitor.complaints == []


def test_cells_of_the_same_reading_are_walked_and_opened_by_keyboard(
    folder: Folder, serve: Callable[..., Server], visit: Callable[..., Visitor]
) -> None:
    server, visitor = serve("--as", "甲"), visit()
    page = visitor.page
    page.goto(f"{server.address}/group?text=1")
    arrived(page, ".crops a:focus")
    second = page.locator(".crops a").nth(1).get_attribute("href")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    arrived(page, "#text")
    assert second is not None
    assert page.url.endswith(second)
    expect(page.locator("#text")).to_have_value("1")
