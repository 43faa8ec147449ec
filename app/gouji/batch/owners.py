"""Who holds a lease, written so that the dead are recognised at once on the machine they died on.

An owner reads `host~scope/pid.start.mark/slot`: `scope` stands for one boot of one machine and one space of
process numbers, `pid.start` for the supervisor that answers for the lease. On another machine, or
after a reboot, a lease simply runs out.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import uuid
from pathlib import Path

import psutil

_OWNER = re.compile(r"(?P<scope>[^/]+)/(?P<pid>\d+)\.(?P<start>\d+)\.")


def scope() -> str:
    """This boot of this machine."""
    boot = _text("/proc/sys/kernel/random/boot_id") or str(int(psutil.boot_time()))
    try:
        space = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        space = str(uuid.getnode())
    digest = hashlib.sha256(f"{platform.node()} {boot} {space}".encode()).hexdigest()[:12]
    return f"{platform.node()}~{digest}"


def runner() -> str:
    """A new name under which this process answers for leases."""
    return f"{scope()}/{os.getpid()}.{_started(os.getpid())}.{uuid.uuid4().hex[:6]}"


def is_dead(owner: str) -> bool:
    """True when the owner's supervisor ran on this machine and is gone."""
    found = _OWNER.match(owner)
    if found is None or found["scope"] != scope():
        return False
    pid = int(found["pid"])
    try:
        return _started(pid) != int(found["start"]) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _started(pid: int) -> int:
    return int(psutil.Process(pid).create_time() * 100)


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii").strip()
    except OSError:
        return ""
