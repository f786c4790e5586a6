"""Nobody looks for an hour, a day, three weeks: in simulated time, since time is an argument of the sweep.

Children whose work stands still run into one deadline after another. Two sweepers look at once, every hour, on
PostgreSQL; then nobody, for so long; then both again.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from pathlib import Path
from threading import Thread
from typing import NamedTuple

from sqlalchemy import Engine, make_url, select

from caseclock.runtime import rules
from schemas.store.engine import connect, reader, table_of
from schemas.store.tables import Alert
from schemas.time.days import LONDON
from services.alerts.channels.file import Folder
from services.alerts.sweep.sweep import sweep
from services.ingest.intake.intake import take_in
from services.ingest.readers.given import Given
from services.timeliness.table.catch_up import catch_up
from tests.chaos.lateness import Spread, lateness
from tests.chaos.managers import managers
from tests.chaos.stage import Stage
from tests.chaos.stream import Stream, stream
from tests.chaos.truth import state_of, without_faults

OUTAGES = {"an hour": timedelta(hours=1), "a day": timedelta(days=1), "three weeks": timedelta(weeks=3)}
AN_HOUR = timedelta(hours=1)
LOOKS = 8  # an hour apart, before and after


class After(NamedTuple):
    """What was so after an outage; the first four must be 0. `flood`: clocks of which the first look after it told more than one thing. `late`:
    rungs told later than the outage and an hour. `lateness`: in seconds of simulated time, of what came meanwhile."""

    lost: int
    repeated: int
    flood: int
    late: int
    told_at_once: int
    lateness: Spread | None


def outages(stage: Stage, seed: int, ending: date, count: int) -> dict[str, After]:
    """Each in a new database of the stage's server, of at least so many events."""
    events = stream(seed, count, ending)
    return {name: _outage(stage, ending, events, length) for name, length in OUTAGES.items()}


def _outage(stage: Stage, ending: date, events: Stream, length: timedelta) -> After:
    database = f"outage_{length.days}_{length.seconds}"
    with stage.store.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {database}")
    url = make_url(stage.database.url).set(database=database).render_as_string(hide_password=False)
    begun = datetime.combine(ending + timedelta(days=1), time(16, 30), LONDON)  # the last look before is at 23:30
    back = begun + LOOKS * AN_HOUR + length
    moments = [begun + n * AN_HOUR for n in range(LOOKS)] + [back + n * AN_HOUR for n in range(LOOKS)]
    engines, folder = [connect(url), connect(url)], stage.folder / f"notices-{database}"
    try:
        take_in(engines[0], Given(events.in_one(), "county"), history=False, now=begun - AN_HOUR)
        catch_up(engines[0], rules().register, rules().calendar)
        for at in moments:
            _look(engines, at, folder)
        truth = without_faults(events, moments[-1])
        told = managers(engines[0], folder, state_of(engines[0]), truth)
        waits = lateness(engines[0], back)
        late = sum(seconds > (length + AN_HOUR).total_seconds() for seconds in waits)
        first = _told_at(engines[0], back)
        flood = sum(n > 1 for n in first.values())
        return After(told.lost, told.repeated, flood, late, first.total(), Spread.of_these(waits))
    finally:
        for engine in engines:
            engine.dispose()


def _look(engines: list[Engine], at: datetime, folder: Path) -> None:
    """All at once."""

    def one(engine: Engine) -> None:
        sweep(engine, rules().calendar, at, [Folder(folder)])

    threads = [Thread(target=one, args=(engine,)) for engine in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _told_at(store: Engine, at: datetime) -> Counter[str]:
    """How many things were told of each clock by the look at a moment, beside that it is well again."""
    a = table_of(Alert).c
    query = select(a.clock).where(a.told_at == at, a.skipped.is_(False), a.rung != "cleared")
    with reader(store) as connection:
        return Counter(connection.execute(query).scalars())
