"""Returns imported one after another: corrections, files that contradict themselves, withdrawals, erasure."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from schemas.events.event import trusted
from schemas.store.engine import reader, table_of
from schemas.store.tables import LoggedEvent, Quarantined
from services.ingest.intake.intake import Taken, take_in
from services.ingest.log.append import verify
from services.ingest.log.erase import erase
from services.ingest.readers.formats import open_reader
from services.timeliness.history.facts import fact_of
from services.timeliness.history.history import in_effect

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


class Store:
    """A database of its own, and census files written into it. `children` are (closing day, reason)."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.folder, self.engine = folder, engine

    def census(self, *children: tuple[str, str], serial: int = 1) -> Taken:
        """Imports a census, one submission of a year, in which C1 stands once for each of `children`."""
        listed = "".join(
            "<Child><ChildIdentifiers><LAchildID>C1</LAchildID><PersonBirthDate>2012-05-06</PersonBirthDate>"
            "</ChildIdentifiers><CINdetails><CINreferralDate>2021-03-01</CINreferralDate>"
            f"<CINclosureDate>{day}</CINclosureDate><ReasonForClosure>{reason}</ReasonForClosure>"
            "</CINdetails></Child>"
            for day, reason in children
        )
        header = (
            "<Header><CollectionDetails><ReferenceDate>2022-03-31</ReferenceDate></CollectionDetails>"
            f"<Source><LEA>926</LEA><SerialNo>{serial}</SerialNo></Source></Header>"
        )
        (self.folder / "census.xml").write_text(f"<Message>{header}<Children>{listed}</Children></Message>")
        return take_in(self.engine, open_reader(self.folder / "census.xml"), history=False, now=NOW)

    def events(self, raw: str) -> Taken:
        (self.folder / "events.ndjson").write_text(raw + "\n")
        return take_in(self.engine, open_reader(self.folder / "events.ndjson"), history=False, now=NOW)

    def closed(self) -> list[tuple[date, str]]:
        """The closures in effect."""
        with reader(self.engine) as connection:
            payloads = connection.execute(select(table_of(LoggedEvent).c.payload)).scalars().all()
        facts = in_effect([fact_of(trusted(payload), NOW) for payload in payloads if payload is not None])
        return [(fact.day, fact.data.reason) for fact in facts if fact.kind == "case.closed"]

    def closure_id(self) -> str:
        with reader(self.engine) as connection:
            log = table_of(LoggedEvent)
            return connection.execute(select(log.c.id).where(log.c.type == "case.closed")).scalars().all()[-1]

    def codes(self) -> list[str]:
        with reader(self.engine) as connection:
            return list(connection.execute(select(table_of(Quarantined).c.code)).scalars())


@pytest.fixture
def store(tmp_path: Path, engine: Engine) -> Store:
    return Store(tmp_path, engine)


def test_a_later_submission_holds_and_an_earlier_takes_nothing_back(store: Store) -> None:
    first, second = ("2021-09-01", "RC8"), ("2021-09-30", "RC8")
    assert store.census(first).accepted == 4  # who, referral, closure, coverage
    assert store.census(second, serial=2).accepted == 4  # each a statement of its own
    assert store.closed() == [(date(2021, 9, 30), "RC8")]
    assert store.census(second, serial=2).accepted == 0
    assert store.census(first).accepted == 0
    assert store.closed() == [(date(2021, 9, 30), "RC8")]
    assert store.census(first, serial=3).accepted == 4
    assert store.closed() == [(date(2021, 9, 1), "RC8")]
    assert verify(store.engine).result == "whole"


def test_of_two_submissions_the_later_holds_though_it_came_first(store: Store) -> None:
    store.census(("2021-09-30", "RC8"), serial=2)
    store.census(("2021-09-01", "RC8"), serial=1)
    assert store.closed() == [(date(2021, 9, 30), "RC8")]


def test_a_file_that_contradicts_itself_is_a_conflict_and_never_flaps(store: Store) -> None:
    twice = (("2021-09-01", "RC8"), ("2021-09-01", "RC9"))
    assert store.census(*twice).rejected == 1
    whole = verify(store.engine)
    for _ in range(2):
        assert store.census(*twice).accepted == 0
        assert verify(store.engine) == whole
        assert store.closed() == [(date(2021, 9, 1), "RC8")]
    assert store.codes() == ["conflict"]


def test_a_child_listed_twice_alike_is_listed_once(store: Store) -> None:
    store.census(("2021-09-01", "RC7"))
    assert store.census(("2021-09-01", "RC8"), ("2021-09-01", "RC8"), serial=2).rejected == 0
    assert store.closed() == [(date(2021, 9, 1), "RC8")]


def test_what_was_withdrawn_stays_so_until_a_later_return_says_it_again(store: Store) -> None:
    store.census(("2021-09-01", "RC8"))
    taken = store.events(
        '{"specversion":"1.0","id":"r1","source":"cin-census/926","type":"event.retracted","subject":"C1",'
        f'"occurredon":"2021-10-01","retracts":"{store.closure_id()}"}}'
    )
    assert taken.accepted == 1
    assert store.census(("2021-09-01", "RC8")).accepted == 0
    assert store.closed() == []
    store.census(("2021-09-01", "RC8"), serial=2)
    assert store.closed() == [(date(2021, 9, 1), "RC8")]


def test_an_erased_child_does_not_come_back_by_importing_again(store: Store) -> None:
    store.census(("2021-09-01", "RC8"))
    erase(store.engine, "C1", "asked for", NOW)
    assert store.census(("2021-09-01", "RC8")).accepted == 0
    assert store.closed() == []
