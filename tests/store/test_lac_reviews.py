"""The three `lac-review-*` standards on the 903 folder: the product's clocks against a second computation, clock by
clock. Neither uses the other's functions; what they share is the folder and the published bank holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from schemas.clock import Clock
from schemas.store.engine import connect, reader
from schemas.time.calendar import england
from schemas.time.days import end_of_day
from services.ingest.intake.intake import take_in
from services.ingest.readers.formats import open_reader
from services.timeliness.figures.questions import Question, clocks_of, stored_clocks
from services.timeliness.standards import register
from services.timeliness.table.catch_up import catch_up
from tests.store.lac_reviews_by_hand import FIRST, LATER, SECOND, Row, by_hand, table

AS_OF = date(2020, 12, 31)
SPAN = (date(2015, 1, 1), AS_OF)
OPEN = {"running": "open", "due_soon": "open"}  # not past due: whether it is soon is another matter


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, shared_data: Path):
    engine = connect(f"sqlite:///{tmp_path_factory.mktemp('reviews')}/reviews.db")
    now = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
    take_in(engine, open_reader(shared_data / "ssda903", covers=(SPAN[0], date(2030, 12, 31))), history=True, now=now)
    catch_up(engine, register.load(), england())
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def expected(shared_data: Path) -> set[Row]:
    holidays = shared_data / "bank_holidays" / "england_and_wales.csv"
    return by_hand(shared_data / "ssda903", holidays, *SPAN, AS_OF)


def rows(clocks: list[Clock]) -> set[Row]:
    """The clocks asked about, as the second computation gives them."""
    return {
        Row(clock.child, clock.standard, clock.started_on, clock.due_on, _stopped(clock), OPEN.get(status, status))
        for clock in clocks
        if clock.standard in (FIRST, SECOND, LATER) and SPAN[0] <= clock.started_on <= SPAN[1]
        if (status := clock.status(end_of_day(AS_OF))) is not None
    }


def _stopped(clock: Clock) -> date | None:
    return clock.ended_on if clock.ended == "stopped" and clock.ended_on <= AS_OF else None


def differing(product: set[Row], hand: set[Row]) -> str:
    lines = [f"{len(product)} of the product, {len(hand)} by hand, {len(product & hand)} of both"]
    lines += [f"product only: {row}" for row in sorted(product - hand, key=str)[:5]]
    lines += [f"by hand only: {row}" for row in sorted(hand - product, key=str)[:5]]
    return "\n".join(lines)


def test_there_is_much_to_compare(expected: set[Row]) -> None:
    assert len(expected) > 6_000
    assert {row.standard for row in expected} == {FIRST, SECOND, LATER}
    assert {row.status for row in expected} >= {"met", "missed", "overdue", "open", "cancelled"}


def test_the_clock_table_equals_the_second_computation(engine: Engine, expected: set[Row]) -> None:
    with reader(engine) as connection:
        found = rows(list(stored_clocks(connection)))
    assert not found ^ expected, differing(found, expected)


def test_asking_as_of_the_day_gives_the_same(engine: Engine, expected: set[Row], shared_data: Path) -> None:
    children = sorted({row["CHILD"] for row in table(shared_data / "ssda903" / "episodes.csv")})
    question = Question(now=datetime(2026, 11, 2, tzinfo=UTC), as_of=end_of_day(AS_OF))
    found = rows(clocks_of(engine, register.load(), england(), children, question))
    assert not found ^ expected, differing(found, expected)
