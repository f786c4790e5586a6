"""What a release is made of: every package that runs has a licence that goes with ours, and is listed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest

from deploy.sbom import licences, sbom, versions

ROOT = Path(__file__).parents[2]
# Used as libraries, unchanged and replaceable, which is what LGPL and MPL ask of a program under MIT.
GO_WITH_MIT = {
    *("MIT", "MIT-0", "MIT-CMU", "BSD-2-Clause", "BSD-3-Clause", "BSD-3-Clause-Modification", "Apache-2.0", "ISC"),
    *("PSF-2.0", "MPL-2.0", "LGPL-2.1-or-later", "LGPL-3.0-only"),
}


def goes(expression: str) -> bool:
    """Whether some choice that an SPDX expression (no brackets) leaves goes with MIT."""
    return any(set(choice.split(" AND ")) <= GO_WITH_MIT for choice in expression.split(" OR "))


def test_every_package_that_runs_has_a_licence_listed_and_no_other() -> None:
    assert list(licences()) == sorted(versions())


@pytest.mark.parametrize(("package", "licence"), licences().items())
def test_its_licence_goes_with_ours(package: str, licence: str) -> None:
    assert goes(licence), package


@pytest.mark.parametrize("licence", ["GPL-3.0-only", "MIT AND AGPL-3.0-only", "SSPL-1.0 OR GPL-2.0-only"])
def test_one_that_does_not_is_found(licence: str) -> None:
    assert not goes(licence)


def test_what_packages_say_themselves_is_what_is_listed() -> None:
    known = licences()
    said = {re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower(): one.metadata for one in distributions()}
    stated = {name: said[name].get("License-Expression") for name in known.keys() & said.keys()}
    assert {name: one for name, one in stated.items() if one is not None and one != known[name]} == {}


def test_the_list_is_the_same_each_time_and_has_the_locks_versions() -> None:
    made = [
        subprocess.run([sys.executable, "deploy/sbom.py"], cwd=ROOT, capture_output=True, check=True).stdout
        for _ in range(2)
    ]
    assert made[0] == made[1]
    assert json.loads(made[0]) == sbom()
    assert {part["name"]: part["version"] for part in sbom()["components"]} == versions()
    assert (sbom()["bomFormat"], sbom()["specVersion"]) == ("CycloneDX", "1.6")


def test_every_threat_that_is_stopped_names_a_test_that_is_there() -> None:
    text = (ROOT / "docs/threats.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| who |")]
    named = [re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row) for row in rows]
    assert named
    for row, found in zip(rows, named, strict=True):
        assert found, row
        for file, test in found:
            assert re.search(rf"^def {test}\(", (ROOT / file).read_text(encoding="utf-8"), re.M), row
