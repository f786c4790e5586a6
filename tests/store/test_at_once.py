"""Several at once on PostgreSQL: the log stays gapless and chained, nobody skips what commits late, nothing is folded
half or told twice. Each has its own connections, as processes do."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, func, select, update
from sqlalchemy.exc import IntegrityError

from caseclock.demo.county import County
from schemas.store.engine import connect, reader, table_of, write_rows
from schemas.store.tables import ClockRow, Generation, LoggedEvent, Notice
from schemas.time.calendar import england
from services.alerts.reports.acknowledge import listed
from services.alerts.sweep.sweep import Swept, sweep
from services.ingest.decide.accept import Accepted, LogContext, accept
from services.ingest.intake.intake import take_in
from services.ingest.log.append import Log, verify
from services.ingest.log.erase import erase
from services.ingest.readers.given import Given
from services.timeliness.standards.register import load
from services.timeliness.table.catch_up import catch_up, rebuild
from tests.helpers.alert_clocks import at, store_clocks, watched
from tests.helpers.databases import Another
from tests.helpers.records import NOW, given, record

pytestmark = pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)

CALENDAR, REGISTER = england(), load()
LOG = table_of(LoggedEvent)


def all_at_once(jobs: Sequence[Callable[[], Any]]) -> list[Any]:
    """Runs jobs beside each other, begun together; gives what they return. Raises what the first of them raised."""
    start, results, wrong = threading.Barrier(len(jobs)), [None] * len(jobs), []

    def run(n: int) -> None:
        start.wait()
        try:
            results[n] = jobs[n]()
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    if wrong:
        raise wrong[0]
    return results


def accepted(id: str) -> list[Accepted]:
    outcome = accept(record(id), LogContext())
    assert isinstance(outcome, Accepted)
    return [outcome]


def logged(connection: Connection, after: int = 0) -> list[int]:
    return list(connection.execute(select(LOG.c.seq).where(LOG.c.seq > after).order_by(LOG.c.seq)).scalars())


# -- the log -------------------------------------------------------------------------------------------------------


def test_appends_wait_for_each_other_and_a_late_one_is_skipped_by_nobody(engine: Engine, another: Another) -> None:
    """The trap: number 1 is given, number 2 commits first, a reader sees 2 and never looks for 1 again."""
    second = another()
    with engine.begin() as first:
        Log(first, NOW).append(accepted("e1"))
        rival = threading.Thread(
            target=take_in, args=(second, given(record("e2"))), kwargs={"history": False, "now": NOW}
        )
        rival.start()
        assert waited_for(another(), rival) == "advisory"
        with reader(second) as looking:
            assert logged(looking) == []
    rival.join()
    with reader(second) as looking:
        assert logged(looking) == [1, 2]
    assert verify(engine).result == "whole"


def waited_for(engine: Engine, rival: threading.Thread) -> str | None:
    """The kind of lock that some session waits for, as soon as one does; None if the rival did not have to wait."""
    query = "SELECT locktype FROM pg_locks WHERE NOT granted"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while rival.is_alive():
            if kind := connection.exec_driver_sql(query).scalar():
                return str(kind)
    return None


def test_who_appends_without_the_lock_is_refused(engine: Engine, another: Another) -> None:
    """What somebody might write who had not read this: the next number is looked up, and taken."""
    with engine.begin() as first:
        Log(first, NOW).append(accepted("e1"))
        row = first.execute(select(LOG)).one()._asdict() | {"seq": 2, "id": "e2"}
        with another().connect() as careless, pytest.raises(IntegrityError, match="the next in sequence"):
            write_rows(careless, LoggedEvent, [row])


def test_what_many_append_is_gapless_chained_and_seen_in_order(engine: Engine, another: Another) -> None:
    writers, chance = [another() for _ in range(4)], random.Random(1)
    done = threading.Event()

    def write(name: str, mine: Engine, late: list[timedelta]) -> None:
        for n, ago in enumerate(late):
            records = [record(f"{name}{n}-{k}", source=name) for k in range(3)]
            take_in(mine, given(*records), history=False, now=NOW - ago)

    def follow(mine: Engine) -> list[int]:
        seen: list[int] = []
        while True:
            last_look = done.is_set()
            with reader(mine) as connection:
                seen += logged(connection, after=seen[-1] if seen else 0)
            if last_look:
                return seen

    followers: list[list[int]] = []
    following = [threading.Thread(target=lambda e=another(): followers.append(follow(e))) for _ in range(2)]
    for thread in following:
        thread.start()
    late = [[timedelta(seconds=chance.randrange(-50, 50)) for _ in range(15)] for _ in writers]
    jobs = [
        lambda name=name, mine=mine, late=late: write(name, mine, late)
        for name, mine, late in zip("abcd", writers, late, strict=True)
    ]
    try:
        all_at_once(jobs)
    finally:
        done.set()
        for thread in following:
            thread.join()
    assert followers == [list(range(1, 181))] * 2
    assert (verify(engine).result, verify(engine).checked) == ("whole", 180)
    with reader(engine) as connection:
        known = list(connection.execute(select(LOG.c.known_at).order_by(LOG.c.seq)).scalars())
    assert known == sorted(known)


def test_an_append_that_is_given_up_leaves_no_gap(engine: Engine) -> None:
    with engine.connect() as connection, connection.begin() as transaction:
        Log(connection, NOW).append(accepted("e1"))
        transaction.rollback()
    take_in(engine, given(record("e2")), history=False, now=NOW)
    with reader(engine) as connection:
        assert logged(connection) == [1]


def test_a_child_is_erased_whole_while_more_of_it_comes(engine: Engine, another: Another) -> None:
    def more(mine: Engine, name: str) -> None:
        for n in range(20):
            take_in(mine, given(record(f"{name}{n}", "C1")), history=False, now=NOW)

    def forget(mine: Engine) -> None:
        for _ in range(20):
            erase(mine, "C1", "asked", NOW)

    all_at_once([lambda e=another(), n=n: more(e, n) for n in "ab"] + [lambda e=another(): forget(e)])
    assert verify(engine).result == "whole"


# -- the clocks ----------------------------------------------------------------------------------------------------


def county() -> list[bytes]:
    return [raw for _, raw in County(40, date(2024, 1, 1), date(2024, 6, 3), seed=11)]


def test_folding_at_once_with_everything_else_comes_out_right(engine: Engine, another: Another) -> None:
    """Two take events in, two fold, one rebuilds: each rebuild finds the live clocks equal to its own, and the end is
    what one process makes of the same events on SQLite."""
    events = county()
    shares = [events[0::2], events[1::2]]
    writing = set(range(len(shares)))

    def write(mine: Engine, n: int) -> None:
        try:
            for k in range(0, len(shares[n]), 60):
                take_in(mine, Given(shares[n][k : k + 60], "county"), history=False, now=NOW)
        finally:
            writing.discard(n)

    def until_all_is_in(work: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            while writing:
                work()

        return run

    def fold(mine: Engine) -> None:
        catch_up(mine, REGISTER, CALENDAR)

    def build(mine: Engine) -> None:
        assert rebuild(mine, REGISTER, CALENDAR).equal

    all_at_once(
        [lambda e=another(), n=n: write(e, n) for n in range(len(shares))]
        + [until_all_is_in(lambda e=another(): fold(e)) for _ in range(2)]
        + [until_all_is_in(lambda e=another(): build(e))]
    )
    catch_up(engine, REGISTER, CALENDAR)
    rebuilt = rebuild(engine, REGISTER, CALENDAR)
    assert rebuilt.equal
    alone = connect("sqlite://")
    take_in(alone, Given(events, "county"), history=False, now=NOW)
    assert rebuild(alone, REGISTER, CALENDAR).digest == rebuilt.digest
    alone.dispose()


# -- the alerts ----------------------------------------------------------------------------------------------------


def test_many_sweepers_tell_once(engine: Engine, another: Another) -> None:
    clocks = [watched(id=f"k{n}", child=f"CHILD-{n}", team=f"team-{n % 5}") for n in range(300)]
    store_clocks(engine, clocks)
    nights = ("2024-02-27", "2024-03-01", "2024-03-06", "2024-03-12")

    def look(mine: Engine) -> list[Swept]:
        return [sweep(mine, CALENDAR, at(day)) for day in nights]

    swept = all_at_once([lambda e=another(): look(e) for _ in range(4)])
    told = Counter((alert["child"], alert["rung"]) for alert in listed(engine))
    assert max(told.values()) == 1
    assert sum(one.told for each in swept for one in each) == len(told)
    assert {child for child, rung in told if rung == "still_missed_5wd"} == {f"CHILD-{n}" for n in range(300)}
    with reader(engine) as connection:
        notices = connection.execute(select(func.count()).select_from(table_of(Notice))).scalar()
    assert notices == sum(one.notices for each in swept for one in each)


def test_a_swap_of_the_clocks_in_the_middle_of_a_sweep_clears_nobody(engine: Engine, another: Another) -> None:
    """The trap: the sweep knows which generation is live, another takes its place and it is cleared away; the sweep
    finds no clock, and tells managers that all is well."""
    store_clocks(engine, [watched(), watched(id="k2", child="CHILD-2")])
    sweep(engine, CALENDAR, at("2024-03-06"))
    other, looks = another(), 0

    def swap() -> None:
        clock = table_of(ClockRow)
        with other.begin() as connection:
            connection.execute(update(clock).values(generation=clock.c.generation + 1))
            connection.execute(update(table_of(Generation)).values(live=table_of(Generation).c.live + 1))

    def before(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        nonlocal looks
        if "FROM clock" in statement:
            looks += 1
            swap()

    event.listen(engine, "before_cursor_execute", before)
    told = sweep(engine, CALENDAR, at("2024-03-12")).told
    event.remove(engine, "before_cursor_execute", before)
    assert looks >= 3
    assert told == 2
    assert {alert["rung"] for alert in listed(engine)} == {"missed", "still_missed_5wd"}
