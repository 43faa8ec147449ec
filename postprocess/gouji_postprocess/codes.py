"""Codes and dates: digits that name something instead of counting it, so that no sum can bind them."""

from __future__ import annotations

import re

from gouji_ocr.amounts import fold_text, parse_amount

_CODE = re.compile(
    r"""
    0\d+  # 05: of a budget subject; a figure has no leading zero
    | (1[89]|20)\d\d([-/.]\d{1,2}){1,2}
    | (1[89]|20)\d\d年\d{1,2}月(\d{1,2}日)?
    | \d{1,2}(:\d\d){1,2}
    """,
    re.VERBOSE,
)

_STRAY = r"[\[\]|!'‘’\"“”~^_;]"
_SPOILT = re.compile(rf"{_STRAY}+\d[\d.,]*{_STRAY}*|\d[\d.,]*{_STRAY}+")


def is_code(text: str) -> bool:
    """Whether a text is a code, a date or a time, and cannot be an amount.

    >>> [is_code(text) for text in ("05", "2021/11/3", "2024-01-30", "10:30", "505", "0.5")]
    [True, True, True, True, False, False]
    """
    return parse_amount(text) is None and _CODE.fullmatch(fold_text(text).strip()) is not None


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
