"""Every page is accessible, in the light and in the dark, and fits a narrow window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from driving import Server, Visitor, in_browser

pytestmark = in_browser


EXAMINE = Path(__file__).with_name("examine.js").read_text(encoding="utf-8")
PAGES = ("/", "/next", "/group?text=1", "/tables", "/table/1/1/0", "/acceptance", "/dashboard", "/audit")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible(
    serve: Callable[..., Server], visit: Callable[..., Visitor], scheme: str
) -> None:
    """The checks of axe that fit our pages: names, labels, headings, ids, contrast of every text."""
    server, visitor = serve("--as", "甲"), visit(color_scheme=scheme)
    found = {}
    for path in PAGES:
        visitor.page.goto(server.address + path)
        visitor.page.wait_for_load_state("networkidle")
        problems = visitor.page.evaluate(EXAMINE)
        if problems:
            found[path] = problems
    assert found == {}
    assert visitor.complaints == []


def test_every_page_fits_a_narrow_window(serve: Callable[..., Server], visit: Callable[..., Visitor]) -> None:
    server, visitor = serve("--as", "甲"), visit(viewport={"width": 420, "height": 860})
    for path in PAGES:
        visitor.page.goto(server.address + path)
        visitor.page.wait_for_load_state("networkidle")
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 420, path
