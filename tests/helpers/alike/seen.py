"""A store as it is read once for all the references."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Engine, select, true
from sqlalchemy import Row as SqlRow

from schemas.clock import Clock
from schemas.store import tables
from schemas.store.engine import reader, table_of
from schemas.time.days import london_day
from services.timeliness.figures.questions import SCOPE, live_generation, stored_clocks
from services.timeliness.fold.child import ScopeSpell
from services.timeliness.history.teams import Divisions, load_teams
from tests.laws.stores import CALENDAR, register

Row = tuple[Any, ...]
DIVISIONS = load_teams()


class Seen(NamedTuple):
    """`rows`: by table. `clocks`: with `team_now` of each by id."""

    engine: Engine
    now: datetime
    today: date
    clocks: list[Clock]
    scopes: list[ScopeSpell]
    rows: dict[str, list[SqlRow[Any]]]
    divisions: Divisions = DIVISIONS

    def of(self, table: str) -> list[SqlRow[Any]]:
        return self.rows[table]

    def called(self, clock: str) -> str:
        """The clock that an id is of now."""
        return next((alias.clock for alias in self.of("clock_alias") if alias.alias == clock), clock)


_READ = (
    tables.Alert,
    tables.Acknowledgement,
    tables.Quarantined,
    tables.Settled,
    tables.Notice,
    tables.Attempt,
    tables.Delivery,
    tables.Feed,
    tables.LoggedEvent,
    tables.FaultRow,
    tables.ClockAlias,
    tables.ClockRow,
)


def see(engine: Engine, now: datetime) -> Seen:
    with reader(engine) as connection:
        live = live_generation(connection)
        rows = {}
        for model in _READ:
            table = table_of(model)
            found = connection.execute(select(table)).all()
            rows[table.name] = [row for row in found if getattr(row, "generation", live) == live]
        columns = [SCOPE.c[name] for name in ScopeSpell.__struct_fields__]
        scopes = [ScopeSpell(*row) for row in connection.execute(select(*columns).where(SCOPE.c.generation == live))]
        return Seen(engine, now, london_day(now), list(stored_clocks(connection, true())), scopes, rows)


def working_days(day: date) -> int:
    """How many working days the calendar has up to a day."""
    return CALENDAR.working_days_between(CALENDAR.first, day)


__all__ = ["CALENDAR", "DIVISIONS", "Row", "Seen", "register", "see", "working_days"]
