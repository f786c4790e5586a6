"""A made-up county lived through: all but its last four weeks as history, those four weeks day by day in simulated
time, by the same way as any source. Nothing here is of the product; everything it calls is."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from io import StringIO
from time import perf_counter
from typing import NamedTuple

import msgspec
from sqlalchemy import Engine, event, select

from caseclock.demo.county import County, norfolk_children
from caseclock.runtime import Rules, fold, sweep_once
from schemas.errors import CaseclockError
from schemas.events.event import Instant
from schemas.store.engine import reader, table_of
from schemas.store.tables import LoggedEvent
from schemas.time.days import LONDON, ONE_DAY, add_months, london_day
from services.alerts.channels.console import Console
from services.alerts.routes.file import COUNTY, load_routes
from services.alerts.sweep.go_live import set_go_live
from services.ingest.intake.intake import take_in
from services.ingest.readers.given import Given

MONTHS = 6  # of history before the four weeks, and what still matters of earlier years
LIVE = timedelta(weeks=4)
POLLS = (8, 13, 18)  # hours of the London day at which the feed is read
SWEEPS = (8, 13)  # and after which of them there is a sweep; the first falls on the time of the digest

Watch = Callable[[str, int, int | None], None]  # what is being done, how much of it is done, and of how much


class Plan(NamedTuple):
    """Which county. `live_from`: the first of the days lived through one by one; the last is the day of `at`."""

    children: int
    from_on: date
    live_from: date
    at: datetime
    seed: int

    @classmethod
    def ending(
        cls, at: datetime, children: int | None = None, seed: int = 1, months: int = MONTHS, live: timedelta = LIVE
    ) -> Plan:
        """A county that ends at an instant; of Norfolk's size unless `children` says how many."""
        live_from = london_day(at - live)
        from_on = add_months(live_from, -months)
        return cls(children or norfolk_children(from_on, london_day(at)), from_on, live_from, at, seed)

    @property
    def weeks(self) -> int:
        """Returns the days that are lived through, one by one."""
        return round((london_day(self.at) - self.live_from).days / 7)


def with_routes(rules: Rules) -> Rules:
    """The rules, with the believable county's routes unless there are others."""
    return rules if rules.routes is not None else rules._replace(routes=load_routes(COUNTY))


class NotEmpty(CaseclockError):
    """The store holds events: a county is not mixed with anybody's. The message says what to do."""


class Lived(NamedTuple):
    """Holds what it came to. `seconds` by stage, in order."""

    history: int
    live: int
    sweeps: int
    seconds: dict[str, float]


class _Typed(msgspec.Struct):
    recordedtime: Instant | None = None


_decoder = msgspec.json.Decoder(_Typed)


def live_through(engine: Engine, rules: Rules, plan: Plan, watch: Watch) -> Lived:
    """Fill an empty store: make the county, take in its history, go live, and live the last weeks to `plan.at`, telling
    whom the county's routes name. Raises NotEmpty."""
    _check_empty(engine)
    rules = with_routes(rules)
    _hurry(engine)
    channel = Console(StringIO())
    gc.set_threshold(100_000, 20, 20)  # so much is made and kept at once that looking for garbage costs a tenth
    seconds: dict[str, float] = {}
    with _Stage("making it up", watch, seconds):
        county = County(plan.children, plan.from_on, london_day(plan.at), plan.seed)
        past, present = county.split(plan.live_from)
        days = _polled((raw for _, raw in present), plan)
    with _Stage("taking in its history", watch, seconds) as stage:
        start = _at(plan.live_from, 0)
        history = take_in(engine, past, history=True, now=start, progress=lambda n: stage(n, past.size))
    with _Stage("working out its clocks", watch, seconds):
        fold(engine, rules)
        set_go_live(engine, start)
    with _Stage(f"living {plan.weeks} weeks", watch, seconds) as stage:
        live = sweeps = 0
        for n, (at, records) in enumerate(days, start=1):
            live += take_in(engine, Given(records, "county feed"), history=False, now=at).read
            if at.astimezone(LONDON).hour in SWEEPS:
                sweep_once(engine, rules, at, [channel])
                sweeps += 1
            stage(n, len(days))
        fold(engine, rules)
    return Lived(history.read, live, sweeps, seconds)


def _check_empty(engine: Engine) -> None:
    with reader(engine) as connection:
        if connection.execute(select(table_of(LoggedEvent).c.seq).limit(1)).first() is not None:
            raise NotEmpty("that store holds events; give the made-up county a new one, or leave --db out")


def _hurry(engine: Engine) -> None:
    """Do without syncing to disk, in a store that nobody will miss after a power cut."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
        engine.dispose()  # so that the connections it has are made anew


def _polled(records: Iterable[bytes], plan: Plan) -> list[tuple[datetime, list[bytes]]]:
    """Returns what each reading of the feed finds: whatever was typed since the one before. The last one is at
    `plan.at`."""
    waiting = iter([(_typed_at(raw), raw) for raw in records])
    found: list[tuple[datetime, list[bytes]]] = []
    following = next(waiting, None)
    for at in _readings(plan):
        batch: list[bytes] = []
        while following is not None and (following[0] is None or following[0] <= at):
            batch.append(following[1])
            following = next(waiting, None)
        found.append((at, batch))
    return found


def _typed_at(raw: bytes) -> datetime | None:
    """When an event was typed; None where it does not say so rightly, and it goes with the one before it."""
    try:
        return _decoder.decode(raw).recordedtime
    except ValueError:
        return None


def _readings(plan: Plan) -> Iterator[datetime]:
    day = plan.live_from
    while (first := _at(day, POLLS[0])) <= plan.at:
        yield first
        yield from (at for hour in POLLS[1:] if (at := _at(day, hour)) <= plan.at)
        day += ONE_DAY
    yield plan.at


def _at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=LONDON)


class _Stage:
    """One stage of it: told of as it begins and goes on, and timed."""

    def __init__(self, name: str, watch: Watch, seconds: dict[str, float]) -> None:
        self._name, self._watch, self._seconds = name, watch, seconds

    def __enter__(self) -> _Stage:
        self._began = perf_counter()
        self._watch(self._name, 0, None)
        return self

    def __call__(self, done: int, of: int | None) -> None:
        self._watch(self._name, done, of)

    def __exit__(self, *_: object) -> None:
        self._seconds[self._name] = perf_counter() - self._began
