"""The queue as a list, and the way to the next figure."""

from __future__ import annotations

import time

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from gouji.review import queue
from gouji.review.desk import Desk
from gouji.review.guard import Viewing
from gouji.review.live import Cells
from gouji.review.numbering import InQuery
from gouji.review.pictures import crop_address, page_address
from gouji.review.queue import Filter
from gouji.review.rendering import render
from gouji.shown_confidence import shown_confidence

router = APIRouter()
_ROWS = 40


@router.get("/")
def queue_page(request: Request, viewer: Viewing, start: InQuery = 0) -> Response:
    """What waits for this person, with filters."""
    desk: Desk = request.app.state.desk
    desk.sync()
    chosen = Filter.of(request.query_params)
    with desk.ledger.view() as connection:
        rows = queue.listing(connection, viewer, chosen, limit=_ROWS, offset=start)
        left = queue.left(connection, viewer, chosen)
        kinds = queue.kinds(connection, viewer, chosen)
        facets = queue.facets(connection, viewer, chosen)
    listed = []
    for row in rows:
        document = desk.document(row.name)
        around = Cells.of(document)
        if row.ref in around.cells:
            cell = around.cells[row.ref]
            crop = crop_address(row.id, document, cell)
            listed.append((row, around.headings_of(row.ref), shown_confidence(cell), crop))
        else:
            listed.append((row, ((), ()), None, f"/crop/{row.id}.png"))
    values = {
        "rows": listed,
        "left": left,
        "kinds": kinds,
        "facets": facets,
        "chosen": chosen,
        "start": start,
        "size": _ROWS,
        "troubles": desk.troubles,
    }
    return render(request, "queue.html", values)


@router.get("/next")
def next_page(request: Request, viewer: Viewing) -> Response:
    """Go to the next figure."""
    desk: Desk = request.app.state.desk
    chosen = Filter.of(request.query_params)
    with desk.ledger.view() as connection:
        row = queue.next_item(connection, viewer, chosen, time.time())
    if row is None:
        return RedirectResponse(f"/?{chosen.query}", 303)
    return RedirectResponse(f"/card/{row.id}?{chosen.query}", 303)


@router.get("/peek")
def peek(request: Request, viewer: Viewing, but: InQuery = 0) -> Response:
    """Pictures of the figure that comes next, for the browser to fetch ahead."""
    desk: Desk = request.app.state.desk
    with desk.ledger.view() as connection:
        row = queue.next_item(
            connection,
            viewer,
            Filter.of(request.query_params),
            time.time(),
            but=but,
        )
        if row is None:
            return JSONResponse([])
        shown = desk.show(connection, row.id)
    crop = crop_address(row.id, shown.document, shown.cell)
    return JSONResponse([crop, page_address(row.document, shown.document, shown.table.page)])
