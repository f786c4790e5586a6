"""Why an earlier figure changed: one cause for each clock, and changes that add up to the figure's."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest

from schemas.clock import Clock
from schemas.time.days import end_of_day
from services.timeliness.figures.kpi import figures
from services.timeliness.figures.periods import Period
from services.timeliness.figures.restated import Change, Comparison, News, Side, changes, sums
from services.timeliness.fold.child import ScopeSpell

WEEKS = [Period.parse(f"2024-W{week:02}") for week in (8, 9)]  # 19 February to 3 March
AS_OF = end_of_day(date(2024, 3, 10))  # the end of W10
SNAPSHOT = {"visit": "recurring", "plan": "must_hold"}
ASKED = Comparison(WEEKS, SNAPSHOT, lambda team, day: team, AS_OF)
DUE = date(2024, 2, 28)  # in W09


def clock(**more: object) -> Clock:
    said = {
        "id": "k1",
        "standard": "s1",
        "child": "C1",
        "started_on": date(2024, 2, 1),
        "due_on": DUE,
        "cause": "e1",
        "team": "red",
    }
    return Clock(**{**said, **more})  # type: ignore[arg-type]


def done(on: date = date(2024, 2, 27), by: str = "e2", **more: object) -> Clock:
    return clock(ended="stopped", ended_on=on, stop_cause=by, **more)


def side(*clocks: Clock, ids: tuple[str, ...] = ("C1",), scopes: tuple[ScopeSpell, ...] = ()) -> Side:
    return Side(clocks, scopes, frozenset(ids))


def news(id: str = "e2", on: date = date(2024, 2, 27), kind: str = "visit.made", **more: str) -> News:
    return News(id, kind, on, **more)


def changed(before: Side, after: Side, *of: News) -> list[Change]:
    return changes("C1", before, after, of, ASKED)


def one(before: Side, after: Side, *of: News) -> Change:
    (found,) = changed(before, after, *of)
    return found


def of_w09(change: Change) -> dict[str, int]:
    """What it changed in W09, whoever's team."""
    found: dict[str, int] = {}
    for (_, _, first, measure), n in change.by.items():
        if first == WEEKS[1].first:
            found[measure] = found.get(measure, 0) + n
    return {measure: n for measure, n in found.items() if n}


def test_done_in_time_and_entered_after_the_week() -> None:
    found = one(side(clock()), side(done(recorded_late=True)), news())
    assert found.cause == "recorded late"
    assert of_w09(found) == {
        "met": 1,
        "missed": -1,
        "completed": 1,
        "completed_in_time": 1,
        "open": -1,
        "overdue": -1,
        "recorded_late": 1,
    }


def test_a_stop_taken_back() -> None:
    found = one(side(done()), side(clock()), news("r1", kind="event.retracted", retracts="e2"))
    assert found.cause == "withdrawn"
    assert of_w09(found)["missed"] == 1


def test_a_stop_put_right() -> None:
    late = done(date(2024, 2, 29), by="e3")
    found = one(side(done()), side(late), news("e3", date(2024, 2, 29), replaces="e2"))
    assert found.cause == "corrected"
    assert of_w09(found)["missed"] == 1


def test_a_start_taken_back_leaves_nothing() -> None:
    found = one(side(clock()), side(), news("r1", kind="event.retracted", retracts="e1"))
    assert (found.cause, found.after) == ("withdrawn", None)
    assert of_w09(found)["due"] == -1


def test_another_team_moves_what_it_counts() -> None:
    found = one(side(clock()), side(clock(team="blue")), news("t1", kind="case.team_set"))
    assert found.cause == "team changed"
    assert {key[1]: n for key, n in found.by.items() if key[3] == "missed"} == {"red": -1, "blue": 1}


def test_a_merge_is_the_cause_whatever_else_came() -> None:
    found = one(side(clock()), side(done(), ids=("C1", "C2")), news(), news("m", kind="child.merged"))
    assert found.cause == "records merged"


def test_a_clock_whose_id_is_another_now_is_one_that_changed_and_not_two() -> None:
    renamed = done(id="k0", cause="e0", aliases="k1 k9")
    found = one(side(clock()), side(renamed), news())
    assert (found.before, found.after, found.cause) == (clock(), renamed, "recorded late")
    assert found == one(side(clock()), side(done(cause="e0")), news())._replace(after=renamed)
    assert changed(side(clock()), side(clock(id="k0", cause="e0", aliases="k1"))) == []


def test_a_withdrawal_counts_before_a_late_entry() -> None:
    """Its first stop was taken back and another one entered late: the first of the causes that is true."""
    found = one(
        side(done(date(2024, 2, 20), recorded_late=False)),
        side(done(date(2024, 2, 29), by="e9")),
        news("r1", kind="event.retracted", retracts="e2"),
        news("e9", date(2024, 2, 29)),
    )
    assert found.cause == "withdrawn"


def test_what_happened_since_and_says_that_it_was_never_owed() -> None:
    void = clock(ended="voided", ended_on=date(2024, 3, 6), stop_cause="e5")
    found = one(side(clock()), side(void), news("e5", date(2024, 3, 6), "enquiry.ended"))
    assert found.cause == "found since"
    assert of_w09(found) == {"due": -1, "missed": -1, "open": -1, "overdue": -1, "voided_late": 1}


@pytest.mark.parametrize(("on", "cause"), [(date(2024, 3, 3), "recorded late"), (date(2024, 3, 4), "found since")])
def test_late_is_what_had_happened_when_the_last_of_the_weeks_ended(on: date, cause: str) -> None:
    void = clock(ended="voided", ended_on=on, stop_cause="e5")
    assert one(side(clock()), side(void), news("e5", on, "enquiry.ended")).cause == cause


def test_a_feed_that_says_otherwise_what_it_carries() -> None:
    found = one(side(clock(unmeasured="the feed does not carry visit.made")), side(clock()))
    assert found.cause == "feed restated"
    assert of_w09(found)["not_measured"] == -1


def test_what_changes_only_this_week_is_not_listed() -> None:
    due = date(2024, 3, 7)
    late = side(done(date(2024, 3, 5), due_on=due))
    assert changed(side(clock(due_on=due)), late, news(on=date(2024, 3, 5))) == []


def test_what_is_the_same_is_not_listed() -> None:
    assert changed(side(done()), side(done()), news("e7")) == []


def test_recurring_clocks_that_only_take_turns_change_nothing_that_stands() -> None:
    """A visit entered late ends one clock and begins the next: still one child, and up to date."""
    was = side(clock(standard="visit", due_on=date(2024, 3, 20)))
    now = side(
        done(date(2024, 2, 26), standard="visit", due_on=date(2024, 3, 20)),
        clock(id="k2", standard="visit", started_on=date(2024, 2, 26), due_on=date(2024, 3, 30), cause="e2"),
    )
    measures = {key[3] for change in changed(was, now, news(on=date(2024, 2, 26))) for key in change.by}
    assert measures == {"completed", "completed_in_time"}


def test_a_gap_closed_late_is_of_the_child_and_not_of_a_clock_alone() -> None:
    """A child has one plan or none, however many gaps: closing the gap puts one more up to date."""
    scope = ScopeSpell("plan", "C1", "red", date(2024, 1, 1), None)
    gap = clock(standard="plan", started_on=date(2024, 2, 20), due_on=date(2024, 2, 20))
    closed = msgspec.structs.replace(gap, ended="stopped", ended_on=date(2024, 2, 22), stop_cause="e2")
    found = changed(side(gap, scopes=(scope,)), side(closed, scopes=(scope,)), news(on=date(2024, 2, 22)))
    assert [change.cause for change in found] == ["recorded late"]
    assert of_w09(found[0])["up_to_date"] == 1


@pytest.mark.parametrize("seed", range(30))
def test_the_changes_add_up_to_the_change_of_the_figures(seed: int) -> None:
    """Whatever differs: figures as known now, less the changes, are the figures as known before."""
    from random import Random

    random = Random(seed)
    scopes = (ScopeSpell("plan", "C1", "red", date(2024, 1, 1), None),)
    was, now = (side(*_made_up(random), scopes=scopes[: random.randint(0, 1)]) for _ in range(2))
    by = sums(changes("C1", was, now, [news()], ASKED))
    assert by == {key: n for key, n in _less(_all(now), _all(was)).items() if n}


def _made_up(random) -> list[Clock]:  # type: ignore[no-untyped-def]
    found = []
    for number in range(random.randint(0, 6)):
        begun = date(2024, 1, 20) + timedelta(days=random.randint(0, 45))
        due = begun + timedelta(days=random.randint(0, 30))
        made = clock(
            id=f"k{number}",
            standard=random.choice(("s1", "visit", "plan")),
            started_on=begun,
            due_on=due,
            team=random.choice(("red", "blue")),
        )
        if random.random() < 0.6:
            made.ended = random.choice(("stopped", "cancelled", "voided"))
            made.ended_on, made.stop_cause = begun + timedelta(days=random.randint(0, 40)), "e2"
        found.append(made)
    return found


def _all(of: Side) -> dict[tuple[object, ...], int]:
    out: dict[tuple[object, ...], int] = {}
    for week in WEEKS:
        for f in figures(of.clocks, of.scopes, SNAPSHOT, week, ASKED.group_of, AS_OF):
            for measure in (
                "due",
                "met",
                "missed",
                "completed",
                "completed_in_time",
                "open",
                "overdue",
                "recorded_late",
                "cancelled",
                "voided",
                "voided_late",
                "not_measured",
                "in_scope",
                "up_to_date",
            ):
                out[f.standard, f.group, week.first, measure] = getattr(f, measure) or 0
    return out


def _less(one, other):  # type: ignore[no-untyped-def]
    return {key: one.get(key, 0) - other.get(key, 0) for key in one.keys() | other.keys()}
