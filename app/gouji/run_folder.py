"""Reads a folder of scans to the end, for programs: the same run as `gouji read`, without a screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gouji.batch.run import Request, run_batch
from gouji.options import ReadOptions
from gouji.summary import Tally


@dataclass(frozen=True, eq=False)
class Run:
    """What came of a run."""

    tally: Tally
    seconds: float


def run_folder(paths: Sequence[Path], out: Path, options: ReadOptions, *, workers: int = 1) -> Run:
    """Read every scan below the paths into `out`; what is there already is not read again.

    Raises:
        NothingToReadError: there is no scan below the paths.
        OutputError: `out` cannot be written.
    """
    places = tuple(str(path) for path in paths)
    report = run_batch(Request(places=places, out=str(out), options=options, workers=workers)).report
    return Run(report.tally, report.seconds)
