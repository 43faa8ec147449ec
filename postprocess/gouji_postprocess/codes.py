"""Codes and dates: digits that name something instead of counting it, so that no sum can bind them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from gouji_layout.geometry import CellRef
from gouji_ocr.amounts import fold_text, parse_amount
from gouji_ocr.reading import Reading, ReadingKind

_CODE = re.compile(
    r"""
    0\d+  # 05: of a budget subject; a figure has no leading zero
    | (1[89]|20)\d\d([-/.]\d{1,2}){1,2}
    | (1[89]|20)\d\d年\d{1,2}月(\d{1,2}日)?
    | \d{1,2}(:\d\d){1,2}
    """,
    re.VERBOSE,
)

_COLUMN = 5  # amounts that make a column of amounts
_STRAY = r"[\[\]|!'‘’\"“”~^_;]"
_SPOILT = re.compile(rf"{_STRAY}+\d[\d.,]*{_STRAY}*|\d[\d.,]*{_STRAY}+")

_WITH_FIGURE = re.compile(r"[\u4e00-\u9fff]+\s?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
_WITH_MARK = re.compile(r"[-−(（]?(\d{1,3}(,\d{3})+(\.\d+)?|\d+\.\d+)[^\d\s\u4e00-\u9fff.,%‰/~～至:：-]{1,3}")


def is_code(text: str) -> bool:
    """Whether a text is a code, a date or a time, and cannot be an amount.

    >>> [is_code(text) for text in ("05", "2021/11/3", "2024-01-30", "10:30", "505", "0.5")]
    [True, True, True, True, False, False]
    """
    return parse_amount(text) is None and _CODE.fullmatch(fold_text(text).strip()) is not None


def lone_codes(readings: Mapping[CellRef, Reading]) -> set[CellRef]:
    """The only digits after a zero in a column of amounts: likelier the rest of one than a code."""
    codes: dict[tuple[int, int, int], list[CellRef]] = {}
    amounts: Counter[tuple[int, int, int]] = Counter()
    for ref, reading in readings.items():
        column = ref.page, ref.table, ref.col
        if fold_text(reading.text).isdecimal() and is_code(reading.text):
            codes.setdefault(column, []).append(ref)
        elif reading.kind is ReadingKind.FIGURE:
            amounts[column] += 1
    return {own[0] for column, own in codes.items() if len(own) == 1 and amounts[column] >= _COLUMN}


def is_run_of_zeros(text: str) -> bool:
    """Whether only zeros were read: the zeros of cells that run together, as any sum over them will have it.

    >>> [is_run_of_zeros(text) for text in ("00", "0", "0.0", "100")]
    [True, False, False, False]
    """
    plain = fold_text(text).strip()
    return len(plain) > 1 and set(plain) == {"0"}


def is_spoilt_figure(text: str) -> bool:
    """Whether digits were read with a mark that no figure, code or numbering has: 224], |36, 5'.

    >>> [is_spoilt_figure(text) for text in ("224]", "|36", "1.", "(1)", "224", "224件")]
    [True, True, False, False, False, False]
    """
    return _SPOILT.fullmatch(fold_text(text)) is not None


def is_label_with_figure(text: str) -> bool:
    """Whether a figure set in thousands follows a word: two cells whose rule was not found, read as one.

    >>> [is_label_with_figure(text) for text in ("东平乡10,279", "合计12,345.60", "第3,4条", "2019年")]
    [True, True, False, False]
    """
    return _WITH_FIGURE.fullmatch(fold_text(text)) is not None


def is_figure_with_mark(text: str) -> bool:
    """Whether a mark of a note stands behind a figure with decimals or set in thousands: no label, no amount.

    >>> [is_figure_with_mark(text) for text in ("904.99ª", "1,234a", "9.50*)", "2019E", "3.2万人", "1.5-2.5")]
    [True, True, True, False, False, False]
    """
    return _WITH_MARK.fullmatch(text.strip()) is not None
