"""Weights are found without importing heavy packages, and refused when they are not the measured ones."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace

import pytest

from gouji_models import CARDS, ModelMissingError, registry, weights


@pytest.mark.parametrize("name", sorted(CARDS))
def test_every_registered_network_is_there_and_is_the_measured_one(name: str) -> None:
    path = weights(name)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == CARDS[name].sha256


def test_an_unknown_network_is_refused_with_the_names_that_exist() -> None:
    with pytest.raises(ModelMissingError, match="ppocr-v6-rec"):
        weights("no-such-network")


def test_a_file_that_was_changed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = replace(CARDS["ppocr-v6-rec"], sha256="0" * 64)
    monkeypatch.setattr(registry, "CARDS", {"ppocr-v6-rec": changed})
    with pytest.raises(ModelMissingError, match="sha256"):
        weights("ppocr-v6-rec")


def test_a_package_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    absent = replace(CARDS["ppocr-v6-rec"], package="no_such_package_here")
    monkeypatch.setattr(registry, "CARDS", {"ppocr-v6-rec": absent})
    with pytest.raises(ModelMissingError, match="no_such_package_here"):
        weights("ppocr-v6-rec")


def test_looking_for_weights_does_not_import_the_engine_that_ships_them() -> None:
    code = (
        "import sys; from gouji_models import weights; weights('ppocr-v6-rec'); "
        "sys.exit('rapidocr' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
