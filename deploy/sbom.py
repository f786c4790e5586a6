"""Prints what a release is made of, as CycloneDX 1.6: every package that runs, by exact version, with its licence.

`python deploy/sbom.py > caseclock.cdx.json`. The same lock and licences give the same bytes: no clock and no chance.
"""

import csv
import json
import re
import sys
import tomllib
import uuid
from pathlib import Path
from typing import Any

HOME = Path(__file__).parents[1]
sys.path.insert(0, str(HOME))  # run as a file, as the release does

from deploy.locked import locked  # noqa: E402

RUNS = ("stream", "notify", "pack")
NAMES = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")  # of addresses, in RFC 9562


def licences() -> dict[str, str]:
    """Returns each package's licence, as an SPDX expression."""
    with (HOME / "deploy/licences.csv").open(encoding="utf-8", newline="") as file:
        return {row["package"]: row["licence"] for row in csv.DictReader(file)}


def versions() -> dict[str, str]:
    """Returns what runs with every extra, by name, with its version."""
    return dict(re.findall(r"^([\w.-]+)==([^\s;]+)", locked(RUNS), re.M))


def sbom() -> dict[str, Any]:
    """Returns the list. Raises KeyError for a package whose licence is not in deploy/licences.csv."""
    project = tomllib.loads((HOME / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    known = licences()
    own = {"name": project["name"], "version": project["version"]}
    parts = [_part(name, version, known[name]) for name, version in sorted(versions().items())]
    serial = uuid.uuid5(NAMES, json.dumps([own, parts]))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": "caseclock", **own, "licenses": _licence("MIT")}},
        "components": parts,
    }


def _part(name: str, version: str, licence: str) -> dict[str, Any]:
    purl = f"pkg:pypi/{name}@{version}"
    said = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
    return {**said, "licenses": _licence(licence)}


def _licence(spdx: str) -> list[dict[str, Any]]:
    return [{"expression": spdx}]


if __name__ == "__main__":
    print(json.dumps(sbom(), indent=1))
