"""`gouji review`."""

from __future__ import annotations

import getpass
import ipaddress
import socket
from pathlib import Path

import click

from gouji.exits import NothingToReadError, SettingsError
from gouji.store import Store


@click.command()
@click.argument("out", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--port",
    default=8765,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen at; 0: any.",
)
@click.option(
    "--scans",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Where the scans lie now, if they have moved since they were read; may be given again.",
)
@click.option("--as", "name", default="", help="Your name in the record, where nobody has to sign in.")
@click.option(
    "--four-eyes", is_flag=True, help="Every answer needs a second person who does not see the first."
)
@click.option("--ledger", "url", default=None, help="Address of the ledger, if it is not OUT/gouji.db.")
@click.option("--proxy-header", default="", help="Header in which a proxy names the person it has signed in.")
@click.option("--proxy", multiple=True, help="Address of that proxy; this machine if left out.")
@click.option("--https", is_flag=True, help="Behind HTTPS: cookies are sent over nothing else.")
@click.option(
    "--allow-host", multiple=True, help="Name under which browsers may call the server; may be given again."
)
def review(
    out: Path,
    host: str,
    port: int,
    scans: tuple[Path, ...],
    name: str,
    four_eyes: bool,
    url: str | None,
    proxy_header: str,
    proxy: tuple[str, ...],
    https: bool,
    allow_host: tuple[str, ...],
) -> None:
    """Serve the review page of an output folder.

    Without accounts (see `gouji users`) it serves one person at this machine. Other addresses than
    the loopback need accounts or a proxy that signs people in.
    """
    import uvicorn  # noqa: PLC0415 - loads the web stack

    from gouji.review.application import create_app  # noqa: PLC0415
    from gouji.review.guard import Access  # noqa: PLC0415
    from gouji.review.opening import open_desk  # noqa: PLC0415
    from gouji.review.people import People  # noqa: PLC0415

    if not any(True for _ in Store(out).documents()):
        raise NothingToReadError(f"no document in {out}; read some scans first with gouji read")
    desk = open_desk(out, scans=scans, url=url)
    people = People(desk.ledger)
    accounts = people.everybody()
    if not accounts and (proxy_header or four_eyes or not _is_loopback(host)):
        raise SettingsError("this needs accounts: make some with gouji users add OUT NAME --role admin")
    alone = "" if accounts else name or _login_name()
    access = Access(people, alone, proxy_header, proxy or ("127.0.0.1", "::1"), four_eyes)
    hosts = (*allow_host, "localhost", "127.0.0.1", "[::1]") if _is_loopback(host) else allow_host or ("*",)
    listening = _bound(host, port)
    changed = desk.sync(force=True)
    click.echo(f"{changed} documents brought up to date", err=True)
    for document, trouble in desk.troubles.items():
        click.echo(f"gouji: {document} is left as it stands: {trouble}", err=True)
    port = listening.getsockname()[1]
    listening.listen()  # whoever opens the address at once waits for the server instead of being refused
    click.echo(f"http://{f'[{host}]' if ':' in host else host}:{port}/", err=True)
    config = uvicorn.Config(
        create_app(desk, access, hosts=hosts, https=https),
        log_level="warning",
        # The peer itself is what counts: a rewritten address could be anybody's.
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    uvicorn.Server(config).run(sockets=[listening])


def _bound(host: str, port: int) -> socket.socket:
    """A socket at this address; nothing is served there until it listens.

    Raises:
        SettingsError: somebody else has the port, or the address is not this machine's.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        found = socket.socket(family, kind, protocol)
        try:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            found.bind(address)
        except OSError:
            found.close()
            raise
    except OSError as error:
        why = error.strerror or error
        raise SettingsError(
            f"cannot listen at {host} port {port}: {why}; choose another port, e.g. --port {port + 1}, "
            "or --port 0 for any that is free"
        ) from error
    return found


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "本机"
