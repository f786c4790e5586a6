"""A worker whose work is nudged by a topic, through Faust, and found by looking, whatever the topic did or did not
say.

Faust hands records to one agent, in batches, and takes them for done whatever becomes of them, even if the agent
raises. So a record is only ever a reason to look in the store, and besides the store is looked at from time to time.
Everything that asks the database runs on one thread apart, so that the event loop can say to the broker that we live;
while the database is away it waits there, and no record is taken meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from time import monotonic
from typing import Any, NamedTuple

import faust
from faust.types.auth import SASLMechanism

from caseclock.workers.context import Work
from caseclock.workers.retry import Stopped
from schemas.kafka.topics import Topic
from schemas.settings.settings import Settings

log = logging.getLogger(__name__)

AT_ONCE = 1000  # records to an agent at once, at most
GATHER = 0.02  # seconds that records are gathered for
A_LOOK = 0.2  # seconds from one look at whether to stop to the next
A_CALL = 2.0  # seconds from one look at whether the broker is there to the next, and that one may take


class Nudge(NamedTuple):
    """A record: it says where to look."""

    key: bytes | None
    value: bytes | None
    partition: int
    offset: int


class Duty(NamedTuple):
    """Holds what a worker does. `nudged` with records, `looked` every so many seconds, at once at the start; both on
    the thread that asks the database. `beat` every few seconds."""

    group: str
    topic: Topic
    nudged: Callable[[Sequence[Nudge]], None]
    looked: Callable[[], None]


def run(work: Work, duty: Duty) -> None:
    """Until told to stop."""
    with suppress(Stopped):
        asyncio.run(_run(work, duty))


async def _run(work: Work, duty: Duty) -> None:
    with ThreadPoolExecutor(1, thread_name_prefix="store") as thread:
        loop = asyncio.get_running_loop()

        async def apart(task: Callable[[], None]) -> None:
            await loop.run_in_executor(thread, task)

        await apart(duty.looked)
        await _broker_is_there(work)
        app = faust_app(work.settings, duty.group)
        _agent(app, duty, apart)
        app.finalize()
        await app.start()
        work.state.has("starting")
        try:
            await _until_told(work, app, duty, apart)
        finally:
            await app.stop()


async def _broker_is_there(work: Work) -> None:
    """Waits for it: Faust gives up at once if there is none when it starts. Raises Stopped."""
    while not await _call(work):
        if work.stopping():
            raise Stopped
        await asyncio.sleep(A_LOOK)


async def _until_told(
    work: Work, app: faust.App, duty: Duty, apart: Callable[[Callable[[], None]], Awaitable[None]]
) -> None:
    """Look at the store from time to time, and whether the broker is there."""
    next_look = monotonic() + work.settings.sweep_seconds
    next_call = monotonic()
    while not work.stopping():
        if app.should_stop:
            raise RuntimeError("the stream processor ended") from app.crash_reason
        await asyncio.sleep(A_LOOK)
        if monotonic() >= next_call:
            await _call(work)
            next_call = monotonic() + A_CALL
        if monotonic() >= next_look:
            await apart(duty.looked)
            next_look = monotonic() + work.settings.sweep_seconds


async def _call(work: Work) -> bool:
    """Whether any broker takes a connection: Faust waits for one by itself, and says so to nobody."""
    for address in work.settings.brokers():
        host, _, port = address.rpartition(":")
        with suppress(OSError, TimeoutError):
            _, line = await asyncio.wait_for(asyncio.open_connection(host.strip("[]"), int(port)), A_CALL)
            line.close()
            work.state.has("broker")
            return True
    work.state.wanting("broker: no connection")
    return False


def _agent(app: faust.App, duty: Duty, apart: Callable[[Callable[[], None]], Awaitable[None]]) -> None:
    topic = app.topic(
        duty.topic.name,
        key_type=bytes,
        value_type=bytes,
        key_serializer="raw",
        value_serializer="raw",
        allow_empty=True,
        internal=False,
        partitions=duty.topic.partitions,
    )

    async def agent(stream: Any) -> None:
        async for events in _batches(stream):
            nudges = [_nudge(event) for event in events]
            try:
                await apart(lambda nudges=nudges: duty.nudged(nudges))  # type: ignore[misc]
            except Stopped:
                return
            except Exception:
                # Faust would take these records for done all the same; looking finds what they spoke of
                log.error("records failed; the next look finds what they spoke of", exc_info=True)

    app.agent(topic, name=f"{duty.group}", concurrency=1)(agent)


async def _batches(stream: Any) -> Any:
    async for events in stream.take_events(AT_ONCE, within=GATHER):
        yield events


def _nudge(event: Any) -> Nudge:
    message = event.message
    return Nudge(message.key, message.value, message.partition, message.offset)


def faust_app(settings: Settings, group: str) -> faust.App:
    """At least once, no tables, no web server, no topics of its own."""
    brokers = ";".join(f"kafka://{address}" for address in settings.brokers())
    return faust.App(
        settings.topic_prefix + group,
        broker=brokers,
        broker_credentials=_credentials(settings),
        store="memory://",
        datadir=tempfile.gettempdir(),
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        autodiscover=False,
        consumer_auto_offset_reset="earliest",
        processing_guarantee="at_least_once",
        broker_commit_interval=1.0,
        broker_session_timeout=10.0,
        broker_heartbeat_interval=2.0,
        broker_request_timeout=20.0,
        stream_wait_empty=False,
        logging_config=None,
    )


def _credentials(settings: Settings) -> Any:
    context = None
    if settings.kafka_security.endswith("ssl"):
        context = ssl.create_default_context(cafile=settings.kafka_ca)
    if settings.kafka_security.startswith("sasl"):
        return faust.SASLCredentials(
            username=settings.kafka_user,
            password=settings.kafka_password,
            mechanism=SASLMechanism(settings.kafka_mechanism),
            ssl_context=context,
        )
    return faust.SSLCredentials(context=context) if context else None
