"""Duties from which the council is excused, and children of a snapshot for whom nothing was ever done."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from schemas.clock import Clock
from schemas.time.calendar import england
from schemas.time.days import end_of_day
from services.timeliness.figures.kpi import Figure, figures
from services.timeliness.figures.periods import Period
from services.timeliness.fold.child import Folded, fold_child
from services.timeliness.history.facts import fact_of
from services.timeliness.history.history import history
from services.timeliness.standards.register import BadRegister, load, load_states
from tests.scenarios.events import event_of

ENGLAND = load()
DENTAL = """
id: dental-12m
title: A looked-after child sees a dentist every 12 months
force: local
owner: health
starts: {event: dental_check.done}
stops: {event: dental_check.done}
excused: [{event: dental_check.refused}]
while: looked_after
recurring: true
limits: [{from: 2011-04-01, within: 12 months, source: local}]
"""


def told(standard: str, *lines: str, register: Path | None = None) -> Folded:
    standards = load(register).standards if register else ENGLAND.standards
    given = [event_of(line, number) for number, line in enumerate(lines, 1)]
    facts = [fact_of(g.event, g.known_at) for g in given]
    return fold_child([standards[standard]], history("C1", facts, {}), england())


def figure(standard: str, folded: Folded, period: str, as_of: date) -> Figure:
    snapshot = {standard: "recurring"}
    rows = figures(
        folded.clocks, folded.scopes, snapshot, Period.parse(period), lambda team, day: "all", end_of_day(as_of)
    )
    return rows[0] if rows else Figure(standard=standard, group="all", from_on=as_of, to_on=as_of)


@pytest.fixture
def local(tmp_path: Path) -> Path:
    (tmp_path / "dental-12m.yaml").write_text(DENTAL)
    return tmp_path


BEGUN = ("2020-01-06 care.started", "2020-02-03 dental_check.done")


@pytest.mark.parametrize(("refused", "ended"), [("2021-02-03", "excused"), ("2021-02-04", "missed")])
def test_a_recurring_duty_goes_on_from_a_refusal(local: Path, refused: str, ended: str) -> None:
    """On the due day it is excused, the day after it stays missed; either way the next runs from the refusal."""
    folded = told("dental-12m", *BEGUN, f"{refused} dental_check.refused", register=local)
    first, following = folded.clocks
    assert first.status(end_of_day(date(2021, 6, 1))) == ended
    assert (first.ended, first.ended_on, first.stop_cause) == ("excused", date.fromisoformat(refused), "e3")
    assert (following.started_on.isoformat(), following.after_excuse, following.ended) == (refused, True, None)


def test_after_a_refusal_the_child_is_in_scope_and_not_up_to_date(local: Path) -> None:
    folded = told("dental-12m", *BEGUN, "2021-02-03 dental_check.refused", register=local)
    found = figure("dental-12m", folded, "2021-02", date(2021, 6, 1))
    assert (found.due, found.excused, found.in_scope, found.up_to_date) == (0, 1, 1, 0)
    seen = told("dental-12m", *BEGUN, "2021-02-03 dental_check.refused", "2021-02-20 dental_check.done", register=local)
    found = figure("dental-12m", seen, "2021-02", date(2021, 6, 1))
    assert (found.excused, found.in_scope, found.up_to_date) == (1, 1, 1)


def test_a_refusal_on_the_day_it_was_done_says_nothing(local: Path) -> None:
    folded = told("dental-12m", *BEGUN, "2020-02-03 dental_check.refused", register=local)
    assert [clock.ended for clock in folded.clocks] == [None]


PLACED = "2024-01-02 placement.started {placement_id: P1}"


def visits(*lines: str) -> Folded:
    return told("lac-visit-6w", PLACED, *lines)


@pytest.mark.parametrize(
    ("as_of", "period", "stands"),
    [
        (date(2024, 1, 1), "2024-01-01..2024-01-01", (0, 0)),
        (date(2024, 1, 2), "2024-01-02..2024-01-02", (1, 0)),
        (date(2024, 3, 4), "2024-03-04..2024-03-04", (1, 0)),
        (date(2024, 3, 5), "2024-03-05..2024-03-05", (1, 1)),
    ],
)
def test_a_child_never_visited_is_in_the_snapshot_until_the_first_visit(
    as_of: date, period: str, stands: tuple[int, int]
) -> None:
    found = figure("lac-visit-6w", visits("2024-03-05 visit.made {regime: care}"), period, as_of)
    assert (found.in_scope or 0, found.up_to_date or 0) == stands


@pytest.mark.parametrize(
    "line",
    [
        "2024-01-02 placement.changed {placement_id: P1, regime: connected_temporary}",  # a regime that is not measured
        "2024-02-01 placement.ended {placement_id: P1}",
        "2024-02-01 care.ended",
    ],
)
def test_and_only_while_the_duty_is_owed_and_measured(line: str) -> None:
    found = figure("lac-visit-6w", visits(line), "2024-03", date(2024, 3, 31))
    assert not found.in_scope


def test_what_was_done_instead_is_counted_beside_the_missed() -> None:
    folded = told(
        "lac-visit-6w",
        "2020-03-10 placement.started",
        "2020-03-20 visit.made {regime: care}",
        "2020-04-24 visit.made {regime: care, method: video}",
    )
    found = figure("lac-visit-6w", folded, "2020-05", date(2020, 5, 31))
    assert (found.due, found.missed, found.instead) == (1, 1, 1)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("measure: must_not_happen", "excused: what must not happen is no duty to be excused from"),
        ("instead: [{event: dental_check.refused}]", "instead: `says` is needed"),
        ("scope: everybody", "Invalid enum value"),
    ],
)
def test_where_a_key_would_say_nothing_it_is_refused(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "dental-12m.yaml").write_text(DENTAL + line + "\n")
    with pytest.raises(BadRegister, match=said):
        load(tmp_path)


def test_days_the_wrong_way_round_are_refused(tmp_path: Path) -> None:
    turned = DENTAL.replace(
        "{event: dental_check.refused}", "{event: dental_check.refused, from: 2024-02-01, to: 2024-01-01}"
    )
    (tmp_path / "dental-12m.yaml").write_text(turned)
    with pytest.raises(BadRegister, match="excused: `to` 2024-01-01 is before `from` 2024-02-01"):
        load(tmp_path)


def test_a_stay_elsewhere_needs_a_state_of_one_at_a_time(tmp_path: Path) -> None:
    (tmp_path / "states.yaml").write_text(
        "placed:\n  meaning: x\n  opens: [{event: placement.started}]\n  closes: [{event: placement.ended}]\n"
        "  rests: [{event: placement.ended, where: {reason: respite}}]\n"
    )
    with pytest.raises(BadRegister, match="placed: stays, rests: a stay elsewhere needs"):
        load_states(tmp_path)


def test_clock_says_how_it_stands() -> None:
    clock = Clock(
        id="i", standard="s", child="c", started_on=date(2024, 1, 2), due_on=date(2024, 1, 9), cause="e", team="t"
    )
    clock.ended, clock.ended_on = "excused", date(2024, 1, 9)
    assert clock.status(end_of_day(date(2024, 1, 8))) == "running"
    assert clock.status(end_of_day(date(2024, 1, 9))) == "excused"
