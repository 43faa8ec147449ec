"""Who is asking, and whether the request comes from our own page: sessions, CSRF, headers."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gouji.review.errors import NotAllowedError, SignInError
from gouji.review.people import People, Person, Role
from gouji.review.queue import Viewer

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Access:
    """How people are known: accounts, a name vouched for by a proxy, or one person at this machine."""

    people: People
    alone: str = ""  # the only person, where no sign-in is asked for (loopback, no accounts)
    proxy_header: str = ""
    proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    four_eyes: bool = False

    def who(self, request: Request) -> Person:
        """The person a request comes from.

        Raises:
            SignInError: nobody is signed in.
            NotAllowedError: the proxy names somebody without an account.
        """
        if self.alone:
            return Person(self.alone, Role.ADMIN)
        if self.proxy_header:
            peer = request.client.host if request.client else ""
            name = request.headers.get(self.proxy_header, "")
            if peer not in self.proxies or not name:
                raise SignInError
            person = self.people.find(name)
            if person is None:
                raise NotAllowedError(f"no account for {name}")
            return person
        person = self.people.find(str(request.session.get("who", "")))
        if person is None:
            raise SignInError
        return person


def csrf_token(request: Request) -> str:
    """The token of this session, made when first asked for."""
    token = request.session.get("csrf")
    if not isinstance(token, str):
        token = secrets.token_urlsafe(24)
        request.session["csrf"] = token
    return token


def current_person(request: Request) -> Person:
    """FastAPI dependency: the person signed in."""
    access: Access = request.app.state.access
    return access.who(request)


Signed = Annotated[Person, Depends(current_person)]


def current_viewer(request: Request, person: Signed) -> Viewer:
    """FastAPI dependency: the person as the queue knows them."""
    access: Access = request.app.state.access
    return Viewer(person.name, person.role.value, access.four_eyes)


Viewing = Annotated[Viewer, Depends(current_viewer)]


def current_admin(person: Signed) -> Person:
    """FastAPI dependency: an admin.

    Raises:
        NotAllowedError: it is somebody else.
    """
    if person.role is not Role.ADMIN:
        raise NotAllowedError("only for admins")
    return person


Admin = Annotated[Person, Depends(current_admin)]


async def own_page_only(request: Request) -> None:
    """FastAPI dependency of everything that changes something: the token of the session must come along.

    Raises:
        NotAllowedError: it does not.
    """
    given = request.headers.get("X-CSRF-Token", "")
    if not given:
        given = str((await request.form()).get("csrf", ""))
    wanted = str(request.session.get("csrf", ""))
    if not wanted or not hmac.compare_digest(given.encode(), wanted.encode()):
        raise NotAllowedError("the page is too old; load it again")


class SafeHeaders:
    """ASGI middleware that adds the security headers and keeps private pages out of caches."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_safely)
