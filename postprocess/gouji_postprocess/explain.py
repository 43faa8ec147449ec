"""One Chinese sentence for each decision and each verdict, for the review page and the exports."""

from __future__ import annotations

from collections.abc import Sequence

from gouji_postprocess.odd_signs import SHARES
from gouji_postprocess.rule import RuleSource

_COUNT = "零一两三四五六七八九十"
_SOURCES = {
    RuleSource.FORM: "表式",
    RuleSource.PRINTED: "表内文字",
    RuleSource.HEADINGS: "表头",
    RuleSource.NUMBERS: "数据推断",
    RuleSource.NARRATIVE: "正文",
    RuleSource.TABLES: "表间",
    RuleSource.YEARS: "跨年",
}


def shown(text: str) -> str:
    """A cell text inside a sentence; blank is said in words.

    >>> shown("")
    '空白'
    """
    return text.replace("\n", " ") if text.strip() else "空白"


def counted(number: int) -> str:
    """A small count as it is said before 条.

    >>> counted(2)
    '两'
    """
    return _COUNT[number] if 0 <= number < len(_COUNT) else str(number)


def percent(probability: float) -> str:
    """A probability as people read it; never rounded up to certainty.

    >>> percent(0.99996)
    '99.9%'
    """
    return f"{min(probability, 0.999) * 100:.1f}%"


def why_corrected(read: str, text: str, support: float, closed: int, runner_up: float | None) -> str:
    """The sentence of a correction."""
    only = "无其他可能" if runner_up is None else f"其他可能均低 {runner_up:.1f} 以上"
    return (
        f"读作 {shown(read)}，应为 {shown(text)}：图像支持（{support:.1f}），"
        f"{counted(closed)}条勾稽关系由此成立，{only}"
    )


def why_confirmed(text: str, holding: int) -> str:
    """The sentence of a figure that was read surely and adds up."""
    return f"读作 {shown(text)}，{counted(holding)}条勾稽关系成立"


def why_accepted(text: str) -> str:
    """The sentence of a cell that was read surely but that nothing checks."""
    return f"读作 {shown(text)}，识别可信，无勾稽关系可核对"


def why_as_in_form(text: str, *, but_marks: bool = False) -> str:
    """The sentence of a label that reads as its form prints it, or does but for its marks."""
    return f"读作 {shown(text)}，{'除标点外' if but_marks else ''}与表式一致"


def why_label(read: str, known: str, odds: float) -> str:
    """The sentence of a label that was misread: picture and form agree on another one."""
    return f"读作 {shown(read)}，表式为 {shown(known)}：图像支持（{odds:.1f}），表式中无其他相近标签"


def why_other_label(read: str, known: str) -> str:
    """The sentence of a label that does not read as its form prints it."""
    return f"读作 {shown(read)}，与表式的 {shown(known)} 不同，可能是误读，也可能是原文如此"


def why_not_yet_checked(text: str) -> str:
    """The sentence of a cell that was read surely and whose rules wait for another figure."""
    return f"读作 {shown(text)}，识别可信，所在勾稽关系另有数据存疑，尚不能核对"


def why_only_guided(text: str) -> str:
    """The sentence of a cell that was read surely and whose rules are too uncertain to check anything."""
    return f"读作 {shown(text)}，识别可信，所列勾稽关系只供参考"


def why_source(text: str, meant: str, broken: int, *, alone: bool) -> str:
    """The sentence of a figure that seems wrong on the paper; see `why_contradicted`."""
    return f"图像清楚为 {shown(text)}，但{why_contradicted(meant, broken, alone=alone)}"


def why_contradicted(meant: str, broken: int, *, alone: bool) -> str:
    """What the rules say against a figure that stays as it is printed.

    Where it is not `alone`, another figure of the same rules may be the wrong one instead.
    """
    should = f"应为 {shown(meant)}" if alone else f"若错在此格，应为 {shown(meant)}；也可能错在别格"
    return f"{counted(broken)}条勾稽关系不成立（{should}），疑似原文错误，保留原文"


def why_unstated(meant: str) -> str:
    """The sentence of a blank that cannot mean zero."""
    return f"此格空白，但按勾稽关系应为 {shown(meant)}，疑似原文未填，保留空白"


def why_doubtful(read: str, options: Sequence[str]) -> str:
    """The sentence of a figure with several possible values."""
    if not options:
        return f"读作 {shown(read)}，把握不足，请核对"
    return f"读作 {shown(read)}，也可能是 {'、'.join(map(shown, options))}，请核对"


def why_restless(read: str) -> str:
    """The sentence of a figure that was read surely on a page that was not, and that nothing checks."""
    return f"读作 {shown(read)}，但本页多处识别不清，此数又无勾稽关系可核对，请核对"


def why_unsupported(read: str, meant: str, support: float) -> str:
    """The sentence of a value that the rules want but the picture does not show."""
    seen = "图像不支持" if support < -1e6 else f"图像不支持（{support:.1f}）"
    return f"读作 {shown(read)}，勾稽关系要求 {shown(meant)}，但{seen}，请核对"


def why_unlocated(read: str, meant: str) -> str:
    """Rules show that something is wrong, not where, on a page on which other sure readings may be."""
    return f"读作 {shown(read)}，勾稽关系要求 {shown(meant)}，但本页多处识别不清，错的也可能是其他数，请核对"


def why_unspelled(read: str, text: str) -> str:
    """The value is known, but not how the paper writes it (blank, dash, 0, commas): sums cannot tell."""
    ways = "空白、横线、0 或千分位"
    return f"读作 {shown(read)}，数值应同 {shown(text)}，但图像不能确定原文写法（{ways}），请核对"


def why_not_blank(read: str) -> str:
    """Rules want nothing here, but there is ink: whether it is dirt is for a person to say."""
    return f"读作 {shown(read)}，勾稽关系要求空白或 0，但此格有字迹，请核对"


def why_odd_sign(read: str) -> str:
    """The only sign of its kind in a table that prints nothing otherwise, or figures without it."""
    others = "数据" if read.endswith(SHARES) else "零值"
    return f"读作 {shown(read)}，但本表别处的{others}都不这样写，可能是污点，请核对"


def why_open_point(read: str, grouped: str) -> str:
    """A point that may be a thousands comma: every sum of the table holds either way."""
    return f"读作 {shown(read)}，也可能是千分位的 {grouped}，本表无其他数据可证，请核对"


def why_derived(meant: str | None) -> str:
    """The sentence of an unreadable cell."""
    if meant is None:
        return "此格有字迹但无法识别，请核对"
    return f"此格无法识别，按勾稽关系推得 {shown(meant)}，请核对"


def why_uncalibrated(read: str, meant: str) -> str:
    """The sentence of a correction that was held back because the reader was never calibrated."""
    return f"读作 {shown(read)}，勾稽关系要求 {shown(meant)}，但识别引擎未经校准，不自动更正，请核对"


def why_reviewed(text: str) -> str:
    """The sentence of a figure a person settled."""
    return f"人工核定为 {shown(text)}"


def why_out_of_time() -> str:
    """The sentence of a figure in a table that could not be settled in time."""
    return "限定时间内未能得出结论（并非无解），请核对"


def why_too_doubtful() -> str:
    """The sentence of a figure on a page that was read too badly to be solved."""
    return "本页疑点过多，建议重新扫描"


def in_units(value: int, scale: int) -> str:
    """A number of last-place units in the units that are printed.

    >>> [in_units(value, 1) for value in (-100, 25, 3)]
    ['-10', '2.5', '0.3']
    """
    whole, part = divmod(abs(value), 10**scale)
    decimals = f"{part:0{scale}d}".rstrip("0") if part else ""
    return ("-" if value < 0 else "") + (f"{whole}.{decimals}" if decimals else str(whole))


def why_rule(kind: str, residual: str | None) -> str:
    """The sentence of a verdict; the residual is said as it would be printed."""
    gap = "" if residual is None else f"（差 {residual}）"
    return {
        "holds": "勾稽关系成立",
        "repaired": f"识别错误，已纠正{gap}",
        "ambiguous": f"勾稽关系不成立{gap}，疑为识别错误，待复核",
        "source_inconsistent": f"勾稽关系不成立{gap}，疑似原文错误，保留原文",
        "rounding": f"四舍五入差异{gap}",
        "not_assessable": "规则不适用：有空白、无法识别或未读到的数据",
        "holds_without": "有无法识别的单元格；若其为空白或 0，勾稽关系成立",
        "soft": f"一般规律，本表不符{gap}，仅供参考",
        "void": "规则不适用：该推断规则与本表数据不符",
    }[kind]


def source_name(source: RuleSource) -> str:
    """Where a rule comes from, in words."""
    return _SOURCES[source]
