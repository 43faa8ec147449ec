"""Holds results against the truth: `gouji evaluate TRUTH_DIR OUT`.

Truth files are matched with pages by the name of the scan (and by `page` in files of several pages). The
definitions of all measures are in `docs/measured/made_pages.md`; what is counted is in `gouji.score_tables`.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import ValidationError
from rich.console import Group, RenderableType
from rich.table import Table as RichTable

from gouji.document import Document, PageRecord
from gouji.found_tables import FoundTable
from gouji.score_tables import MISSING, Mistake, PageScore, score_page
from gouji.truth import PageTruth
from gouji_postprocess.decision import State


class TruthError(Exception):
    """A truth file is not in the truth format, or there is none."""


class ResultError(Exception):
    """A document.json cannot be read, or there is none below the results folder."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Scores of all pages with a truth, and which of them have no result."""

    total: PageScore
    by_level: dict[str, PageScore]
    by_form: dict[str, PageScore]
    pages: dict[str, PageScore]  # by the name of the truth file
    unmatched: tuple[str, ...] = ()  # truth files without a result; their figures count as missing
    seconds: tuple[float, ...] = ()  # processor seconds of each page with a result

    def as_record(self) -> dict[str, Any]:
        """Everything as JSON."""
        return {
            "total": measures(self.total),
            "seconds_a_page": _share(sum(self.seconds), len(self.seconds)),
            "by_level": {level: measures(score) for level, score in sorted(self.by_level.items())},
            "by_form": {form: measures(score) for form, score in sorted(self.by_form.items())},
            "unmatched": list(self.unmatched),
            "mistakes": [asdict(mistake) for mistake in self.total.mistakes],
        }


def measures(score: PageScore) -> dict[str, Any]:
    """The shares made of a score's counts; None where there is nothing to divide by."""
    counts = score.counts
    matched, cells = counts["cells_matched"], counts["cells"] + counts["cells_found"]
    silent = counts["silent_misread"] + counts["silent_missing"]
    return {
        "pages": counts["pages"],
        "tables": counts["tables"],
        "tables_found": counts["tables_found"],
        "tables_extra": counts["tables_extra"],
        "figures": counts["figures"],
        "figures_exact": _share(counts["figures_right"], counts["figures"]),
        "figures_exact_in_place": _share(counts["figures_right_in_place"], counts["figures_placed"]),
        "first_readings_exact": _share(counts["read_right"], counts["figures"]),
        "label_cer": _share(counts["label_edits"], counts["label_characters"]),
        "labels_exact": _share(counts["labels_right"], counts["labels"]),
        "structure_f1": _share(2 * matched, cells),
        "grid_exact": _share(counts["tables_exact"], counts["tables"]),
        "teds": _share(sum(score.teds), len(score.teds)),
        "teds_struct": _share(sum(score.teds_struct), len(score.teds_struct)),
        "states": {
            state: {"right": score.states[state, True], "wrong": score.states[state, False]}
            for state in _STATES
        },
        "silent_errors": silent,
        "silent_error_rate": _share(silent, counts["figures"]),
        "silent_misread": counts["silent_misread"],
        "silent_missing": counts["silent_missing"],
        "silent_in_broken_rule": counts["silent_in_broken_rule"],
        "harmed": counts["harmed"],
        "mended": counts["mended"],
        "false_alarms": counts["false_alarms"],
        "source_errors": {
            "printed": counts["source_errors"],
            **{
                what: counts[f"source_errors_{what}"]
                for what in ("kept", "flagged", "asked", "repaired", "missing")
            },
        },
    }


_STATES = (*(state.value for state in State), MISSING)


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, 6) if whole else None


def evaluate(truth_dir: Path, out: Path) -> Evaluation:
    """Score every page that has a truth file below `truth_dir` with the documents below `out`.

    Raises:
        TruthError: no truth files, or one that is not in the format or could be of several scans.
        ResultError: no documents, or one that cannot be read.
    """
    truths = list(read_truths(truth_dir))
    results = list(read_documents(out))
    pages: dict[str, PageScore] = {}
    unmatched: list[str] = []
    seconds: list[float] = []
    for name, truth in truths:
        match = page_of(name, truth, results)
        if match is None:
            unmatched.append(name)
            pages[name] = score_page(truth, ())
            continue
        document, record = match
        tables = [FoundTable.of(table) for table in document.tables if table.page == record.number]
        pages[name] = score_page(truth, tables)
        seconds.append(sum(record.seconds.values()))
    return summed(((name, truth, pages[name]) for name, truth in truths), tuple(unmatched), tuple(seconds))


def summed(
    scored: Iterable[tuple[str, PageTruth, PageScore]],
    unmatched: tuple[str, ...] = (),
    seconds: tuple[float, ...] = (),
) -> Evaluation:
    """Add page scores up, by level and by form; benchmarks that score in memory end with this."""
    total, by_level, by_form = PageScore(), dict[str, PageScore](), dict[str, PageScore]()
    pages: dict[str, PageScore] = {}
    for name, truth, score in scored:
        total += score
        pages[name] = score
        if truth.level is not None:
            by_level[str(truth.level)] = by_level.get(str(truth.level), PageScore()) + score
        if truth.form is not None:
            by_form[truth.form] = by_form.get(truth.form, PageScore()) + score
    return Evaluation(total, by_level, by_form, pages, unmatched, seconds)


def read_truths(truth_dir: Path) -> Iterable[tuple[str, PageTruth]]:
    """All truth files below a folder, by their path below it.

    Raises:
        TruthError: there are none, or one is not in the format.
    """
    paths = sorted(truth_dir.rglob("*.json"))
    if not paths:
        raise TruthError(f"no truth files (*.json) below {truth_dir}")
    for path in paths:
        try:
            truth: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            yield path.relative_to(truth_dir).as_posix(), PageTruth.of(truth)
        except (KeyError, TypeError, ValueError) as error:
            raise TruthError(f"{path} is not in the truth format: {error!r}") from error


def read_documents(out: Path) -> Iterable[Document]:
    """All documents below an output folder.

    Raises:
        ResultError: there are none, or one cannot be read.
    """
    paths = sorted((out / "documents").rglob("document.json"))
    if not paths:
        raise ResultError(f"no documents/*/document.json below {out}; run `gouji read … -o {out}` first")
    for path in paths:
        try:
            yield Document.model_validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            raise ResultError(f"cannot read {path}: {error}") from error


def page_of(name: str, truth: PageTruth, documents: Iterable[Document]) -> tuple[Document, PageRecord] | None:
    """The page a truth is of: the file whose path ends with the truth's image.

    Args:
        name: path of the truth file below its folder; of several such files the one is meant whose folders
            are those of the truth file, then the one least deep.
        truth: of one page.
        documents: among which it is looked for.

    Raises:
        TruthError: several files are meant equally well.
    """
    image = _parts(truth.image)
    place = (*_parts(name)[:-1], *image)
    found: dict[tuple[int, int], list[tuple[Document, PageRecord]]] = {}
    for document in documents:
        path = _parts(document.source.path)
        if path[-len(image) :] != image:
            continue
        alike = sum(
            1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(path[::-1], place[::-1], strict=False))
        )
        for page in document.pages:
            if page.number == (truth.page or 1):
                found.setdefault((alike, -len(path)), []).append((document, page))
    best = found[max(found)] if found else []
    if len(best) > 1:
        paths = ", ".join(sorted(document.source.path for document, _ in best))
        raise TruthError(
            f"{name} is of {truth.image}, which could be any of {paths}: lay the truth files in the same "
            "folders as the scans, or write the folder into `image`"
        )
    return best[0] if best else None


def _parts(path: str) -> tuple[str, ...]:
    return PurePosixPath(unicodedata.normalize("NFC", path.replace("\\", "/"))).parts


def render(evaluation: Evaluation) -> RenderableType:
    """A table of the measures (all pages, then each level), one of the states, and the first mistakes."""
    parts: list[RenderableType] = [_measures_table(evaluation), _states_table(evaluation.total)]
    if evaluation.total.mistakes:
        parts.append(_mistakes_table(evaluation.total.mistakes))
    if evaluation.unmatched:
        parts.append(
            f"{len(evaluation.unmatched)} truth files without a result: {', '.join(evaluation.unmatched)}"
        )
    return Group(*parts)


def _measures_table(evaluation: Evaluation) -> RichTable:
    columns = {"all": evaluation.total} | {f"level {k}": v for k, v in sorted(evaluation.by_level.items())}
    table = RichTable("measure", *columns, title="gouji evaluate")
    values = [measures(score) for score in columns.values()]
    for key in values[0]:
        if key == "states":
            continue
        if key == "source_errors":
            for what in values[0][key]:
                table.add_row(f"source errors {what}", *(str(value[key][what]) for value in values))
            continue
        table.add_row(key.replace("_", " "), *(_shown(value[key]) for value in values))
    seconds = evaluation.as_record()["seconds_a_page"]
    table.add_row("processor seconds a page", _shown(seconds))
    return table


def _states_table(score: PageScore) -> RichTable:
    table = RichTable("state", "right", "wrong", title="figures by state")
    for state in _STATES:
        table.add_row(state, str(score.states[state, True]), str(score.states[state, False]))
    return table


def _mistakes_table(mistakes: tuple[Mistake, ...], most: int = 20) -> RichTable:
    table = RichTable("page", "cell", "printed", "read", "decided", "state", "silent")
    table.title = f"wrong figures ({min(len(mistakes), most)} of {len(mistakes)})"
    ranked = sorted(mistakes, key=lambda mistake: not mistake.silent)
    for mistake in ranked[:most]:
        place = f"t{mistake.table}r{mistake.row}c{mistake.col}"
        table.add_row(
            mistake.image,
            place,
            mistake.printed,
            mistake.read,
            mistake.decided,
            mistake.state,
            "yes" if mistake.silent else "",
        )
    return table


def _shown(value: object) -> str:
    return "-" if value is None else f"{value:.4f}" if isinstance(value, float) else str(value)
