"""Every scenario of tests/scenarios, one test each. The language: docs/scenarios.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.scenarios.events import CLAUSES
from tests.scenarios.language import CLOCK_KEYS, KEYS, STATUSES, Scenario, read
from tests.scenarios.runner import FILES, problems, register


@pytest.mark.parametrize(
    "scenario", [pytest.param(s, id=f"{path.stem}: {s.name}") for path in FILES for s in read(path)]
)
def test_scenario(scenario: Scenario) -> None:
    if found := problems(scenario):
        pytest.fail("\n".join(found), pytrace=False)


def test_every_standard_has_scenarios_and_every_scenario_a_standard() -> None:
    named = {path.stem for path in FILES}
    assert not set(register().standards) - named, "a standard without a file of scenarios"
    for path in FILES:
        standards = {scenario.standard for scenario in read(path)}
        assert standards <= set(register().standards), path.name
        if path.stem in register().standards:
            assert standards == {path.stem}, path.name


def test_the_examples_of_the_page_hold(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```yaml\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 3
    (tmp_path / "scenarios.yaml").write_text("\n".join(blocks), encoding="utf-8")
    assert [found for s in read(tmp_path / "scenarios.yaml") if (found := problems(s))] == []


def test_the_page_names_every_key() -> None:
    page = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text(encoding="utf-8")
    for key in {*KEYS, *CLOCK_KEYS, *STATUSES, *CLAUSES}:
        assert f"`{key}" in page, f"docs/scenarios.md does not say what {key} is"
