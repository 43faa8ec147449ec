"""The whole chain on made pages, held against their truth and the first bars: one JSON line.

    python -m benchmarks.made_pages [--pages 24] [--levels 0-3] [--dpi 200] [--seed 7] [--out DIR] [--table]

Pages are made, written as PNG, read by the same code as `gouji read`, and scored by the same code as `gouji
evaluate`. With `--out` pages and results are kept to be looked at. `--make-only` times the making alone.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from rich.console import Console

from fixtures.make.__main__ import main as make_pages
from gouji.evaluate import evaluate, measures, render
from gouji.options import ReadOptions
from gouji.run_folder import run_folder

FIGURES_EXACT, SILENT_ERRORS, HARMED = 0.995, 0.001, 0
"""The bars of the first whole run: shares of figures, and a count."""


def main(arguments: list[str] | None = None) -> int:
    """Make, read, evaluate, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.made_pages", description=__doc__)
    parser.add_argument("--pages", type=int, default=24)
    parser.add_argument("--levels", default="0-3")
    parser.add_argument("--dpi", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--forms", default="2019,2021,census")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--table", action="store_true", help="also print readable tables to standard error")
    parser.add_argument("--make-only", action="store_true")
    options = parser.parse_args(arguments)
    if options.out:
        line = bench(options, options.out)
    else:
        with tempfile.TemporaryDirectory(prefix="gouji-made-") as folder:
            line = bench(options, Path(folder))
    print(json.dumps(line, ensure_ascii=False))
    return 0


def bench(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Run the chain below a folder; what it measured, for the JSON line."""
    scans, results = folder / "pages", folder / "results"
    settings = [f"--pages={options.pages}", f"--levels={options.levels}", f"--dpi={options.dpi}"]
    settings += [f"--seed={options.seed}", f"--forms={options.forms}", f"--out={scans}", "--quiet"]
    start = time.process_time()
    make_pages(settings)
    line: dict[str, Any] = {
        "benchmark": "made_pages",
        "settings": {key: getattr(options, key) for key in ("pages", "levels", "dpi", "seed", "forms")},
        "make_seconds_a_page": round((time.process_time() - start) / options.pages, 3),
    }
    if options.make_only:
        return line
    run = run_folder([scans], results, ReadOptions())
    evaluation = evaluate(scans / "truth", results)
    if options.table:
        Console(file=sys.stderr, width=160).print(render(evaluation))
    total = measures(evaluation.total)
    printed, kept = (total["source_errors"][key] for key in ("printed", "kept"))
    record = evaluation.as_record()
    return line | {
        "total": total,
        "by_level": record["by_level"],
        "by_form": record["by_form"],
        "seconds_a_page": record["seconds_a_page"],
        "wall_seconds": round(run.seconds, 1),
        "failed": len(run.tally.failures),
        "wrong_by_page": dict(Counter(mistake.image for mistake in evaluation.total.mistakes)),
        "bars_met": {
            "figures_exact": (total["figures_exact"] or 0) >= FIGURES_EXACT,
            "silent_error_rate": (total["silent_error_rate"] or 0) <= SILENT_ERRORS,
            "harmed": total["harmed"] <= HARMED,
            "source_errors_kept": kept == printed,
        },
    }


if __name__ == "__main__":
    raise SystemExit(main())
