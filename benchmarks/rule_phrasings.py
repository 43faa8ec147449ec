"""Sentences that state totals rules, as the report families print them, each with the table they stand by.

The wordings are written for this benchmark after the families in the project's domain notes; the
expected rules are written down by hand as (relation, signed lines of the left, signed lines of the
right) over the rows or the columns of the small table.
"""

# ruff: noqa: E501  (data, a line an entry)
from __future__ import annotations

from dataclasses import dataclass

ROWS = [
    ["项目", "行次", "件数", "金额"],
    ["一、收入总计", "1", "10", "100"],
    ["财政拨款", "2", "6", "60"],
    ["事业收入", "3", "3", "30"],
    ["其他收入", "4", "1", "10"],
    ["二、支出总计", "5", "9", "90"],
    ["基本支出", "6", "5", "50"],
    ["项目支出", "7", "4", "40"],
    ["三、结余", "8", "1", "10"],
]
"""Rows 1 to 8 are lines 1 to 8: 1=2+3+4, 5=6+7, 8=1-5."""
COLUMNS = [
    ["地区", "合计", "家庭户", "集体户", "男", "女"],
    ["栏次", "1", "2", "3", "4", "5"],
    ["甲县", "30", "20", "10", "14", "16"],
    ["乙县", "50", "45", "5", "26", "24"],
    ["丙县", "7", "7", "0", "3", "4"],
]
"""Columns 1 to 5: 1=2+3, 1=4+5."""
BALANCE = [
    ["品名", "期初余额", "本期增加", "本期减少", "期末余额"],
    ["甲", "10", "5", "3", "12"],
    ["乙", "7", "0", "2", "5"],
    ["丙", "100", "40", "60", "80"],
]
NATIONAL = [
    ["（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）", "自然人", "法人", "总计"],
    ["一、本年新收", "40", "2", "42"],
    ["二、上年结转", "3", "0", "3"],
    ["三、本年度办理总计", "41", "2", "43"],
    ["四、结转下年度", "2", "0", "2"],
]

Side = tuple[int, ...]


@dataclass(frozen=True)
class Phrasing:
    """One sentence; lines count from 1 over the rows or columns with figures, minus for subtracted."""

    table: list[list[str]]
    sentence: str
    axis: str  # "rows" or "columns": what the lines are
    expected: tuple[tuple[str, Side, Side], ...]


PHRASINGS = (
    Phrasing(NATIONAL, "", "rows", (("=", (1, 2), (3, 4)),)),
    Phrasing(ROWS, "勾稽关系：第1行=第2行+第3行+第4行。", "rows", (("=", (1,), (2, 3, 4)),)),
    Phrasing(ROWS, "本表平衡关系为：1行＝2行＋3行＋4行；5行＝6行＋7行。", "rows", (("=", (1,), (2, 3, 4)), ("=", (5,), (6, 7)))),
    Phrasing(ROWS, "审核关系：(1)=(2)+(3)+(4)；(5)≤(1)", "rows", (("=", (1,), (2, 3, 4)), ("<=", (5,), (1,)))),
    Phrasing(ROWS, "逻辑关系：1=2+…+4；5=6+7；8=1-5", "rows", (("=", (1,), (2, 3, 4)), ("=", (5,), (6, 7)), ("=", (8,), (1, -5)))),
    Phrasing(ROWS, "审核公式：1.01行=02行+03行+04行；2.05行≥06行", "rows", (("=", (1,), (2, 3, 4)), ("<=", (6,), (5,)))),
    Phrasing(ROWS, "（各列数据的勾稽关系为：第二行至第四行之和等于第一行）", "rows", (("=", (2, 3, 4), (1,)),)),
    Phrasing(ROWS, "收入总计等于财政拨款、事业收入与其他收入之和。", "rows", (("=", (1,), (2, 3, 4)),)),
    Phrasing(ROWS, "勾稽关系：支出总计＝基本支出＋项目支出。", "rows", (("=", (5,), (6, 7)),)),
    Phrasing(ROWS, "说明：表中结余应等于收入总计减去支出总计。勾稽关系以此为准。", "rows", (("=", (8,), (1, -5)),)),
    Phrasing(ROWS, "平衡关系：第5行加第8行等于第1行", "rows", (("=", (5, 8), (1,)),)),
    Phrasing(ROWS, "校验关系：行1≥行2；行1≥行3；行5≥行7", "rows", (("<=", (2,), (1,)), ("<=", (3,), (1,)), ("<=", (7,), (5,)))),
    Phrasing(ROWS, "勾稽关系为：①=②+③+④，⑤=⑥+⑦", "rows", (("=", (1,), (2, 3, 4)), ("=", (5,), (6, 7)))),
    Phrasing(ROWS, "审核关系：项目支出不大于支出总计；基本支出不超过支出总计。", "rows", (("<=", (7,), (5,)), ("<=", (6,), (5,)))),
    Phrasing(COLUMNS, "表内勾稽关系：1栏=2栏+3栏；1栏=4栏+5栏", "columns", (("=", (1,), (2, 3)), ("=", (1,), (4, 5)))),
    Phrasing(COLUMNS, "（各行数据的勾稽关系为：第一栏等于第二栏与第三栏之和）", "columns", (("=", (1,), (2, 3)),)),
    Phrasing(COLUMNS, "栏次关系：(1)=(2)+(3)", "columns", (("=", (1,), (2, 3)),)),
    Phrasing(COLUMNS, "合计=男+女，勾稽关系同上年。", "columns", (("=", (1,), (4, 5)),)),
    Phrasing(COLUMNS, "每一行的合计应等于家庭户加上集体户。平衡关系不变。", "columns", (("=", (1,), (2, 3)),)),
    Phrasing(COLUMNS, "勾稽关系：第1列大于或等于第2列；第1列不小于第4列", "columns", (("<=", (2,), (1,)), ("<=", (4,), (1,)))),
    Phrasing(COLUMNS, "匀稽关系：第(1)栏应等于第(4)栏与第(5)栏之和。", "columns", (("=", (1,), (4, 5)),)),
    Phrasing(COLUMNS, "勾稽关系：合计等于第2栏至第3栏之和", "columns", (("=", (1,), (2, 3)),)),
    Phrasing(BALANCE, "期末余额等于期初余额加本期增加减本期减少之和", "columns", (("=", (4,), (1, 2, -3)),)),
    Phrasing(BALANCE, "勾稽关系：期初余额＋本期增加－本期减少＝期末余额", "columns", (("=", (1, 2, -3), (4,)),)),
    Phrasing(BALANCE, "平衡公式：期末余额=期初余额+本期增加-本期减少", "columns", (("=", (4,), (1, 2, -3)),)),
    Phrasing(
        [["项目", "合计（1=2+3）", "基本支出（2）", "项目支出（3）"], ["甲", "9", "5", "4"], ["乙", "7", "7", "0"], ["丙", "31", "11", "20"]],
        "", "columns", (("=", (1,), (2, 3)),),
    ),
    Phrasing(
        [["项目", "合计", "人员经费", "公用经费"], ["栏次", "1=2+3", "2", "3"], ["甲", "9", "5", "4"], ["乙", "7", "7", "0"], ["丙", "31", "11", "20"]],
        "", "columns", (("=", (1,), (2, 3)),),
    ),
    Phrasing(
        [["指标", "代码", "本期", "累计"], ["申请总数（01=02+03）", "01", "9", "30"], ["网上申请数", "02", "5", "20"], ["信函申请数", "03", "4", "10"]],
        "", "rows", (("=", (1,), (2, 3)),),
    ),
)  # fmt: skip

NOT_RULES = (
    "本年共受理申请42件，等于上年的两倍。",
    "会议次数不少于5次。",
    "联系电话：0631-8988877",
    "勾稽关系：本栏数应大于或等于下栏数，详见填表说明。",
    "第一项工作与第二项工作同步推进。",
    "勾稽关系：第9行=第10行+第11行。",
)
"""Sentences beside the table of rows that must give no rule: facts, and rules whose items are not there."""

LATER = (
    Phrasing(ROWS, "（本栏数据勾稽关系：收入总计＝财政拨款＋事业收入＋其他收入）", "rows", (("=", (1,), (2, 3, 4)),)),
    Phrasing(ROWS, "注：第五行等于第六行与第七行之和；第八行等于第一行减第五行。", "rows", (("=", (5,), (6, 7)), ("=", (8,), (1, -5)))),
    Phrasing(ROWS, "表内审核关系：行次1=行次2+行次3+行次4", "rows", (("=", (1,), (2, 3, 4)),)),
    Phrasing(ROWS, "勾稽关系：1=2+3+4，5=6+7，8=1-5", "rows", (("=", (1,), (2, 3, 4)), ("=", (5,), (6, 7)), ("=", (8,), (1, -5)))),
    Phrasing(ROWS, "逻辑审核关系：基本支出应小于或等于支出总计", "rows", (("<=", (6,), (5,)),)),
    Phrasing(ROWS, "收支平衡关系：收入总计减支出总计等于结余。", "rows", (("=", (1, -5), (8,)),)),
    Phrasing(COLUMNS, "各行勾稽关系：合计＝家庭户＋集体户＝男＋女", "columns", (("=", (1,), (2, 3)), ("=", (1,), (4, 5)))),
    Phrasing(COLUMNS, "说明：（1）栏＝（2）栏＋（3）栏＝（4）栏＋（5）栏，勾稽关系适用于各行。", "columns", (("=", (1,), (2, 3)), ("=", (1,), (4, 5)))),
    Phrasing(COLUMNS, "家庭户与集体户之和应与合计一致。勾稽关系如此。", "columns", (("=", (2, 3), (1,)),)),
    Phrasing(COLUMNS, "校验公式：第1栏－第2栏＝第3栏", "columns", (("=", (1, -2), (3,)),)),
    Phrasing(BALANCE, "平衡关系：期初余额与本期增加之和减去本期减少等于期末余额", "columns", (("=", (1, 2, -3), (4,)),)),
    Phrasing(NATIONAL, "（本列数据的勾稽关系为：第一项加第二项之和，\n等于第三项加第四项之和）", "rows", (("=", (1, 2), (3, 4)),)),
)  # fmt: skip
"""Written after the parser was finished; its first answers (8 of 12 right) are in docs/measured/rules.md."""
