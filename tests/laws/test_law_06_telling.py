"""Law 6: a rung is told at most once, and at least once if it stayed true while anybody looked.

With routes what can wait is told in the digest of a working day, so it has to have stayed true until one was written.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from schemas.clock import Clock
from schemas.store.engine import reader, table_of
from schemas.store.tables import Alert, DigestDay, Telling
from schemas.time.days import start_of_day
from services.alerts.message.desk import MessageContext
from services.alerts.sweep.sweep import sweep
from services.timeliness.figures.questions import stored_clocks
from services.timeliness.fold.rungs import rungs
from tests.helpers.alert_routes import URGENT_VISITS, desk
from tests.laws.stores import CALENDAR, fold, register, store, take
from tests.laws.strategies import Given, absurd, believable, corrected, law

ALERT = table_of(Alert)
Rung = tuple[str, datetime]


class Watch:
    """Looks at a store as days go by, and remembers what was true each time."""

    def __init__(self, engine: Engine, desk: MessageContext) -> None:
        self.engine, self.desk = engine, desk
        self.told_before: set[str] = set()
        self.digests = 0

    def look(self, now: datetime) -> None:
        sweep(self.engine, CALENDAR, now, desk=self.desk)
        with reader(self.engine) as connection:
            alerts = connection.execute(select(ALERT)).all()
            clocks = list(stored_clocks(connection))
            digests = len(connection.execute(select(table_of(DigestDay))).all())
            tellings = connection.execute(select(table_of(Telling))).all()
        assert self.told_before <= {a.id for a in alerts}, "what was told stays told"
        self.told_before = {a.id for a in alerts}
        self._at_most_once(alerts)
        assert {t.alert for t in tellings} == {a.id for a in alerts if not a.skipped}, "told is in a notice"
        everything, self.digests = self.desk.routes is None or digests > self.digests, digests
        if not everything:
            return
        for clock in clocks:
            self._at_least_once(clock, [a for a in alerts if a.clock == clock.id], now)

    def _at_most_once(self, alerts: list) -> None:
        times = Counter((a.clock, a.due_on, a.rung, a.spell) for a in alerts)
        assert set(times.values()) <= {1}
        for clock in {a.clock for a in alerts}:
            spells = sorted({a.spell for a in alerts if a.clock == clock})
            cleared = [a.spell for a in alerts if a.clock == clock and a.rung == "cleared"]
            assert spells in ([*range(1, len(spells) + 1)],), "a spell follows only on a clearing"
            assert sorted(cleared) == [*range(1, len(cleared) + 1)]
            assert len(cleared) in (len(spells), len(spells) - 1)

    def _at_least_once(self, clock: Clock, alerts: list, now: datetime) -> None:
        """What the ladder of a clock has come to by now, if that is true, somebody was told: the latest rung, in the
        spell that lasts. What is over was taken back."""
        spell = 1 + sum(a.rung == "cleared" for a in alerts)
        told = {a.rung for a in alerts if a.spell == spell and a.due_on == clock.due_on and not a.skipped}
        status = clock.status(now)
        come = [name for name, at in rungs(register().standards[clock.standard], clock, CALENDAR) if at <= now]
        bad = {rung for rung in told if not rung.startswith("due_soon")}
        if status == "overdue" and not clock.prohibits:
            assert bad, f"overdue and nobody was told: {clock}"
            ladder = [name for name in come if "missed" in name]
            assert not ladder or ladder[-1] in told | {"handed_over"} or told & monthly(told), (ladder, told)
        elif status in ("running", "due_soon"):
            assert bad <= {"booked_late"}
            if come and clock.booked_on is None:
                assert come[-1] in told
        else:
            assert not bad, f"{status}, and not taken back: {clock}"


def monthly(told: set[str]) -> set[str]:
    return {rung for rung in told if rung.startswith("monthly_")}


@given(
    st.one_of(corrected(absurd(), max_size=4), believable()),
    st.lists(st.integers(1, 40), min_size=2, max_size=8),
    st.sampled_from((0.0, 9.0, 23.99)),
    st.sampled_from((MessageContext(), desk(), desk(urgent=URGENT_VISITS))),
)
@law(36)
def test_every_rung_is_told_once_while_it_is_true(
    history: list[Given], gaps: list[int], hour: float, by: MessageContext
) -> None:
    """Events come as they become known, at times nobody looks for weeks; each look folds, then sweeps."""
    waiting = sorted(history, key=lambda g: g.known_at)
    if not waiting:
        return
    day = waiting[0].event.day
    with store() as engine:
        watch = Watch(engine, by)
        for gap in gaps:
            day += timedelta(days=gap)
            now = start_of_day(day) + timedelta(hours=hour)
            arrived = [g for g in waiting if g.known_at <= now]
            waiting = [g for g in waiting if g.known_at > now]
            take(engine, arrived, now=now)
            fold(engine)
            watch.look(now)
            watch.look(now)  # at once again: nothing new to tell
