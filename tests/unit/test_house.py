"""The house: three services, every file in a room, and no circle of imports."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ("alerts", "ingest", "timeliness")
NO_CODE = {"__init__.py", "py.typed"}  # what a package may have that is in no room


def in_no_room(folder: Path) -> Iterator[str]:
    """Finds the files of a folder that lie beside its rooms, whatever their kind."""
    yield from sorted(path.name for path in folder.iterdir() if path.is_file() and path.name not in NO_CODE)


def test_there_are_three_services_and_nothing_beside_them() -> None:
    folders = [path.name for path in (ROOT / "services").iterdir() if path.is_dir() and path.name != "__pycache__"]
    assert sorted(folders) == list(SERVICES)
    assert list(in_no_room(ROOT / "services")) == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_file_of_a_service_is_in_a_room(service: str) -> None:
    assert list(in_no_room(ROOT / "services" / service)) == []
    assert (ROOT / "services" / service / "__init__.py").read_text(encoding="utf-8").count("\nimport") == 0


def test_no_import_leads_back_to_where_it_began() -> None:
    graph = grimp.build_graph("caseclock", "schemas", "services", cache_dir=None)
    modules = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    try:
        TopologicalSorter(modules).prepare()
    except CycleError as wrong:
        pytest.fail("a circle of imports: " + " -> ".join(reversed(wrong.args[1])))
