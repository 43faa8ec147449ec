"""`gouji review` as a command: what it says before it serves."""

from __future__ import annotations

import socket
import subprocess
import sys

from fixtures.review_folder import Folder
from gouji.exits import ExitCode


def test_a_busy_port_is_told_before_any_address_is_printed(folder: Folder) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "gouji", "review", str(folder.out), "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == ExitCode.BAD_SETTINGS
    assert f"port {port}" in done.stderr
    assert "--port" in done.stderr
    assert "http://" not in done.stderr
    assert "Traceback" not in done.stderr
