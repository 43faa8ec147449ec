"""`gouji check` leaves no report out without a word."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from gouji.command import gouji

TITLE = "宿迁市人民政府2023年政府信息公开工作年度报告"


def put(out: Path, name: str, title: str) -> None:
    plain = {"source": {"path": f"{name}.pdf"}, "pages": [{"text": [{"text": title}]}], "tables": []}
    path = out / "documents" / name / "document.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(plain), encoding="utf-8")


def checked(out: Path) -> str:
    done = CliRunner().invoke(gouji, ["check", str(out)], standalone_mode=False)
    assert done.exception is None
    return done.stdout


def test_reports_whose_title_tells_no_organ_or_year_are_named(tmp_path: Path) -> None:
    put(tmp_path, "宿迁", TITLE)
    assert "未参加核对" not in checked(tmp_path)
    put(tmp_path, "无题", "正文")
    put(tmp_path, "无机关", "二〇二一年政府信息公开工作年度报告")
    said = checked(tmp_path)
    assert "2 份报告的标题读不出机关或年度，未参加核对：" in said
    assert "  无题.pdf" in said.splitlines()
    assert "  无机关.pdf" in said.splitlines()
    assert "宿迁.pdf" not in said
