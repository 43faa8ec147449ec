"""Units as a page prints them beside a table (`金额单位：元`) or in its heads (`金额（万元）`)."""

from __future__ import annotations

import re
from collections.abc import Iterable

# 编制单位 and 填报单位 name an office.
_BESIDE = re.compile(r"(?:^|[^\u4e00-\u9fff]|计量|金额|货币)单位\s*[:：]\s*([\u4e00-\u9fff]{1,4})")
_IN_HEAD = re.compile(r"[（(]\s*(?:单位\s*[:：])?\s*([千万亿百]{0,2}元)\s*[)）]")


def unit_beside(line: str) -> str:
    """The unit that a line beside a table states; empty where it states none.

    >>> unit_beside("编制单位：某局　金额单位：万元"), unit_beside("填报单位：某局")
    ('万元', '')
    """
    found = _BESIDE.search(line)
    return found[1] if found else ""


def in_yuan(texts: Iterable[str]) -> bool:
    """Whether yuan is the only unit of money that these texts state, and they state it.

    >>> in_yuan(["单位：元"]), in_yuan(["单位：元", "预算数（万元）"]), in_yuan(["单位：人"])
    (True, False, False)
    """
    units = set()
    for text in texts:
        units.update(_IN_HEAD.findall(text))
        beside = unit_beside(text).removeprefix("人民币")
        # The reader may leave no space before what follows: `单位：元 币种：人民币`.
        units.add("元" if beside.startswith("元") else beside[: beside.find("元") + 1])
    return units - {""} == {"元"}
