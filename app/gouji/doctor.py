"""`gouji doctor`: what is installed, which engines and weights load, and what to do about what is missing."""

from __future__ import annotations

import gzip
import json
import platform
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distributions, version
from pathlib import Path

from gouji_models.registry import CARDS, ModelMissingError, weights

_PACKAGES = (
    "opencv-python",
    "numpy",
    "onnxruntime",
    "pytesseract",
    "pdf2image",
    "layoutparser",
    "ortools",
    "click",
)
_LANGUAGES = ("chi_sim", "eng")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; `remedy` says what to do when it is not well."""

    what: str
    well: bool
    detail: str
    remedy: str = ""
    needed: bool = True  # False: gouji works without it, with less


def examine() -> Iterator[Finding]:
    """Look at everything gouji stands on, one finding at a time."""
    yield Finding("Python", True, platform.python_version())
    yield from map(_package, _PACKAGES)
    yield _one_opencv()
    yield _program("pdftoppm", ["-v"], "apt-get install poppler-utils")
    yield _tesseract()
    yield _program("soffice", ["--version"], "apt-get install libreoffice-writer", needed=False)
    for name in CARDS:
        yield _weights(name)


def opencv_distributions() -> list[str]:
    """Names of the installed OpenCV wheels; two of them overwrite each other's files."""
    names = (distribution.metadata["Name"] or "" for distribution in distributions())
    return sorted({name.lower() for name in names if name.lower().startswith("opencv-")})


def _package(name: str) -> Finding:
    try:
        return Finding(name, True, version(name))
    except PackageNotFoundError:
        return Finding(name, False, "not installed", "./run gouji doctor installs the locked environment")


def _one_opencv() -> Finding:
    found = opencv_distributions()
    return Finding(
        "one OpenCV",
        found == ["opencv-python"],
        ", ".join(found) or "none",
        "uninstall every opencv-* package, then install opencv-python alone",
    )


def _program(name: str, arguments: list[str], remedy: str, *, needed: bool = True) -> Finding:
    path = shutil.which(name)
    if path is None:
        return Finding(name, False, "not found", remedy, needed)
    return Finding(name, True, _first_line([path, *arguments]), needed=needed)


def _tesseract() -> Finding:
    remedy = "apt-get install tesseract-ocr tesseract-ocr-chi-sim"
    path = shutil.which("tesseract")
    if path is None:
        return Finding("tesseract", False, "not found", remedy)
    languages = _output([path, "--list-langs"]).split()
    missing = [language for language in _LANGUAGES if language not in languages]
    if missing:
        return Finding("tesseract", False, f"without {', '.join(missing)}", remedy)
    return Finding("tesseract", True, f"{_first_line([path, '--version'])} [{', '.join(_LANGUAGES)}]")


def _weights(name: str) -> Finding:
    try:
        path = weights(name)
    except ModelMissingError as error:
        return Finding(
            f"weights {name}", False, str(error), "./run gouji doctor installs the locked environment"
        )
    return _tried(f"weights {name}", lambda: _loads(path))


def _loads(path: Path) -> str:
    if path.suffix == ".json":
        return f"loads, {len(json.loads(path.read_text(encoding='utf-8')))} entries"
    if path.suffix == ".gz":
        return f"loads, {len(gzip.decompress(path.read_bytes()).splitlines())} lines"
    if path.suffix == ".npz":
        import numpy as np  # noqa: PLC0415 - may be what is missing

        with np.load(path) as stored:
            return f"loads, {len(stored['changes'])} weights"
    import onnxruntime  # noqa: PLC0415 - slow to import, and the report should begin at once

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    shape = session.get_inputs()[0].shape
    return f"loads, input {shape}"


def _tried(what: str, action: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, action())
    except (RuntimeError, ValueError, OSError) as error:
        return Finding(what, False, str(error), "install again: ./run gouji doctor")


def _first_line(command: list[str]) -> str:
    return next(iter(_output(command).splitlines()), "")


def _output(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (subprocess.SubprocessError, OSError) as error:
        return str(error)
    return done.stdout or done.stderr
