"""Clocks for the alerts tests, built by hand, with a ladder of two warnings, `missed` and one escalation."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Engine, delete, insert

from schemas.clock import Clock
from schemas.kafka.shards import SHARDS
from schemas.store.engine import table_of, write_rows
from schemas.store.tables import ClockRow, Generation, Progress
from schemas.time.calendar import england
from schemas.time.days import ONE_DAY, iso, parse_moment, start_of_day
from services.alerts.ladder.ladder import reason_to_tell
from services.alerts.ladder.model import NOTHING_TOLD, AlertHistory, Policy, Promise, Reason, Watched

CALENDAR = england()
DUE = date(2024, 3, 5)  # a Tuesday


def at(text: str) -> datetime:
    """An instant from `2024-03-06`, its noon in London, or from anything with a zone."""
    return start_of_day(date.fromisoformat(text)) + timedelta(hours=12) if len(text) == 10 else parse_moment(text)


def ladder(due: date) -> tuple[tuple[str, datetime], ...]:
    """Warnings 5 and 2 working days before, missed once the day has ended, and 5 working days after."""
    return (
        ("due_soon_5wd", start_of_day(CALENDAR.working_days_before(due, 5))),
        ("due_soon_2wd", start_of_day(CALENDAR.working_days_before(due, 2))),
        ("missed", start_of_day(due + ONE_DAY)),
        ("still_missed_5wd", start_of_day(CALENDAR.add_working_days(due, 5))),
    )


def watched(due: date | None = DUE, *, team: str = "north", **more: Any) -> Watched:
    """A visit clock, running unless `ended`; as the clock table holds it, rungs only while it runs."""
    plain: dict[str, Any] = {
        "id": "k1",
        "standard": "cp-visit",
        "child": "CHILD-1",
        "started_on": date(2024, 2, 1),
        "cause": "e1",
        "team": team,
        "due_on": due,
    }
    rungs = more.pop("rungs", ladder(due) if due is not None else ())
    clock = Clock(**(plain | more))
    return Watched(clock, team, rungs if clock.ended is None else ())


def stopped(on: date, **more: Any) -> Watched:
    return watched(ended="stopped", ended_on=on, **more)


class Story:
    """One clock's life: ask again and again, as the sweep does, and keep what was told."""

    def __init__(self, policy: Policy | None = None) -> None:
        self.told, self.policy = NOTHING_TOLD, policy or Policy()
        self.reasons: list[Reason] = []

    def ask(self, when: str | datetime, clock: Watched | None, policy: Policy | None = None) -> list[str]:
        """The rungs told at this look, in order."""
        now = at(when) if isinstance(when, str) else when
        before = len(self.reasons)
        while reason := reason_to_tell(clock, self.told, policy or self.policy, now):
            assert len(self.reasons) - before < 2, "a look tells a clearing and one thing more, at most"
            self.told = self.told.plus(reason, now)
            self.reasons.append(reason)
        return [reason.rung for reason in self.reasons[before:]]

    @property
    def last(self) -> Reason:
        return self.reasons[-1]

    def promise(self, when: str | datetime, by: date) -> None:
        made = Promise(by, at(when) if isinstance(when, str) else when, self.told.spell)
        self.told = AlertHistory(self.told.rungs, (*self.told.promises, made))


def store_clocks(engine: Engine, clocks: Iterable[Watched], folded_to: int = 0) -> None:
    """Make these the live clocks: generation 1, and nothing else in it."""
    rows = [_row(clock) for clock in clocks]
    with engine.begin() as connection:
        connection.execute(delete(table_of(ClockRow)))
        connection.execute(delete(table_of(Generation)))
        write_rows(connection, ClockRow, rows)
        connection.execute(delete(table_of(Progress)))
        connection.execute(insert(table_of(Generation)).values(id=1, live=1))
        by = {"register_version": "r", "calendar_version": "c"}
        write_rows(
            connection,
            Progress,
            [{"generation": 1, "shard": shard, "folded_to": folded_to, **by} for shard in range(SHARDS)],
        )


def _row(clock: Watched) -> dict[str, Any]:
    rungs = [[rung, iso(when)] for rung, when in clock.rungs]
    return {
        **msgspec.structs.asdict(clock.clock),
        "generation": 1,
        "team_now": clock.team_now,
        "rungs": json.dumps(rungs) if rungs else None,
        "division": "North",
        "settled": clock.clock.ended is not None,
        "first_rung_at": clock.rungs[0][1] if clock.rungs else None,
    }
