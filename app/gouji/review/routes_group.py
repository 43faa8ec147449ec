"""All cells read as the same figure side by side, so that the odd one stands out."""

from __future__ import annotations

from fastapi import APIRouter, Request
from sqlalchemy import func, select
from starlette.responses import Response

from gouji.review.desk import Desk
from gouji.review.guard import Viewing
from gouji.review.numbering import InQuery
from gouji.review.rendering import render
from gouji.review.schema import documents, items

router = APIRouter()
_CELLS = 120
_TEXTS = 40


@router.get("/group")
def group_page(request: Request, viewer: Viewing, text: str = "", start: InQuery = 0) -> Response:
    """Cells with the same text, the least sure first."""
    desk: Desk = request.app.state.desk
    desk.sync()
    with desk.ledger.view() as connection:
        counted = (
            select(items.c.text, func.count())
            .where(items.c.kind == "figure", items.c.text != "")
            .group_by(items.c.text)
            .order_by(func.count().desc(), items.c.text)
            .limit(_TEXTS)
        )
        texts = [(str(one), int(count)) for one, count in connection.execute(counted)]
        chosen = text or (texts[0][0] if texts else "")
        alike = (items.c.kind == "figure", items.c.text == chosen)
        total = connection.scalar(select(func.count()).select_from(items).where(*alike)) or 0
        rows = connection.execute(
            select(items, documents.c.name, documents.c.organ, documents.c.year, documents.c.stamp)
            .join(documents)
            .where(*alike)
            .order_by(items.c.confidence, items.c.id)
            .limit(_CELLS)
            .offset(start)
        ).all()
    # Cells of one page together: its picture is decoded once.
    ordered = sorted(rows, key=lambda row: (row.document, row.ref))
    values = {
        "texts": texts,
        "chosen": chosen,
        "rows": ordered,
        "total": int(total),
        "start": start,
        "size": _CELLS,
    }
    return render(request, "group.html", values)
