"""A folder of documents decided by gouji, its desk, and its people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from clients import PASSWORD

from fixtures.review_folder import Folder, copy_of, desk_of, make_folder
from gouji.review.desk import Desk
from gouji.review.people import People, Role


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return make_folder(tmp_path_factory.mktemp("made"), seeds=(3,), squares=2)


@pytest.fixture
def folder(made: Folder, tmp_path: Path) -> Folder:
    return copy_of(made, tmp_path)


@pytest.fixture
def desk(folder: Folder) -> Iterator[Desk]:
    with desk_of(folder) as opened:
        yield opened


@pytest.fixture
def people(desk: Desk) -> People:
    found = People(desk.ledger)
    for name, role in (("甲", Role.REVIEWER), ("乙", Role.SECOND), ("丙", Role.ADMIN)):
        found.add(name, role, PASSWORD)
    return found
