"""What the returns share: days, yes and no, identities, details that cannot be read, coverage, statements."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.events.chains import settle
from schemas.events.event import CaseEvent, decode
from services.ingest.readers.returns import Fact, Statement, day, events_of, identity, said, spelt, year_to, yes_no


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-31",
        "31/03/2024",
        "2024-03-31T00:00:00",
        "2024-03-31 00:00:00.000",
        "2024-03-31 00:00",
        "31/03/2024 00:00",
        "2024-03-31Z",
        "2024-03-31+01:00",
    ],
)
def test_a_day_is_read_in_every_spelling_the_returns_use(text: str) -> None:
    assert day(text) == date(2024, 3, 31)
    assert spelt(text) == "2024-03-31"


@pytest.mark.parametrize(
    "text", ["", "31-03-2024", "2024-02-30", "30/02/2024", "03/31/2024", "1066-04-13", "2024-03-31T09:30:00", "soon"]
)
def test_what_names_no_day_stays_as_it_stands_to_be_refused(text: str) -> None:
    assert day(text) is None
    assert spelt(text) == text


def test_day_and_month_are_never_exchanged_to_make_a_day() -> None:
    assert day("04/03/2024") == date(2024, 3, 4)
    assert day("3/4/2024") == date(2024, 4, 3)


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("1", True),
        ("true", True),
        ("TRUE", True),
        ("0", False),
        ("false", False),
        ("FALSE", False),
        ("", None),
        ("yes", "yes"),
    ],
)
def test_yes_and_no_as_the_returns_spell_them(text: str, means: object) -> None:
    assert yes_no(text) == means


def test_absent_is_left_out_and_no_is_not() -> None:
    assert said(a=None, b="", c=[], d=False, e=0) == {"d": False, "e": 0}


def test_an_identity_depends_on_child_kind_and_key_and_on_where_one_ends() -> None:
    ids = {
        identity("C1", "visit.made", "2024-03-31"),
        identity("C2", "visit.made", "2024-03-31"),
        identity("C1", "visit.failed", "2024-03-31"),
        identity("C1", "visit.made", "2024-03-31", 1),
        identity("C1", "visit.made", "2024-03-3", "11"),
    }
    assert len(ids) == 5


MADE = datetime(2024, 6, 1, 9, 0, tzinfo=UTC)


def statement(made: datetime = MADE, covers: tuple[date, date] | None = None) -> Statement:
    return Statement("ssda903", ["visit.made"], made, covers)


def fact(on: str = "2024-03-31", **data: object) -> Fact:
    return Fact("C1", "child.registered", on, (), data, 7)


def test_a_fact_becomes_one_event() -> None:
    (raw,) = events_of(fact(on="31/03/2024", sex="male"), statement())
    event = decode(raw)
    assert (event.kind, event.subject, event.source) == ("child.registered", "C1", "ssda903")
    assert event.occurredon == date(2024, 3, 31)
    assert (event.recordedtime, event.replaces) == (MADE, fact().id)


def test_a_detail_that_cannot_be_read_does_not_take_the_fact_along() -> None:
    taken, refused = events_of(fact(born_on="2010-05-05", expected_on="1066-04-13"), statement())
    assert decode(taken).data.born_on == date(2010, 5, 5)
    assert decode(taken).data.expected_on is None
    with pytest.raises(ValueError, match="1066"):
        decode(refused)


def test_a_fact_on_no_day_goes_out_as_it_stands() -> None:
    (refused,) = events_of(fact(on="31-03-2024"), statement())
    assert json.loads(refused)["occurredon"] == "31-03-2024"
    with pytest.raises(ValueError, match="occurredon"):
        decode(refused)


def test_a_return_covers_the_days_it_says() -> None:
    covers = (date(2018, 4, 1), date(2021, 3, 31))
    event = decode(statement(covers=covers).event() or b"")
    assert (event.data.from_on, event.data.to_on, event.data.complete_to) == (*covers, covers[1])
    assert (event.occurredon, event.recordedtime) == (covers[0], MADE)


@pytest.mark.parametrize(("last", "first"), [("2024-03-31", "2023-04-01"), ("2024-02-28", "2023-03-01")])
def test_a_year_ends_on_its_last_day(last: str, first: str) -> None:
    assert year_to(date.fromisoformat(last)) == (date.fromisoformat(first), date.fromisoformat(last))


def test_a_file_in_which_nothing_is_dated_states_nothing() -> None:
    assert statement().event() is None


def test_a_day_after_what_it_covers_is_a_slip_and_is_named() -> None:
    returned = statement(covers=(date(2023, 4, 1), date(2024, 3, 31)))
    for on in ("2024-03-31", "2024-04-01", "2032-05-10", "2019-01-01", "never"):
        returned.take(fact(on=on))
    assert returned.notes() == ["2 dated after 2024-03-31, the last day the return covers: slips, kept and shown"]


# -- statements --------------------------------------------------------------------------------------------------------


def stated(made: str, sex: str, on: str = "2024-03-31") -> CaseEvent:
    """What a return made on a day says of one fact."""
    (raw,) = events_of(fact(on=on, sex=sex), statement(datetime.fromisoformat(f"{made}T09:00:00+00:00")))
    return decode(raw)


def test_each_return_states_the_same_fact_under_an_id_of_its_own() -> None:
    first, second = stated("2024-05-01", "male"), stated("2025-05-01", "male")
    assert first.replaces == second.replaces == fact().id
    assert len({first.id, second.id, fact().id}) == 3
    assert stated("2024-05-01", "male") == first


@given(st.permutations(["2023-05-01", "2024-05-01", "2025-05-01", "2026-05-01"]))
def test_in_any_order_of_import_the_newest_holds(made: list[str]) -> None:
    events = [stated(day, f"sex{day[:4]}") for day in made]
    settled = settle(events)
    (one,) = settled.standing
    assert events[one.at].data.sex == "sex2026"
    assert one.root == fact().id


def test_a_later_return_that_goes_back_to_what_an_earlier_said_holds() -> None:
    events = [stated("2023-05-01", "male"), stated("2024-05-01", "female"), stated("2025-05-01", "male")]
    (one,) = settle(events).standing
    assert events[one.at].data.sex == "male"


def test_a_return_that_says_one_fact_twice_differently_says_it_under_one_id() -> None:
    returned = statement()
    ids = {decode(raw).id for sex in ("male", "female", "male") for raw in events_of(fact(sex=sex), returned)}
    assert len(ids) == 1
