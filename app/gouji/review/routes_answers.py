"""The card: show a figure, compute its rules while somebody types, take the answer, show the next."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy import Connection
from starlette.responses import Response

from gouji.review import journal, queue
from gouji.review.answers import Action, Event, as_read, same_text
from gouji.review.card import Doubted, card_of, is_figure
from gouji.review.desk import Desk, Effect, Shown
from gouji.review.errors import ConflictError, NoSuchItemError
from gouji.review.guard import Viewing, own_page_only
from gouji.review.journal import Effort
from gouji.review.live import live_rules
from gouji.review.numbering import InForm, InPath
from gouji.review.queue import Filter, Viewer
from gouji.review.recording import Reply, item_row
from gouji.review.rendering import render
from gouji_ocr.amounts import parse_amount
from gouji_ocr.reading import ReadingKind

router = APIRouter()
_LONGEST = 400  # characters of a typed text
_ACTIONS = {
    "save": (Action.ANSWER, False),
    "misprint": (Action.ANSWER, True),
    "unreadable": (Action.UNREADABLE, False),
}


@router.get("/card/{item}")
def card_page(request: Request, item: InPath, viewer: Viewing) -> Response:
    """One figure."""
    desk: Desk = request.app.state.desk
    with desk.ledger.begin() as connection:
        queue.claim(connection, item, viewer.name, time.time())
    return _card(request, viewer, item, Filter.of(request.query_params), None)


@router.get("/card/{item}/rules")
def rules_part(request: Request, item: InPath, viewer: Viewing, text: str = "") -> Response:
    """The rules through a figure as they would be with this text."""
    desk: Desk = request.app.state.desk
    with desk.ledger.view() as connection:
        shown = desk.show(connection, item)
    rules = live_rules(shown.document, shown.table, shown.cell.ref, text[:_LONGEST])
    return render(request, "rules.html", {"rules": rules})


@router.post("/card/{item}", dependencies=[Depends(own_page_only)])
def answer(
    request: Request,
    item: InPath,
    viewer: Viewing,
    *,
    version: InForm,
    figure: Annotated[str, Form()] = "",
    action: Annotated[str, Form()] = "save",
    text: Annotated[str, Form(max_length=_LONGEST)] = "",
    why: Annotated[str, Form(max_length=_LONGEST)] = "",
    seconds: Annotated[float, Form(ge=0, le=86400)] = 0.0,
    keys: Annotated[int, Form(ge=0, le=100000)] = 0,
    query: Annotated[str, Form(max_length=2000)] = "",
    sure: Annotated[str, Form(max_length=_LONGEST + 1)] = "",
) -> Response:
    """Take an answer and show the next figure; 409 with the other's answer when somebody was faster.

    A figure that is no amount, and nothing where something seems to stand, are asked about once (422);
    `sure` is "=" and the text that was asked about: an empty field counts as none.
    `figure` says what the number stood for on the card: where it is another's by now, nothing is kept (409).
    """
    desk: Desk = request.app.state.desk
    chosen = Filter.of_query(query)
    effort = Effort(round(seconds, 2), keys)
    kind, suspect = _ACTIONS.get(action, _ACTIONS["save"])
    said = "" if kind is Action.UNREADABLE else text.strip()
    reply = Reply(said, kind, suspect, why.strip(), effort)
    try:
        if action == "skip":
            desk.skip(viewer, item, effort, figure=figure)
            return _next(request, viewer, chosen, None)
        unasked = kind is not Action.UNREADABLE and sure != f"={said}"
        doubt = _doubt(desk, item, figure, said) if unasked else ""
        if doubt:
            doubted = Doubted(said, doubt)
            return _card(request, viewer, item, chosen, None, doubted=doubted, typed=text, status=422)
        effect = desk.answer(viewer, item, version, reply, figure=figure)
    except NoSuchItemError:
        return _next(request, viewer, chosen, None, message="figure_gone", status=409)
    except ConflictError as conflict:
        if _is_echo(conflict.event, viewer, version, reply):
            return _next(request, viewer, chosen, None)  # our own answer, sent twice over a bad line
        return _card(request, viewer, item, chosen, None, conflict=conflict.event, typed=text, status=409)
    return _next(request, viewer, chosen, effect)


@router.post("/undo", dependencies=[Depends(own_page_only)])
def undo(request: Request, viewer: Viewing, query: Annotated[str, Form(max_length=2000)] = "") -> Response:
    """Take the person's last answer back and show its figure again."""
    desk: Desk = request.app.state.desk
    chosen = Filter.of_query(query)
    try:
        done = desk.undo(viewer)
    except ConflictError as conflict:
        return _next(request, viewer, chosen, None, message="undo_conflict", conflict=conflict.event)
    if done is None:
        return _next(request, viewer, chosen, None, message="nothing_to_undo")
    item, effect = done
    told = effect if effect.failure or effect.undecided else None
    return _card(request, viewer, item, chosen, told, message="undone")


def _doubt(desk: Desk, item: int, figure: str, said: str) -> str:
    """What to ask before a text is kept, as a key of `words`: perhaps a slip, perhaps what is printed."""
    with desk.ledger.view() as connection:
        item_row(connection, item, figure)
        shown = desk.show(connection, item)
    if not said:
        return "left_blank" if _something_stands(shown) else ""
    return "no_figure" if is_figure(shown) and parse_amount(as_read(said)) is None else ""


def _something_stands(shown: Shown) -> bool:
    """Whether the image shows ink in a cell, or a rule asks for something other than a blank."""
    if shown.cell.kind is not ReadingKind.BLANK:
        return True
    return any(rule.wants for rule in live_rules(shown.document, shown.table, shown.cell.ref, ""))


def _is_echo(event: Event | None, viewer: Viewer, version: int, reply: Reply) -> bool:
    return (
        event is not None
        and event.who == viewer.name
        and event.version == version + 1
        and event.action == reply.action
        and event.suspect == reply.suspect
        and same_text(event.after, reply.text)
    )


def _next(
    request: Request,
    viewer: Viewer,
    chosen: Filter,
    effect: Effect | None,
    *,
    message: str = "",
    conflict: Event | None = None,
    status: int = 200,
) -> Response:
    desk: Desk = request.app.state.desk
    with desk.ledger.begin() as connection:
        at = time.time()
        row = queue.next_item(connection, viewer, chosen, at)
        if row is not None:
            queue.claim(connection, row.id, viewer.name, at)
    if row is None:
        values = {"effect": effect, "chosen": chosen, "message": message, "undo_conflict": conflict}
        pushed = {"HX-Push-Url": f"/?{chosen.query}"}
        return render(request, "done.html", values, status=status, headers=pushed)
    return _card(
        request, viewer, row.id, chosen, effect, message=message, undo_conflict=conflict, status=status
    )


def _card(
    request: Request,
    viewer: Viewer,
    item: int,
    chosen: Filter,
    effect: Effect | None,
    *,
    conflict: Event | None = None,
    undo_conflict: Event | None = None,
    typed: str | None = None,
    doubted: Doubted | None = None,
    message: str = "",
    status: int = 200,
) -> Response:
    desk: Desk = request.app.state.desk
    with desk.ledger.view() as connection:
        shown = desk.show(connection, item)
        history = journal.of_cell(connection, shown.row.name, shown.row.base)
        left = queue.left(connection, viewer, chosen)
        mine = _mine_today(connection, viewer)
    values = {
        "card": card_of(shown, viewer, history, typed),
        "chosen": chosen,
        "left": left,
        "mine": mine,
        "effect": effect,
        "conflict": conflict,
        "undo_conflict": undo_conflict,
        "doubted": doubted,
        "message": message,
    }
    part = "HX-Request" in request.headers
    # What is refused without a message is asked again under the same address.
    headers = {"HX-Push-Url": f"/card/{item}?{chosen.query}"} if part and (status == 200 or message) else {}
    return render(request, "card_part.html" if part else "card.html", values, status=status, headers=headers)


def _mine_today(connection: Connection, viewer: Viewer) -> int:
    return journal.count_since(connection, viewer.name, journal.now()[:10])
