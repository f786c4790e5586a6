"""Law 14: what was published is reproduced the same whatever comes after it, and all that differs now is explained: the
effects of the changes add up to the difference, in every group and measure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from caseclock.audit.freeze import freeze
from caseclock.audit.publications import find, forget, lines_of
from caseclock.audit.reproduce import reproduce
from caseclock.audit.restate import restate
from caseclock.audit.shown import published_figures, shown
from caseclock.erasing import ids_of
from caseclock.runtime import Rules
from schemas.store.engine import reader
from schemas.time.days import end_of_day, london_day
from services.ingest.log.erase import Erasing, erase
from services.timeliness.figures.kpi import Figure
from services.timeliness.figures.lines import MEASURES, By
from services.timeliness.figures.periods import Period
from services.timeliness.figures.questions import Question, figures_for
from services.timeliness.history.teams import load_teams
from tests.laws.stores import CALENDAR, register, store, take
from tests.laws.strategies import LONG_AFTER, Given, families, law

RULES = Rules(register(), CALENDAR, load_teams())
AT = datetime(2039, 1, 1, tzinfo=UTC)
EACH_BY: tuple[By, ...] = ("county", "division", "team")


def asked(family: list[Given], which: int, days: int) -> tuple[Period, datetime]:
    """A period around an event, as of some days after it ends."""
    first = family[which % len(family)].event.day if family else london_day(AT)
    period = Period(first - timedelta(days=20), first + timedelta(days=40))
    return period, end_of_day(period.last + timedelta(days=days))


def figures_now(engine: Engine, period: Period, as_of: datetime, by: By) -> list[Figure]:
    return figures_for(engine, RULES.register, CALENDAR, RULES.divisions, period, Question(LONG_AFTER, as_of=as_of), by)


def counted(found: list[Figure]) -> dict[tuple[str, str, str], int]:
    return {(f.standard, f.group, m): n for f in found for m in MEASURES if (n := getattr(f, m) or 0)}


@given(families(), st.integers(0, 99), st.integers(0, 60), st.integers(0, 99), st.booleans())
@law(16)
def test_published_figures_are_the_sum_of_lines_reproduced_and_explained(
    family: list[Given], which: int, cut: int, days: int, history: bool
) -> None:
    period, as_of = asked(family, which, days % 30 - 15)
    first, later = family[: cut % (len(family) + 1)], family[cut % (len(family) + 1) :]
    with store() as engine:
        take(engine, first, now=AT, history=True)
        name = freeze(engine, RULES, period, as_of, "a test", AT).shown.publication
        with reader(engine) as connection:
            kept, lines = find(connection, name), list(lines_of(connection, name))
        for by in EACH_BY:
            assert published_figures(lines, kept.shapes, period, by) == figures_now(engine, period, as_of, by)
        take(engine, later, history=history)
        again, _ = reproduce(engine, name)
        assert (again.result, again.differences) == ("same", [])
        assert again.lines_same == again.lines == len(lines)
        restated = restate(engine, RULES, name)
        assert not restated.left, "what no change explains"
        for by in EACH_BY:
            _adds_up(engine, restated, period, as_of, by)


def _adds_up(engine: Engine, restated, period: Period, as_of: datetime, by: By) -> None:
    found = shown(restated, {}, by)
    now = counted(figures_now(engine, period, as_of, by))
    assert {(f.standard, f.group, f.measure): f.now for f in found.figures if f.now} == now
    effect: dict[tuple[str, str, str], int] = {}
    for change in found.changes:
        for one in change.effect:
            key = change.standard, one.group, one.measure
            effect[key] = effect.get(key, 0) + one.n
    for figure in found.figures:
        assert figure.published + effect.pop((figure.standard, figure.group, figure.measure), 0) == figure.now
    assert not any(effect.values())


def _forget_lines(connection: Connection, erasing: Erasing) -> None:
    forget(connection, erasing.ids, erasing.others, erasing.names.within)


@given(families(), st.integers(0, 99), st.sampled_from(["C1", "C2", "C3"]), st.integers(0, 60))
@law(10)
def test_after_an_erasure_the_published_total_stays_and_the_rest_is_reproduced(
    family: list[Given], which: int, child: str, cut: int
) -> None:
    period, as_of = asked(family, which, 3)
    first, later = family[: cut % (len(family) + 1)], family[cut % (len(family) + 1) :]
    with store() as engine:
        take(engine, first, now=AT, history=True)
        kept = freeze(engine, RULES, period, as_of, "a test", AT)
        before = figures_now(engine, period, as_of, "team")
        take(engine, later)
        erase(engine, child, "a panel", LONG_AFTER, ids_of, [_forget_lines])
        with reader(engine) as connection:
            lines = list(lines_of(connection, kept.shown.publication))
        assert not any(line.line is not None and line.line.child == child for line in lines)
        assert published_figures(lines, kept.shapes, period, "team") == before
        again, _ = reproduce(engine, kept.shown.publication)
        assert (again.result, again.differences) == ("same", [])
        assert again.lines_same + again.lines_erased == again.lines
        restated = restate(engine, RULES, kept.shown.publication)
        assert not restated.left
        assert "software fixed" not in {change.cause for change in restated.changes}
        _adds_up(engine, restated, period, as_of, "team")
