"""Holds the gauges of the whole system, for Prometheus: when it was last swept, when the quietest feed last sent
anything, how much is in quarantine, when the calendar ends. No source, team or child in a label."""

from __future__ import annotations

from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge
from sqlalchemy import Engine, func, select

from schemas.store.engine import reader, table_of
from schemas.store.quarantine import how_many_wait
from schemas.store.tables import Feed
from schemas.store.view_tables import Arrival
from schemas.time.calendar import Calendar
from schemas.time.days import end_of_day

_FEED, _ARRIVAL = table_of(Feed), table_of(Arrival)


class Standing:
    """The gauges. `swept` sets them after a sweep of all."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._swept = Gauge(
            "caseclock_last_sweep_timestamp_seconds", "When everything was last swept.", registry=registry
        )
        self._feed = Gauge(
            "caseclock_quietest_feed_timestamp_seconds",
            "When the last event became known of the live feed that has been silent longest; 0 for no live feed.",
            registry=registry,
        )
        self._quarantined = Gauge(
            "caseclock_quarantined_records", "Records that wait in quarantine.", registry=registry
        )
        self._calendar = Gauge(
            "caseclock_calendar_last_day_timestamp_seconds",
            "The end of the last day for which working days are known.",
            registry=registry,
        )

    def swept(self, engine: Engine, calendar: Calendar, now: datetime) -> None:
        """Everything was swept at `now`."""
        last = (
            select(func.max(_ARRIVAL.c.last_at).label("at"))
            .join_from(_FEED, _ARRIVAL, _FEED.c.source == _ARRIVAL.c.source)
            .group_by(_FEED.c.source)
            .subquery()
        )
        with reader(engine) as connection:
            quietest = connection.execute(select(func.min(last.c.at))).scalar()
            self._quarantined.set(how_many_wait(connection))
        self._feed.set(quietest.timestamp() if quietest else 0)
        self._calendar.set(end_of_day(calendar.last).timestamp())
        self._swept.set(now.timestamp())
