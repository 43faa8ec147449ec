"""Acceptance: draw samples, read them blind, see and take home what they say."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy import Connection, Row, select
from starlette.responses import RedirectResponse, Response

from gouji.review.acceptance_files import (
    acceptance_pdf,
    acceptance_workbook,
    percent,
    rows_of,
    verdict_on_rules,
)
from gouji.review.answers import same_text
from gouji.review.card import card_of
from gouji.review.desk import Desk, Shown
from gouji.review.errors import NoSuchItemError
from gouji.review.guard import Admin, Viewing, own_page_only
from gouji.review.numbering import MOST, InForm, InPath
from gouji.review.queue import Viewer
from gouji.review.rendering import language_of, render
from gouji.review.sampling import (
    Measured,
    all_samples,
    draw_sample,
    keep_reading,
    measure,
    unread,
)
from gouji.review.schema import sampled

router = APIRouter()
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/acceptance")
def acceptance_page(request: Request, viewer: Viewing) -> Response:
    """All samples."""
    desk: Desk = request.app.state.desk
    with desk.ledger.view() as connection:
        found = all_samples(connection)
    return render(request, "acceptance.html", {"samples": found})


@router.post("/acceptance", dependencies=[Depends(own_page_only)])
def draw(
    request: Request,
    admin: Admin,
    *,
    per_state: Annotated[int, Form(ge=1, le=5000)] = 100,
    seed: Annotated[int | None, Form(ge=0, le=MOST)] = None,
) -> Response:
    """Draw a sample."""
    desk: Desk = request.app.state.desk
    desk.sync(force=True)
    with desk.ledger.begin() as connection:
        chosen = secrets.randbelow(1_000_000) if seed is None else seed
        number = draw_sample(connection, admin.name, per_state=per_state, seed=chosen)
    return RedirectResponse(f"/acceptance/{number}", 303)


@router.get("/acceptance/{sample}")
def report_page(request: Request, sample: InPath, viewer: Viewing, late: bool = False) -> Response:
    """What a sample says; `late` to somebody whose last reading was not kept."""
    measured = _measured(request, sample)
    language = language_of(request)
    values = {
        "measured": measured,
        "rows": rows_of(measured, language),
        "verdict": verdict_on_rules(measured, language),
        "percent": percent,
        "late": late,
    }
    return render(request, "acceptance_report.html", values)


@router.get("/acceptance/{sample}/report.xlsx")
def report_workbook(request: Request, sample: InPath, viewer: Viewing) -> Response:
    """The report as a workbook."""
    content = acceptance_workbook(_measured(request, sample), language_of(request))
    return _file(content, _SHEET, f"acceptance-{sample}.xlsx")


@router.get("/acceptance/{sample}/report.pdf")
def report_pdf(request: Request, sample: InPath, viewer: Viewing) -> Response:
    """The report as pages to sign."""
    content = acceptance_pdf(_measured(request, sample), language_of(request))
    return _file(content, "application/pdf", f"acceptance-{sample}.pdf")


@router.get("/acceptance/{sample}/read")
def read_page(request: Request, sample: InPath, viewer: Viewing) -> Response:
    """The next figure of a sample, without what gouji made of it."""
    return _reading(request, sample, viewer)


@router.post("/acceptance/{sample}/read", dependencies=[Depends(own_page_only)])
def read(
    request: Request,
    sample: InPath,
    viewer: Viewing,
    *,
    row: InForm,
    text: Annotated[str, Form(max_length=400)] = "",
    seconds: Annotated[float, Form(ge=0, le=86400)] = 0.0,
    sure: Annotated[str, Form(max_length=401)] = "",
) -> Response:
    """Keep what was read. What differs is asked once more, with both texts: typing slips are not gouji's.

    `sure` is "=" and the text that was asked about.
    """
    desk: Desk = request.app.state.desk
    typed = text.strip()
    with desk.ledger.begin() as connection:
        asked = connection.execute(
            select(sampled).where(sampled.c.id == row, sampled.c.sample == sample)
        ).first()
        if asked is None:
            raise NoSuchItemError(f"there is no figure {row} in sample {sample}")
        agrees = same_text(typed, asked.text) or (sure[:1] == "=" and same_text(sure[1:], typed))
        doubted = (typed, asked.text) if asked.answer is None and not agrees else None
        late = doubted is None and not keep_reading(connection, row, viewer.name, typed, round(seconds, 2))
    return _reading(request, sample, viewer, doubted=doubted, late=late)


def _reading(
    request: Request,
    sample: int,
    viewer: Viewer,
    *,
    doubted: tuple[str, str] | None = None,
    late: bool = False,
) -> Response:
    desk: Desk = request.app.state.desk
    with desk.ledger.view() as connection:
        waiting = unread(connection, sample)
        if not waiting:
            target = f"/acceptance/{sample}" + ("?late=1" if late else "")
            if "HX-Request" in request.headers:
                return Response(headers={"HX-Redirect": target})
            return RedirectResponse(target, 303)
        row, shown, gone = _first_to_be_seen(desk, connection, waiting)
        progress = measure(connection, sample)
    values = {
        "card": card_of(shown, viewer, [], typed=""),
        "gone": gone,
        "row": row,
        "sample": sample,
        "doubted": doubted,
        "late": late,
        "progress": progress,
    }
    part = "HX-Request" in request.headers
    return render(request, "sample_part.html" if part else "sample.html", values)


def _first_to_be_seen(
    desk: Desk, connection: Connection, waiting: list[tuple[Row[Any], int]]
) -> tuple[Row[Any], Shown, str]:
    """The first figure whose page can be shown; where none can, the first, and why its page cannot.

    A person without the paper before them would give readings that say nothing about it.
    """
    troubles = []
    for row, item in waiting:
        shown = desk.show(connection, item)
        trouble = desk.pictures.trouble(shown.document, shown.table.page)
        if not trouble:
            return row, shown, ""
        troubles.append((row, shown, trouble))
    return troubles[0]


def _measured(request: Request, sample: int) -> Measured:
    desk: Desk = request.app.state.desk
    with desk.ledger.view() as connection:
        return _of(connection, sample)


def _of(connection: Connection, sample: int) -> Measured:
    measured = measure(connection, sample)
    if measured is None:
        raise NoSuchItemError(f"there is no sample {sample}")
    return measured


def _file(content: bytes, kind: str, name: str) -> Response:
    return Response(
        content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
