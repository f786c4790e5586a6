"""The wheel holds the three packages with their data, says who made it under which licence, and nothing beside."""

from __future__ import annotations

import email
from pathlib import Path
from zipfile import ZipFile

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[2]
PACKAGES = ("caseclock", "schemas", "services")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    (made,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("wheel")), versions=["standard"])
    return ZipFile(made)


def test_every_file_of_the_packages_travels(wheel: ZipFile) -> None:
    files = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {"caseclock/web/static/caseclock.css", "schemas/store/migrations/env.py", "services/py.typed"} <= files
    assert {name for name in wheel.namelist() if ".dist-info/" not in name} == files


def test_it_says_what_it_is(wheel: ZipFile) -> None:
    named = {name.partition(".dist-info/")[2]: name for name in wheel.namelist() if ".dist-info/" in name}
    said = email.message_from_bytes(wheel.read(named["METADATA"]))
    assert said["Name"] == "caseclock"
    assert said["Author"] == "Caseclock"
    assert said["License-Expression"] == "MIT"
    assert said["Description-Content-Type"] == "text/markdown"
    assert said.get_all("Provides-Extra") == ["notify", "pack", "stream"]
    assert b"caseclock = caseclock.cli.main:main" in wheel.read(named["entry_points.txt"])
    assert wheel.read(named["licenses/LICENSE"]) == (ROOT / "LICENSE").read_bytes()
