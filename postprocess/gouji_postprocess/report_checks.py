"""What is odd about a report as a whole: the wrong form, a stale period, figures that organ cannot have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gouji_layout.geometry import CellRef
from gouji_ocr.amounts import Amount, AmountKind
from gouji_postprocess.across import cells_of, parts_of
from gouji_postprocess.claims import sentences_of
from gouji_postprocess.form import Packs
from gouji_postprocess.matching import FormMatch
from gouji_postprocess.report_title import ReportTitle
from gouji_postprocess.rule import Verdict

_PERIOD = re.compile(r"统计期限.{0,6}?自?(20\d\d)年?\d{0,2}月?\d{0,2}.{0,4}?[起至]{1,2}.{0,3}?(20\d\d)")
_CITED = re.compile(r"国办公开办函[〔\[(](20\d\d)[〕\])]")
_CITED_FORM = {"2019": "2019", "2021": "2021"}
_ALL_DONE = re.compile(r"(?:所有|全部|均已?)[^。;]{0,16}(?:办理完成|办结|答复完毕|办理完毕)")
_LOWEST = re.compile(r"(?:镇|乡|街道|街道办事处|街)(?:人民政府|办事处)?$")
_RULES_OF_STATE = ("proactive.article_1.regulations.made", "proactive.article_1.regulations.in_force")


@dataclass(frozen=True, slots=True)
class ReportFinding:
    """Something for a person to look at; nothing is changed because of it."""

    code: str
    verdict: Verdict
    detail: str  # one Chinese sentence
    quote: str = ""
    cells: tuple[CellRef, ...] = ()


def report_findings(
    title: ReportTitle,
    lines: Sequence[str],
    matches: Sequence[FormMatch],
    values: Mapping[CellRef, Amount | None],
    packs: Packs,
) -> list[ReportFinding]:
    """All findings about one report."""
    cells = cells_of(matches)
    return [
        *_stale_period(title, lines),
        *_wrong_form(title, lines, matches, packs),
        *_missing_tables(matches, packs),
        *_impossible(title, cells, values),
        *_not_all_done(lines, cells, values),
        *(finding for parts in parts_of(matches) for finding in _labels(parts)),
    ]


def _stale_period(title: ReportTitle, lines: Sequence[str]) -> Iterator[ReportFinding]:
    for sentence in sentences_of(lines):
        match = _PERIOD.search(sentence)
        if match and title.year is not None and str(title.year) not in match.groups():
            yield ReportFinding(
                "stale_period",
                Verdict.SOURCE_INCONSISTENT,
                f"{title.year}年的报告，统计期限却写作{match[1]}年至{match[2]}年",
                sentence,
            )


def _wrong_form(
    title: ReportTitle, lines: Sequence[str], matches: Sequence[FormMatch], packs: Packs
) -> Iterator[ReportFinding]:
    for match in matches:
        first, last = packs.forms[match.form.form].years
        covered = any(
            title.year is not None
            and packs.forms[name.partition("/")[0]].years[0]
            <= title.year
            <= packs.forms[name.partition("/")[0]].years[1]
            for name in (match.id, *match.also)
        )
        if title.year is not None and not covered:
            yield ReportFinding(
                "form_of_other_years",
                Verdict.SOURCE_INCONSISTENT,
                f"{match.form.title}用的是{match.form.form}年格式（{first}—{last}年），报告年份是{title.year}年",
                cells=tuple(match.known)[:1],
            )
    used = {match.form.form for match in matches if not match.also}
    for sentence in sentences_of(lines):
        cited = _CITED.search(sentence)
        form = _CITED_FORM.get(cited[1]) if cited else None
        if form is not None and used and form not in used:
            yield ReportFinding(
                "other_form_cited",
                Verdict.SOURCE_INCONSISTENT,
                f"正文引用{form}年格式的文件，表格用的是{'、'.join(sorted(used))}年格式",
                sentence,
            )
    if len(used) > 1:
        yield ReportFinding(
            "mixed_forms",
            Verdict.SOURCE_INCONSISTENT,
            "一份报告里混用了" + "、".join(f"{name}年" for name in sorted(used)) + "的格式",
        )


def _missing_tables(matches: Sequence[FormMatch], packs: Packs) -> Iterator[ReportFinding]:
    """Tables of the form that are not in the report: a legal outcome, but it is said."""
    used = {match.form.form for match in matches if not match.also} or {match.form.form for match in matches}
    for form in sorted(used):
        there = {name for match in matches for name in (match.form.table,)}
        for table in packs.forms[form].tables:
            if table.table not in there:
                yield ReportFinding(
                    "missing_table", Verdict.NOT_ASSESSABLE, f"报告中没有找到《{table.title}》的表格"
                )


def _impossible(
    title: ReportTitle, cells: Mapping[str, CellRef], values: Mapping[CellRef, Amount | None]
) -> Iterator[ReportFinding]:
    if not _LOWEST.search(title.organ):
        return
    for key in _RULES_OF_STATE:
        amount = values.get(cells[key]) if key in cells else None
        if amount is not None and amount.kind is AmountKind.FIGURE and amount.value != 0:
            yield ReportFinding(
                "cannot_issue_regulations",
                Verdict.SOURCE_INCONSISTENT,
                f"{title.organ}无权制定规章，表中规章却填了{amount.value}",
                cells=(cells[key],),
            )


def _not_all_done(
    lines: Sequence[str], cells: Mapping[str, CellRef], values: Mapping[CellRef, Amount | None]
) -> Iterator[ReportFinding]:
    refs = [ref for key, ref in cells.items() if key.startswith("applications.carried_out.")]
    left = [ref for ref in refs if (amount := values.get(ref)) is not None and amount.value > 0]
    if not left:
        return
    for sentence in sentences_of(lines):
        if _ALL_DONE.search(sentence) and "申请" in sentence:
            yield ReportFinding(
                "not_all_done",
                Verdict.SOURCE_INCONSISTENT,
                "正文说申请已全部办结，表中却有结转下年度继续办理的申请",
                sentence,
                tuple(left),
            )


def _labels(parts: Sequence[FormMatch]) -> Iterator[ReportFinding]:
    """Lines that are missing from a table, and labels that its form does not have; see `parts_of`."""
    title = parts[0].form.title
    missing = [label for label in parts[0].missing if all(label in part.missing for part in parts)]
    unmatched = tuple(ref for part in parts for ref in part.unmatched)
    if missing:
        yield ReportFinding(
            "missing_labels",
            Verdict.NOT_ASSESSABLE,
            f"《{title}》缺少：" + "；".join(missing[:6]) + ("等" if len(missing) > 6 else ""),
        )
    if unmatched:
        yield ReportFinding(
            "unmatched_labels",
            Verdict.NOT_ASSESSABLE,
            f"《{title}》有 {len(unmatched)} 个标签在表式中没有对应",
            cells=unmatched,
        )
