"""From a record on the raw topic to a notice delivered, at a steady hundred events a second."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from time import monotonic, sleep, time

import msgspec
from kafka import KafkaProducer
from sqlalchemy import Engine, select

from benchmarks.machines.servers import Running, Servers
from caseclock.demo.county import County
from schemas.kafka import options as kafka_options
from schemas.kafka.topics import RAW, topics
from schemas.settings.settings import Settings
from schemas.store.engine import connect, reader, table_of
from schemas.store.tables import Alert, Telling
from schemas.time.days import iso
from services.ingest.decide.sketch import sketch

A_SECOND, TO_TELL = 100, 10  # events a second, and how many of them are to be told of at once
LATE = timedelta(days=60)  # before today: an enquiry begun then had its conference due long since
PATIENCE = 60.0  # seconds after the last event

_ALERT, _TELLING = table_of(Alert), table_of(Telling)


class Delayed(msgspec.Struct):
    """Seconds from sending an event to the notice of it being in the folder, in order; and how many never came."""

    seconds: list[float]
    untold: int

    def at(self, per_cent: int) -> float:
        """By nearest rank."""
        return self.seconds[-(-per_cent * len(self.seconds) // 100) - 1]


def delay(servers: Servers, seconds: int) -> Delayed:
    """Through one worker of each, for so long."""
    environ = {**servers.fresh("delay"), "CASECLOCK_SWEEP_SECONDS": "60"}
    names = ("ingest", "timeliness", "alerts")
    running = [Running(["caseclock.cli.main", "worker", name], environ, f"delay-{name}") for name in names]
    engine = connect(environ["CASECLOCK_DB"])
    try:
        while not all(one.ready() for one in running):
            sleep(0.1)
        sent = _send(environ, seconds)
        return _told(engine, sent, Path(environ["CASECLOCK_NOTICES"]))
    finally:
        for one in running:
            one.end()
        engine.dispose()


def _send(environ: Mapping[str, str], seconds: int) -> dict[str, float]:
    """When each child to be told of was sent. Every hundredth of a second one event, on the clock."""
    settings = Settings.read(environ)
    producer, topic = KafkaProducer(**kafka_options.producer(settings)), topics(settings)[RAW].name
    sent: dict[str, float] = {}
    begun = monotonic()
    for number, raw in enumerate(islice(_events(), seconds * A_SECOND)):
        sleep(max(0.0, begun + number / A_SECOND - monotonic()))
        child = sketch(raw).subject or ""
        if child.startswith("late-"):
            sent[child] = time()
        producer.send(topic, key=child.encode(), value=raw)
    producer.flush()
    producer.close()
    return sent


def _events() -> Iterator[bytes]:
    """Nine of the county's, then one to be told of."""
    today = datetime.now(UTC).date()
    county = (raw for _, raw in County(2000, today - timedelta(days=60), today, 1))
    others = A_SECOND // TO_TELL - 1
    return chain.from_iterable((*islice(county, others), _late(number, today - LATE)) for number in range(1_000_000))


def _late(number: int, on: date) -> bytes:
    return msgspec.json.encode(
        {
            "specversion": "1.0",
            "id": f"late-{number}",
            "source": "bench",
            "type": "enquiry.started",
            "subject": f"late-{number}",
            "occurredon": on.isoformat(),
            "team": "assessment-north",
            "recordedtime": iso(datetime.now(UTC)),
            "data": {"enquiry_id": f"late-{number}"},
        }
    )


def _told(engine: Engine, sent: Mapping[str, float], folder: Path) -> Delayed:
    """When the notice of each was in the folder, as the folder says."""
    end = monotonic() + PATIENCE
    while not sent.keys() <= (notices := _notices(engine, folder)).keys() and monotonic() < end:
        sleep(0.5)
    took = sorted(notices[child] - at for child, at in sent.items() if child in notices)
    return Delayed(took, len(sent) - len(took))


def _notices(engine: Engine, folder: Path) -> dict[str, float]:
    query = select(_ALERT.c.child, _TELLING.c.notice).join_from(_ALERT, _TELLING, _TELLING.c.alert == _ALERT.c.id)
    with reader(engine) as connection:
        rows = connection.execute(query).all()
    found: dict[str, float] = {}
    for child, notice in rows:
        file = folder / f"{notice}.txt"
        if file.exists():
            found[child] = min(file.stat().st_mtime, found.get(child, float("inf")))
    return found
