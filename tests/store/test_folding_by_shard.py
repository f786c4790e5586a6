"""Several workers fold overlapping shards at once, children joined and parted across shards among them, and a feed that
says what it carries: it comes to what one machine makes of the same log."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, select

from caseclock.runtime import now, rules
from schemas.kafka.shards import SHARDS, shard_of
from schemas.store.engine import reader, table_of
from schemas.store.tables import ClockRow
from services.ingest.intake.intake import take_in
from services.ingest.readers.given import Given
from services.timeliness.table import spread
from services.timeliness.table.catch_up import catch_up, digest, rebuild
from services.timeliness.table.progress import RuleVersions
from tests.helpers.worker_flow import records

REGISTER, CALENDAR = rules().register, rules().calendar
CLOCK = table_of(ClockRow)


def event(id: str, type: str, subject: str, data: dict[str, Any], **more: str) -> bytes:
    plain = {"specversion": "1.0", "id": id, "source": "joins", "type": type, "subject": subject, "data": data}
    return json.dumps(plain | {"occurredon": "2024-05-01"} | more).encode()


def mixed(seed: int) -> list[bytes]:
    """The county's events, with merges at random places, some of them withdrawn later."""
    chance, mix = random.Random(seed), list(records())
    children = sorted({json.loads(raw)["subject"] for raw in mix})
    half = len(mix) // 2
    for n in range(12):
        ceased, into = chance.sample(children, 2)
        mix.insert(chance.randrange(half), event(f"m{n}", "child.merged", ceased, {"into": into}))
        if n % 3 == 0:
            gone = event(f"r{n}", "event.retracted", ceased, {}, retracts=f"m{n}")
            mix.insert(chance.randrange(half + n, len(mix)), gone)
    return mix


@contextmanager
def folding(another: Callable[[], Engine], workers: int) -> Iterator[list[BaseException]]:
    """Workers that fold some shards, now these, now those, while the block lasts. Gives what they raised."""
    done, raised = Event(), []

    def fold(engine: Engine, chance: random.Random) -> None:
        try:
            while not done.is_set():
                catch_up(engine, REGISTER, CALENDAR, chance.sample(range(SHARDS), chance.choice([1, 4, 20])))
        except BaseException as wrong:
            raised.append(wrong)

    threads = [Thread(target=fold, args=(another(), random.Random(n))) for n in range(workers)]
    for thread in threads:
        thread.start()
    try:
        yield raised
    finally:
        done.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("seed", range(2))
def test_side_by_side_it_is_what_one_makes(engine, another, seed):
    mix = mixed(seed)
    with folding(another, 3) as raised:
        for at in range(0, len(mix), 40):
            taken = take_in(engine, Given(mix[at : at + 40], "made"), history=False, now=now())
            assert taken.rejected < 5  # what is mixed in is taken; the county sends a few to be refused
    assert raised == []
    catch_up(engine, REGISTER, CALENDAR, range(SHARDS))
    assert rebuild(engine, REGISTER, CALENDAR).equal


def test_only_the_named_shards_are_folded(engine):
    take_in(engine, Given(records(), "made"), history=False, now=now())
    some = set(range(0, SHARDS, 2))
    assert catch_up(engine, REGISTER, CALENDAR, some).folded > 0
    with reader(engine) as connection:
        children = set(connection.execute(select(CLOCK.c.child)).scalars())
    assert children
    assert {shard_of(child) for child in children} <= some
    assert catch_up(engine, REGISTER, CALENDAR, some).folded == 0


def test_it_says_which_clocks_changed(engine):
    given = records()
    take_in(engine, Given(given[:-1], "made"), history=False, now=now())
    catch_up(engine, REGISTER, CALENDAR, range(SHARDS))
    before = rows(engine)
    take_in(engine, Given(given[-100:], "made"), history=False, now=now())
    gone = json.loads(given[0])
    retraction = event("x1", "event.retracted", gone["subject"], {}, retracts=gone["id"])
    of_its_source = json.dumps(json.loads(retraction) | {"source": gone["source"]}).encode()
    assert take_in(engine, Given([of_its_source], "made"), history=False, now=now()).accepted == 1
    changed = catch_up(engine, REGISTER, CALENDAR, range(SHARDS)).changed
    after = rows(engine)
    assert changed == {id_ for id_ in before.keys() | after.keys() if before.get(id_) != after.get(id_)}
    assert changed


def test_clocks_of_other_rules_are_left_or_made_anew_as_asked(engine):
    take_in(engine, Given(records(), "made"), history=False, now=now())
    other = replace(REGISTER, version="other")
    catch_up(engine, other, CALENDAR, range(SHARDS))
    assert catch_up(engine, REGISTER, CALENDAR, range(SHARDS), by_other_rules=False).folded == 0
    assert catch_up(engine, REGISTER, CALENDAR, range(SHARDS)).folded > 0
    assert catch_up(engine, REGISTER, CALENDAR, range(SHARDS)).folded == 0
    assert rebuild(engine, REGISTER, CALENDAR).equal


def covered(id: str, to: str, **more: str) -> bytes:
    data = {"kinds": ["visit.made"], "from_on": "2024-01-01", "to_on": to, "complete_to": to}
    return event(id, "feed.covered", "feed", data, **more)


def in_generation(engine: Engine, generation: int) -> set[str]:
    with reader(engine) as connection:
        query = select(CLOCK.c.child).where(CLOCK.c.generation == generation)
        return set(connection.execute(query).scalars())


def test_a_shard_of_a_new_generation_is_folded_without_the_others(engine):
    """Though it holds what a feed says it carries: shards folded later see that for themselves."""
    given = [json.dumps(json.loads(raw) | {"source": "joins"}).encode() for raw in records()]
    taken = take_in(engine, Given([covered("f1", "2024-12-31"), *given], "made"), history=False, now=now())
    assert taken.rejected < 10
    catch_up(engine, REGISTER, CALENDAR)
    fresh, _ = spread.begin(engine, RuleVersions(REGISTER.version, CALENDAR.version))
    others = [shard for shard in range(SHARDS) if shard != shard_of("feed")]
    for shard in (*others[:2], shard_of("feed"), *others[2:]):
        before = in_generation(engine, fresh)
        catch_up(engine, REGISTER, CALENDAR, [shard])
        assert {shard_of(child) for child in in_generation(engine, fresh) - before} <= {shard}
    assert spread.finish(engine, REGISTER, CALENDAR, fresh).equal


@pytest.mark.parametrize("taken_back", [False, True])
def test_what_a_feed_says_meanwhile_reaches_the_shards_folded_before(engine, taken_back):
    """Its shard is folded into the new generation last; what it says then is news to all the others."""
    given = [json.dumps(json.loads(raw) | {"source": "joins"}).encode() for raw in records()]
    take_in(engine, Given([covered("f1", "2024-02-28"), *given], "made"), history=False, now=now())
    catch_up(engine, REGISTER, CALENDAR)
    fresh, _ = spread.begin(engine, RuleVersions(REGISTER.version, CALENDAR.version))
    others = [shard for shard in range(SHARDS) if shard != shard_of("feed")]
    for shard in others:
        catch_up(engine, REGISTER, CALENDAR, [shard])
    news = (
        event("f2", "event.retracted", "feed", {}, retracts="f1")
        if taken_back
        else covered("f2", "2024-03-31", replaces="f1")
    )
    assert take_in(engine, Given([news], "made"), history=False, now=now()).accepted == 1
    catch_up(engine, REGISTER, CALENDAR, [shard_of("feed")])
    with reader(engine) as connection:
        built = digest(connection, fresh)
    assert spread.finish(engine, REGISTER, CALENDAR, fresh).equal
    assert rebuild(engine, REGISTER, CALENDAR).digest == built


def rows(engine: Engine) -> dict[str, tuple[Any, ...]]:
    with reader(engine) as connection:
        return {row.id: tuple(row) for row in connection.execute(select(CLOCK))}
