"""What a card shows: one figure with its picture, headings, candidates, rules, reason and history."""

from __future__ import annotations

from dataclasses import dataclass

from gouji.document import CellRecord, Document
from gouji.review.answers import Event, Status, same_text
from gouji.review.desk import Shown
from gouji.review.indexing import is_suspect
from gouji.review.live import Cells, LiveRule, live_rules, rules_through
from gouji.review.pictures import crop_address, page_address
from gouji.review.queue import Viewer
from gouji.review.recording import figure_of
from gouji.shown_confidence import shown_confidence
from gouji_ocr.reading import ReadingKind
from gouji_postprocess.decision import State

_MOST_CANDIDATES = 9  # one for each digit key
_OF_READERS = frozenset({"识别候选", "与识别结果一致"})
"""Why the solver offers a text that no rule asks for (`gouji_postprocess.decide`)."""


@dataclass(frozen=True, slots=True)
class ShownCandidate:
    """One possible text, with the key that picks it."""

    key: int
    text: str
    percent: float
    readers: tuple[str, ...]  # readers that put it first


@dataclass(frozen=True, slots=True)
class ShownSuggestion:
    """What the rules alone would want; the paper may say something else."""

    key: str
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Doubted:
    """A typed text that is asked about before it is kept, and what is asked: a key of `words`."""

    text: str
    asked: str


@dataclass(frozen=True, slots=True)
class Outline:
    """A cell on the page picture: left, top, width, height in page pixels, and what it is."""

    ref: str
    left: float
    top: float
    width: float
    height: float
    kind: str


@dataclass(frozen=True, eq=False)
class Card:
    """Everything the card template needs; texts are as printed."""

    item: int
    figure: str  # what the number stands for; goes along with the answer
    version: int
    ref: str
    document: str
    document_id: int
    organ: str
    year: int | None
    form: str
    page: int
    table: int
    width: int
    height: int
    rows: tuple[str, ...]
    cols: tuple[str, ...]
    state: State
    status: Status
    cause: str
    kind: ReadingKind
    text: str  # in the field: what was decided, or what the person had typed
    decided: str
    read: str
    percent: float | None  # of a doubtful cell: of having read its text
    reason: str
    protection: str
    marks: tuple[str, ...]
    suspect: bool
    candidates: tuple[ShownCandidate, ...]
    suggestions: tuple[ShownSuggestion, ...]
    wanted: ShownSuggestion | None  # what the rules want where the paper was blamed, with its key
    opinions: tuple[tuple[str, str, float], ...]
    rules: tuple[LiveRule, ...]
    outlines: tuple[Outline, ...]
    table_box: tuple[float, float, float, float]
    crop: str  # address of the cell's picture
    picture: str  # address of the page's
    is_figure: bool  # bare letters can be keys: no figure is typed with letters
    history: tuple[Event, ...]


def is_figure(shown: Shown) -> bool:
    """Whether an amount belongs into a cell: it was not read as a text, or a rule binds it."""
    return shown.cell.kind is not ReadingKind.TEXT or bool(shown.cell.rules)


def card_of(shown: Shown, viewer: Viewer, history: list[Event], typed: str | None = None) -> Card:
    """The card of a figure.

    Args:
        shown: the figure and what is around it.
        viewer: who will see the card.
        history: everything said about the figure.
        typed: what the person had typed, kept when a card is shown again after a conflict.
    """
    document, table, cell, row = shown.document, shown.table, shown.cell, shown.row
    page = next(page for page in document.pages if page.number == table.page)
    around = Cells.of(document)
    rows, cols = around.headings_of(cell.ref)
    text = cell.text if typed is None else typed
    status = Status(row.status)
    rules = live_rules(document, table, cell.ref, text)
    sure = shown_confidence(cell)
    candidates = _candidates(cell)
    return Card(
        item=row.id,
        figure=figure_of(row),
        version=row.version,
        ref=cell.ref,
        document=document.name,
        document_id=row.document,
        organ=document.organ or "",
        year=document.year,
        form=table.form or "",
        page=table.page,
        table=table.index + 1,
        width=page.width,
        height=page.height,
        rows=rows,
        cols=cols,
        state=cell.state,
        status=status,
        cause=row.cause,
        kind=cell.kind,
        text=text,
        decided=cell.text,
        read=cell.read,
        percent=None if sure is None else sure * 100,
        reason=cell.reason,
        protection=cell.protection.value,
        marks=tuple(mark.value for mark in cell.marks),
        suspect=cell.source_suspect,
        candidates=candidates,
        suggestions=_suggestions(cell, rules, candidates),
        wanted=_wanted(cell, candidates),
        opinions=tuple(
            (opinion.reader, best.text, best.probability * 100)
            for opinion in cell.opinions
            for best in opinion.candidates[:1]
        ),
        rules=tuple(rules),
        outlines=_outlines(document, shown),
        table_box=table.box,
        crop=crop_address(row.id, document, cell),
        picture=page_address(row.document, document, table.page),
        is_figure=is_figure(shown),
        history=tuple(_seen(history, status, viewer)),
    )


def _candidates(cell: CellRecord) -> tuple[ShownCandidate, ...]:
    firsts = [(opinion.reader, opinion.candidates[0].text) for opinion in cell.opinions if opinion.candidates]
    listed = {candidate.text: candidate.probability for candidate in cell.candidates}
    for suggestion in cell.suggestions:
        if suggestion.why in _OF_READERS:
            listed.setdefault(suggestion.text, suggestion.probability)
    return tuple(
        ShownCandidate(
            key,
            text,
            probability * 100,
            tuple(reader for reader, first in firsts if same_text(first, text)),
        )
        for key, (text, probability) in enumerate(list(listed.items())[:_MOST_CANDIDATES], 1)
    )


def _wanted(cell: CellRecord, candidates: tuple[ShownCandidate, ...]) -> ShownSuggestion | None:
    if not is_suspect(cell) or not cell.suggestions:
        return None
    first = cell.suggestions[0]
    key = next((str(candidate.key) for candidate in candidates if candidate.text == first.text), "0")
    return ShownSuggestion(key, first.text, first.why)


def _suggestions(
    cell: CellRecord, rules: list[LiveRule], candidates: tuple[ShownCandidate, ...]
) -> tuple[ShownSuggestion, ...]:
    """Values that only arithmetic speaks for: the solver's, then what single rules want."""
    seen = {candidate.text for candidate in candidates}
    found: list[tuple[str, str]] = []
    for suggestion in cell.suggestions:
        if suggestion.text not in seen and suggestion.why not in _OF_READERS:
            found.append((suggestion.text, suggestion.why))
            seen.add(suggestion.text)
    for rule in rules:
        if rule.wants and rule.wants not in seen:
            found.append((rule.wants, rule.formula))
            seen.add(rule.wants)
    return tuple(
        ShownSuggestion("0" if at == 0 else "", text, why) for at, (text, why) in enumerate(found[:3])
    )


def _outlines(document: Document, shown: Shown) -> tuple[Outline, ...]:
    table, cell = shown.table, shown.cell
    bound = {
        ref for rule in rules_through(document, table, cell.ref) for ref in rule.cells if ref != cell.ref
    }
    found = []
    for other in table.cells:
        if other.ref == cell.ref:
            kind = "self"
        elif other.ref in bound:
            kind = "bound"
        elif other.state is State.DOUBTFUL:
            kind = "doubtful"
        else:
            continue
        left, top, right, bottom = other.box
        found.append(Outline(other.ref, left, top, right - left, bottom - top, kind))
    return tuple(sorted(found, key=lambda outline: outline.kind == "self"))


def _seen(history: list[Event], status: Status, viewer: Viewer) -> list[Event]:
    """A second reviewer sees nothing of the first answer; the third look sees both."""
    if viewer.four_eyes and status is Status.SECOND:
        return [event for event in history if event.who == viewer.name]
    return history
