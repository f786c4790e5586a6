"""Numbers, days and conditions as a person reads them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from schemas import words
from services.timeliness.explain.triggers import trigger
from services.timeliness.standards.standard import Trigger


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (11, "11th"),
        (12, "12th"),
        (13, "13th"),
        (21, "21st"),
        (45, "45th"),
        (112, "112th"),
        (123, "123rd"),
    ],
)
def test_ordinals(number: int, said: str) -> None:
    assert words.ordinal(number) == said


def test_days_and_instants_are_londons() -> None:
    assert words.day(date(2024, 3, 5)) == "Tue 5 March 2024"
    assert words.instant(datetime(2024, 6, 30, 23, 30, tzinfo=UTC)) == "Mon 1 July 2024 at 00:30"
    assert words.instant(datetime(2024, 1, 1, 9, 0, 7, tzinfo=UTC)) == "Mon 1 January 2024 at 09:00:07"


def test_lists_and_counts() -> None:
    assert words.listing([]) == ""
    assert words.listing(["a"]) == "a"
    assert words.listing(["a", "b", "c"]) == "a, b and c"
    assert [words.count(n, "hour") for n in (1, 2, 0.5)] == ["1 hour", "2 hours", "0.5 hours"]


def test_conditions() -> None:
    rule = Trigger(event="visit.made", where={"seen": True, "method": ["in_person", "video"]}, unless={"by": "duty"})
    assert trigger(rule) == ("visit.made where seen is true and method is in_person or video and by is not duty")
    assert trigger(Trigger(event="case.closed")) == "case.closed"
    assert trigger(Trigger(function="eligible_child_at_16")) == "the rule eligible_child_at_16"
