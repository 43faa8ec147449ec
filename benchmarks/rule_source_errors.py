"""Errors that published reports really contain: is each reported, and with the right verdict?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from tests.form_pages import published_tables, table_from

from gouji_layout.geometry import CellRef
from gouji_layout.table import Table
from gouji_ocr.amounts import Amount, parse_amount
from gouji_ocr.reading import Candidate, Opinion, Reading
from gouji_postprocess.calibration import Calibration, ReaderCalibration
from gouji_postprocess.form import Packs
from gouji_postprocess.form_layout import lay_out
from gouji_postprocess.matching import FormMatch, match_form
from gouji_postprocess.narrative import narrative_findings
from gouji_postprocess.reconcile import reconcile
from gouji_postprocess.report_checks import report_findings
from gouji_postprocess.report_title import ReportTitle
from gouji_postprocess.rule import Verdict
from gouji_postprocess.rules_for import gather

READERS = ("simulated-1", "simulated-2")
SURE = Calibration(
    "sure", {name: ReaderCalibration(1.0, 0.002, 100_000) for name in READERS}, misprint_rate=0.001
)
"""Two good readers, so that what is left to blame is the paper."""


class SureEvidence:
    """A clear picture: it shows its text and nothing else."""

    def __init__(self, text: str) -> None:
        self._text = text

    def log_probability(self, text: str) -> float:
        """Near zero for the text that is there, next to impossible for any other."""
        return -1e-4 if text == self._text else -45.0


Loaded = tuple[Table, list[Reading], FormMatch]


def source_errors(packs: Packs, folder: Path) -> dict[str, object]:
    """Every known error: found or not, by name; and verdicts on tables that have none."""
    tables = {name: _loaded(table, readings, packs) for name, table, readings in published_tables(folder)}
    outcome = {name: found() for name, found in _cases(packs, folder, tables)}
    clean = [name for name in tables if name.rpartition("_")[2] == "T3" and "shanghai" not in name]
    blamed = [name for name in clean if _suspects(tables[name])]
    return {
        "errors": len(outcome),
        "reported": sum(outcome.values()),
        "not_reported": [name for name, found in outcome.items() if not found],
        "tables_without_errors": len(clean),
        "wrongly_blamed": blamed,
    }


def _loaded(table: Table, readings: list[Reading], packs: Packs) -> Loaded:
    match = match_form(table, readings, packs)
    assert match is not None
    return table, [sure(reading) for reading in readings], match


def sure(reading: Reading) -> Reading:
    """The same reading, said by two good readers with a clear picture."""
    best = (Candidate(reading.text, -1e-4),)
    evidence = SureEvidence(reading.text)
    return replace(
        reading,
        candidates=best,
        evidence=evidence,
        opinions=tuple(Opinion(name, best, evidence) for name in READERS),
    )


def _suspects(loaded: Loaded) -> dict[str, Verdict]:
    """Rules of a table that do not hold, by the end of their id."""
    table, readings, match = loaded
    rules = gather(table, readings, match).rules
    verdicts = reconcile(readings, rules, calibration=SURE).verdicts
    return {
        v.rule.id.partition("/")[2]: v.verdict
        for v in verdicts
        if v.verdict not in (Verdict.HOLDS, Verdict.ROUNDING)
    }


def _cases(
    packs: Packs, folder: Path, tables: Mapping[str, Loaded]
) -> Iterator[tuple[str, Callable[[], bool]]]:
    wrong = Verdict.SOURCE_INCONSISTENT
    yield "金湖2023 T4 总计印作0", lambda: _suspects(tables["jinhu2023_T4"]).get("R5b") is wrong
    # A blank total cannot be told from a figure that was lost, so "not assessable" is the right verdict.
    open_ = (wrong, Verdict.NOT_ASSESSABLE)
    yield (
        "上海科委2024 四·总计空白",
        lambda: _suspects(tables["shanghai_kewei2024_T3"]).get("R1/carried_out") in open_,
    )
    rows = [
        "outcome.granted", "outcome.partly_granted", "outcome.refused.state_secret",
        "outcome.refused.internal_affairs", "outcome.refused.in_process",
        "outcome.refused.administrative_inquiry", "outcome.unavailable.not_held",
        "outcome.unavailable.needs_creation", "outcome.unavailable.unclear",
        "outcome.not_processed.petition", "outcome.not_processed.repeated",
    ]  # fmt: skip
    for row in rows:
        yield (
            f"上海办公厅2019 总计空白 {row}",
            lambda row=row: _suspects(tables["shanghai_office2019_T3"]).get(f"R1/{row}") in open_,
        )
    yield from _narrative_cases(folder, tables)
    yield from _report_cases(packs, folder)


def _narrative_cases(folder: Path, tables: Mapping[str, Loaded]) -> Iterator[tuple[str, Callable[[], bool]]]:
    texts = json.loads((folder / "narrative_examples.json").read_text(encoding="utf-8"))
    shanghai = next(t for t in texts if "258" in t["text"])
    cells, values = _quantities(tables, "shanghai_office2019")

    def differs(name: str, value: int, text: str, year: int) -> bool:
        findings = narrative_findings([text], cells, values, year=year)
        return any(
            f.name == name and f.claimed == value and f.verdict is Verdict.SOURCE_INCONSISTENT
            for f in findings
        )

    yield "上海2019 正文258≠275", lambda: differs("予以公开与部分公开", 258, shanghai["text"], 2019)
    yield "上海2019 正文265≠337", lambda: differs("无法提供", 265, shanghai["text"], 2019)
    listed = "全年主动公开信息66条，其中机构1条、动态18条、公告2条、规划2条、财政3条、人事1条、其他9条。"
    yield (
        "宁强2021 66条，所列36条",
        lambda: any(
            f.name == "正文列举" and f.verdict is Verdict.SOURCE_INCONSISTENT
            for f in narrative_findings([listed], {}, {}, year=2021)
        ),
    )
    changchun = next(t for t in texts if "长春" in t["organ"])
    received = {"applications.received.total": CellRef(1, 0, 3, 9)}
    three = {CellRef(1, 0, 3, 9): parse_amount("3")}
    yield (
        "长春2023 正文2件，表3件",
        lambda: any(
            f.claimed == 2 and f.verdict is Verdict.SOURCE_INCONSISTENT
            for f in narrative_findings([changchun["text"]], received, three, year=2023)
        ),
    )


def _quantities(
    tables: Mapping[str, Loaded], start: str
) -> tuple[dict[str, CellRef], dict[CellRef, Amount | None]]:
    cells: dict[str, CellRef] = {}
    values: dict[CellRef, Amount | None] = {}
    for page, (name, (_, readings, match)) in enumerate(tables.items(), start=1):
        if name.startswith(start):
            cells |= {key: replace(ref, page=page) for key, ref in match.cells.items()}
            values |= {replace(r.ref, page=page): parse_amount(r.text) for r in readings}
    return cells, values


def _report_cases(packs: Packs, folder: Path) -> Iterator[tuple[str, Callable[[], bool]]]:
    def codes(title: ReportTitle, text: str, form: str | None, values: Mapping[str, str]) -> set[str]:
        matches: list[FormMatch] = []
        amounts: dict[CellRef, Amount | None] = {}
        known = packs.table(form) if form else None
        if known is not None:
            table, readings = table_from(lay_out(known, values))
            match = match_form(table, readings, packs)
            assert match is not None
            matches.append(match)
            amounts = {reading.ref: parse_amount(reading.text) for reading in readings}
        found = report_findings(title, [text], matches, amounts, packs)
        return {f.code for f in found if f.verdict is Verdict.SOURCE_INCONSISTENT}

    excerpts = json.loads((folder / "t2_page_excerpts.json").read_text(encoding="utf-8"))
    texts = json.loads((folder / "narrative_examples.json").read_text(encoding="utf-8"))
    stale = next(t for t in texts if "统计期限" in t["text"])
    title = ReportTitle(stale["organ"], stale["year"])
    yield "淮安2021 统计期限仍为2020年", lambda: "stale_period" in codes(title, stale["text"], None, {})
    for start in ("略阳县", "佳县螅镇"):
        entry = next(e for e in excerpts if e["organ"].startswith(start))
        yield (
            f"{start}{entry['year']} 用了2019年格式",
            lambda e=entry: (
                "form_of_other_years" in codes(ReportTitle(e["organ"], e["year"]), "", "2019/T2", {})
            ),
        )
    taiping = next(e for e in excerpts if "太平镇" in e["organ"])
    cited = "依据国办公开办函〔2019〕60号编制本报告。"
    yield (
        "太平镇2022 引用60号而用2021年格式",
        lambda: "other_form_cited" in codes(ReportTitle(taiping["organ"], 2022), cited, "2021/T2", {}),
    )
    for word in ("松木塘镇", "尼勒克"):
        entry = next(e for e in excerpts if word in e["organ"])
        in_force = entry["rows"][0]["raw"][2]
        yield (
            f"{word} 乡镇不能制定规章",
            lambda e=entry, n=in_force: (
                "cannot_issue_regulations"
                in codes(
                    ReportTitle(e["organ"], e["year"]),
                    "",
                    "2021/T2",
                    {"proactive.article_1.regulations.in_force": n},
                )
            ),
        )
    yield (
        "上海科委2024 正文称全部办结而有结转",
        lambda: (
            "not_all_done"
            in codes(
                ReportTitle("上海市科学技术委员会", 2024),
                "所有申请均已按要求办理完成。",
                "2021/T3",
                {"applications.carried_out.total": "1"},
            )
        ),
    )
