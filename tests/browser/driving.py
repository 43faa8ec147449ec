"""Driving the review in a real browser: its server, its visitor, and when a page is ready for keys."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from fixtures.review_folder import Folder, document_of
from gouji.document import CellRecord


def chromium() -> str | None:
    """The browser, if there is one that starts: Ubuntu's package of that name only points to its snap."""
    for path in filter(None, map(shutil.which, ("chromium", "chromium-browser"))):
        if subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0:
            return path
    return None


CHROMIUM = chromium()
in_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs a chromium that starts, as Debian packages it"),
]


@dataclass
class Server:
    """`gouji review` as a process of its own."""

    folder: Folder
    port: int
    options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = (sys.executable, "-m", "gouji", "review", str(self.folder.out))
        self.process = subprocess.Popen([*command, "--port", str(self.port), *self.options])
        for _ in range(600):
            try:
                urlopen(f"{self.address}/static/icon.svg").close()
            except (URLError, ConnectionError):
                time.sleep(0.1)
            else:
                return
        raise TimeoutError("the server does not answer")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(30)
            self.process = None


@dataclass
class Visitor:
    """One person at a browser of their own; collects everything that went wrong in it."""

    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


def arrived(page: Page, selector: str) -> None:
    """Wait for another page until it listens: its scripts run after what can be seen of it."""
    page.wait_for_selector(selector)
    page.wait_for_load_state()


def first_card(visitor: Visitor, server: Server, path: str = "/") -> Page:
    page = visitor.page
    page.goto(server.address + path)
    if path == "/":
        page.keyboard.press("Enter")
    arrived(page, "#text")
    return page


def shown(page: Page) -> str:
    return page.locator(".where code").inner_text()


def next_shown(page: Page, before: str) -> None:
    """Wait until another figure is shown and ready to type in."""
    expect(page.locator("#desk")).not_to_have_attribute("data-item", before)
    expect(page.locator("#text")).to_be_focused()


def item(page: Page) -> str:
    return page.locator("#desk").get_attribute("data-item") or ""


def name_of(page: Page, folder: Folder) -> str:
    """The document of the card: found by its page picture, whose address has the document's number."""
    return folder.names[int(page.locator("#view image").get_attribute("href").split("/")[2]) - 1]  # type: ignore[union-attr]


def cell_of(folder: Folder, name: str, ref: str) -> CellRecord:
    return next(c for t in document_of(folder, name).tables for c in t.cells if c.ref == ref)
