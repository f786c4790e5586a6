"""Every scenario by the way events really come: into the log one after another, and asked of the log.

The scenarios are told to one database as the children of one county, each event at the moment it became known. What the
log answers about a child must be what the fold makes of the child's events alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine

from schemas.clock import Clock
from schemas.events.event import canonical
from schemas.store.engine import connect
from schemas.time.calendar import england
from services.ingest.intake.intake import take_in
from services.ingest.readers.given import Given as Records
from services.timeliness.figures.questions import Question, clocks_of
from services.timeliness.table.catch_up import catch_up, rebuild
from tests.helpers.databases import DATABASES, new_store
from tests.scenarios.events import Given
from tests.scenarios.language import Scenario, read
from tests.scenarios.runner import FILES, register, told

LATER = datetime(2050, 1, 1, tzinfo=UTC)


def apart(scenario: Scenario, number: int) -> Scenario:
    """The same scenario with children and sources of its own."""
    return replace(
        scenario,
        child=f"S{number}-{scenario.child}",
        given=tuple(Given(_renamed(g.event, number), g.known_at) for g in scenario.given),
    )


def _renamed(event: Any, number: int) -> Any:
    data = event.data
    if event.kind == "child.merged":
        data = msgspec.structs.replace(data, into=f"S{number}-{data.into}")
    source, subject = f"S{number}-{event.source}", f"S{number}-{event.subject}"
    return msgspec.structs.replace(event, source=source, subject=subject, data=data)


@pytest.fixture(scope="module")
def scenarios() -> list[Scenario]:
    every = [scenario for path in FILES for scenario in read(path)]
    return [apart(scenario, number) for number, scenario in enumerate(every)]


@pytest.fixture(scope="module", params=DATABASES)
def engine(
    request: pytest.FixtureRequest, scenarios: list[Scenario], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    made = connect(new_store(request.param, tmp_path_factory.mktemp("county"), request))
    given = sorted((g for s in scenarios for g in s.given), key=lambda g: g.known_at)
    for known_at, together in groupby(given, key=lambda g: g.known_at):
        records = [canonical(g.event) for g in together]
        taken = take_in(made, Records(records, "scenario"), history=False, now=known_at)
        assert taken.accepted == len(records)
    yield made
    made.dispose()


def in_order(clocks: list[Clock]) -> list[Clock]:
    return sorted(clocks, key=lambda clock: (clock.started_on, str(clock.started_at), clock.id))


def test_the_log_answers_as_the_fold_does(scenarios: list[Scenario], engine: Engine) -> None:
    wrong = []
    for scenario in scenarios:
        question = Question(LATER, scenario.known_at, scenario.as_of)
        got = clocks_of(engine, register(), england(), [scenario.child], question)
        got = [clock for clock in got if clock.standard == scenario.standard]
        made, _ = told(scenario, scenario.known_by_then(), scenario.as_of)
        begun = [clock for clock in made if clock.status(question.instant) is not None]
        if in_order(got) != in_order(begun):
            wrong.append((scenario.file, scenario.name, begun, got))
    assert wrong == []


def test_rebuilt_beside_the_live_state_it_is_the_same(engine: Engine) -> None:
    catch_up(engine, register(), england())
    assert rebuild(engine, register(), england()).equal
