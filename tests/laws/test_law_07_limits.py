"""Law 7: no clock without a limit in force on its day 0."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from services.timeliness.fold.clocks import clocks
from services.timeliness.history.facts import fact_of
from services.timeliness.history.history import history
from services.timeliness.standards.compiled import compile_standard
from services.timeliness.standards.register import england, load_states
from services.timeliness.standards.standard import StandardFile
from tests.laws.folds import folded
from tests.laws.stores import CALENDAR, register
from tests.laws.strategies import Given, absurd, believable, corrected, law, make

STATES = load_states(england())
FIRST = date(2015, 1, 1)


def in_force(entries: Any, day: date) -> str | None:
    """The plain limit on a day, read from the file: the last that has come, unless it ends the rule."""
    come = [e for e in entries if e.from_on <= day and not (e.given or e.after)]
    last = max(come, key=lambda e: e.from_on, default=None)
    return None if last is None or last.within == "none" else last.within or last.before


@given(st.one_of(corrected(absurd()), corrected(believable())))
@law(150)
def test_every_clock_of_england_has_a_limit_in_force_on_its_day_0(history: list[Given]) -> None:
    for clock in folded(history).clocks:
        assert in_force(register().standards[clock.standard].file.limits, clock.started_on), clock


def standard_with(limits: list[dict[str, Any]]) -> Any:
    raw = {
        "id": "made",
        "title": "made",
        "force": "local",
        "owner": "nobody",
        "starts": {"event": "contact.received"},
        "stops": {"event": "contact.decided"},
        "match": "contact_id",
        "again": "another",
        "limits": limits,
    }
    return compile_standard(msgspec.convert(raw, StandardFile), STATES)


@given(
    st.dictionaries(
        st.integers(0, 60), st.sampled_from(["none", "3 days", "1 week", "10 days"]), min_size=1, max_size=5
    ).filter(lambda changes: set(changes.values()) != {"none"}),  # which is refused
    st.integers(0, 80),
)
@law(150)
def test_limits_come_and_go_by_their_dates(changes: dict[int, str], after: int) -> None:
    limits = [{"from": FIRST + timedelta(days=n), "within": within, "source": "made"} for n, within in changes.items()]
    standard = standard_with(limits)
    day = FIRST + timedelta(days=after)
    contact = make("e1", "contact.received", day, {"contact_id": "X1", "source": "police", "reason": "worry"})
    made = clocks(standard, history("C1", [fact_of(*contact)], {}), CALENDAR)
    newest = max((n for n in changes if n <= after), default=None)
    if newest is None or changes[newest] == "none":
        assert made == []
    else:
        lasts = {"3 days": 3, "1 week": 7, "10 days": 10}[changes[newest]]
        assert [(c.started_on, c.due_on) for c in made] == [(day, day + timedelta(days=lasts))]
