"""The review: speed of a card in a long queue, keys a decision, what the order of the queue gains.

Prints one JSON line:

    python -m benchmarks.review [--queue 20000] [--cards 100] [--documents 24] [--parts order,queue,keys]

Times are processor time of the whole server, but for `card_waited_*` and `machine_*`, which the clock on the
wall measured on whatever else the machine was doing.

- `card_*`: a queue of so many doubtful figures; cards are asked for and answered over HTTP without a network.
  These documents have no stored readings, so that answers are recorded and written but settle nothing else;
  `resolve_*` is measured apart, on documents decided from readings.
- `keys`, `seconds`: cards answered by a script at a real browser, which types what is printed or picks the
  candidate. The seconds are the machine's share of a decision; no person looked at anything.
- `order`: answers until half, four fifths and all of the doubtful figures are settled, by expected gain
  and by confidence. Pages, doubts and truth are made (fixtures/review_folder.py).
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import uvicorn
from fastapi.testclient import TestClient

from fixtures.review_folder import Folder, copy_of, desk_of, make_folder
from gouji.document import CellRecord, Document
from gouji.review import queue
from gouji.review.application import create_app
from gouji.review.desk import Desk
from gouji.review.guard import Access
from gouji.review.people import People
from gouji.review.queue import Filter, Viewer
from gouji.review.recording import Reply, figure_of, item_row
from gouji.store import Store, dump_document
from gouji_ocr.reading import ReadingKind
from gouji_postprocess.decision import State

CARD_SECONDS = 0.100
"""The bar: a card of a 20,000-figure queue, at the 95th percentile."""
_DOUBTS_A_DOCUMENT = 100


def main(arguments: list[str] | None = None) -> int:
    """Make folders, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.review", description=__doc__)
    parser.add_argument("--queue", type=int, default=20_000)
    parser.add_argument("--cards", type=int, default=100)
    parser.add_argument("--documents", type=int, default=24)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--parts", default="order,queue,keys")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        seeds = range(options.seed, options.seed + options.documents)
        made = make_folder(root / "made", seeds=seeds, squares=3, pairs=2, dpi=100)
        found: dict[str, object] = {"documents": len(made.names)}
        if "order" in options.parts:
            found |= _orders(made, root)
        if "queue" in options.parts:
            found |= _long_queue(made, root / "long", options.queue, options.cards)
        if "keys" in options.parts:
            found |= _at_the_keyboard(copy_of(made, root / "typed"), options.cards)
    print(json.dumps(found, ensure_ascii=False))
    return 0


def _orders(made: Folder, root: Path) -> dict[str, object]:
    """Answers needed in both orders, and what deciding again takes."""
    found: dict[str, object] = {}
    taken: list[float] = []
    for order in ("", "confidence"):
        with desk_of(copy_of(made, root / f"order{order}")) as desk:
            left = [_left(desk)]
            while left[-1]:
                start = time.process_time()
                _answer_next(desk, made, Filter(order=order))
                taken.append(time.process_time() - start)
                left.append(_left(desk))
        name = order or "settles"
        found["doubtful"] = left[0]
        found[f"order_{name}"] = {
            share: next(at for at, rest in enumerate(left) if rest <= left[0] * (1 - float(share)))
            for share in ("0.5", "0.8", "1.0")
        }
        found[f"order_{name}_mean_left"] = round(statistics.mean(left), 1)
    return {**found, **_spread("resolve", taken)}


def _left(desk: Desk) -> int:
    with desk.ledger.view() as connection:
        return queue.left(connection, _WHO, Filter())


_WHO = Viewer("bench", "admin")


def _answer_next(desk: Desk, made: Folder, chosen: Filter) -> None:
    with desk.ledger.view() as connection:
        row = queue.next_item(connection, _WHO, chosen, time.time())
    assert row is not None
    desk.answer(_WHO, row.id, row.version, Reply(made.truth[row.name, row.ref]))


def _long_queue(made: Folder, root: Path, wanted: int, cards: int) -> dict[str, object]:
    """Many copies of made documents in which the first hundred figures are doubtful."""
    store = Store(root)
    store.prepare()
    pattern = Store(made.out).load_document(made.names[0])
    plain = dump_document(_doubtful(pattern).model_copy(update={"name": "NAME", "organ": "ORGAN"}))
    for number in range(-(-wanted // _DOUBTS_A_DOCUMENT)):
        name = f"{number // 100:03d}/{number:05d}"
        path = store.folder(name) / "document.json"
        path.parent.mkdir(parents=True)
        text = plain.replace('"NAME"', f'"{name}"').replace('"ORGAN"', f'"第{number % 40}县"')
        path.write_text(text, encoding="utf-8")
    (root / "summary.json").write_text(json.dumps({"inputs": [str(made.scans)]}), encoding="utf-8")
    start = time.process_time()
    with desk_of(Folder(root, made.scans, (), {}, {})) as desk:
        indexing = time.process_time() - start
        waiting = _left(desk)
        client = TestClient(create_app(desk, Access(People(desk.ledger), "bench")))
        token = _token(client)
        first = client.get("/next")
        item = int(first.url.path.rsplit("/", 1)[1])
        shown, waited, answered = [], [], []
        for _ in range(cards):
            start, began = time.process_time(), time.perf_counter()
            client.get(f"/card/{item}")
            shown.append(time.process_time() - start)
            waited.append(time.perf_counter() - began)
            with desk.ledger.view() as connection:
                row = item_row(connection, item)
            form = {"version": row.version, "figure": figure_of(row), "text": "7", "csrf": token}
            start = time.process_time()
            page = client.post(f"/card/{item}", data=form, headers={"HX-Request": "true"})
            answered.append(time.process_time() - start)
            item = int(page.headers["hx-push-url"].split("/")[2].split("?")[0])
        listed = [_timed(lambda: client.get("/")) for _ in range(10)]
    found: dict[str, object] = {"queue": waiting, "index_seconds": round(indexing, 1)}
    found |= _spread("card", shown) | _spread("card_waited", waited)
    found |= _spread("save_and_next", answered) | _spread("queue_page", listed)
    return {**found, "card_bar": CARD_SECONDS, "card_meets_bar": _quantile(shown, 0.95) <= CARD_SECONDS}


def _doubtful(document: Document) -> Document:
    """The document with a hundred figures doubtful between what was read and one more; no readings stored."""
    left = _DOUBTS_A_DOCUMENT

    def cell_of(cell: CellRecord) -> CellRecord:
        nonlocal left
        if cell.kind is not ReadingKind.FIGURE or not cell.text.isdigit() or not left:
            return cell
        left -= 1
        other = cell.candidates[0].model_copy(update={"text": str(int(cell.text) + 1), "probability": 0.4})
        listed = (cell.candidates[0].model_copy(update={"text": cell.text, "probability": 0.5}), other)
        return cell.model_copy(update={"state": State.DOUBTFUL, "candidates": listed, "confidence": 0.5})

    tables = tuple(
        table.model_copy(update={"cells": tuple(cell_of(cell) for cell in table.cells)})
        for table in document.tables
    )
    pages = tuple(page.model_copy(update={"key": "0" * 64}) for page in document.pages)
    return document.model_copy(update={"tables": tables, "pages": pages})


def _at_the_keyboard(made: Folder, cards: int) -> dict[str, object]:
    """Answer cards in a browser: pick the candidate that is printed, else type it."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - not needed without a browser

    keys, seconds = [], []
    with desk_of(made) as desk:
        config = uvicorn.Config(
            create_app(desk, Access(People(desk.ledger), "bench")), port=0, log_level="error"
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.05)
        port = server.servers[0].sockets[0].getsockname()[1]
        with sync_playwright() as playwright:
            switches = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=switches)
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(f"http://127.0.0.1:{port}/next")
            while len(keys) < cards and page.locator("#text").count():
                start = time.perf_counter()
                item = page.locator("#desk").get_attribute("data-item")
                number = int(str(page.locator("#view image").get_attribute("href")).split("/")[2])
                printed = made.truth[made.names[number - 1], page.locator(".where code").inner_text()]
                picks = {
                    choice.get_attribute("data-text"): choice.get_attribute("data-pick")
                    for choice in page.locator(".choice[data-pick]").all()
                }
                pressed = 1
                if page.locator("#text").input_value() != printed:
                    if printed in picks:
                        page.keyboard.press(f"Alt+{picks[printed]}")
                        pressed += 2
                    else:
                        page.keyboard.type(printed)
                        pressed += len(printed)
                page.keyboard.press("Enter")
                page.wait_for_selector(f'#desk:not([data-item="{item}"])')
                keys.append(pressed)
                seconds.append(time.perf_counter() - start)
            browser.close()
        server.should_exit = True
        thread.join(10)
    return {
        "cards": len(keys),
        "keys_mean": round(statistics.mean(keys), 2),
        "keys_most": max(keys),
        **_spread("machine", seconds),
    }


def _timed(act: Callable[[], object]) -> float:
    start = time.process_time()
    act()
    return time.process_time() - start


def _token(client: TestClient) -> str:
    page = client.get("/").text
    return page.split('"X-CSRF-Token": "')[1].split('"')[0]


def _spread(name: str, taken: Sequence[float]) -> dict[str, float]:
    return {
        f"{name}_ms_median": round(statistics.median(taken) * 1000, 1),
        f"{name}_ms_p95": round(_quantile(taken, 0.95) * 1000, 1),
        f"{name}_ms_worst": round(max(taken) * 1000, 1),
    }


def _quantile(taken: Sequence[float], share: float) -> float:
    return sorted(taken)[min(int(share * len(taken)), len(taken) - 1)]


if __name__ == "__main__":
    sys.exit(main())
