"""Reads every cell of a table: figures by the figure network, the rest by the line reader.

What a cell holds is decided by what the readers find in it, never by where it stands. Figures the network
is not sure of are at once shown to the line reader too, whose opinion is kept beside the network's.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence

from gouji_layout.page import Page
from gouji_layout.table import Table
from gouji_ocr import alphabet, grammar
from gouji_ocr.beside import read_with_ink_beside
from gouji_ocr.blanks import UNSURE_BLANK, with_unsure_blanks
from gouji_ocr.cell_text import join_lines, read_text_cells
from gouji_ocr.combine import combined
from gouji_ocr.ctc import CtcEvidence, joined
from gouji_ocr.dashes import cells_with_a_dash
from gouji_ocr.doubts import doubted, has_more, is_several, with_broken_point
from gouji_ocr.engines import Engines
from gouji_ocr.figure_cells import (
    LIKELY,
    SURE,
    only_lost_dirt,
    read_again,
    read_figure_cells,
    read_wrapped_figures,
    solid_views,
)
from gouji_ocr.in_place import read_in_place
from gouji_ocr.lines import LineText
from gouji_ocr.numerals import with_first_numerals
from gouji_ocr.planes import Plane
from gouji_ocr.raised import has_raised_end, is_sure_of_its_end, with_marks_at_ends, with_stars
from gouji_ocr.reading import Candidate, Opinion, Reading, ReadingKind
from gouji_ocr.recut import pale_cells
from gouji_ocr.separators import settle_separators
from gouji_ocr.steps import StepClock
from gouji_ocr.text_evidence import joined_text
from gouji_ocr.views import CellView, text_height, view_cells, with_seals

_RUBBISH = math.log(0.3)  # what the line reader makes of dirt is less probable
_CLEAR = math.log(0.95)  # a glyph that the line reader surely sees
_ALMOST = math.log(0.9)  # of what looks like dirt less probable readings are not believed
_MANY_BLANK = 8  # cells: such a table leaves blank what others strike out
_SPECKS = " .,·•'`´:;°*★☆-–_~^\""  # what the line reader makes of dirt; a dash is the network's to see
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_FEW_GLYPHS = 2
_FEW_CHINESE = 3  # characters: what is read as more of them is a label
_SPECKED = frozenset("二上")  # what a dash with a speck above it is read as; the network may still see a dash
_STEMS = frozenset("甲乙丙丁戊己庚辛壬癸")  # heads of columns, of which `乙` looks like a slash
_NUMERALS = frozenset("三四五")  # where one of them stands alone, `一` is a numeral and no dash
_LETTERS = str.maketrans("oOQ〇lI|", "0000111")  # what the line reader makes of lone digits


def read_table(
    page: Page,
    table: Table,
    engines: Engines,
    *,
    plane: Callable[[Page], Plane] = Plane.of,
    clock: StepClock | None = None,
) -> list[Reading]:
    """Read every cell of a table.

    Args:
        page: the upright page.
        table: its cells; sideways tables are turned by their own quarter turns.
        engines: opened readers.
        plane: the picture to read in, and where seals lie on it.
        clock: is told what the crops, the figures and the labels cost.

    Returns:
        One reading per cell, in cell order.
    """
    clock = clock or StepClock()
    with clock.step("crops"):
        shown = plane(page)
        views = with_marks_at_ends(with_seals(view_cells(shown.gray, table), table, shown.sealed))
    with clock.step("figures"):
        height, network = text_height(views), engines.figures
        evidence = read_figure_cells(views, height, network)
        opinions = {i: Opinion(network.name, _named(e), e) for i, e in evidence.items()}
    sure = {
        i: opinion
        for i, opinion in opinions.items()
        if _is_sure_figure(opinion) and not has_raised_end(views[i].ink)
    }
    rest = [i for i, view in enumerate(views) if i not in sure and not view.ink.blank]
    with clock.step("labels"):
        texts = _texts(views, rest, engines)
        slashes = [i for i, opinion in sure.items() if opinion.candidates[0].text == "/"]
        stems = {i: t for i, t in _texts(views, slashes, engines).items() if _is_stem(_as_text(views[i], t))}
        texts |= stems
        sure = {i: opinion for i, opinion in sure.items() if i not in stems}
    with clock.step("figures"):
        cut = _cut_again(views, opinions, {i: _as_text(views[i], texts[i]) for i in rest}, height)
        read = {i: _better(e, evidence.get(i)) for i, e in read_again(cut, height, network).items()}
        again = {i: e for i, e in read.items() if e is not None}
        wrapped = read_wrapped_figures(views, texts, height, network)
        opinions |= {i: Opinion(network.name, _named(e), e) for i, e in (wrapped | again).items()}
    with clock.step("labels"):
        rows = [i for i in again if opinions[i].candidates[0].text != "-"]  # a dash alone is no text to read
        texts |= _texts(cut, rows, engines)
    doubtful = _too_pale(views, opinions, list(sure)) | _strange_dashes(views, opinions)
    readings: list[Reading] = []
    for i, view in enumerate(views):
        if i in sure:
            readings.append(_figure(view, sure[i]))
        elif i in again and i not in rows:
            readings.append(_figure(view, opinions[i]))
        elif i in texts:
            seen = opinions.get(i), texts[i]
            readings.append(_looked_at_twice(view, *seen, engines.lines.name, doubtful=i in doubtful))
        else:
            blank = (Candidate("", UNSURE_BLANK if view.ink.dismissed else 0.0),)
            readings.append(Reading(view.cell.ref, view.cell.box, ReadingKind.BLANK, blank))
    with clock.step("figures"):
        placed = read_in_place(views, readings, height, network)
        whole = read_with_ink_beside(views, placed, height, network)
    whole = [
        doubted(r) if is_several(r, v.ink) or not is_sure_of_its_end(r, v.ink) else r
        for v, r in zip(views, whole, strict=True)
    ]
    numbered = with_first_numerals(views, whole)
    return settle_separators(table, with_unsure_blanks(views, numbered, height))


def _texts(
    views: Sequence[CellView] | Mapping[int, CellView], which: Sequence[int], engines: Engines
) -> dict[int, list[LineText]]:
    """What the line reader has of some cells."""
    found = read_text_cells([views[i] for i in which], engines.lines, engines.worn)
    return dict(zip(which, found, strict=True))


def _named(evidence: CtcEvidence) -> tuple[Candidate, ...]:
    """Candidates of the network; only the likeliest path where that holds glyphs of no figure."""
    likeliest = evidence.likeliest()
    return (likeliest,) if alphabet.REJECT in likeliest.text else evidence.best()


def _is_sure_figure(opinion: Opinion) -> bool:
    best = opinion.candidates[0]
    return alphabet.is_figure(best.text) and best.log_probability >= SURE and not grammar.prior(best.text)


def _figure(view: CellView, opinion: Opinion) -> Reading:
    candidates = tuple(c for c in opinion.candidates if alphabet.REJECT not in c.text)
    return Reading(view.cell.ref, view.cell.box, ReadingKind.FIGURE, candidates, opinion.evidence, (opinion,))


def _cut_again(
    views: Sequence[CellView], opinions: Mapping[int, Opinion], texts: Mapping[int, Candidate], height: float
) -> dict[int, CellView]:
    """Cells of which no reader makes sense, cut to what is solid in them: a row of figures, or a dash."""
    first = {i: opinion.candidates[0] for i, opinion in opinions.items()}
    dashes = [i for i, best in first.items() if best.text == "-" and best.log_probability > LIKELY]
    rubbish = [i for i, text in texts.items() if _is_rubbish(text)]
    lost = rubbish + [i for i, text in texts.items() if not text.text]
    numbered = any(text.text in _NUMERALS and text.log_probability > LIKELY for text in texts.values())
    ones = [] if numbered else [i for i, text in texts.items() if text.text == "一"]
    specked = [
        i for i, best in first.items() if best.text == "-" and i in texts and texts[i].text in _SPECKED
    ]
    return solid_views(views, rubbish, height) | cells_with_a_dash(
        views, dashes, lost + ones + specked, height
    )


def _better(again: CtcEvidence, first: CtcEvidence | None) -> CtcEvidence | None:
    """Evidence for a cell that was cut again; None where it reads no better, or only as digits were lost."""
    best = again.best()[0]
    if not best.text or alphabet.REJECT in best.text or best.log_probability <= LIKELY:
        return None
    if first is None:
        return again
    if best.text == "-":
        return max(first, again, key=lambda evidence: evidence.log_probability("-"))
    return again if only_lost_dirt(first.likeliest(), best) else None


def _as_text(view: CellView, lines: Sequence[LineText]) -> Candidate:
    """What the line reader makes of a cell; nothing when it only sees specks."""
    spoken = [line for line in lines if line.text.strip(_SPECKS)]
    if not spoken:
        return Candidate("", -math.inf)
    text = join_lines([line.text for line in spoken])
    if view.fills_its_first_line and alphabet.outsiders(text) == 0:
        text = text.replace("\n", "")  # a figure that wraps
    return Candidate(text, sum(line.log_probability for line in spoken))


def _is_stem(text: Candidate) -> bool:
    """Whether this is surely the name of a column: 甲, 乙, 丙, 丁."""
    return text.text in _STEMS and text.log_probability > _CLEAR


def _is_rubbish(text: Candidate) -> bool:
    """Whether this is what the line reader makes of dirt, or of a figure in dirt."""
    few = len(_CHINESE.findall(text.text)) <= _FEW_CHINESE
    return bool(text.text) and few and text.log_probability < _RUBBISH


def _looked_at_twice(
    view: CellView, network: Opinion | None, lines: Sequence[LineText], reader: str, *, doubtful: bool
) -> Reading:
    """A cell that both readers saw: a figure when either takes it for one and the other does not object."""
    spoken = [line for line in lines if line.text.strip(_SPECKS)]
    as_text = _as_text(view, lines)
    known = with_broken_point(view, network, as_text) or with_stars(view, network, spoken, reader)
    if known is not None:
        return known
    dirt = network is not None and bool(spoken) and _only_dirt(network, as_text)
    if dirt or (doubtful and _nobody_knows(network, as_text)):
        spoken = []
    elif not _is_stem(as_text) and _is_figure(network, as_text) and not _says_more(lines, network):
        figures = joined([line.figures for line in lines])
        mine = Opinion(reader, figures.best(), figures)
        opinions = (mine,) if network is None else (network, mine)
        candidates = tuple(c for c in combined(opinions) if c.text)
        if candidates:
            if "\n" in as_text.text:
                candidates = (as_text, *candidates)
            evidence = figures if network is None else network.evidence
            figure = ReadingKind.FIGURE
            reading = Reading(view.cell.ref, view.cell.box, figure, candidates, evidence, opinions)
            return doubted(reading) if has_more(mine.candidates[0], candidates[0].text) else reading
    kept = () if network is None else (network,)
    if not spoken:
        return Reading(view.cell.ref, view.cell.box, ReadingKind.UNREADABLE, (), None, kept)
    evidence = joined_text([line.evidence for line in spoken])
    # What is seen of words speaks for labels (`Reading.evidence`); as an opinion it would for figures, too.
    opinion = Opinion(reader, (as_text,))
    return Reading(view.cell.ref, view.cell.box, ReadingKind.TEXT, (as_text,), evidence, (opinion, *kept))


def _says_more(lines: Sequence[LineText], network: Opinion | None) -> bool:
    """Whether the line reader surely sees glyphs of no figure beside the digits that the network names."""
    if network is None:
        return False
    digits = [char for char in network.candidates[0].text if char.isdigit()]
    seen = "".join(line.text for line in lines)
    glyphs = [
        pair for line in lines for pair in zip(line.text, line.character_log_probabilities, strict=True)
    ]
    named = bool(digits) and "".join(digits) in "".join(char for char in seen if char.isdigit())
    return named and any(
        p > _CLEAR and alphabet.outsiders(char) and char not in _SPECKS for char, p in glyphs
    )


def _only_dirt(network: Opinion, text: Candidate) -> bool:
    """Whether the figure network sees nothing where the line reader has few glyphs or unsure rubbish."""
    best = network.candidates[0]
    if best.text:
        return False
    if alphabet.outsiders(text.text) == 0 and text.log_probability > LIKELY:
        return False
    words = _CHINESE.search(text.text) is not None and text.log_probability > len(text.text) * _CLEAR
    few = len(text.text) <= _FEW_GLYPHS and not words and best.log_probability > LIKELY
    return few or (_is_rubbish(text) and not _CHINESE.search(text.text))


def _too_pale(views: Sequence[CellView], opinions: Mapping[int, Opinion], sure: Sequence[int]) -> set[int]:
    """Cells that are paler than type of this table, but for dashes, which are thin."""
    dashes = {i for i, opinion in opinions.items() if opinion.candidates[0].text == "-"}
    return pale_cells([view.ink for view in views], sure) - dashes


def _strange_dashes(views: Sequence[CellView], opinions: Mapping[int, Opinion]) -> set[int]:
    """Cells that may hold a dash, in a table that leaves cells blank and shows no dash surely."""
    dashes = {i: o.candidates[0] for i, o in opinions.items() if o.candidates[0].text == "-"}
    blank = sum(view.ink.blank for view in views)
    shown = any(best.log_probability > SURE for best in dashes.values())
    return set() if shown or blank < _MANY_BLANK else set(dashes)


def _nobody_knows(network: Opinion | None, text: Candidate) -> bool:
    """Whether neither reader is sure of a doubtful cell, nor do both say the same."""
    if _CHINESE.search(text.text) and not _is_rubbish(text):
        return False
    best = network.candidates[0] if network is not None else Candidate("", -math.inf)
    if best.text not in {"", "-"} and best.text == text.text.translate(_LETTERS):
        return False  # both see it; but any dirt looks like a dash
    named = bool(best.text) and alphabet.REJECT not in best.text
    return max(best.log_probability if named else -math.inf, text.log_probability) < _ALMOST


def _is_figure(network: Opinion | None, text: Candidate) -> bool:
    """Whether a cell holds a figure: both say so, or one does and is surer than the other."""
    spelt = alphabet.outsiders(text.text) == 0 and alphabet.is_figure(alphabet.fold(text.text))
    if network is None:
        return spelt
    best = network.candidates[0]
    says_figure = alphabet.is_figure(best.text)
    if says_figure and best.text in {text.text.translate(_LETTERS), text.text.strip(_SPECKS)}:
        return True
    if says_figure and len(text.text) <= _FEW_GLYPHS and not _CHINESE.search(text.text):
        return True  # a letter or two are no text of a cell
    if spelt:
        return says_figure or text.log_probability > LIKELY
    least = text.log_probability if _is_rubbish(text) else max(text.log_probability, LIKELY)
    return says_figure and best.log_probability > least
