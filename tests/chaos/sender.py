"""Sends the stream at a steady rate, whatever the broker does, until it has all of it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from threading import Event, Thread
from time import monotonic
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError

from schemas.kafka import options as kafka_options
from schemas.kafka.topics import RAW, topics
from schemas.settings.settings import Settings
from tests.chaos.stream import Sent

A_STEP = 0.05  # seconds
UNTIL_TAKEN = 120.0  # seconds that one record may take to be acknowledged


class Sender:
    """A thread. `rate`: records a second. What the broker did not take is sent again."""

    def __init__(self, settings: Settings, records: Sequence[Sent], rate: float) -> None:
        self._settings, self._records, self._rate = settings, records, rate
        self._topic = topics(settings)[RAW].name
        self._acknowledged: set[str] = set()
        self._thread = Thread(target=self._run, name="sender", daemon=True)
        self._never = Event()
        self.again = 0  # how many were sent again
        self.wrong: BaseException | None = None

    def start(self) -> None:
        self._thread.start()

    def done(self) -> bool:
        if self.wrong is not None:
            raise self.wrong
        return not self._thread.is_alive()

    def events(self) -> int:
        """How many different events the broker has."""
        return len(self._acknowledged)

    def _run(self) -> None:
        try:
            left: Sequence[Sent] = self._records
            rate = self._rate
            while left := self._send(left, rate):
                self.again += len(left)
                rate = self._rate * 5
        except BaseException as wrong:
            self.wrong = wrong

    def _send(self, records: Sequence[Sent], rate: float) -> list[Sent]:
        """Gives those that the broker did not take."""
        given = {**kafka_options.producer(self._settings), "max_block_ms": int(UNTIL_TAKEN * 1000)}
        producer, waiting, failed = KafkaProducer(**given), [], []
        begun = monotonic()
        try:
            for n, one in enumerate(records):
                while n > (monotonic() - begun) * rate:
                    self._never.wait(A_STEP)
                try:
                    future = producer.send(self._topic, key=one.key, value=one.value)
                    future.add_callback(self._taken(one))
                    waiting.append((one, future))
                except KafkaError:
                    failed.append(one)
            for one, future in waiting:
                try:
                    future.get(timeout=UNTIL_TAKEN)
                except KafkaError:
                    failed.append(one)
        finally:
            with suppress(KafkaError):
                producer.close(timeout=5)
        return failed

    def _taken(self, one: Sent) -> Any:
        def note(_: object) -> None:
            if one.event is not None:
                self._acknowledged.add(one.event)

        return note
