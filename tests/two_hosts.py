"""Two hosts on one machine: network namespaces with a cable that can be pulled.

Where namespaces cannot be made (no root, no `ip`), tests that pull cables are skipped with the reason.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

_NETWORK = "10.201.77"
HERE = f"{_NETWORK}.1"


@dataclass(frozen=True)
class Host:
    """A network namespace with one cable to this machine."""

    name: str
    address: str
    cable: str  # the end of the cable that is on this machine

    def start(self, command: Sequence[object]) -> subprocess.Popen[bytes]:
        """Start a program on the host, in a session of its own."""
        whole = ["ip", "netns", "exec", self.name, *map(str, command)]
        return subprocess.Popen(whole, start_new_session=True, env=os.environ.copy())

    def unplug(self) -> None:
        """Pull the cable: nothing is said to anybody, packets just vanish."""
        _ip("link", "set", self.cable, "down")


@contextmanager
def two_hosts() -> Iterator[tuple[Host, Host]]:
    """Two hosts that reach this machine at HERE, and each other."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("network namespaces need root and the program ip (iproute2)")
    tag = f"g{secrets.token_hex(2)}"  # the names of an earlier test may linger
    bridge, hosts = (
        f"{tag}br",
        [Host(f"{tag}{x}", f"{_NETWORK}.{n}", f"{tag}{x}c") for x, n in (("a", 2), ("b", 3))],
    )
    try:
        _ip("link", "add", bridge, "type", "bridge")
    except subprocess.CalledProcessError as error:
        pytest.skip(f"network namespaces cannot be made here: {error.stderr}")
    try:
        _ip("addr", "add", f"{HERE}/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        for host in hosts:
            _ip("netns", "add", host.name)
            _ip("link", "add", host.cable, "type", "veth", "peer", "name", "eth0", "netns", host.name)
            _ip("link", "set", host.cable, "master", bridge, "up")
            for command in (
                ["addr", "add", f"{host.address}/24", "dev", "eth0"],
                ["link", "set", "eth0", "up"],
                ["link", "set", "lo", "up"],
            ):
                _ip("-n", host.name, *command)
        yield hosts[0], hosts[1]
    finally:
        for host in hosts:
            _ip("netns", "del", host.name, check=False)
        _ip("link", "del", bridge, check=False)


def _ip(*arguments: Any, check: bool = True) -> None:
    subprocess.run(["ip", *map(str, arguments)], check=check, capture_output=True, text=True)
