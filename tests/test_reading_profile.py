"""What a page costs is split by step, and every second is in one step only."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from batch_runs import environment, folder
from batch_work import WORK
from click.testing import CliRunner
from rich.console import Console

from gouji.batch.events import Event
from gouji.batch.journal import Journal, Standing
from gouji.command import gouji
from gouji.commands import batch_options
from gouji.commands.profile import STEP_NAMES, show_steps
from gouji.ledger_claims import Claim, Kind
from gouji.store import Store
from gouji_ocr.steps import StepClock


def shown(standing: Standing) -> str:
    text = io.StringIO()
    show_steps(standing, Console(file=text, width=100))
    return text.getvalue()


def test_a_clock_adds_up_the_processor_time_of_each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    spent = iter([10.0, 10.5, 11.0, 11.25, 20.0, 21.0])
    monkeypatch.setattr("gouji_ocr.steps.processor_seconds", lambda: next(spent))
    clock = StepClock()
    for name in ("figures", "labels", "figures"):
        with clock.step(name):
            pass
    assert clock.seconds == {"figures": 1.5, "labels": 0.25}


def test_a_step_that_fails_is_still_counted() -> None:
    clock = StepClock()
    with pytest.raises(ValueError, match="no page"), clock.step("open"):
        raise ValueError("no page")
    assert "open" in clock.seconds


def test_the_table_gives_the_mean_of_a_page_and_shares_that_add_up() -> None:
    text = shown(Standing(pages=2, steps={"open": 1.0, "labels": 3.0}))
    assert "打开 open" in text
    assert "0.500" in text
    assert "25%" in text
    assert "75%" in text
    assert "2.000" in text  # in all


def test_a_step_that_has_no_name_yet_is_shown_all_the_same() -> None:
    assert "dreaming" in shown(Standing(pages=1, steps={"dreaming": 1.0}))


def test_a_run_that_read_nothing_new_has_a_table_without_shares() -> None:
    assert "–" in shown(Standing())


def test_seconds_told_by_workers_are_summed_over_the_run(tmp_path: Path) -> None:
    journal = Journal(Store(tmp_path), None)
    claim = Claim(Kind.READ, 1, 1, "a", "a", "a.png", number=1)
    for _ in range(2):
        told = Event("end", claim, steps={"open": 0.25, "figures": 0.5})
        journal.heard(Event.from_line(told.to_line()), "w")
    assert journal.standing.steps == {"open": 0.5, "figures": 1.0}


def test_read_shows_the_cost_of_each_step_only_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = batch_options.run_batch
    monkeypatch.setattr(
        batch_options, "run_batch", lambda request, show: real(replace(request, work=WORK), show)
    )
    environment(monkeypatch, tmp_path)
    folder(tmp_path / "in", 1)
    command = ["read", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--workers", "1"]
    with_table = CliRunner().invoke(gouji, [*command, "--profile"]).output
    assert STEP_NAMES["open"] in with_table
    assert STEP_NAMES["write"] in with_table
    assert STEP_NAMES["open"] not in CliRunner().invoke(gouji, command).output
