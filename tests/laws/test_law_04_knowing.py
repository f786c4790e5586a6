"""Law 4: as known at T is the fold of what was known by T."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from schemas.clock import Clock
from schemas.time.days import start_of_day
from services.timeliness.figures.kpi import Figure
from services.timeliness.figures.periods import Period
from services.timeliness.figures.questions import Question, clocks_of, figures_for
from services.timeliness.history.teams import load_teams
from tests.laws.stores import CALENDAR, register, store, take
from tests.laws.strategies import LONG_AFTER, Given, families, law

CHILDREN = ["C1", "C2", "C3", "never heard of"]
DIVISIONS = load_teams()


def every_clock(engine: Engine, question: Question) -> list[Clock]:
    return clocks_of(engine, register(), CALENDAR, CHILDREN, question)


def every_figure(engine: Engine, question: Question) -> list[Figure]:
    period = Period(datetime(2011, 1, 1, tzinfo=UTC).date(), datetime(2028, 12, 31, tzinfo=UTC).date())
    return figures_for(engine, register(), CALENDAR, DIVISIONS, period, question, by="team")


@given(families(), st.integers(0, 99), st.integers(-1, 1))
@law(30)
def test_as_known_at_a_moment_is_the_fold_of_what_was_known_by_then(
    family: list[Given], which: int, beside: int
) -> None:
    moments = sorted({g.event.recordedtime or start_of_day(g.event.day) for g in family})
    at = moments[which % len(moments)] + timedelta(microseconds=beside) if moments else LONG_AFTER
    # History is known from when it was recorded; what has no such time, from the import.
    by_then = [g for g in family if (g.event.recordedtime or LONG_AFTER) <= at]
    with store() as whole, store() as part:
        take(whole, family, history=True)
        take(part, by_then, history=True)
        asked, plain = Question(LONG_AFTER, known_at=at), Question(LONG_AFTER)
        assert every_clock(whole, asked) == every_clock(part, plain)
        assert every_figure(whole, asked) == every_figure(part, Question(LONG_AFTER, known_at=LONG_AFTER))


@given(families())
@law(15)
def test_what_is_kept_answers_as_the_whole_log_does(family: list[Given]) -> None:
    """Without a past moment the clock table answers; it must say what the log says."""
    from tests.laws.stores import fold

    with store() as engine:
        take(engine, family, history=True)
        fold(engine)
        kept = every_figure(engine, Question(LONG_AFTER))
        assert kept == every_figure(engine, Question(LONG_AFTER, known_at=LONG_AFTER))
