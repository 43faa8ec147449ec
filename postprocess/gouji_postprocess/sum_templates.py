"""Sums that headings suggest: which lines (rows, or columns) are totals, and of which other lines.

The same reading of labels serves rows and columns: a line is a total by its word (总计, 合计, 小计 …)
within the scope of its merged label, or a parent by its numbering (一、 over （一） over 1. over （1）)
or by the prefix of its code (201 over 20101).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gouji_postprocess.labels import fold_label, without_ordinal
from gouji_postprocess.line_numbers import is_of_which, numbering, parents_of
from gouji_postprocess.table_lines import SeenLine

TOTAL = re.compile(r"((总计|合计|小计|共计)数?|总数|总额|汇总|全部|总和|计)$")
_WHOLE = re.compile(r"全(国|省|自治区|市|州|盟|县|旗|区|镇|乡|村|厂|矿|校|院|局|公司|系统)(总?计)?")
_GRAND = re.compile(r"(总计|总数|总额)$")
_MINUS = re.compile(r"^(减|扣除|减去)[:：]|^减[^少免]")
_REMARK = re.compile(r"[（(][^（()）]*[)）]$")


class Hint(StrEnum):
    """What in the headings suggests a sum, in falling order of weight."""

    TOTAL_WORD = "total_word"
    CODES = "codes"
    PARALLEL = "parallel"  # a total group over groups with the same columns
    NUMBERING = "numbering"
    OF_WHICH = "of_which"
    ROLL = "roll"  # opening + in = out + closing
    PERIOD = "period"  # this period is at most the year to date


@dataclass(frozen=True, slots=True)
class Template:
    """`total = sum(sign * part)` or, for 其中, `part <= total`, over indices of lines."""

    total: int
    parts: tuple[tuple[int, int], ...]  # (sign, line index)
    hint: Hint
    at_most: bool = False


def is_total(label: str) -> bool:
    """Whether a label says that its line is a sum.

    >>> is_total("（七）总计"), is_total("本年收入合计"), is_total("全  省"), is_total("会计")
    (True, True, True, False)
    """
    text = fold_label(_REMARK.sub("", without_ordinal(label)))
    if text in ("计", "总", "合计", "总计") or _WHOLE.fullmatch(text):
        return True
    return bool(TOTAL.search(text)) and not re.search(r"(会计|统计|设计|审计|估计|预计|累计)$", text)


def is_grand(label: str) -> bool:
    """Whether a label names the last total of a side: 总计."""
    return bool(_GRAND.search(fold_label(_REMARK.sub("", without_ordinal(label)))))


def total_templates(lines: Sequence[SeenLine]) -> Iterator[Template]:
    """Sums by total words: each total adds the lines of its own scope that no deeper total covers."""
    totals = [i for i, line in enumerate(lines) if line.path and is_total(line.label)]
    parents = parents_of(lines)
    for total in totals:
        scope = lines[total].path[:-1]
        inside = [
            i
            for i, line in enumerate(lines)
            if i != total and line.path[: len(scope)] == scope and line.path and not line.ratio
        ]
        members = _outermost(lines, total, inside, totals, parents)
        signed = tuple((-1 if _MINUS.match(_plain(lines[i].label)) else 1, i) for i in members)
        if len(signed) >= 2:
            yield Template(total, signed, Hint.TOTAL_WORD)


def _outermost(
    lines: Sequence[SeenLine],
    total: int,
    inside: Sequence[int],
    totals: Sequence[int],
    parents: dict[int, int],
) -> list[int]:
    """Members of a total: not below a parent line or a deeper total, and on the right side of it."""
    scope = len(lines[total].path) - 1
    deeper = {
        i
        for t in totals
        if t in inside and len(lines[t].path) - 1 > scope
        for i in inside
        if i != t and lines[i].path[: len(lines[t].path) - 1] == lines[t].path[:-1]
    }
    free = [
        i
        for i in inside
        if i not in deeper and not _covered(i, inside, parents, total) and not is_of_which(lines[i])
    ]
    same = [i for i in free if i in totals and len(lines[i].path) - 1 == scope]
    before, after = [i for i in free if i < total], [i for i in free if i > total]
    if not before or (not same and parents.get(before[0]) == total):
        return after
    if not after and not same:
        return before
    earlier = [i for i in same if i < total]
    if not earlier:
        return before or after
    last = earlier[-1]
    tail = [i for i in before if i >= last]
    return tail if len(tail) >= 2 else (earlier if len(earlier) >= 2 else [])


def _covered(i: int, inside: Sequence[int], parents: dict[int, int], total: int) -> bool:
    parent = parents.get(i)
    return parent is not None and parent != total and parent in inside


def _plain(label: str) -> str:
    return without_ordinal(label).strip()


def numbering_templates(lines: Sequence[SeenLine]) -> Iterator[Template]:
    """A line equals the sum of the lines numbered below it; 其中 lines are at most their parent."""
    children: dict[int, list[int]] = {}
    for child, parent in parents_of(lines).items():
        children.setdefault(parent, []).append(child)
    for parent, found in children.items():
        own = [i for i in found if numbering(lines[i].label) is not None]
        others = [i for i in found if i not in own]
        if len(own) >= 2:
            yield Template(parent, tuple((1, i) for i in own), Hint.NUMBERING)
        named = [i for i in others if is_of_which(lines[i])]
        for i in named:
            yield Template(parent, ((1, i),), Hint.OF_WHICH, at_most=True)
        if len(others) >= 2 and named:
            yield Template(parent, tuple((1, i) for i in others), Hint.OF_WHICH)


def code_templates(lines: Sequence[SeenLine]) -> Iterator[Template]:
    """A code's line equals the sum of the lines whose code is one level longer: 类 3 digits, 款 5, 项 7."""
    codes = {i: line.number for i, line in enumerate(lines) if re.fullmatch(r"\d{3}(\d\d){0,2}", line.number)}
    if len(codes) < 2:
        return
    for i, code in codes.items():
        below = [j for j, other in codes.items() if other.startswith(code) and len(other) == len(code) + 2]
        if below:
            yield Template(i, tuple((1, j) for j in below), Hint.CODES)
    top = min(len(code) for code in codes.values())
    heads = [i for i, code in codes.items() if len(code) == top]
    for i, line in enumerate(lines):
        if line.path and is_total(line.label) and i not in codes and len(heads) >= 2:
            yield Template(i, tuple((1, j) for j in heads), Hint.CODES)


_OPENING = re.compile(r"上年结转|上年末|年初|期初|上期|上年结余")
_CLOSING = re.compile(r"结转下年|年末|期末|下年度继续|结转下期")
_IN = re.compile(r"增加|收入|新收|新增|购入|收到|转入")
_OUT = re.compile(r"减少|支出|办理|处理|报废|转出|结果|发出")


def roll_templates(lines: Sequence[SeenLine]) -> Iterator[Template]:
    """Opening + in = out + closing, over the heads of the outermost groups: a group's total stands for it."""
    heads = heads_of_groups(lines)
    opening = [i for i in heads if _OPENING.search(lines[i].path[0])]
    closing = [i for i in heads if _CLOSING.search(lines[i].path[0])]
    others = [i for i in heads if i not in opening and i not in closing]
    if len(opening) != 1 or len(closing) != 1 or len(others) != 2:
        return
    into = [i for i in others if _IN.search(lines[i].path[0])]
    out = [i for i in others if i not in into and _OUT.search(lines[i].path[0])]
    if len(into) == 1 and len(out) == 1:
        yield Template(into[0], ((1, out[0]), (1, closing[0]), (-1, opening[0])), Hint.ROLL)


def heads_of_groups(lines: Sequence[SeenLine]) -> list[int]:
    """The line that stands for each outermost group: its own, or else its total."""
    groups: dict[str, list[int]] = {}
    for i, line in enumerate(lines):
        if line.path and not line.ratio:
            groups.setdefault(line.path[0], []).append(i)
    heads = []
    for found in groups.values():
        own = [i for i in found if len(lines[i].path) == 1]
        totals = [i for i in found if len(lines[i].path) == 2 and is_total(lines[i].label)]
        heads += own[:1] or totals[-1:]
    return heads


def period_templates(lines: Sequence[SeenLine]) -> Iterator[Template]:
    """本期 at most 本年累计, for neighbours with the same outer labels."""
    for i, j in zip(range(len(lines)), range(1, len(lines)), strict=False):
        now, sofar = lines[i], lines[j]
        if (
            now.path[:-1] == sofar.path[:-1]
            and re.search(r"本期|本月|本季", now.label)
            and "累计" in sofar.label
        ):
            yield Template(j, ((1, i),), Hint.PERIOD, at_most=True)


def parallel_templates(lines: Sequence[SeenLine]) -> Iterator[Template]:
    """A group called 合计 over groups with the same inner labels: each inner label adds up by itself."""
    for depth in {len(line.path) for line in lines if len(line.path) >= 2}:
        for level in range(depth - 1):
            yield from _parallel(lines, depth, level)


def _parallel(lines: Sequence[SeenLine], depth: int, level: int) -> Iterator[Template]:
    for i, line in enumerate(lines):
        if len(line.path) != depth or line.ratio or not is_total(line.path[level]):
            continue
        scope, tail = line.path[:level], line.path[level + 1 :]
        groups: dict[str, list[int]] = {}
        for j, other in enumerate(lines):
            if (
                j == i
                or len(other.path) <= level
                or other.path[:level] != scope
                or other.path[level] == line.path[level]
            ):
                continue
            if other.ratio or other.path[-1] != tail[-1]:
                continue
            groups.setdefault(other.path[level], []).append(j)
        parts: list[int] = []
        for found in groups.values():
            exact = [j for j in found if lines[j].path[level + 1 :] == tail]
            subtotal = [
                j for j in found if len(lines[j].path) > level + 2 and is_total(lines[j].path[level + 1])
            ]
            parts += exact or subtotal[:1] or found
        if len(parts) >= 2:
            yield Template(i, tuple((1, j) for j in parts), Hint.PARALLEL)
