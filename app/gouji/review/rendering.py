"""Fills templates: the words of the reader's language, the person, the CSRF token."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache, partial
from pathlib import Path

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from gouji.review.errors import NotAllowedError, SignInError
from gouji.review.guard import Access, csrf_token
from gouji.review.people import Person
from gouji.review.words import LANGUAGES, say


@cache
def templates() -> Environment:
    """The templates; a name they do not know is an error, not an empty place on the page."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["local"] = local_time
    return environment


def local_time(at: str) -> str:
    """A time of the audit as the clock on the server's wall shows it, to the minute."""
    return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M")


def language_of(request: Request) -> str:
    """Chinese unless English was chosen."""
    chosen = request.cookies.get("gouji-language", "")
    return chosen if chosen in LANGUAGES else LANGUAGES[0]


def render(
    request: Request,
    template: str,
    values: Mapping[str, object],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """A page, or a part of one, in the reader's language."""
    language = language_of(request)
    access: Access = request.app.state.access
    page = (
        templates()
        .get_template(template)
        .render(
            t=partial(say, language),
            language=language,
            me=_who(access, request),
            alone=bool(access.alone),
            four_eyes=access.four_eyes,
            csrf=csrf_token(request),
            path=request.url.path,
            **values,
        )
    )
    return HTMLResponse(page, status, dict(headers or {}))


def _who(access: Access, request: Request) -> Person | None:
    try:
        return access.who(request)
    except (SignInError, NotAllowedError):
        return None
