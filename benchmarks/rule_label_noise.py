"""Damage to the labels of a table as scanning, reading and printing do it."""

# ruff: noqa: E501  (data, a line an entry)
from __future__ import annotations

import random
from dataclasses import dataclass

from gouji_postprocess.form_layout import Grid, Joined

_LOOKALIKES = {
    "请": "清情", "申": "甲电", "结": "绪洁", "转": "传轻", "未": "末来", "予": "子矛", "公": "么分", "开": "井升",
    "处": "外赴", "理": "埋里", "不": "木丕", "属": "厲", "于": "干千", "人": "入八", "法": "去注", "总": "忌恩", "计": "什汁",
    "年": "午牛", "上": "土卜", "下": "丁卞", "政": "攻玫", "府": "俯腑", "他": "地她", "其": "具甚", "无": "天元", "复": "夏覆",
}  # fmt: skip


@dataclass(frozen=True)
class Damage:
    """How often each kind of damage happens."""

    wrong_character: float = 0.0  # a character of a label read as another
    lost_character: float = 0.0
    wrapped: float = 0.0  # a label with a line break or white space inside
    unreadable: float = 0.0  # a whole label lost
    cut: float = 0.0  # a label cut at the end of its line
    remark: float = 0.0  # a label with an explanation the form does not have
    missing_rows: int = 0
    extra_rows: int = 0
    no_header: bool = False  # the second part of a table that was split over pages


LEVELS = {
    "clean": Damage(),
    "light": Damage(wrong_character=0.02, lost_character=0.01, wrapped=0.3),
    "heavy": Damage(
        wrong_character=0.10, lost_character=0.05, wrapped=0.5, unreadable=0.03, cut=0.05, remark=0.05
    ),
    "rows changed": Damage(wrong_character=0.02, wrapped=0.2, missing_rows=1, extra_rows=1),
}


def damaged(grid: Grid, draw: random.Random, damage: Damage) -> tuple[Grid, list[int | None]]:
    """The grid with damaged labels, and for every row of it which row of the given grid it was."""
    origin: list[int | None] = list(range(len(grid)))
    rows = [list(row) for row in grid]
    if damage.missing_rows or damage.extra_rows:
        rows, origin = _other_rows(rows, origin, draw, damage)
    for row in rows:
        for col, text in enumerate(row):
            if isinstance(text, str) and any("\u4e00" <= c <= "\u9fff" for c in text):
                row[col] = damaged_label(text, draw, damage)
    return rows, origin


def damaged_label(text: str, draw: random.Random, damage: Damage) -> str:
    """One label after printing, scanning and reading."""
    if draw.random() < damage.unreadable:
        return ""
    seen = "".join(
        draw.choice(_LOOKALIKES.get(c, "口田日目")) if draw.random() < damage.wrong_character else c
        for c in text
        if draw.random() >= damage.lost_character
    )
    if len(seen) > 6 and draw.random() < damage.cut:
        seen = seen[: draw.randint(4, len(seen) - 1)]
    if draw.random() < damage.remark:
        seen += "（指当年实际发生数，不含往年）"
    if len(seen) > 2 and draw.random() < damage.wrapped:
        at = draw.randint(1, len(seen) - 1)
        seen = seen[:at] + draw.choice(["\n", " ", "　"]) + seen[at:]
    return seen


def _other_rows(
    rows: Grid, origin: list[int | None], draw: random.Random, damage: Damage
) -> tuple[Grid, list[int | None]]:
    """Leave out and put in rows with figures; rows that begin or continue merged cells are kept whole."""
    plain = [
        i
        for i, row in enumerate(rows)
        if i > 0
        and isinstance(row[0], str)
        and any(isinstance(t, str) and t.isdigit() for t in row[1:])
        and (i + 1 >= len(rows) or not any(t is Joined.ABOVE for t in rows[i + 1]))
    ]
    gone = set(draw.sample(plain, min(damage.missing_rows, max(0, len(plain) - 2))))
    kept = [i for i in range(len(rows)) if i not in gone]
    new_rows, new_origin = [rows[i] for i in kept], [origin[i] for i in kept]
    candidates = [i for i in range(len(new_rows)) if new_origin[i] in plain]
    for _ in range(min(damage.extra_rows, len(candidates))):
        at = draw.choice(candidates)
        row = [
            "补充填报的本地指标" if k == 0 else t if t is Joined.LEFT else "0"
            for k, t in enumerate(new_rows[at])
        ]
        new_rows.insert(at, row)
        new_origin.insert(at, None)
        candidates = [i for i in range(len(new_rows)) if new_origin[i] in plain]
    return new_rows, new_origin
