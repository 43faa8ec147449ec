"""Reconciling measured: simulated tables against their truth, and the speed on large ones; one JSON line.

    python -m benchmarks.reconcile [--tables 2000] [--rate 0.02] [--misprints table|none|one] [--seed 1]
    python -m benchmarks.reconcile --large [--rate 0.005]
    python -m benchmarks.reconcile --made PAGES RESULTS     # made pages that `gouji read` has read

Rates come with N and, where nothing happened, the rule-of-three bound (95 %: 3 / N). Counted apart:
`healed` misprints (misread into the value that was meant, so that all rules hold; no rule can see
them). Processor seconds are those of `reconcile` alone, second looks included.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.simulated_tables import (
    Noise,
    Simulated,
    calibration,
    nested_table,
    read_by_noise,
    simulate,
)

from gouji_layout.geometry import CellRef
from gouji_postprocess.decision import Decision, Reconciliation, State
from gouji_postprocess.reconcile import ReconcileSettings, reconcile
from gouji_postprocess.rule import Verdict


@dataclass
class Tally:
    """Counts over all tables of a run."""

    counts: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    probabilities: list[tuple[float, bool]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def add(self, page: Simulated, outcome: Reconciliation) -> None:
        """Count one table."""
        counts, reviewed = self.counts, False
        self.outcomes[outcome.outcome.value] += 1
        suspect = {
            cell
            for verdict in outcome.verdicts
            if verdict.verdict in (Verdict.SOURCE_INCONSISTENT, Verdict.AMBIGUOUS)
            for cell in verdict.rule.cells
        }
        for reading, decision in zip(page.readings, outcome.decisions, strict=True):
            printed = page.printed[decision.ref]
            counts["figures"] += 1
            counts["misread"] += not _same(reading.text, printed)
            right = _same(decision.text, printed)
            misprint = decision.ref in page.misprints
            if decision.state is State.DOUBTFUL:
                counts["review"] += 1
                reviewed = True
            elif decision.state is State.CORRECTED:
                counts["corrections"] += 1
                counts["bad_corrections"] += not right
                self.probabilities.append((decision.log_probability, right))
            if misprint:
                counts["misprints"] += 1
                counts[f"misprints_{self._fate(page, decision, suspect)}"] += 1
            elif decision.source_suspect:
                counts["false_suspects"] += 1
            if not right and decision.state is not State.DOUBTFUL:
                healed = misprint and _same(decision.text, page.meant[decision.ref])
                kind = "healed" if healed and decision.state is not State.CORRECTED else "wrong_unflagged"
                if kind == "wrong_unflagged" and decision.source_suspect:
                    kind = "wrong_flagged"
                counts[kind] += 1
                if kind == "wrong_unflagged":
                    weak = decision.provenance.get("distance") == 2
                    counts["wrong_unflagged_distance_2"] += weak
                    self.wrong.append(f"{decision.ref} {decision.reason} (printed {printed})")
        counts["tables"] += 1
        counts["tables_reviewed"] += reviewed

    @staticmethod
    def _fate(page: Simulated, decision: Decision, suspect: set[CellRef]) -> str:
        if decision.state is State.CORRECTED and _same(decision.text, page.meant[decision.ref]):
            return "overwritten"
        if decision.source_suspect:
            return "flagged"
        if decision.state is State.DOUBTFUL:
            return "review"
        return "flagged_by_rule" if decision.ref in suspect else "missed"

    def record(self) -> dict[str, Any]:
        """Everything as JSON, with bounds."""
        c = self.counts
        times = sorted(self.seconds) or [0.0]
        return {
            "counts": dict(sorted(c.items())),
            "outcomes": dict(self.outcomes),
            "misread_rate": _share(c["misread"], c["figures"]),
            "wrong_unflagged": bounded(c["wrong_unflagged"], c["figures"]),
            "bad_corrections": bounded(c["bad_corrections"], c["corrections"]),
            "review_figures": _share(c["review"], c["figures"]),
            "review_tables": _share(c["tables_reviewed"], c["tables"]),
            "misprints_overwritten": bounded(c["misprints_overwritten"], c["misprints"]),
            "misprints_seen": _share(
                c["misprints_flagged"] + c["misprints_review"] + c["misprints_flagged_by_rule"],
                c["misprints"],
            ),
            "seconds": {
                "median": round(times[len(times) // 2], 4),
                "p95": round(times[int(0.95 * (len(times) - 1))], 4),
                "worst": round(times[-1], 4),
            },
            "wrong": self.wrong[:20],
        }


def simulated(tables: int, rate: float, misprints: int | None, seed: int, noise: Noise) -> dict[str, Any]:
    """Reconcile simulated tables of the national forms."""
    draw, tally, facts = random.Random(seed), Tally(), calibration(noise)
    looks = 0
    for _ in range(tables):
        page = simulate(draw, noise, misprints=misprints)

        def look(refs: Any, page: Simulated = page) -> Any:
            nonlocal looks
            looks += len(refs)
            return page.second_look(refs)

        start = time.process_time()
        outcome = reconcile(page.readings, page.rules, calibration=facts, second_look=look)
        tally.seconds.append(time.process_time() - start)
        tally.add(page, outcome)
    return {
        "benchmark": "reconcile",
        "settings": {
            "tables": tables,
            "rate": rate,
            "misprints": misprints,
            "seed": seed,
            "over": noise.over,
        },
        "looks_a_table": round(looks / tables, 3),
        **tally.record(),
        "bars_met": _bars(tally, rate),
    }


def _bars(tally: Tally, rate: float) -> dict[str, bool]:
    c, record = tally.counts, tally.record()
    bars = {
        "wrong_unflagged": c["wrong_unflagged"] <= (1e-5 if rate <= 0.02 else 1e-4) * c["figures"],
        "bad_corrections": c["bad_corrections"] <= 0.001 * c["corrections"],
        "review_figures": record["review_figures"] <= (0.001 if rate <= 0.02 else 0.005),
    }
    if rate <= 0.02:
        bars |= {"review_tables": record["review_tables"] <= 0.1, "p95": record["seconds"]["p95"] < 0.5}
    if c["misprints"] == c["tables"]:
        bars = {
            "overwritten": c["misprints_overwritten"] <= 0.02 * c["misprints"],
            "seen": record["misprints_seen"] >= 0.98,
        }
    return bars


def large(rate: float, seed: int) -> dict[str, Any]:
    """One table of about 15,000 figures."""
    draw, noise = random.Random(seed), Noise(rate)
    meant, rules = nested_table(draw, 21, 24, 3, 8)
    page = read_by_noise(draw, meant, rules, noise, misprints=0)
    tally = Tally()
    start = time.process_time()
    outcome = reconcile(
        page.readings,
        page.rules,
        calibration=calibration(noise),
        second_look=page.second_look,
        settings=ReconcileSettings(seconds=60.0),
    )
    tally.seconds.append(time.process_time() - start)
    tally.add(page, outcome)
    facts = {"benchmark": "reconcile_large", "settings": {"rate": rate, "seed": seed}, "rules": len(rules)}
    return facts | tally.record() | {"bars_met": {"seconds": tally.seconds[0] < 10.0}}


def bounded(events: int, trials: int) -> dict[str, Any]:
    """A rate with its N; where nothing happened, the bound that 95 % confidence gives (3 / N)."""
    found: dict[str, Any] = {"events": events, "n": trials, "rate": _share(events, trials)}
    if events == 0 and trials:
        found["below_95"] = 3 / trials
    return found


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _same(one: str, other: str) -> bool:
    return one == other or int(one or 0) == int(other or 0)


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reconcile", description=__doc__)
    parser.add_argument("--tables", type=int, default=200)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--misprints", choices=["table", "none", "one"], default="table")
    parser.add_argument("--over", type=float, default=1.0, help="how overconfident the readers are")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--made", nargs=2, type=Path, metavar=("PAGES", "RESULTS"))
    options = parser.parse_args(arguments)
    line: Mapping[str, Any]
    if options.made:
        from benchmarks.reconcile_made import made_pages  # noqa: PLC0415  needs the whole chain

        line = made_pages(*options.made)
    elif options.large:
        line = large(options.rate or 0.005, options.seed)
    else:
        misprints = {"table": None, "none": 0, "one": 1}[options.misprints]
        rate = options.rate or 0.02
        noise = Noise(rate, over=options.over)
        line = simulated(options.tables, rate, misprints, options.seed, noise)
    print(json.dumps(line, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
