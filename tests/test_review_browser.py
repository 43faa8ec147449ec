"""The review in a real browser, without a mouse, over a folder of documents decided by gouji."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from fixtures.review_folder import Folder, copy_of, document_of, make_folder
from gouji.ledger import open_ledger
from gouji.review.people import People, Role
from gouji_postprocess.decision import State

sync_api = pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Browser, BrowserContext, Page, expect  # noqa: E402


def _chromium() -> str | None:
    """The browser, if there is one that starts: Ubuntu's package of that name only points to its snap."""
    for path in filter(None, map(shutil.which, ("chromium", "chromium-browser"))):
        if subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0:
            return path
    return None


CHROMIUM = _chromium()
PASSWORD = "口令口令口令口令口令"
pytestmark = [
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
        command = [
            sys.executable,
            "-c",
            "from gouji.command import main; main()",
            "review",
            str(self.folder.out),
        ]
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


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return make_folder(tmp_path_factory.mktemp("made"), seeds=(3, 4), squares=2)


@pytest.fixture
def folder(made: Folder, tmp_path: Path) -> Folder:
    return copy_of(made, tmp_path)


@pytest.fixture
def serve(folder: Folder) -> Iterator[Callable[..., Server]]:
    started: list[Server] = []

    def start(*options: str) -> Server:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = Server(folder, port, options)
        started.append(server)
        server.start()
        return server

    yield start
    for server in started:
        server.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    switches = (
        "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update "
        "--disable-sync --no-first-run"
    )
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=switches.split())
        yield opened
        opened.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visitor]]:
    visitors: list[Visitor] = []

    def open_page(**options: object) -> Visitor:
        context = browser.new_context(viewport={"width": 1440, "height": 900}, **options)  # type: ignore[arg-type]
        visitor = Visitor(context, context.new_page())
        visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
        visitor.page.on("request", lambda request: visitor.requests.append(request.url))
        visitor.page.on(
            "console",
            lambda line: visitor.complaints.append(line.text) if line.type == "error" else None,
        )
        visitors.append(visitor)
        return visitor

    yield open_page
    for visitor in visitors:
        visitor.context.close()


def first_card(visitor: Visitor, server: Server, path: str = "/") -> Page:
    page = visitor.page
    page.goto(server.address + path)
    if path == "/":
        page.keyboard.press("Enter")
    page.wait_for_selector("#text")
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


def cell_of(folder: Folder, name: str, ref: str):  # type: ignore[no-untyped-def]
    return next(c for t in document_of(folder, name).tables for c in t.cells if c.ref == ref)


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
    page.wait_for_selector(".table-desk")
    page.keyboard.press("q")
    page.wait_for_selector(".queue-page")


def test_a_rule_suggestion_is_marked_as_such_and_taken_only_on_demand(
    folder: Folder, serve: Callable[..., Server], visit: Callable[..., Visitor]
) -> None:
    server = serve("--as", "甲")
    page = visit().page
    page.goto(f"{server.address}/table/1/1/0/open/p1t0r3c9")  # the total of what was received
    page.wait_for_selector("#text")
    before = item(page)
    page.keyboard.type("77777")
    page.keyboard.press("Enter")
    next_shown(page, before)
    page.goto(f"{server.address}/table/1/1/0/open/p1t0r3c3")
    page.wait_for_selector("#text")
    offered = page.locator(".choice.only-rules").first
    expect(offered).to_contain_text("规则推得")
    expect(page.locator("#text")).not_to_have_value(offered.get_attribute("data-text") or "")
    page.keyboard.press("Alt+0")
    expect(page.locator("#text")).to_have_value(offered.get_attribute("data-text") or "")


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
        page.wait_for_selector(".queue-page")
        pages.append(page)
    one, other = pages
    one.goto(f"{server.address}/next")
    other.goto(f"{server.address}/next")
    assert item(one) != item(other)  # the queue keeps them apart
    other.goto(one.url)  # a link that was passed on does not
    other.wait_for_selector("#text")
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
    page.wait_for_selector('[data-ref="p1t0r4c3"][data-colspan="2"]')
    assert cell_of(folder, folder.names[0], "p1t0r4c3").colspan == 2
    page.keyboard.press("z")
    page.wait_for_selector('[data-ref="p1t0r4c4"]')
    assert cell_of(folder, folder.names[0], "p1t0r4c3").colspan == 1
    page.keyboard.press("Enter")
    page.wait_for_selector("#text")
    assert visitor.complaints == []


def test_cells_of_the_same_reading_are_walked_and_opened_by_keyboard(
    folder: Folder, serve: Callable[..., Server], visit: Callable[..., Visitor]
) -> None:
    server, visitor = serve("--as", "甲"), visit()
    page = visitor.page
    page.goto(f"{server.address}/group?text=1")
    page.wait_for_selector(".crops a:focus")
    second = page.locator(".crops a").nth(1).get_attribute("href")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_selector("#text")
    assert second is not None
    assert page.url.endswith(second)
    expect(page.locator("#text")).to_have_value("1")


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
        problems = visitor.page.evaluate(_EXAMINE)
        if problems:
            found[path] = problems
    assert found == {}
    assert visitor.complaints == []


_EXAMINE = """() => {
  const problems = [];
  const say = (rule, element) => problems.push(`${rule}: ${element.outerHTML.slice(0, 120)}`);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const visible = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const name = (element) =>
    element.getAttribute("aria-label") || element.textContent.trim() || element.title ||
    [...element.querySelectorAll("img")].map((image) => image.alt).join("");
  if (!document.documentElement.lang) problems.push("no language");
  if (!document.title) problems.push("no title");
  if (!document.querySelector("main")) problems.push("no main");
  const ids = all("[id]").map((element) => element.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) problems.push(`id twice: ${id}`);
  for (const image of all("img")) if (!image.hasAttribute("alt")) say("no alt", image);
  for (const svg of all("svg[role=img], svg[role=group]")) if (!name(svg)) say("no name", svg);
  for (const button of all("button, a[href]")) if (visible(button) && !name(button)) say("no name", button);
  for (const input of all("input:not([type=hidden]), select, textarea")) {
    if (!input.labels?.length && !input.getAttribute("aria-label")) say("no label", input);
  }
  for (const head of all("table.rows thead th")) if (!head.scope) say("no scope", head);
  for (const list of all("ul, ol")) {
    for (const child of list.children) if (child.tagName !== "LI") say("not an item", child);
  }
  const headings = all("h1, h2, h3").filter(visible).map((element) => Number(element.tagName[1]));
  if (headings[0] !== 1) problems.push(`first heading is h${headings[0]}`);
  headings.forEach((level, at) => {
    if (at && level > headings[at - 1] + 1) problems.push(`h${headings[at - 1]} then h${level}`);
  });
  const parse = (colour) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
    const paint = canvas.getContext("2d");
    paint.fillStyle = colour;
    paint.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = paint.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const over = (top, under) => top.slice(0, 3).map((v, at) => v * top[3] + under[at] * (1 - top[3]));
  const ground = (element) => {
    const layers = [];
    for (let one = element; one; one = one.parentElement) {
      layers.push(parse(getComputedStyle(one).backgroundColor));
    }
    return layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255]);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || seen.has(element) || !visible(element)) continue;
    if (element.closest("dialog:not([open]), noscript, title, script, button:disabled")) continue;
    seen.add(element);
    const style = getComputedStyle(element);
    const inPlot = element.closest("svg") && !element.closest("foreignObject");
    const under = ground(element);
    const ink = over(parse(inPlot ? style.fill : style.color), under);
    const [a, b] = [light(ink), light(under)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) say(`contrast ${ratio.toFixed(2)}`, element);
  }
  return problems;
}"""
