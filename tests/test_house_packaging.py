"""The wheel carries everything the command needs, and the command starts without any development tool."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def uv() -> str:
    found = shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    if not Path(found).exists():
        pytest.skip("uv is not at hand (./run installs it)")
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    # sdist first, then the wheel from it: what is missing in the one is missing in the other.
    subprocess.run([uv(), "build", "--quiet", "--out-dir", str(folder), str(ROOT)], check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.mark.slow
def test_the_wheel_holds_five_packages_and_their_data(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if not name.startswith("gouji-")}
    assert tops == {"gouji", "gouji_layout", "gouji_models", "gouji_ocr", "gouji_postprocess"}
    for top in tops:
        assert f"{top}/py.typed" in names
    for suffix in (".yaml", ".onnx", ".gz", ".html", ".js", ".css", ".mako"):
        assert any(name.endswith(suffix) for name in names), f"no {suffix} file in the wheel"


@pytest.mark.slow
def test_the_command_starts_in_an_environment_without_development_tools(wheel: Path, tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    export = [uv(), "export", "--quiet", "--frozen", "--no-dev", "--all-extras", "--no-emit-project"]
    with requirements.open("w") as file:
        subprocess.run(export, cwd=ROOT, check=True, stdout=file)
    venv = tmp_path / "venv"
    subprocess.run([uv(), "venv", "--quiet", "--python", sys.executable, str(venv)], check=True)
    install = [uv(), "pip", "install", "--quiet", "--python", str(venv), "--no-deps"]
    subprocess.run([*install, "-r", str(requirements)], check=True)
    subprocess.run([*install, str(wheel)], check=True)
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    for arguments in (["--help"], ["--version"], ["forms", "list"], ["review", "--help"]):
        done = subprocess.run(
            [venv / "bin" / "gouji", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout
