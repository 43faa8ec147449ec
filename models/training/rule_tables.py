"""Random tables for the rule network: grids, merged cells, texts and type, none of them a published form."""

from __future__ import annotations

import numpy as np

from fixtures.make.draw import Look
from fixtures.make.fonts import typeface
from fixtures.make.plan import PlannedCell, PlannedTable

WORDS = (
    "合计", "小计", "总计", "其中", "本年", "上年", "项目", "单位", "数量", "金额", "备注", "一", "二", "三",
    "十", "工业", "土木", "王口", "国田", "日目", "中山", "川", "三二一", "本年新收政府信息公开申请数量",
    "予以公开", "不予公开", "自然人", "法人或其他组织", "商业企业", "科研机构", "其他", "结果维持",
    "结果纠正", "尚未审结", "行政许可", "收费标准", "较上年增减", "户籍人口", "出生率", "规模以上工业总产值",
    "社会消费品零售总额", "无法提供", "不予处理", "丨一丨", "山川",
)  # fmt: skip
_HAN = [bytes([0xB0 + at // 94, 0xA1 + at % 94]).decode("gb2312", "ignore") for at in range(39 * 94 + 89)]
"""The 3,755 usual characters of GB 2312."""
MARKS = (
    "-", "—", "/", "l", "I", "1", "11", "|", "－", "0", "…", "T", "E", "H", "L1", "□", "＝", "+", "——", "___",
)  # fmt: skip


def random_look(rng: np.random.Generator) -> Look:
    """Fonts, sizes and distances; often tighter than a careful typesetter would choose."""
    latin = str(rng.choice(["", "serif", "sans"]))
    return Look(
        body=typeface(str(rng.choice(["song", "fangsong", "kai", "hei"])), int(rng.integers(3)), latin),
        heading=typeface("hei", int(rng.integers(3)), latin),
        table=typeface(str(rng.choice(["song", "hei", "kai", "fangsong"])), int(rng.integers(3)), latin),
        body_size=float(rng.uniform(9, 16)),
        table_size=float(rng.uniform(6.5, 12)),
        leading=float(rng.uniform(0.95, 1.5)),
        pad=float(rng.choice([0.2, 0.8, 1.5, 3, 5, 9])) * float(rng.uniform(0.8, 1.2)),
        table_width=float(rng.uniform(0.5, 1.1)),
        margin=float(rng.uniform(36, 80)),
        ink=int(rng.integers(0, 70)),
    )


def random_table(rng: np.random.Generator) -> PlannedTable:
    """A grid with merged cells in its head, its stub or anywhere."""
    dense = bool(rng.random() < 0.65)  # short texts in one line, as in most forms
    rows = int(rng.integers(2, 36 if dense else 14))
    cols = int(rng.integers(2, 17))
    taken = np.zeros((rows, cols), dtype=bool)
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    head = int(rng.integers(0, min(rows, 4)))
    stub = int(rng.integers(0, min(cols, 4)))
    for _ in range(int(rng.integers(0, rows * cols // 6 + 2))):
        place_ = rng.random()
        row = int(rng.integers(0, rows if place_ > 0.4 or not head else head))
        col = int(rng.integers(0, cols if place_ < 0.4 or place_ > 0.8 or not stub else stub))
        high = int(rng.choice([1, 1, 2, 3, 4, 8]))
        across = int(rng.choice([1, 1, 2, 3, 4, 8, 16])) if high == 1 or rng.random() < 0.3 else 1
        high, across = min(high, rows - row), min(across, cols - col)
        part = taken[row : row + high, col : col + across]
        if part.any() or high * across == 1:
            continue
        part[:] = True
        spans[row, col] = (high, across)
    inside = np.zeros((rows, cols), dtype=bool)
    for (row, col), (high, across) in spans.items():
        inside[row : row + high, col : col + across] = True
        inside[row, col] = False
    blank, figures = float(rng.choice([0, 0.1, 0.5, 0.9])), float(rng.choice([0.2, 0.6, 0.95]))
    align = str(rng.choice(["l", "c", "r"]))
    aligned = int(rng.integers(0, cols)) if rng.random() < 0.25 else -1
    letter = str(rng.choice([*"HEFTILDN1", ""]))
    cells = []
    for row in range(rows):
        for col in range(cols):
            if inside[row, col]:
                continue
            high, across = spans.get((row, col), (1, 1))
            numeric = bool(row >= head and col >= stub and rng.random() < figures)
            text = (
                ""
                if rng.random() < blank * (row >= head)
                else _text(rng, numeric, dense and high * across < 4)
            )
            if col == aligned and row >= head:
                text = _in_columns(rng, letter)
            vertical = ""
            if high > 1 and across == 1 and rng.random() < 0.5:
                vertical = str(rng.choice(["stacked", "stacked", "turned"]))
                text = text[: int(rng.integers(2, 9))]
            cells.append(
                PlannedCell(
                    row,
                    col,
                    text,
                    high,
                    across,
                    numeric,
                    align if numeric else str(rng.choice(["l", "c"])),
                    vertical,
                )
            )
    equal = rng.random() < 0.5
    weights = np.ones(cols) if equal else rng.uniform(0.6, 3, cols)
    weights[:stub] *= rng.uniform(1, 3)
    if stub and rng.random() < 0.35:  # a column hardly wider than the characters stacked in it
        weights[0] = 0.35 * float(np.median(weights))
        if stub > 1 and rng.random() < 0.4:
            weights[1] = weights[0]
    return PlannedTable("free", tuple(cells), tuple(float(w) for w in weights))


def _in_columns(rng: np.random.Generator, letter: str) -> str:
    """A name, a letter and a unit that stand below those of the row above, with no rule between."""
    name = "".join(_HAN[int(at)] for at in rng.integers(0, len(_HAN), int(rng.integers(1, 5))))
    sign = letter or str(rng.choice([*"HEFTILDNCOSAVM"]))
    return f"{name:　<5}{sign}{rng.choice(['', 'T', 'ad', 't'])!s:<3}　（{rng.choice(['%', 'J/g', '℃'])}）"


def _text(rng: np.random.Generator, numeric: bool, short: bool) -> str:
    kind = rng.random()
    if numeric:
        if kind < 0.35:
            return str(rng.choice(["0", "1", "-", "/", "11", "—"]))
        value = int(np.exp(rng.uniform(0, 14)))
        return f"{value:,}" if kind < 0.6 else f"{value / 100:.2f}" if kind < 0.8 else str(value)
    if kind < 0.12:
        return str(rng.choice(MARKS))
    if kind < 0.6:
        count = int(rng.integers(1, 5 if short else 20))
        return "".join(_HAN[int(at)] for at in rng.integers(0, len(_HAN), count))
    words = 1 if short else int(rng.choice([1, 1, 1, 2, 3, 6]))
    if short and rng.random() < 0.7:
        return str(rng.choice(WORDS))[:4]
    prefix = str(rng.choice(["", "", "", "1.", "（一）", "2．", "一、"]))
    return prefix + "".join(str(rng.choice(WORDS)) for _ in range(words))
