"""`gouji review` as a command: what it says before it serves, and what it leaves behind."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from fixtures.review_folder import Folder, desk_of, item_of
from gouji.exits import ExitCode
from gouji.ledger_tables import Step, documents


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


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_the_report_counts_the_answers_when_the_server_has_ended(folder: Folder, how: signal.Signals) -> None:
    name = folder.names[0]
    with desk_of(folder) as desk, desk.ledger.begin() as connection:
        document = desk.document(name)
        values = {"name": name, "shown": f"{name}.png", "location": "/nowhere", "stamp": "1"}
        values |= {"sha256": document.source.sha256, "reading": "r", "deciding": "d", "step": Step.DONE}
        connection.execute(documents.insert().values(**values))
        row = item_of(desk, name, folder.planted[name][0])
    command = [sys.executable, "-m", "gouji", "review", str(folder.out), "--port", "0", "--as", "甲"]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    address = next(line.strip() for line in server.stderr if line.startswith("http://"))
    with httpx.Client(base_url=address) as client:
        page = client.get(f"card/{row.id}").text
        form = dict(re.findall(r'name="(version|figure)" value="([^"]*)"', page))
        csrf = re.search(r'"X-CSRF-Token": "([^"]+)"', page)
        assert csrf
        sent = client.post(f"card/{row.id}", data={**form, "text": "5", "csrf": csrf[1]})
        assert sent.status_code == 200
    server.send_signal(how)
    server.communicate(timeout=60)
    summary = json.loads((folder.out / "summary.json").read_text(encoding="utf-8"))
    assert summary["figures"]["reviewed"] == 1
    assert (folder.out / "report.html").exists()
