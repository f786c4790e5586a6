"""Asked as of an instant: what occurred later is ignored, corrections having been settled first.

Two ways to ask. The log may be folded again without what occurred later (`answers`), or a clock of the whole log may be
asked with `Clock.status`. They agree wherever nothing that happened later says anything about what was before; where it
does (`WITH_HINDSIGHT`) the whole log knows better, and docs/decisions/0055 says why that is right.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from schemas.time.days import end_of_day, london_day
from services.timeliness.figures.questions import Question
from services.timeliness.history.facts import fact_of
from services.timeliness.history.history import in_effect
from services.timeliness.history.merged import ever_joined, one_of
from tests.laws.folds import folded
from tests.laws.stores import store, take
from tests.laws.strategies import Given, absurd, believable, corrected, families, law
from tests.laws.test_law_04_knowing import every_clock

# Day 0 lies before the event that begins the clock; the state is presumed until its beginning is seen.
WITH_HINDSIGHT = {
    "assessment-45wd",
    "assessment-initial-10wd",
    "pathway-assessment-16y3m",
    "cp-visit",
    "core-group-later",
    "cp-review-later-6m",
    "lac-review-second-3m",
    "lac-review-later-6m",
    "lac-visit-6w",
    "lac-visit-placement-1w",
}


def occurred_by(given: list[Given], at: datetime) -> list[Given]:
    """The events in effect that had occurred, each with the versions that it replaced; merges and coverage all."""
    facts = [fact_of(g.event, g.known_at) for g in given]
    kept = set()
    for fact in in_effect(facts, one_of(ever_joined(facts))):
        instant = fact.event.time
        if instant <= at if instant is not None else fact.day <= london_day(at):
            kept |= {(version.source, version.id) for version in (fact.event, *fact.before)}
    unfolded = ("child.merged", "feed.covered")
    return [g for g in given if (g.event.source, g.event.id) in kept or g.event.kind in unfolded]


def a_days_end(given: list[Given], which: int, after: int) -> datetime:
    days = sorted(g.event.day for g in given)
    return end_of_day(days[which % len(days)] + timedelta(days=after))


@given(families(), st.integers(0, 99), st.integers(-1, 40))
@law(25)
def test_the_log_as_of_an_instant_is_a_log_of_what_had_occurred(family: list[Given], which: int, after: int) -> None:
    family = [g for g in family if g.event.kind != "event.retracted" or not _of_merge_or_feed(g, family)]
    if not family:
        return
    at = a_days_end(family, which, after) - timedelta(hours=8)
    with store() as whole, store() as part:
        take(whole, family)
        take(part, occurred_by(family, at))
        assert every_clock(whole, Question(at, as_of=at)) == every_clock(part, Question(at))


def _of_merge_or_feed(retraction: Given, family: list[Given]) -> bool:
    """Whether it withdraws, directly or through others, what as-of says nothing about."""
    by_id = {(g.event.source, g.event.id): g for g in family}
    at: Given | None = retraction
    while at is not None and at.event.retracts:
        at = by_id.get((at.event.source, at.event.retracts))
    return (at is not None and at.event.about != "child") or (at is not None and at.event.kind == "child.merged")


@given(st.one_of(corrected(absurd()), corrected(believable())), st.integers(0, 99), st.integers(-1, 40))
@law(150)
def test_a_clock_of_the_whole_log_says_what_was_true_then(history: list[Given], which: int, after: int) -> None:
    if not history:
        return
    at = a_days_end(history, which, after)
    whole = _statuses(history, at)
    then = _statuses(occurred_by(history, at), at)
    for clock, standard in whole.keys() | then.keys():
        if standard not in WITH_HINDSIGHT:
            assert whole.get((clock, standard)) == then.get((clock, standard)), standard


def _statuses(given: list[Given], at: datetime) -> dict[tuple[str, str], str]:
    return {(c.id, c.standard): status for c in folded(given).clocks if (status := c.status(at)) is not None}
