"""The office: progress, audit, people."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, fields
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy import select
from starlette.responses import RedirectResponse, Response, StreamingResponse

from gouji.exits import SettingsError
from gouji.ledger import Ledger
from gouji.review import journal
from gouji.review.answers import Event
from gouji.review.desk import Desk
from gouji.review.errors import NotAllowedError
from gouji.review.guard import Access, Admin, Viewing, own_page_only
from gouji.review.numbering import InQuery
from gouji.review.people import Role
from gouji.review.progress import STATES, progress_of
from gouji.review.rendering import render
from gouji.review.schema import events

router = APIRouter()
_EVENTS = 200
_FORMULA = ("=", "@", "+", "-", "\t", "\r")  # how a text begins that a spreadsheet takes for a formula
_NO_FORMULA = re.compile(r"[-+]?\d[\d,]*(\.\d+)?%?|-", re.ASCII)  # a plain number, or a dash for none


@router.get("/dashboard")
def dashboard(request: Request, viewer: Viewing) -> Response:
    """How the work goes."""
    desk: Desk = request.app.state.desk
    desk.sync()
    with desk.ledger.view() as connection:
        progress = progress_of(connection)
    return render(request, "dashboard.html", {"progress": progress, "states": STATES})


@router.get("/audit")
def audit_page(request: Request, admin: Admin, before: InQuery = 0) -> Response:
    """The last events."""
    desk: Desk = request.app.state.desk
    with desk.ledger.view() as connection:
        chosen = select(events).order_by(events.c.id.desc()).limit(_EVENTS)
        rows = connection.execute(chosen.where(events.c.id < before) if before else chosen).all()
    return render(request, "audit.html", {"rows": rows, "size": _EVENTS})


@router.get("/audit.jsonl")
def audit_lines(request: Request, admin: Admin) -> Response:
    """The whole audit, one JSON object a line."""
    desk: Desk = request.app.state.desk
    return _download(json_lines(desk.ledger), "application/x-ndjson", "audit.jsonl")


@router.get("/audit.csv")
def audit_sheet(request: Request, admin: Admin) -> Response:
    """The whole audit as CSV."""
    desk: Desk = request.app.state.desk
    return _download(csv_lines(desk.ledger), "text/csv; charset=utf-8", "audit.csv")


@router.get("/people")
def people_page(request: Request, admin: Admin) -> Response:
    """All accounts."""
    return _people(request)


@router.post("/people", dependencies=[Depends(own_page_only)])
def change_people(
    request: Request,
    admin: Admin,
    *,
    name: Annotated[str, Form(max_length=60)],
    act: Annotated[str, Form()] = "add",
    role: Annotated[Role, Form()] = Role.REVIEWER,
    password: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Make or end an account."""
    access: Access = request.app.state.access
    if act == "close":
        if name == admin.name:
            raise NotAllowedError("nobody can end their own account")
        access.people.close(name)
        return RedirectResponse("/people", 303)
    try:
        access.people.add(name.strip(), role, password or None)
    except SettingsError as error:
        return _people(request, problem=str(error), status=422)
    return RedirectResponse("/people", 303)


def _people(request: Request, *, problem: str = "", status: int = 200) -> Response:
    access: Access = request.app.state.access
    values = {"everybody": access.people.everybody(), "problem": problem, "roles": [r.value for r in Role]}
    return render(request, "people.html", values, status=status)


def json_lines(ledger: Ledger) -> Iterator[str]:
    """The audit as JSON lines."""
    with ledger.view() as connection:
        for event in journal.every(connection):
            yield json.dumps(asdict(event), ensure_ascii=False) + "\n"


def csv_lines(ledger: Ledger) -> Iterator[str]:
    """The audit as CSV; a text that a spreadsheet would take for a formula gets an apostrophe before it."""
    names = [field.name for field in fields(Event)]
    yield "\ufeff" + _csv_line(names)  # the mark tells spreadsheets that this is UTF-8
    with ledger.view() as connection:
        for event in journal.every(connection):
            yield _csv_line([_harmless(getattr(event, name)) for name in names])


def _harmless(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) and not _NO_FORMULA.fullmatch(text) else text


def _csv_line(values: list[str]) -> str:
    stream = io.StringIO()
    csv.writer(stream).writerow(values)
    return stream.getvalue()


def _download(lines: Iterator[str], kind: str, name: str) -> Response:
    return StreamingResponse(
        lines, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
