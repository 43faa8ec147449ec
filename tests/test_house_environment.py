"""The environment and the house: one OpenCV, every error with an exit code, docs that follow the code."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import gouji
import gouji_layout
import gouji_models
import gouji_ocr
import gouji_postprocess
from gouji.command import gouji as command
from gouji.doctor import opencv_distributions
from gouji.document import Document
from gouji.exits import EXIT_CODES, ExitCode, exit_code

ROOT = Path(__file__).parent.parent
STAGES = (gouji, gouji_postprocess, gouji_ocr, gouji_layout, gouji_models)


def test_exactly_one_opencv_wheel_is_installed() -> None:
    assert opencv_distributions() == ["opencv-python"]


def _errors_of_the_project() -> list[type[BaseException]]:
    found: set[type[BaseException]] = set()
    for stage in STAGES:
        for info in pkgutil.walk_packages(stage.__path__, f"{stage.__name__}."):
            if info.name.startswith("gouji.migrations"):  # Alembic scripts run only under Alembic
                continue
            module = importlib.import_module(info.name)
            for _, member in inspect.getmembers(module, inspect.isclass):
                if issubclass(member, Exception) and member.__module__.split(".")[0].startswith("gouji"):
                    found.add(member)
    return sorted(found, key=lambda kind: kind.__name__)


def test_every_error_of_every_stage_has_an_exit_code() -> None:
    without = [
        error.__name__
        for error in _errors_of_the_project()
        if not error.__name__.startswith("_") and error not in EXIT_CODES
    ]
    assert without == []


def test_the_public_names_come_from_the_package_and_cost_nothing_until_they_are_used() -> None:
    for name in gouji.__all__:
        assert getattr(gouji, name).__name__ == name
    with pytest.raises(AttributeError, match="nothing"):
        gouji.nothing  # noqa: B018 - the look itself fails
    asked = "import gouji, sys; print({'numpy', 'pydantic', 'gouji.pipeline'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_an_unknown_error_is_called_a_mistake_of_gouji() -> None:
    assert exit_code(KeyError("x")) is ExitCode.UNEXPECTED


def test_every_exit_code_and_error_is_explained_in_the_docs() -> None:
    text = (ROOT / "docs" / "errors.md").read_text()
    for code in ExitCode:
        assert f"| {int(code)} |" in text
    for error in EXIT_CODES:
        if error is not KeyboardInterrupt:
            assert f"`{error.__name__}`" in text


def test_the_committed_schema_is_the_one_the_code_writes() -> None:
    committed = json.loads((ROOT / "docs" / "document.schema.json").read_text())
    assert committed == Document.model_json_schema(by_alias=True)


def test_the_committed_command_reference_is_what_the_commands_say() -> None:
    printed = CliRunner().invoke(command, ["reference"]).output
    assert (ROOT / "docs" / "commands.md").read_text() == printed


@pytest.mark.parametrize("name", command.list_commands(click.Context(command)))
def test_every_command_explains_itself(name: str) -> None:
    sub = command.get_command(click.Context(command), name)
    assert sub is not None
    assert sub.help
    for parameter in sub.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"gouji {name} {parameter.opts[0]} has no help"
