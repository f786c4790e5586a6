"""A register, calendar or teams file that changed is folded before the clock table is asked, or it is said not to be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert

from caseclock.runtime import Rules, by_these_rules, fold, rules
from schemas.store.engine import reader, table_of
from schemas.store.tables import Publication
from services.timeliness.history.teams import load_teams
from services.timeliness.table.progress import states
from tests.helpers.records import NOW
from tests.store.test_project import conference, enquiry, take


def changed(tmp_path: Path, what: str) -> Rules:
    now = rules()
    if what == "register":
        return now._replace(register=replace(now.register, version="england-changed"))
    file = tmp_path / "teams.csv"
    file.write_text("team,division,from_on,to_on\nnorth-assessment-1,Elsewhere,2000-04-01,\n")
    return now._replace(divisions=load_teams(file))


def folded_by(engine: Engine) -> set[str]:
    with reader(engine) as connection:
        return {state.rules.register for state in states(connection)}


@pytest.fixture
def folded(engine: Engine) -> Engine:
    take(engine, enquiry("e"), conference("c"))
    fold(engine, rules())
    return engine


@pytest.mark.parametrize("what", ["register", "teams"])
def test_what_changed_is_folded_first(folded: Engine, tmp_path: Path, what: str) -> None:
    now = changed(tmp_path, what)
    assert by_these_rules(folded, now)
    assert folded_by(folded) == {now.register.version}
    assert by_these_rules(folded, now)


def test_where_workers_keep_it_up_it_is_said_and_left_to_them(folded: Engine, tmp_path: Path) -> None:
    with folded.begin() as connection:
        connection.execute(insert(table_of(Publication)).values(id=1, published_to=0, published_at=NOW))
    now = changed(tmp_path, "register")
    assert not by_these_rules(folded, now)
    assert folded_by(folded) == {rules().register.version}


def test_a_store_of_which_nothing_is_folded_is_left_alone(engine: Engine) -> None:
    assert by_these_rules(engine, rules())
    assert folded_by(engine) == set()
