"""The whole table beside its image, and the mending of its structure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy import Connection, func, select
from starlette.responses import RedirectResponse, Response

from gouji.document import CellRecord, Document, TableRecord
from gouji.headings import headings_by_table
from gouji.review import journal
from gouji.review.answers import live_edits
from gouji.review.desk import Desk, Effect
from gouji.review.errors import ConflictError, NoSuchItemError, StructureError
from gouji.review.guard import Viewing, own_page_only
from gouji.review.indexing import item_of
from gouji.review.live import Cells, LiveRule, live_rule
from gouji.review.numbering import MOST, InForm, InPath, InQuery, meaning
from gouji.review.pictures import page_address
from gouji.review.progress import STATES, states_by_document
from gouji.review.rendering import language_of, render
from gouji.review.schema import documents
from gouji.review.structure import Edit, EditKind
from gouji.review.words import say
from gouji.shown_confidence import shown_confidence
from gouji_ocr.reading import ReadingKind

router = APIRouter()
_DOCUMENTS = 50


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell as the table page draws it; sizes in page pixels."""

    cell: CellRecord
    width: float
    height: float
    type_size: float
    headings: str
    sure: float | None


@router.get("/tables")
def tables_page(request: Request, viewer: Viewing, start: InQuery = 0) -> Response:
    """All documents with their tables."""
    desk: Desk = request.app.state.desk
    desk.sync()
    with desk.ledger.view() as connection:
        total = connection.scalar(select(func.count()).select_from(documents)) or 0
        rows = connection.execute(
            select(documents).order_by(documents.c.name).limit(_DOCUMENTS).offset(start)
        ).all()
        states = states_by_document(connection, [row.id for row in rows])
    listed = [(row, desk.document(row.name).tables, states.get(row.id, {})) for row in rows]
    values = {
        "rows": listed,
        "total": int(total),
        "start": start,
        "size": _DOCUMENTS,
        "shown_states": STATES,
    }
    return render(request, "tables.html", values)


@router.get("/table/{document}/{page}/{index}")
def table_page(
    request: Request, document: InPath, page: InPath, index: InPath, *, viewer: Viewing, cell: str = ""
) -> Response:
    """One table."""
    return _table(request, document, page, index, cell)


@router.get("/table/{document}/{page}/{index}/open/{ref}")
def open_cell(
    request: Request, document: InPath, page: InPath, index: InPath, ref: str, *, viewer: Viewing
) -> Response:
    """The card of any cell, labels too."""
    desk: Desk = request.app.state.desk
    with desk.ledger.begin() as connection:
        name = _name(connection, document)
        item = item_of(connection, document, desk.document(name), ref)
    if item is None:
        raise NoSuchItemError(f"there is no cell {ref}")
    return RedirectResponse(f"/card/{item}", 303)


@router.post("/table/{document}/{page}/{index}/edit", dependencies=[Depends(own_page_only)])
def edit(
    request: Request,
    document: InPath,
    page: InPath,
    index: InPath,
    viewer: Viewing,
    *,
    kind: Annotated[str, Form()],
    seen: InForm = 0,
    row: InForm = 0,
    col: InForm = 0,
    last_row: InForm = 0,
    last_col: Annotated[int, Form(ge=-1, le=MOST)] = 0,
    of: Annotated[str, Form()] = "",
) -> Response:
    """Merge, split, move a column, or take the last such edit back.

    `of` says which document the person saw: its number may be another's by now.
    """
    desk: Desk = request.app.state.desk
    with desk.ledger.view() as connection:
        name = _name(connection, document)
    if of != meaning(name):
        raise NoSuchItemError(say(language_of(request), "table_gone"))
    here = f"p{page}t{index}r{row}c{col}"
    try:
        if kind == "undo":
            effect = desk.undo_edit(viewer, name, seen)
        elif kind in list(EditKind):
            change = Edit(EditKind(kind), page, index, row, col, last_row, last_col)
            effect = desk.edit(viewer, name, seen, change)
            if kind == EditKind.MOVE_COLUMN:
                here = f"p{page}t{index}r{row}c{last_col}"
        else:
            raise NoSuchItemError("there is no such edit")
    except StructureError as error:
        return _table(request, document, page, index, here, problem=str(error), status=422)
    except ConflictError as error:
        who = error.event.who if error.event else ""
        return _table(request, document, page, index, here, conflict=who, status=409)
    return _table(request, document, page, index, here, effect=effect)


def _table(
    request: Request,
    number: int,
    page: int,
    index: int,
    chosen: str,
    *,
    effect: Effect | None = None,
    problem: str = "",
    conflict: str | None = None,
    status: int = 200,
) -> Response:
    desk: Desk = request.app.state.desk
    with desk.ledger.view() as connection:
        name = _name(connection, number)
        edits = live_edits(journal.of_document(connection, name))
    document = desk.document(name)
    places = [(table.page, table.index) for table in document.tables]
    if (page, index) not in places:
        raise NoSuchItemError(f"there is no table {index + 1} on page {page}")
    at = places.index((page, index))
    table = document.tables[at]
    record = next(one for one in document.pages if one.number == page)
    values: dict[str, Any] = {
        "number": number,
        "of": meaning(name),
        "document": document,
        "table": table,
        "page": record,
        "picture": page_address(number, document, page),
        "cells": _cells(document, table),
        "broken": _broken(document, table),
        "chosen": chosen,
        "seen": edits[-1].id if edits else 0,
        "edits": len(edits),
        "before": places[at - 1] if at else None,
        "after": places[at + 1] if at + 1 < len(places) else None,
        "effect": effect,
        "problem": problem,
        "conflict": conflict,
    }
    return render(request, "table.html", values, status=status)


def _name(connection: Connection, document: int) -> str:
    name = connection.scalar(select(documents.c.name).where(documents.c.id == document))
    if name is None:
        raise NoSuchItemError(f"there is no document {document}")
    return str(name)


def _cells(document: Document, table: TableRecord) -> list[ShownCell]:
    around = headings_by_table(document)[table.page, table.index]
    heights = sorted(cell.box[3] - cell.box[1] for cell in table.cells if cell.rowspan == 1)
    usual = heights[len(heights) // 2] if heights else 30.0
    shown = []
    for cell in table.cells:
        left, top, right, bottom = cell.box
        found = around.of(cell)
        words = " × ".join(part[-1] for part in (found.row, found.col) if part)
        size = _type_size(cell, right - left, bottom - top, usual * 0.5)
        shown.append(ShownCell(cell, right - left, bottom - top, size, words, shown_confidence(cell)))
    return shown


def _type_size(cell: CellRecord, width: float, height: float, usual: float) -> float:
    """As large as figures usually are, smaller where the text would not fit its cell."""
    length = max(len(cell.text), 1)
    fits: float = (0.8 * width * height / length) ** 0.5  # a Chinese character is about as wide as high
    narrow = width * (0.9 if cell.kind is ReadingKind.TEXT else 1.6 / length)
    return round(max(min(usual, fits, max(narrow, 4.0), height * 0.75), 3.0), 1)


def _broken(document: Document, table: TableRecord) -> list[LiveRule]:
    around = Cells.of(document)
    refs = {cell.ref for cell in table.cells}
    outer = [rule for rule in document.rules if not refs.isdisjoint(rule.cells)]
    rules = [live_rule(rule, around) for rule in (*table.rules, *outer)]
    return [rule for rule in rules if rule.holds is False]
