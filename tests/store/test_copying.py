"""A store moved to another database: everything true is there, and everything worked out of it comes out the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select
from sqlmodel import SQLModel

from caseclock.demo.county import County
from caseclock.store_copy import COPIED, FOLDED, OF_THE_MACHINES, NotCopied, copy
from schemas.store.engine import connect, reader, table_of
from schemas.store.erased import OPTION
from schemas.store.tables import Alert, Delivery, Erasure, GoLive, LoggedEvent, Quarantined
from schemas.time.calendar import england
from schemas.time.days import start_of_day
from services.alerts.channels.file import Folder
from services.alerts.reports.acknowledge import acknowledge, listed
from services.alerts.sweep.go_live import set_go_live
from services.alerts.sweep.sweep import Swept, sweep
from services.ingest.intake.intake import take_in
from services.ingest.log.append import verify
from services.ingest.log.erase import erase
from services.ingest.log.guards import guard
from services.ingest.readers.given import Given
from services.timeliness.figures.periods import Period
from services.timeliness.figures.questions import Question, figures_for
from services.timeliness.history.teams import load_teams
from services.timeliness.standards.register import load
from services.timeliness.table.catch_up import catch_up, rebuild
from tests.helpers.databases import content, new_store
from tests.helpers.records import given, merge, record

CALENDAR, REGISTER = england(), load()
TODAY = date(2024, 6, 3)
NOW = start_of_day(TODAY) + timedelta(hours=9)

NewEngine = Callable[[str], Engine]


@pytest.fixture
def new_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NewEngine]:
    """Opens new stores, each a database of its own."""
    opened: list[Engine] = []

    def make(kind: str) -> Engine:
        folder = tmp_path / str(len(opened))
        folder.mkdir()
        opened.append(connect(new_store(kind, folder, request)))
        opened[-1].update_execution_options(**{OPTION: "a key that is kept apart from backups"})
        return opened[-1]

    yield make
    for engine in opened:
        engine.dispose()


def fill(engine: Engine, notices: Path) -> None:
    """A small county lived in: history and live events, some refused, a child erased, managers told and answering."""
    county = [raw for _, raw in County(40, date(2023, 9, 1), TODAY, seed=3)]
    take_in(engine, Given(county[:-200], "county"), history=True, now=NOW - timedelta(days=30))
    take_in(engine, Given([*county[-200:], b"nonsense"], "county"), history=False, now=NOW)
    take_in(engine, given(record("e1", "C1"), merge("m1", "C1", "C2"), record("e2", "C2")), history=False, now=NOW)
    with reader(engine) as connection:
        child = connection.execute(select(table_of(LoggedEvent).c.subject).limit(1)).scalar_one()
    erase(engine, child, "records panel", NOW)
    catch_up(engine, REGISTER, CALENDAR)
    set_go_live(engine, NOW - timedelta(days=20))
    sweep(engine, CALENDAR, NOW - timedelta(days=10))
    sweep(engine, CALENDAR, NOW, [Folder(notices)])
    told = listed(engine)[-1]
    acknowledge(engine, told["alert"], "visit booked", TODAY + timedelta(days=9), NOW)


def rows(engine: Engine, models: tuple[type[SQLModel], ...]) -> dict[str, list[object]]:
    every = content(engine)
    return {table_of(model).name: every[table_of(model).name] for model in models}


@pytest.mark.parametrize(("from_", "to"), [("sqlite", "postgresql"), ("postgresql", "sqlite"), ("sqlite", "sqlite")])
def test_all_that_is_true_is_there_and_all_else_comes_out_equal(
    new_engine: NewEngine, tmp_path: Path, from_: str, to: str
) -> None:
    source, target = new_engine(from_), new_engine(to)
    fill(source, tmp_path / "notices")
    steps: list[tuple[int, int]] = []

    copied = copy(source, target, REGISTER, CALENDAR, lambda done, of: steps.append((done, of)))

    facts = rows(target, COPIED)
    assert facts == rows(source, COPIED)
    filled = (LoggedEvent, Quarantined, Erasure, Alert, Delivery, GoLive)
    assert all(facts[table_of(model).name] for model in filled)
    assert copied.rows == {name: len(some) for name, some in facts.items()}
    assert steps[-1] == (sum(copied.rows.values()),) * 2
    whole = verify(target, copied.head)
    assert whole == verify(source)
    assert whole.result == "whole"
    rebuilt = rebuild(target, REGISTER, CALENDAR)
    assert rebuilt.equal
    assert rebuilt.digest == copied.digest == rebuild(source, REGISTER, CALENDAR).digest
    assert weekly(target) == weekly(source)
    assert listed(target) == listed(source)


def weekly(engine: Engine) -> object:
    period = Period.parse("2024-05")
    return [
        figures_for(engine, REGISTER, CALENDAR, load_teams(None), period, question, "team")
        for question in (Question(NOW), Question(NOW, known_at=NOW - timedelta(days=14)))
    ]


@pytest.mark.parametrize("to", ["postgresql", "sqlite"])
def test_life_goes_on_in_the_copy(new_engine: NewEngine, tmp_path: Path, to: str) -> None:
    source, target = new_engine("sqlite"), new_engine(to)
    fill(source, tmp_path / "notices")
    head = verify(source).checked
    copy(source, target, REGISTER, CALENDAR)
    assert sweep(target, CALENDAR, NOW, [Folder(tmp_path / "notices")]) == Swept()  # nothing is told again
    guard(target)
    again = take_in(target, given(record("e1", "C1"), record("e9", "C9"), b"more nonsense"), history=False, now=NOW)
    assert again == (3, 1, 1, 1)
    assert (verify(target).result, verify(target).checked) == ("whole", head + 1)
    told = listed(target)[-1]
    acknowledge(target, told["alert"], "again", TODAY + timedelta(days=9), NOW)


def test_only_into_an_empty_store(new_engine: NewEngine) -> None:
    source, target = new_engine("sqlite"), new_engine("postgresql")
    take_in(source, given(record("e1")), history=False, now=NOW)
    take_in(target, given(b"nonsense"), history=False, now=NOW)
    before = content(target)
    with pytest.raises(NotCopied, match=r"not empty \(quarantine\): name a new one; nothing was copied"):
        copy(source, target, REGISTER, CALENDAR)
    assert content(target) == before


def test_an_empty_store_too(new_engine: NewEngine) -> None:
    source, target = new_engine("sqlite"), new_engine("postgresql")
    copied = copy(source, target, REGISTER, CALENDAR)
    assert (copied.head, set(copied.rows.values())) == ("", {0})


def test_a_log_that_is_not_whole_is_not_passed_on(new_engine: NewEngine) -> None:
    source, target = new_engine("sqlite"), new_engine("postgresql")
    take_in(source, given(record("e1"), record("e2")), history=False, now=NOW)
    with source.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER event_log_guards_update")
        connection.exec_driver_sql("UPDATE event_log SET known_at = '2020-01-01T00:00:00.000000Z' WHERE seq = 2")
    with pytest.raises(NotCopied, match="not whole: row 2: the chain does not hold"):
        copy(source, target, REGISTER, CALENDAR)
    assert not any(content(target)[table_of(model).name] for model in COPIED)


def test_a_copy_that_fails_half_way_leaves_nothing(new_engine: NewEngine) -> None:
    source, target = new_engine("sqlite"), new_engine("postgresql")
    take_in(source, given(*(record(f"e{n}") for n in range(5))), history=False, now=NOW)
    with source.begin() as connection:
        connection.execute(insert(table_of(GoLive)).values(id=1, at=NOW))

    def interrupt(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy(source, target, REGISTER, CALENDAR, interrupt)
    assert not any(content(target)[table_of(model).name] for model in COPIED)
    assert copy(source, target, REGISTER, CALENDAR).rows["event_log"] == 5


def test_every_table_is_copied_or_made_anew_or_meant_to_stay() -> None:
    known = {table_of(model).name for model in (*COPIED, *FOLDED, *OF_THE_MACHINES)}
    assert known == set(SQLModel.metadata.tables), "say in caseclock/store_copy.py what becomes of the others"
