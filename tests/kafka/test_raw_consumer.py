"""Raw records from a real broker into the log: nothing lost and nothing applied twice, whatever dies when."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from kafka import KafkaConsumer
from kafka.structs import TopicPartition
from sqlalchemy import Engine, func, select

from caseclock.workers.broker import administration
from caseclock.workers.ingest import GROUP as INGEST
from deploy.stack.broker import Broker
from schemas.kafka import options as kafka_options
from schemas.kafka.topics import RAW, topics
from schemas.settings.settings import Settings
from schemas.store.engine import reader, table_of
from schemas.store.tables import LoggedEvent, Quarantined
from services.ingest.intake.intake import Taken
from services.ingest.kafka.batch import Partition
from services.ingest.kafka.consume import CLOSE, RawConsumer
from tests.helpers.brokers import PARTITIONS, Send
from tests.helpers.postgres import Server
from tests.helpers.records import record

NOW = datetime(2024, 6, 3, 9, 0, tzinfo=UTC)
ON_SQLITE = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # where the database does not matter
STEPS = 400  # each waits half a second at most; a rebalance on a busy machine takes many


class Seen:
    """What the consumer told."""

    def __init__(self) -> None:
        self.read = self.accepted = self.duplicate = self.rejected = 0
        self.waited: list[str] = []
        self.lost_records = 0
        self.joined = False

    def alive(self) -> None:
        pass

    def idle(self, joined: bool) -> None:
        self.joined = joined

    def took(self, taken: Taken, seconds: float) -> None:
        self.joined = True
        for name in ("read", "accepted", "duplicate", "rejected"):
            setattr(self, name, getattr(self, name) + getattr(taken, name))

    def waiting(self, why: str) -> None:
        self.waited.append(why)

    def lost(self, partition: Partition, records: int) -> None:
        self.lost_records += records


class Killed(BaseException):
    """As if by SIGKILL: nothing below catches it."""


class One:
    """A consumer and what it told. It steps until something is so."""

    def __init__(self, settings: Settings, engine: Engine, after: Callable[[], None], **options: Any) -> None:
        given = {**kafka_options.consumer(settings, INGEST), **options}
        self.client = KafkaConsumer(topics(settings)[RAW].name, **given)
        self.seen = Seen()
        self.raw = RawConsumer(self.client, engine, lambda: NOW, self.seen, after)

    def until(self, so: Callable[[], bool]) -> None:
        for _ in range(STEPS):
            if so():
                return
            self.raw.step()
        pytest.fail(f"after {STEPS} steps: {vars(self.seen)}")

    def takes(self, records: int) -> Seen:
        """Steps until it has read so many records, in all."""
        self.until(lambda: self.seen.read >= records)
        return self.seen


Start = Callable[..., One]


@pytest.fixture
def start(streaming: Settings, engine: Engine) -> Iterator[Start]:
    started: list[One] = []

    def start_it(after: Callable[[], None] = lambda: None, **options: Any) -> One:
        started.append(One(streaming, engine, after, **options))
        return started[-1]

    yield start_it
    for one in started:
        one.client.close(autocommit=False, timeout_ms=CLOSE)


def logged(engine: Engine) -> list[tuple[str, str]]:
    """(id, child) of the log, in its order."""
    log = table_of(LoggedEvent)
    with reader(engine) as connection:
        return [(id, child) for id, child in connection.execute(select(log.c.id, log.c.subject).order_by(log.c.seq))]


def quarantined(engine: Engine) -> list[tuple[str, str, str]]:
    table = table_of(Quarantined)
    with reader(engine) as connection:
        query = select(table.c.code, table.c.place, table.c.raw).order_by(table.c.id)
        return [tuple(row) for row in connection.execute(query)]


def committed(settings: Settings) -> int:
    """How far the group has said that it has read, over all partitions."""
    topic = topics(settings)[RAW].name
    group = kafka_options.consumer(settings, INGEST)["group_id"]
    with administration(settings) as client:
        offsets = client.list_group_offsets(group)[group]
    return sum(found.offset for place, found in offsets.items() if place.topic == topic and found.offset > 0)


def some(count: int, child: str = "C1", first: int = 0) -> list[bytes]:
    return [record(f"{child}-{n}", child) for n in range(first, first + count)]


def test_records_become_events_and_poison_goes_to_quarantine(
    start: Start, send: Send, engine: Engine, streaming: Settings
) -> None:
    for child in ("C1", "C2", "C3"):
        send(*some(4, child), key=child.encode())
    send(b"no json", None, b"", b"\xff\xfe", record("bad", kind="child.adored"), *some(1, "C1"), key=b"C1")
    one = start()
    seen = one.takes(18)
    assert (seen.accepted, seen.duplicate, seen.rejected) == (12, 1, 5)
    assert sorted(logged(engine)) == sorted((f"{c}-{n}", c) for c in ("C1", "C2", "C3") for n in range(4))
    topic = topics(streaming)[RAW].name
    codes = [code for code, place, _ in quarantined(engine) if place.startswith(f"topic {topic} partition ")]
    # no value and an empty one are alike
    assert sorted(codes) == ["invalid", "not_json", "not_json", "not_json"]
    assert committed(streaming) == 18


@ON_SQLITE
def test_one_childs_events_keep_their_order(start: Start, send: Send, engine: Engine) -> None:
    for n in range(30):
        send(record(f"e{n}", f"C{n % 3}"), key=b"C%d" % (n % 3))
    start(max_poll_records=4).takes(30)
    for child in ("C0", "C1", "C2"):
        mine = [int(id[1:]) for id, whose in logged(engine) if whose == child]
        assert mine == sorted(mine)
        assert len(mine) == 10


def test_killed_after_the_transaction_and_before_the_commit(
    start: Start, send: Send, engine: Engine, streaming: Settings
) -> None:
    send(*some(5), key=b"C1")

    def die() -> None:
        raise Killed

    one = start(die)
    with pytest.raises(Killed):
        one.takes(5)
    one.client.close(autocommit=False)  # so that nobody waits until it is taken for dead
    assert len(logged(engine)) == 5
    assert committed(streaming) == 0
    seen = start().takes(5)
    assert (seen.accepted, seen.duplicate) == (0, 5)
    assert len(logged(engine)) == 5
    assert committed(streaming) == 5


@ON_SQLITE
def test_a_fault_of_ours_commits_nothing(start: Start, send: Send, streaming: Settings) -> None:
    send(*some(5), key=b"C1")

    def fail() -> None:
        raise RuntimeError("planted")

    with pytest.raises(RuntimeError, match="planted"):
        start(fail).takes(5)
    assert committed(streaming) == 0


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_while_the_database_is_away_it_waits_and_skips_nothing(
    start: Start, send: Send, engine: Engine, postgres: Server, streaming: Settings
) -> None:
    one = start()
    send(*some(3), key=b"C1")
    one.takes(3)
    postgres.stop(signal.SIGQUIT)
    try:
        send(*some(3, first=3), key=b"C1")
        one.until(lambda: len(one.seen.waited) >= 3)
        assert committed(streaming) == 3
        assert one.client.paused() == set()
    finally:
        postgres.start()
    one.takes(6)
    assert [id for id, _ in logged(engine)] == [f"C1-{n}" for n in range(6)]
    assert (one.seen.accepted, one.seen.duplicate) == (6, 0)
    assert committed(streaming) == 6


@ON_SQLITE
def test_two_share_the_partitions(start: Start, send: Send, engine: Engine) -> None:
    one, two = start(), start()
    for _ in range(STEPS):
        one.raw.step()
        two.raw.step()
        if len(one.client.assignment()) == len(two.client.assignment()) == PARTITIONS // 2:
            break
    else:
        pytest.fail(f"{one.client.assignment()} and {two.client.assignment()}")
    for partition in range(PARTITIONS):
        send(*some(3, f"C{partition}"), partition=partition)
    one.takes(6)
    two.takes(6)
    assert len(logged(engine)) == 12
    assert one.seen.duplicate == two.seen.duplicate == 0


@ON_SQLITE
def test_partitions_that_go_to_another_in_the_middle_of_a_batch(
    start: Start, send: Send, engine: Engine, streaming: Settings
) -> None:
    """The first has its records in the log and has not said so when it is taken for dead."""
    send(*some(6), key=b"C1")
    late: list[One] = []

    def meanwhile() -> None:
        if not late:
            late.append(start())
            late[0].takes(6)

    first = start(meanwhile, max_poll_interval_ms=1000)
    first.until(lambda: bool(late))
    assert (late[0].seen.accepted, late[0].seen.duplicate) == (0, 6)
    assert len(logged(engine)) == 6
    assert committed(streaming) == 6
    send(*some(6, first=6), key=b"C1")
    for _ in range(STEPS):
        first.raw.step()
        late[0].raw.step()
        if len(logged(engine)) == 12:
            break
    assert [id for id, _ in logged(engine)] == [f"C1-{n}" for n in range(12)]


@ON_SQLITE
def test_stopping_gives_the_partitions_up_at_once(
    start: Start, send: Send, engine: Engine, streaming: Settings
) -> None:
    send(*some(4), key=b"C1")
    one = start()
    one.raw.run(lambda: one.seen.read == 4)
    assert committed(streaming) == 4
    with administration(streaming) as client:
        group = kafka_options.consumer(streaming, INGEST)["group_id"]
        assert not client.describe_groups([group])[group]["members"]


@ON_SQLITE
def test_records_deleted_before_they_were_read_are_told_of(
    start: Start, send: Send, engine: Engine, streaming: Settings
) -> None:
    place = TopicPartition(topics(streaming)[RAW].name, 2)
    send(*some(2), partition=2)
    one = start()
    one.takes(2)
    one.client.close(autocommit=False)
    send(*some(5, first=2), partition=2)
    with administration(streaming) as client:
        client.delete_records({place: 5})
    two = start()
    two.takes(2)
    assert two.seen.lost_records == 3
    assert [id for id, _ in logged(engine)] == ["C1-0", "C1-1", "C1-5", "C1-6"]


@ON_SQLITE
def test_the_broker_is_killed_and_comes_back(
    start: Start, send: Send, engine: Engine, streaming: Settings, broker: Broker
) -> None:
    one = start()
    send(*some(3), key=b"C1")
    one.takes(3)
    broker.kill()
    for _ in range(4):
        one.raw.step()
    broker.start()
    send(*some(3, first=3), key=b"C1")
    one.takes(6)
    assert [id for id, _ in logged(engine)] == [f"C1-{n}" for n in range(6)]
    assert one.seen.lost_records == 0


@ON_SQLITE
def test_the_log_numbers_them_as_it_does_any_others(start: Start, send: Send, engine: Engine) -> None:
    send(*some(9), key=b"C1")
    start(max_poll_records=2).takes(9)
    log = table_of(LoggedEvent)
    with reader(engine) as connection:
        assert connection.execute(select(func.max(log.c.seq), func.count(log.c.seq))).one() == (9, 9)
        assert set(connection.execute(select(log.c.known_at)).scalars()) == {NOW}
