"""Puts the review app together: routes, sessions, headers, error pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import RedirectResponse, Response

from gouji.review import (
    routes_acceptance,
    routes_answers,
    routes_group,
    routes_office,
    routes_pictures,
    routes_queue,
    routes_signing,
    routes_tables,
)
from gouji.review.closing import refresh_report_if_changed
from gouji.review.desk import Desk
from gouji.review.errors import NoFontError, NoSuchItemError, NotAllowedError, SignInError
from gouji.review.guard import Access, SafeHeaders
from gouji.review.people import Throttle
from gouji.review.rendering import language_of, render
from gouji.review.words import say

_HERE = Path(__file__).parent
_SESSION_SECONDS = 12 * 3600


def create_app(
    desk: Desk, access: Access, *, hosts: tuple[str, ...] = ("*",), https: bool = False
) -> FastAPI:
    """The review app over one output folder.

    Args:
        desk: documents, index and answers.
        access: how people are known.
        hosts: names under which the server may be called; guards a loopback server against pages
            that point a name of their own at it.
        https: whether cookies are to be sent over HTTPS only.
    """

    @asynccontextmanager
    async def served(_app: FastAPI) -> AsyncIterator[None]:
        yield
        refresh_report_if_changed(desk)

    app = FastAPI(title="gouji review", openapi_url=None, lifespan=served)
    app.state.desk = desk
    app.state.access = access
    app.state.throttle = Throttle()
    for module in (
        routes_queue,
        routes_answers,
        routes_group,
        routes_tables,
        routes_pictures,
        routes_acceptance,
        routes_office,
        routes_signing,
    ):
        app.include_router(module.router)
    app.mount("/static", _Static(directory=_HERE / "static"))
    app.add_middleware(
        SessionMiddleware,
        secret_key=access.people.secret(),
        session_cookie="gouji",
        max_age=_SESSION_SECONDS,
        same_site="strict",
        https_only=https,
    )
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))
    app.add_middleware(SafeHeaders)
    app.add_exception_handler(SignInError, _to_sign_in)
    app.add_exception_handler(NotAllowedError, _refused)
    app.add_exception_handler(NoSuchItemError, _not_found)
    app.add_exception_handler(NoFontError, _refused)
    app.add_exception_handler(HTTPException, _no_such_page)
    return app


class _Static(StaticFiles):
    """Files that browsers may keep, but ask about again: an upgrade must show at once."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "no-cache"
        return response


async def _to_sign_in(request: Request, _error: Exception) -> Response:
    if "HX-Request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": "/sign-in"})
    return RedirectResponse("/sign-in", 303)


async def _refused(request: Request, error: Exception) -> Response:
    return render(request, "message.html", {"message": str(error)}, status=403)


async def _not_found(request: Request, error: Exception) -> Response:
    return render(request, "message.html", {"message": str(error)}, status=404)


async def _no_such_page(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    said = say(language_of(request), "no_such_page")
    return render(request, "message.html", {"message": said}, status=status)
