"""How far ahead a team manager may promise."""

from __future__ import annotations

from datetime import date

import pytest

from caseclock.answering import latest_promise
from schemas.time.calendar import england
from services.timeliness.standards.register import load

MONDAY = date(2024, 3, 4)


@pytest.mark.parametrize(
    ("standard", "last"),
    [
        ("referral-decision-1wd", date(2024, 3, 5)),  # its own limit
        ("icpc-15wd", date(2024, 3, 25)),
        ("assessment-45wd", date(2024, 4, 3)),  # 20 working days, over Easter
        ("cp-visit", date(2024, 3, 11)),  # the child must be seen: 5 working days
        ("return-interview-72h", date(2024, 3, 7)),  # 72 hours are 3 days
        ("allocated-qualified", date(2024, 4, 3)),  # what must always hold has no limit to go by
        (None, date(2024, 4, 3)),  # a standard that the register has no longer
    ],
)
def test_the_last_day_that_may_be_promised(standard: str | None, last: date) -> None:
    found = load().standards[standard] if standard else None
    assert latest_promise(found, MONDAY, england()) == last
