"""`tables.xlsx`: every table as a sheet, merged cells kept, states coloured, reasons as comments.

Behind the tables stand all rules, the text around the tables, and what a reader has to know of the
whole: the source, pages that are missing, notes, and what the colours mean.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from decimal import Decimal

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from gouji.document import CellRecord, Document, RuleRecord, TableRecord
from gouji.error_names import error_name
from gouji.headings import headings_by_table
from gouji.shown_confidence import shown_confidence
from gouji_layout.geometry import CellRef
from gouji_ocr.amounts import Amount, AmountKind, parse_amount
from gouji_ocr.reading import ReadingKind
from gouji_postprocess.decision import State
from gouji_postprocess.rule import Verdict

_BRACKETED = re.compile(r"([（(])([\d,.]+)([）)])")

STATE_NAMES = {
    State.ACCEPTED: "采信",
    State.CONFIRMED: "勾稽印证",
    State.CORRECTED: "已纠正",
    State.DOUBTFUL: "待复核",
    State.REVIEWED: "人工核定",
}
VERDICT_NAMES = {
    Verdict.HOLDS: "成立",
    Verdict.REPAIRED: "识别错误-已纠正",
    Verdict.AMBIGUOUS: "识别错误-待复核",
    Verdict.SOURCE_INCONSISTENT: "疑似原文错误",
    Verdict.ROUNDING: "四舍五入差异",
    Verdict.NOT_ASSESSABLE: "规则不适用",
}
STATE_COLOURS = {
    State.CONFIRMED: "#E6F4EA",
    State.CORRECTED: "#CFE2FF",
    State.DOUBTFUL: "#FFD9B3",
    State.REVIEWED: "#E8DEF8",
}
_STATE_MEANINGS = {
    State.ACCEPTED: "识读有把握，无勾稽关系可供印证或未用到",
    State.CONFIRMED: "识读与勾稽关系相互印证",
    State.CORRECTED: "识读有误，图像与勾稽关系一致指向此数，已改；批注中有最初读作",
    State.DOUBTFUL: "没有把握，请对照原件；批注中有原因和建议",
    State.REVIEWED: "由人核定",
}
_SOURCE_COLOUR = "#F8C7CC"
_HEAD_COLOUR = "#EEEEEE"
_VERDICT_COLOURS = {
    Verdict.REPAIRED: STATE_COLOURS[State.CORRECTED],
    Verdict.AMBIGUOUS: STATE_COLOURS[State.DOUBTFUL],
    Verdict.SOURCE_INCONSISTENT: _SOURCE_COLOUR,
    Verdict.ROUNDING: "#FFF6CC",
    Verdict.NOT_ASSESSABLE: "#F2F2F2",
}
_MOST_FROZEN = (8, 3)  # rows and columns that stay in view: more would leave no room for the rest
_EXCEL_DIGITS = 15  # significant decimal digits a spreadsheet number keeps


def tables_workbook(document: Document) -> bytes:
    """The workbook's bytes; it opens on the page about the whole where pages or figures are missing.

    Figures whose text is a plain number are written as numbers with the printed decimals;
    everything else is a string, and a string that starts with `=` stays a string.
    """
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    formats = _Formats(book)
    headings = headings_by_table(document)
    for table in document.tables:
        sheet = book.add_worksheet(f"第{table.page}页表{table.index + 1}")
        _write_table(sheet, table, formats)
        rows, cols = headings[table.page, table.index].corner
        sheet.freeze_panes(min(rows, _MOST_FROZEN[0]), min(cols, _MOST_FROZEN[1]))
    _write_rules(book.add_worksheet("勾稽关系"), document, formats)
    _write_texts(book.add_worksheet("表外文字"), document, formats)
    about = book.add_worksheet("说明")
    _write_about(about, document, formats)
    if document.errors:
        about.set_tab_color("red")
        about.activate()
    book.close()
    return stream.getvalue()


class _Formats:
    """Cell formats by state and number style; a workbook allows each to be made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[tuple[str, str], Format] = {}

    def get(self, colour: str = "", number: str = "") -> Format:
        key = (colour, number)
        if key not in self._made:
            look: dict[str, object] = {"border": 1, "text_wrap": True, "valign": "vcenter"}
            if colour:
                look["bg_color"] = colour
            if number:
                look["num_format"] = number
                look["align"] = "right"
            self._made[key] = self._book.add_format(look)
        return self._made[key]


def _colour(cell: CellRecord) -> str:
    return _SOURCE_COLOUR if cell.source_suspect else STATE_COLOURS.get(cell.state, "")


def _write_table(sheet: Worksheet, table: TableRecord, formats: _Formats) -> None:
    for cell in table.cells:
        number = _number(cell)
        style = formats.get(_colour(cell), number[1] if number else "")
        last_row, last_col = cell.row + cell.rowspan - 1, cell.col + cell.colspan - 1
        if (last_row, last_col) != (cell.row, cell.col):
            sheet.merge_range(cell.row, cell.col, last_row, last_col, "", style)
        if number:
            sheet.write_number(cell.row, cell.col, number[0], style)
        elif cell.text:
            sheet.write_string(cell.row, cell.col, cell.text, style)
        else:
            sheet.write_blank(cell.row, cell.col, None, style)
        if comment := _comment(cell):
            sheet.write_comment(cell.row, cell.col, comment, {"x_scale": 2, "y_scale": 1.5})
    sheet.set_column(0, max(table.cols - 1, 0), 14)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _number(cell: CellRecord) -> tuple[float, str] | None:
    """The value and number format, where Excel can show the text exactly as printed."""
    amount = parse_amount(cell.text) if cell.kind is ReadingKind.FIGURE else None
    if amount is None or not _exact_in_excel(cell.text, amount):
        return None
    decimals = "." + "0" * amount.decimals if amount.decimals else ""
    shown = ("#,##0" if "," in cell.text else "0") + decimals
    if bracketed := _BRACKETED.fullmatch(cell.text):  # accountants' minus
        opening, _, closing = bracketed.groups()
        shown = f'{shown};"{opening}"{shown}"{closing}"'
    return float(Decimal(amount.value).scaleb(-amount.decimals)), shown


def _exact_in_excel(text: str, amount: Amount) -> bool:
    """Whether Excel would show the number as printed: no note, sign word, leading zero, 16th digit."""
    if amount.kind is not AmountKind.FIGURE or amount.unit or amount.note:
        return False
    bare = _BRACKETED.fullmatch(text)
    digits = (bare[2] if bare else text.removeprefix("-")).replace(",", "").replace(".", "", 1)
    code = len(digits) > 1 and digits.startswith("0") and digits[: -amount.decimals or None] != "0"
    return digits.isascii() and digits.isdigit() and len(digits) <= _EXCEL_DIGITS and not code


def _comment(cell: CellRecord) -> str:
    if cell.state in {State.ACCEPTED, State.CONFIRMED} and not cell.source_suspect:
        return ""
    sure = shown_confidence(cell)
    percent = "" if sure is None else f"（{'识读 ' if cell.state is State.DOUBTFUL else ''}{sure:.1%}）"
    lines = [f"{STATE_NAMES[cell.state]}{percent}：{cell.reason}"]
    if cell.read != cell.text:
        lines.append(f"最初读作：{cell.read or '空白'}")
    lines += [f"建议 {s.text or '空白'}（{s.probability:.1%}）：{s.why}" for s in cell.suggestions[:3]]
    return "\n".join(lines)


def _write_rules(sheet: Worksheet, document: Document, formats: _Formats) -> None:
    heading = formats.get(_HEAD_COLOUR)
    for column, title in enumerate(("页", "表", "规则", "公式", "来源", "结论", "差额", "说明", "单元格")):
        sheet.write_string(0, column, title, heading)
    rules = [*(rule for table in document.tables for rule in table.rules), *document.rules]
    for line, rule in enumerate(rules, start=1):
        said = (rule.id, rule.formula, rule.source.value, VERDICT_NAMES[rule.verdict])
        why = (_gap(rule), rule.reason, " ".join(rule.cells))
        style = _VERDICT_COLOURS.get(rule.verdict, "")
        _write_line(sheet, line, (*_tables_of(rule), *said, *why), formats, style)
    sheet.set_column(3, 3, 60)
    sheet.set_column(7, 8, 40)
    sheet.freeze_panes(1, 0)


def _write_line(
    sheet: Worksheet, line: int, values: Sequence[str | Decimal], formats: _Formats, colour: str = ""
) -> None:
    """Numbers as such, so that they can be sorted and added; everything else as text."""
    for column, value in enumerate(values):
        if isinstance(value, str):
            sheet.write_string(line, column, value, formats.get(colour))
        else:
            decimals = -int(value.as_tuple().exponent)
            shown = "#,##0" + ("." + "0" * decimals if decimals > 0 else "")
            sheet.write_number(line, column, float(value), formats.get(colour, shown))


def _gap(rule: RuleRecord) -> str | Decimal:
    """By how much a rule fails as read, in the unit that is printed."""
    return "" if rule.residual_before is None else Decimal(rule.residual_before).scaleb(-rule.scale)


def _tables_of(rule: RuleRecord) -> tuple[str | Decimal, str | Decimal]:
    """Pages and tables that a rule is about: one after the other where it binds several."""
    places = sorted({(ref.page, ref.table) for ref in map(CellRef.parse, rule.cells)})
    if len(places) == 1:
        ((page, table),) = places
        return Decimal(page), Decimal(table + 1)
    return "、".join(str(page) for page, _ in places), "、".join(str(table + 1) for _, table in places)


def _write_texts(sheet: Worksheet, document: Document, formats: _Formats) -> None:
    """Titles, units and notes, which stand in no cell, page by page in reading order."""
    for column, title in enumerate(("页", "文字")):
        sheet.write_string(0, column, title, formats.get(_HEAD_COLOUR))
    lines = [(Decimal(page.number), text.text) for page in document.pages for text in page.text]
    for number, line in enumerate(lines, start=1):
        _write_line(sheet, number, line, formats)
    sheet.set_column(1, 1, 100)
    sheet.freeze_panes(1, 0)


def _write_about(sheet: Worksheet, document: Document, formats: _Formats) -> None:
    """What a reader of the tables has to know of the whole document."""
    source = [
        ("文件", document.name),
        ("原件", document.source.path),
        ("原件 SHA-256", document.source.sha256),
        ("机关", document.organ or "未读出"),
        ("年度", "未读出" if document.year is None else str(document.year)),
        ("页", str(len(document.pages))),
        ("表", str(len(document.tables))),
    ]
    failed = [
        ("未能处理" if e.page is None else f"第 {e.page} 页未能识别", f"{error_name(e.kind)}：{e.message}")
        for e in document.errors
    ]
    notes = [("提示", note.detail) for note in document.notes]
    meanings = [
        *((colour, STATE_NAMES[state], _STATE_MEANINGS[state]) for state, colour in STATE_COLOURS.items()),
        (_SOURCE_COLOUR, "疑似原文错误", "纸面所印与勾稽关系不符，保留原文"),
        ("", STATE_NAMES[State.ACCEPTED], _STATE_MEANINGS[State.ACCEPTED]),
    ]
    line = 0
    for rows, colour in ((source, ""), (failed, _SOURCE_COLOUR), (notes, "")):
        for name, value in rows:
            sheet.write_string(line, 0, name, formats.get(colour or _HEAD_COLOUR))
            sheet.write_string(line, 1, value, formats.get(colour))
            line += 1
    for below, (colour, name, meaning) in enumerate(meanings, start=line + 1):
        sheet.write_string(below, 0, name, formats.get(colour))
        sheet.write_string(below, 1, meaning, formats.get())
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 100)
