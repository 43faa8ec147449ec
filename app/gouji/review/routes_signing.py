"""Signing in and out, and choosing the language."""

from __future__ import annotations

import math
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from gouji.review.guard import Access, own_page_only
from gouji.review.people import Throttle
from gouji.review.rendering import render
from gouji.review.words import LANGUAGES

router = APIRouter()


@router.get("/sign-in")
def sign_in_page(request: Request) -> Response:
    """The form."""
    return render(request, "sign_in.html", {"message": "", "name": ""})


@router.post("/sign-in", dependencies=[Depends(own_page_only)])
def sign_in(
    request: Request, name: Annotated[str, Form()] = "", password: Annotated[str, Form()] = ""
) -> Response:
    """Check a password; after some failures for a name or an address a pause is asked for."""
    access: Access = request.app.state.access
    throttle: Throttle = request.app.state.throttle
    whom = (f"name {name[:60]}", f"address {request.client.host if request.client else ''}")
    seconds = throttle.start(*whom)
    if seconds:
        values = {"message": "slow_down", "name": name}
        return render(
            request, "sign_in.html", values, status=429, headers={"Retry-After": str(math.ceil(seconds))}
        )
    person = access.people.check(name, password)
    if person is None:
        return render(request, "sign_in.html", {"message": "wrong_password", "name": name}, status=403)
    throttle.right(*whom)
    request.session.clear()  # a fresh token for a fresh session
    request.session["who"] = person.name
    return RedirectResponse("/", 303)


@router.post("/sign-out", dependencies=[Depends(own_page_only)])
def sign_out(request: Request) -> Response:
    """Forget who is there."""
    request.session.clear()
    return RedirectResponse("/sign-in", 303)


@router.post("/language", dependencies=[Depends(own_page_only)])
def language(request: Request, to: Annotated[str, Form()], back: Annotated[str, Form()] = "/") -> Response:
    """Choose a language for this browser."""
    # Only a path of ours: a stored link must not lead elsewhere.
    target = back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/"
    response = RedirectResponse(target, 303)
    if to in LANGUAGES:
        response.set_cookie("gouji-language", to, max_age=31536000, samesite="strict", httponly=True)
    return response
