"""A PostgreSQL server of its own for a test: made in a temporary folder, run as an unprivileged user."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def programs() -> Path | None:
    """The folder of initdb and pg_ctl, newest version first; None where PostgreSQL is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    if found:
        return found[0].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


@contextmanager
def postgres_server(host: str = "127.0.0.1", network: str = "127.0.0.1/32") -> Iterator[str]:
    """Start a server and give its address for SQLAlchemy; stopped and removed at the end."""
    folder = programs()
    assert folder is not None
    place = Path(tempfile.mkdtemp(prefix="gouji-pg-"))
    user = _unprivileged()
    if user is not None:
        os.chown(place, user.pw_uid, user.pw_gid)
    port = _free_port()
    data = place / "data"
    _as(user, [folder / "initdb", "-D", data, "-U", "gouji", "-A", "trust", "-E", "UTF8", "--no-sync"], place)
    with (data / "pg_hba.conf").open("a", encoding="utf-8") as rules:
        rules.write(f"host all all {network} trust\n")
    settings = f"-p {port} -k {place} -c listen_addresses={host} -c fsync=off"
    start = [folder / "pg_ctl", "-D", data, "-w", "-t", "120", "-l", place / "log", "-o", settings, "start"]
    try:
        _as(user, start, place)
        yield f"postgresql+psycopg://gouji@{host}:{port}/postgres"
    finally:
        _as(user, [folder / "pg_ctl", "-D", data, "-m", "immediate", "stop"], place)
        shutil.rmtree(place, ignore_errors=True)


def _unprivileged() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root; then another user is taken."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise AssertionError("neither the user postgres nor nobody exists")


def _as(user: pwd.struct_passwd | None, command: list[object], place: Path) -> None:
    given = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=place,
        env={**os.environ, "HOME": str(place), "LC_ALL": "C.UTF-8"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        **given,
    )
    assert done.returncode == 0, done.stderr


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
