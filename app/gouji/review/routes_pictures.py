"""Pictures, only by the numbers of figures and documents in the index; no path comes from outside."""

from __future__ import annotations

from fastapi import APIRouter, Request
from sqlalchemy import select
from starlette.responses import PlainTextResponse, Response

from gouji.exits import NothingToReadError
from gouji.review.desk import Desk
from gouji.review.errors import NoSuchItemError, PictureGoneError
from gouji.review.guard import Viewing
from gouji.review.numbering import InPath
from gouji.review.schema import documents
from gouji_layout.scan import ScanError

router = APIRouter()
_KEEP = {"Cache-Control": "private, max-age=3600"}


@router.get("/crop/{item}.png")
def crop(request: Request, item: InPath, viewer: Viewing, tight: bool = False) -> Response:
    """A cell, enlarged; `tight` without its neighbours."""
    desk: Desk = request.app.state.desk
    with desk.ledger.view() as connection:
        shown = desk.show(connection, item)
    try:
        return Response(
            desk.pictures.crop(shown.document, shown.table, shown.cell, margin=-0.06 if tight else 0.25),
            media_type="image/png",
            headers=_KEEP,
        )
    except (PictureGoneError, ScanError, NothingToReadError) as error:
        return PlainTextResponse(str(error), 404)


@router.get("/page/{document}/{number}.jpg")
def page(request: Request, document: InPath, number: InPath, viewer: Viewing) -> Response:
    """An upright page."""
    desk: Desk = request.app.state.desk
    with desk.ledger.view() as connection:
        name = connection.scalar(select(documents.c.name).where(documents.c.id == document))
    if name is None:
        raise NoSuchItemError(f"there is no document {document}")
    try:
        return Response(
            desk.pictures.page(desk.document(name), number), media_type="image/jpeg", headers=_KEEP
        )
    except (PictureGoneError, ScanError, NothingToReadError) as error:
        return PlainTextResponse(str(error), 404)
