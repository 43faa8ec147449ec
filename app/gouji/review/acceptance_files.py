"""The acceptance report as XLSX and as PDF; the HTML page is a template."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter
from PIL import Image, ImageDraw, ImageFont

from gouji.review.errors import NoFontError
from gouji.review.measuring import Estimate
from gouji.review.rendering import local_time
from gouji.review.sampling import Measured
from gouji.review.words import say

_DPI = 150
_PAGE = (1240, 1754)  # A4
_MARGIN = 110
_LINE = 1.65  # of the type size
_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/arphic/uming.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "C:/Windows/Fonts/msyh.ttc",
)


def percent(estimate: Estimate) -> str:
    """A share with its interval, for people."""
    return f"{estimate.value * 100:.2f}%（{estimate.low * 100:.2f}–{estimate.high * 100:.2f}%）"


def rows_of(measured: Measured, language: str) -> list[list[str]]:
    """The main table of the report, its header first."""
    heads = ("state", "population", "sampled", "wrong", "figure_rate", "character_rate")
    rows = [[say(language, key) for key in heads]]
    rows += [
        [
            say(language, f"state_{stratum.state}"),
            str(stratum.population),
            f"{stratum.read}/{stratum.drawn}",
            str(stratum.wrong),
            percent(stratum.figures) if stratum.read else "–",
            percent(stratum.characters_rate) if stratum.read else "–",
        ]
        for stratum in measured.strata
    ]
    if measured.read:
        rows.append(
            [
                say(language, "overall"),
                str(sum(stratum.population for stratum in measured.strata)),
                f"{measured.read}/{measured.drawn}",
                str(sum(stratum.wrong for stratum in measured.strata)),
                percent(measured.overall),
                percent(measured.overall_characters),
            ]
        )
    return rows


def verdict_on_rules(measured: Measured, language: str) -> str:
    """One sentence: are confirmed figures better than accepted ones, as far as this sample can tell."""
    gain = measured.gain
    if gain is None:
        return say(language, "gain_unknown")
    key = "gain_yes" if gain.low > 0 else "gain_no" if gain.high < 0 else "gain_open"
    points = {"n": f"{gain.value * 100:+.2f}", "a": f"{gain.low * 100:+.2f}", "b": f"{gain.high * 100:+.2f}"}
    return say(language, key, **points)


def acceptance_workbook(measured: Measured, language: str) -> bytes:
    """The report as a workbook: the rates, then every mistake found."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    bold = book.add_format({"bold": True, "bottom": 1})
    sheet = book.add_worksheet(say(language, "acceptance"))
    sheet.set_column(0, 5, 24)
    sheet.write_string(0, 0, _heading(measured, language), book.add_format({"bold": True, "font_size": 14}))
    at = 2
    for number, row in enumerate(rows_of(measured, language)):
        for column, text in enumerate(row):
            sheet.write_string(at, column, text, bold if number == 0 else None)
        at += 1
    for line in (verdict_on_rules(measured, language), say(language, "method")):
        at += 1
        sheet.write_string(at, 0, line)
    at += 2
    for who, count, _ in measured.readers:
        sheet.write_string(at, 0, f"{who}（{count}）")
        sheet.write_string(at, 1, say(language, "signature") + "：")
        at += 1
    found = book.add_worksheet(say(language, "mistakes"))
    found.set_column(0, 1, 30)
    for column, key in enumerate(("document", "place", "state", "decided", "read_blind", "who")):
        found.write_string(0, column, say(language, key), bold)
    for line_number, one in enumerate(measured.mistakes, 1):
        texts = (one.document, one.base, say(language, f"state_{one.state}"), one.text, one.answer, one.who)
        for column, text in enumerate(texts):
            found.write_string(line_number, column, text)
    book.close()
    return stream.getvalue()


@dataclass(frozen=True, eq=False)
class _Type:
    large: ImageFont.FreeTypeFont
    small: ImageFont.FreeTypeFont


def acceptance_pdf(measured: Measured, language: str) -> bytes:
    """The report as pages to sign, drawn as pictures.

    Raises:
        NoFontError: no Chinese font is installed.
    """
    fonts = _Type(_font(34), _font(19))
    pages = list(_pages(measured, language, fonts))
    stream = io.BytesIO()
    pages[0].save(stream, "PDF", resolution=_DPI, save_all=True, append_images=pages[1:])
    return stream.getvalue()


def _pages(measured: Measured, language: str, fonts: _Type) -> Iterator[Image.Image]:
    page, y = _first_page(measured, language, fonts)
    draw = ImageDraw.Draw(page)
    step = fonts.small.size * _LINE
    if measured.mistakes:
        y += step
        draw.text((_MARGIN, y), say(language, "mistakes"), font=fonts.small, fill=0)
        y += step
    for row in measured.mistakes:
        if y > _PAGE[1] - _MARGIN - step:
            yield page
            page, y = Image.new("L", _PAGE, 255), float(_MARGIN)
            draw = ImageDraw.Draw(page)
        line = f"{row.document}  {row.base}  {say(language, f'state_{row.state}')}  {row.text} → {row.answer}"
        draw.text((_MARGIN, y), line[:90], font=fonts.small, fill=60)
        y += step
    yield page


def _first_page(measured: Measured, language: str, fonts: _Type) -> tuple[Image.Image, float]:
    page = Image.new("L", _PAGE, 255)
    draw = ImageDraw.Draw(page)
    y = float(_MARGIN)
    draw.text((_MARGIN, y), say(language, "acceptance_report"), font=fonts.large, fill=0)
    y += fonts.large.size * 1.9
    draw.text((_MARGIN, y), _heading(measured, language), font=fonts.small, fill=60)
    y += fonts.small.size * 2.2
    y = _draw_table(draw, rows_of(measured, language), y, fonts.small)
    for line in (verdict_on_rules(measured, language), say(language, "method")):
        for piece in _wrapped(line, fonts.small, _PAGE[0] - 2 * _MARGIN):
            draw.text((_MARGIN, y), piece, font=fonts.small, fill=0)
            y += fonts.small.size * _LINE
        y += fonts.small.size * 0.5
    for who, count, seconds in measured.readers:
        y += fonts.small.size * 1.2
        told = say(language, "reader_line", who=who, n=count, s=f"{seconds or 0:.1f}")
        draw.text((_MARGIN, y), told, font=fonts.small, fill=0)
        draw.text((700, y), say(language, "signature"), font=fonts.small, fill=0)
        draw.line((790, y + 26, _PAGE[0] - _MARGIN, y + 26), fill=0)
        y += fonts.small.size * 2
    return page, y


def _draw_table(
    draw: ImageDraw.ImageDraw, rows: Sequence[Sequence[str]], y: float, font: ImageFont.FreeTypeFont
) -> float:
    shares = (0.21, 0.09, 0.11, 0.07, 0.26, 0.26)
    wide = _PAGE[0] - 2 * _MARGIN
    for at, row in enumerate(rows):
        x = float(_MARGIN)
        for text, share in zip(row, shares, strict=True):
            draw.text((x, y), text, font=font, fill=0)
            x += share * wide
        y += font.size * 1.8
        if at == 0:
            draw.line((_MARGIN, y - 8, _PAGE[0] - _MARGIN, y - 8), fill=0, width=2)
    return y + font.size


def _heading(measured: Measured, language: str) -> str:
    at = local_time(measured.at)
    return say(language, "sample_head", id=measured.id, at=at, who=measured.who, seed=measured.seed)


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: float) -> Iterator[str]:
    line = ""
    for character in text:
        if font.getlength(line + character) > width:
            yield line
            line = ""
        line += character
    yield line


def _font(size: int) -> ImageFont.FreeTypeFont:
    for path in _FONTS:
        if Path(path).is_file():
            return ImageFont.truetype(path, size)
    raise NoFontError("no Chinese font for the PDF; install fonts-noto-cjk, or print the page")
