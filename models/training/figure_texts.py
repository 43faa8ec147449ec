"""What the numeric cells of reports hold, drawn at random: digits even, so that no prior is learnt."""

from __future__ import annotations

import random

_WORDS = (
    "一二三四五六七八九十年月日项条本机关信息公开申请数量总计其他无合否是有零个第人"
    "预算收入支出类款级县市上中下经费行政"
)
_LATIN = "BZgqabeDRACHMTVNKWdrtkgJxyzmhs[]*×√=:#&"  # none that looks like a digit


def _digits(r: random.Random, count: int) -> str:
    return "".join(r.choice("0123456789") for _ in range(count))


def _whole(r: random.Random, count: int) -> str:
    return r.choice("123456789") + _digits(r, count - 1)


def _grouped(r: random.Random) -> str:
    shown = f"{int(_whole(r, r.randrange(4, 11))):,}"
    return shown + ("." + _digits(r, 2) if r.random() < 0.6 else "")


def _decimal(r: random.Random) -> str:
    whole = _whole(r, r.randrange(1, 6)) if r.random() < 0.8 else "0"
    return whole + "." + _digits(r, r.choice([1, 2, 2, 2, 3, 4]))


def _percent(r: random.Random) -> str:
    whole = _whole(r, r.randrange(1, 4)) if r.random() < 0.85 else "0"
    return whole + ("." + _digits(r, r.choice([1, 2])) if r.random() < 0.7 else "") + "%"


def _signed(r: random.Random) -> str:
    number = r.choice([_decimal, _percent, _grouped, lambda q: _whole(q, q.randrange(1, 5))])(r)
    sign = r.choice("---−－+++△▲减增(（")
    if sign in "(（":
        return sign + number + (")" if sign == "(" else "）")
    return sign + number


def _with_unit(r: random.Random) -> str:
    number = r.choice([_decimal, _grouped, lambda q: _whole(q, q.randrange(1, 7))])(r)
    return number + r.choice(["元", "万元", "亿元", "件", "万", "%"])


def _dated(r: random.Random) -> str:
    dash = r.choice("-/.")
    return f"20{_digits(r, 2)}{dash}{r.randrange(1, 13):02}{dash}{r.randrange(1, 32):02}"


def _nothing_mark(r: random.Random) -> str:
    return r.choice(
        ["-", "-", "—", "—", "－", "–", "——", "--", "---", "------", "/", "/", "/", "／", "…", "……"]
    )


def _words(r: random.Random) -> str:
    word = "".join(r.choice(_WORDS) for _ in range(r.choice([1, 1, 2, 2, 3, 4, 5, 6])))
    return word if word != "一" else "十"  # alone it looks like a dash


def _mixed(r: random.Random) -> str:
    """Figures beside glyphs that belong to none."""
    word = r.choice(_WORDS) if r.random() < 0.6 else r.choice(_LATIN)
    number = _digits(r, r.randrange(1, 4))
    return r.choice([word + number, number + word, number + "（" + _words(r) + _digits(r, 2) + "）"])


_KINDS = (
    (0.24, lambda r: _digits(r, 1)),
    (0.12, lambda r: _whole(r, 2)),
    (0.08, lambda r: _whole(r, 3)),
    (0.05, lambda r: _whole(r, 4)),
    (0.06, lambda r: _digits(r, r.randrange(2, 9))),
    (0.10, _decimal),
    (0.08, _grouped),
    (0.05, _percent),
    (0.04, _signed),
    (0.02, _with_unit),
    (0.015, _dated),
    (0.055, _nothing_mark),
    (0.06, _words),
    (0.02, lambda r: "".join(r.choice(_LATIN) for _ in range(r.randrange(1, 6)))),
    (0.015, _mixed),
)


def _with_separators(r: random.Random) -> str:
    return r.choice([_decimal, _grouped, _grouped, _percent, _signed, _nothing_mark])(r)


def text(r: random.Random, *, separators: float = 0.0) -> str:
    """One text; about one in ten is no figure and has to be rejected.

    Args:
        r: the source of chance.
        separators: further share of texts with points, commas, signs and dashes.
    """
    if r.random() < separators:
        return _with_separators(r)
    draw = r.random() * sum(share for share, _ in _KINDS)
    for share, make in _KINDS:
        draw -= share
        if draw <= 0:
            return make(r)
    return _digits(r, 1)


def wide(plain: str, r: random.Random) -> str:
    """Sometimes the full-width form, as Chinese fonts print it."""
    if r.random() < 0.06:
        return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in plain)
    return plain.replace(",", "，") if r.random() < 0.03 else plain
