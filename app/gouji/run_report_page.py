"""`report.html`: one page that stands alone, without scripts and without anything from the network.

Elements are built, never pasted together as text: whatever a file name or an error message holds,
it is shown as it is and cannot become markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element

from gouji.error_names import error_name
from gouji.export_xlsx import STATE_NAMES, VERDICT_NAMES
from gouji.run_report import RunReport
from gouji.run_report_elements import element, page_text
from gouji.run_report_plots import Bar, bars, histogram

_SHOWN = 200  # rows of a list; summary.json has all of them

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --paper: #fff; --line: #d9dee5;
  --plain: #5b8def; --good: #2f9e62; --mended: #3b82c4; --doubt: #d97a16; --bad: #cf3d3d; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --soft: #9aa5b4; --paper: #14181e;
  --line: #2c343f; --plain: #6f9df5; --good: #4cc488; --mended: #68a9e6; --doubt: #f0a04b; --bad: #f07070; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 62rem;
  background: var(--paper); color: var(--ink);
  font: 15px/1.55 system-ui, "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2.2rem 0 .6rem; }
.soft { color: var(--soft); } .path { overflow-wrap: anywhere; }
.list { max-height: 34rem; overflow: auto; padding: 0 .8rem; border: 1px solid var(--line);
  border-radius: 8px; }
th { position: sticky; top: 0; background: var(--paper); } td { min-width: 4.5rem; }
td:first-child, td:last-child { min-width: 13rem; }
.facts { display: grid; margin: 1.2rem 0; gap: .75rem;
  grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); }
.facts div { border: 1px solid var(--line); border-radius: 8px; padding: .6rem .8rem; }
.facts b { display: block; font-size: 1.35rem; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top;
  padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); }
svg text { font: 12px system-ui, "Noto Sans CJK SC", sans-serif; fill: var(--ink); }
rect.plain { fill: var(--plain); } rect.good { fill: var(--good); } rect.mended { fill: var(--mended); }
rect.doubt { fill: var(--doubt); } rect.bad { fill: var(--bad); }
"""
_KINDS = {
    "accepted": "plain",
    "confirmed": "good",
    "corrected": "mended",
    "doubtful": "doubt",
    "reviewed": "good",
    "holds": "good",
    "repaired": "mended",
    "ambiguous": "doubt",
    "source_inconsistent": "bad",
}


def report_page(report: RunReport) -> str:
    """The page as text."""
    page = element(
        "html",
        element(
            "head",
            element("meta", charset="utf-8"),
            element("meta", name="viewport", content="width=device-width, initial-scale=1"),
            element("title", "gouji 运行报告"),
            element("style", _STYLE),
        ),
        element(
            "body",
            element("h1", "运行报告 Run report"),
            element("p", "，".join(report.inputs), class_="soft path"),
            _facts(report),
            *_figures(report),
            *_failures(report),
            *_rules(report),
            *_time(report),
            *_intake(report),
        ),
        lang="zh-CN",
    )
    return page_text(page)


def _facts(report: RunReport) -> Element:
    tally, now = report.tally, report.now
    facts = [
        ("文件 documents", f"{tally.documents:,}"),
        ("页 pages", f"{tally.pages:,}"),
        ("表 tables", f"{tally.tables:,}"),
        ("待复核 in question", f"{report.progress.questions:,}"),
        ("疑似原文错误 source errors", f"{tally.source_suspects:,}"),
        ("失败 failed", f"{len(tally.failures):,}"),
        ("本次读页 read in this run", f"{now.pages:,}"),
        ("用时 time", _duration(report.seconds)),
        ("页/秒 pages a second", f"{now.pages / report.seconds:.2f}" if report.seconds else "–"),
        ("进程 workers", str(report.workers)),
        ("内存峰值 peak of a worker", f"{now.most_megabytes:,} MB"),
        ("重试 tried again", f"{now.retries:,}"),
    ]
    return element(
        "div", *(element("div", element("b", value), label) for label, value in facts), class_="facts"
    )


def _figures(report: RunReport) -> list[Element]:
    total = sum(report.tally.figures.values()) or 1
    rows = [
        Bar(f"{name} {state.value}", count, f"{count:,} ({count / total:.1%})", _KINDS[state.value])
        for state, name in STATE_NAMES.items()
        if (count := report.tally.figures[state])
    ]
    return [element("h2", "数据状态 Figures by state"), bars(rows, "figures by state") if rows else _none()]


def _failures(report: RunReport) -> list[Element]:
    rows = [
        (f.path, "" if f.page is None else str(f.page), error_name(f.kind), f.message)
        for f in report.tally.failures
    ]
    return [element("h2", "失败与隔离 Failed and quarantined"), _table(("文件", "页", "类别", "原因"), rows)]


def _rules(report: RunReport) -> list[Element]:
    verdicts = [
        Bar(f"{name} {verdict.value}", count, f"{count:,}", _KINDS.get(verdict.value, "plain"))
        for verdict, name in VERDICT_NAMES.items()
        if (count := report.tally.rules[verdict])
    ]
    rows = [(b.document, b.formula, VERDICT_NAMES[b.verdict], b.reason) for b in report.tally.broken]
    return [
        element("h2", "勾稽关系 Rules"),
        bars(verdicts, "rules by verdict") if verdicts else _none(),
        element("h2", "不成立的勾稽关系 Rules that do not hold as read"),
        _table(("文件", "公式", "判定", "说明"), rows),
    ]


def _time(report: RunReport) -> list[Element]:
    rows = [
        (page.document, str(page.number), f"{page.seconds:.1f}", _megabytes(page.megabytes))
        for page in report.slow
    ]
    return [
        element("h2", "每页用时 Seconds a page"),
        histogram(report.page_seconds, "seconds a page", "s") if report.page_seconds else _none(),
        element("h2", "最慢的页 Slowest pages"),
        _table(("文件", "页", "秒", "MB"), rows),
    ]


def _intake(report: RunReport) -> list[Element]:
    parts = [
        element("h2", "重复文件 Files with the same bytes"),
        _table(("文件",), [("，".join(group),) for group in report.duplicates]),
        element("h2", "疑似同一张纸 Pages that seem to show one sheet"),
    ]
    if report.sheets is None:
        parts.append(element("p", "页数过多，未比较。Too many pages to compare.", class_="soft"))
    else:
        groups = [("，".join(f"{s.document} p{s.page}" for s in group),) for group in report.sheets]
        parts.append(_table(("页",), groups))
    blank = [(sheet.document, str(sheet.page)) for sheet in report.blank]
    gaps = [(gap.after, gap.before, _few(gap.missing)) for gap in report.gaps]
    numbers = sorted(report.archive_numbers.items())
    others = [(suffix or "无后缀", f"{count:,}") for suffix, count in sorted(report.passed_over.items())]
    return [
        *parts,
        element("h2", "空白页 Blank pages"),
        _table(("文件", "页"), blank),
        element("h2", "缺号 Missing numbers"),
        _table(("前", "后", "缺"), gaps),
        element("h2", "档号 Archive numbers"),
        _table(("文件", "档号"), numbers),
        element("h2", "原件已不在原处的文件 Scans that are gone (results are kept and counted)"),
        _table(("文件",), [(shown,) for shown in report.gone]),
        element("h2", "未作为扫描件读取的文件 Files that were not taken for scans"),
        _table(("后缀", "文件数"), others),
    ]


def _table(heads: Sequence[str], rows: Sequence[Iterable[str]]) -> Element:
    if not rows:
        return _none()
    body = [element("tr", *(element("td", cell, class_="path") for cell in row)) for row in rows[:_SHOWN]]
    if len(rows) > _SHOWN:
        words = f"另有 {len(rows) - _SHOWN:,} 项，见 summary.json"
        body.append(element("tr", element("td", words, class_="soft", colspan=str(len(heads)))))
    table = element(
        "table",
        element("thead", element("tr", *(element("th", head) for head in heads))),
        element("tbody", *body),
    )
    return element("div", table, class_="list", tabindex="0")  # long lists scroll, by keyboard too


def _none() -> Element:
    return element("p", "无 none", class_="soft")


def _few(names: Sequence[str]) -> str:
    return "，".join(names[:20]) + (f" … 共 {len(names)}" if len(names) > 20 else "")


def _megabytes(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _duration(seconds: float) -> str:
    hours, rest = divmod(round(seconds), 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"
