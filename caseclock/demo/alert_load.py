"""Counts the messages that managers would get, by living through the last weeks of a made-up county."""

from __future__ import annotations

from datetime import datetime, timedelta
from tempfile import TemporaryDirectory

from caseclock.demo.live_through import Plan, Watch, live_through, with_routes
from caseclock.queries.alert_load import Load, load
from caseclock.runtime import Rules, open_store
from schemas.time.days import ONE_DAY, london_day


def simulated(rules: Rules, at: datetime, weeks: int, children: int | None, watch: Watch, seed: int = 1) -> list[Load]:
    """Returns the messages managers of a made-up county get, in a store that is thrown away. `weeks`: whole ones, after
    the week in which alerts began, when everybody gets the list of what is overdue already."""
    rules = with_routes(rules)
    plan = Plan.ending(at, children, seed, live=timedelta(weeks=weeks + 2))
    with TemporaryDirectory(prefix="caseclock-") as folder:
        engine = open_store(f"sqlite:///{folder}/county.db")
        try:
            live_through(engine, rules, plan, watch)
            assert rules.routes is not None, "a county has routes"
            return load(engine, rules.routes, plan.live_from + timedelta(weeks=1), london_day(at) - ONE_DAY)
        finally:
            engine.dispose()
