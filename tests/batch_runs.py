"""Folders of small scans and runs over them, in this process or in one that can be killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from batch_work import READ_LOG, SECONDS, WORK
from PIL import Image
from sqlalchemy import select

from gouji.batch.run import Outcome, Request, run_batch
from gouji.batch.settings import Limits
from gouji.ledger import open_ledger
from gouji.ledger_tables import pages

HERE = Path(__file__).parent
FAST = Limits(
    page_seconds=60, document_seconds=120, megabytes=1000, recycle_pages=1000, recycle_megabytes=900
)


def scan(path: Path, seed: int, pages: int = 1, blank: bool = False) -> Path:
    """Write a small scan; other seeds are other bytes. More pages than one make a TIFF."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sheets = []
    for number in range(pages):
        noise = np.random.default_rng([seed, number]).integers(0, 255, (16, 17), np.uint8)
        picture = Image.fromarray(np.full_like(noise, 255) if blank else noise)
        sheets.append(picture.resize((170, 160), Image.Resampling.NEAREST))
    if pages == 1:
        sheets[0].save(path, dpi=(200, 200))
    else:
        sheets[0].save(path, save_all=True, append_images=sheets[1:], dpi=(200, 200))
    return path


def folder(place: Path, files: int, pages: int = 1) -> Path:
    """A folder of `files` scans."""
    for number in range(1, files + 1):
        scan(place / f"{number:03d}{'.png' if pages == 1 else '.tif'}", number, pages)
    return place


def run(places: Path | Sequence[str], out: Path | str, **settings: Any) -> Outcome:
    """Run in this process, workers apart."""
    given = (str(places),) if isinstance(places, Path) else tuple(places)
    settings = {"workers": 2, "limits": FAST, "work": WORK, **settings}
    return run_batch(Request(places=given, out=str(out), **settings))


def start(place: Path, out: Path, *, workers: int = 2, ledger: str | None = None, lease: float = 60.0) -> Any:
    """Start a run in a process of its own and return it."""
    plain = json.dumps([str(place), str(out), workers, ledger, lease])
    return subprocess.Popen([sys.executable, HERE / "batch_runs.py", plain], start_new_session=True)


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to the supervisor alone; its workers must notice by themselves."""
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def wait_until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait for something that must come; fails when it does not."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def environment(monkeypatch: Any, tmp_path: Path, seconds: float = 0.0) -> Path:
    """Let workers find the cheap pages; returns the file that tells what was really read."""
    log = tmp_path / "read.log"
    log.touch()
    monkeypatch.setenv("PYTHONPATH", f"{HERE}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    monkeypatch.setenv(SECONDS, str(seconds))
    monkeypatch.setenv(READ_LOG, str(log))
    return log


def times_read(log: Path) -> Counter[str]:
    """How often each page was begun."""
    return Counter(log.read_text(encoding="utf-8").splitlines())


def results(out: Path) -> dict[str, bytes]:
    """Every document.json by name."""
    found = (out / "documents").rglob("document.json")
    return {path.parent.relative_to(out / "documents").as_posix(): path.read_bytes() for path in found}


def page_states(out: Path, url: str | None = None) -> Counter[str]:
    """Pages of the ledger by state."""
    ledger = open_ledger(out, url)
    with ledger.view() as connection:
        return Counter(connection.execute(select(pages.c.state)).scalars())


def main() -> None:
    """A run in a process of its own, with the settings `start` wrote."""
    place, out, workers, ledger, lease = json.loads(sys.argv[1])
    request = Request(
        places=(place,), out=out, workers=workers, ledger=ledger, lease_seconds=lease, limits=FAST, work=WORK
    )
    run_batch(request)


if __name__ == "__main__":
    main()
