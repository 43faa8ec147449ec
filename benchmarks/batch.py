"""Batch runs measured: kills, memory, scaling, the ledger's cost, poisoned folders. One JSON line each.

    python -m benchmarks.batch kill     [--pages 500] [--kills 5] [--workers 2] [--seed 7]
    python -m benchmarks.batch memory   [--pages 2000] [--workers 1]
    python -m benchmarks.batch scaling  [--pages 200]
    python -m benchmarks.batch overhead [--pages 1000] [--ledger URL]
    python -m benchmarks.batch ledger   [--rows 10000000]

Pages are small made ones (`batch_pages.py`) that go through the whole real chain.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.batch_ledger import ledger_at_size, overhead
from benchmarks.batch_pages import COUNT_FILE, small_pages

from gouji.batch.journal import read_log
from gouji.batch.run import Request, run_batch
from gouji.batch.settings import Limits

WORK = "benchmarks.batch_pages:CountedWork"
ROOT = Path(__file__).parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Run one measurement and print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batch", description=__doc__)
    parser.add_argument("what", choices=[*_MEASUREMENTS, "one-run"])
    parser.add_argument("--pages", type=int)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--ledger")
    parser.add_argument("--places", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.what == "one-run":  # what the kill measurement starts and kills
        scans, out = map(Path, options.places)
        read(scans, out, options.workers)
        return 0
    with tempfile.TemporaryDirectory(prefix="gouji-batch-") as folder:
        line = _MEASUREMENTS[options.what](options, Path(folder))
    print(json.dumps({"benchmark": f"batch {options.what}", **line}, ensure_ascii=False))
    return 0


def read(scans: Path, out: Path, workers: int, **limits: Any) -> float:
    """Read a folder and return the wall-clock seconds."""
    os.environ[COUNT_FILE] = str(out.with_suffix(".count"))
    os.environ["PYTHONPATH"] = str(ROOT)
    start = time.monotonic()
    usual = {"page_seconds": 120.0, **limits}
    run_batch(Request(places=(str(scans),), out=str(out), workers=workers, limits=Limits(**usual), work=WORK))
    return time.monotonic() - start


def killed_run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """A run killed at random moments and resumed, against one that was left alone."""
    pages, workers = options.pages or 500, options.workers or 2
    scans = folder / "scans"
    small_pages(scans, pages, options.seed)
    out, calm = folder / "killed", folder / "calm"
    chance = random.Random(options.seed)
    # Moments by work done, not by the clock, so that all of them fall inside the run on any machine.
    moments = sorted(chance.sample(range(1, pages), options.kills))
    in_flight = []
    undisturbed = _one_run(workers, scans, calm)
    for moment in moments:
        process = _one_run(workers, scans, out)
        while len(_reads(out)) < moment and process.poll() is None:
            time.sleep(0.01)
        time.sleep(chance.random() * 0.5)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        in_flight.append(len(_reads(out)))
    read(scans, out, workers)
    undisturbed.wait()
    times = Counter(_reads(out))
    one, other = _documents(out), _documents(calm)
    return {
        "pages": pages,
        "workers": workers,
        "kills_after_page": in_flight,
        "pages_in_result": sum(len(json.loads(text)["pages"]) for text in one.values()),
        "documents": len(one),
        "page_numbers_unique": all(_unique_pages(text) for text in one.values()),
        "identical_to_undisturbed": {k: _timeless(v) for k, v in one.items()}
        == {k: _timeless(v) for k, v in other.items()},
        "pages_read_twice": sum(n - 1 for n in times.values()),
        "bar_pages_read_twice": workers * options.kills,
    }


def memory(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Memory of one worker over many pages, without replacing it."""
    pages = options.pages or 2000
    scans, out = folder / "scans", folder / "out"
    small_pages(scans, pages, options.seed)
    read(scans, out, 1, recycle_pages=10 * pages, recycle_megabytes=100_000, megabytes=100_000)
    sizes = [line["megabytes"] for line in read_log(out / "log.jsonl") if line["event"] == "read done"]
    warm = sizes[len(sizes) // 10 :]
    tenths = [warm[len(warm) * n // 10 : len(warm) * (n + 1) // 10] for n in range(10)]
    means = [round(statistics.fmean(part), 1) for part in tenths]
    return {
        "pages": len(sizes),
        "megabytes_by_tenth_after_warm_up": means,
        "growth": round(means[-1] / means[0] - 1, 4),
        "most": max(sizes),
        "bar": 0.10,
    }


def scaling(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """The same pages with one worker and with two; processor seconds show contention on a busy machine."""
    pages = options.pages or 200
    scans = folder / "scans"
    small_pages(scans, pages, options.seed)
    line: dict[str, Any] = {"pages": pages, "load_before": round(os.getloadavg()[0], 1)}
    rates = {}
    for workers in (1, 2):
        out = folder / f"out{workers}"
        before = _children_seconds()
        read(scans, out, workers)
        log = [e for e in read_log(out / "log.jsonl") if e["event"] in {"read done", "worker ready"}]
        span = _stamp(log[-1]) - _stamp(next(e for e in log if e["event"] == "read done"))
        rates[workers] = (pages - 1) / span
        line[f"workers_{workers}"] = {
            "pages_a_second": round(rates[workers], 3),
            "processor_seconds_a_page": round((_children_seconds() - before) / pages, 3),
        }
    return line | {
        "ratio": round(rates[2] / rates[1], 3),
        "bar": 1.8,
        "load_after": round(os.getloadavg()[0], 1),
    }


def ledger_overhead(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """What claiming and finishing a page costs."""
    return overhead(folder, options.pages or 1000, options.ledger)


def ledger_size(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """The ledger with ten million pages in it."""
    return ledger_at_size(folder, options.rows, options.ledger)


_MEASUREMENTS: dict[str, Callable[[argparse.Namespace, Path], dict[str, Any]]] = {
    "kill": killed_run,
    "memory": memory,
    "scaling": scaling,
    "overhead": ledger_overhead,
    "ledger": ledger_size,
}


def _one_run(workers: int, scans: Path, out: Path) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "benchmarks.batch",
        "one-run",
        f"--workers={workers}",
        "--places",
        scans,
        out,
    ]
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True)


def _reads(out: Path) -> list[str]:
    try:
        return out.with_suffix(".count").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []


def _documents(out: Path) -> dict[str, str]:
    return {
        str(path.relative_to(out)): path.read_text(encoding="utf-8") for path in out.rglob("document.json")
    }


def _timeless(text: str) -> object:
    """A document without the seconds that reading took, the one thing that may differ."""
    document = json.loads(text)
    for page in document["pages"]:
        page.pop("seconds")
    return document


def _unique_pages(text: str) -> bool:
    numbers = [page["number"] for page in json.loads(text)["pages"]]
    return numbers == list(range(1, len(numbers) + 1))


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _stamp(line: dict[str, Any]) -> float:
    return datetime.fromisoformat(line["timestamp"]).timestamp()


if __name__ == "__main__":
    raise SystemExit(main())
