"""Notices for people, sent by the channels that the routes file names, in its order. What was tried and what came of it
is stored; nothing sleeps and nothing is remembered between two calls.

A try is claimed by its row before anything is sent, so two senders at once send once. Killed between sending and
noting, the next one finds a try of which nothing was noted, and asks the channel before it sends again.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Row, and_, exists, or_, select, update

from schemas.store.engine import add_rows, batches, reader, table_of
from schemas.store.tables import Attempt, Delivery, Notice
from schemas.time.days import london_day
from services.alerts.channels import SENT, Channel, Message, Outcome, later, refused
from services.alerts.delivery.retry import Ask, Pair, Rest, Send, Try, next_step, noted
from services.alerts.routes.line import Routes

log = logging.getLogger(__name__)

_NOTICE, _DELIVERY, _ATTEMPT = table_of(Notice), table_of(Delivery), table_of(Attempt)
OLDEST = timedelta(days=30)  # a notice older than that is of no use to anybody
MOST = 100  # calls of channels at once; what is left is taken up by the next call
ENOUGH = 3  # failures in a row after which a channel is left alone until the next call


class Failure(NamedTuple):
    """A channel that left notices for next time: how many, and what it said the first time."""

    channel: str
    notices: int
    why: str


class Posted(NamedTuple):
    sent: int
    failures: tuple[Failure, ...]


def send_to_people(engine: Engine, channels: Mapping[str, Channel], routes: Routes, now: datetime) -> Posted:
    """Take every notice that is for a person one step further, or several: until it is sent, or has to wait.
    `channels`: by name, in the order to try them."""
    with reader(engine) as connection:
        waiting = _waiting(connection, now)
        tries = _tries(connection, [row.id for row in waiting])
    sender = _Sender(engine, channels, routes, now)
    for row in waiting:
        sender.take_on(row, tries.get(row.id, []))
    return sender.done()


def _waiting(connection: Connection, now: datetime) -> Sequence[Row[Any]]:
    """The notices that are for a person and not delivered, oldest first; and those for nobody that nobody has."""
    through = exists().where(_ATTEMPT.c.notice == _NOTICE.c.id, _ATTEMPT.c.outcome == "delivered")
    copied = exists().where(_DELIVERY.c.notice == _NOTICE.c.id)
    query = (
        select(_NOTICE)
        .where(_NOTICE.c.created_at >= now - OLDEST, ~through)
        .where(or_(_NOTICE.c.recipient.is_not(None), and_(_NOTICE.c.recipient.is_(None), ~copied)))
        .order_by(_NOTICE.c.created_at, _NOTICE.c.id)
    )
    return connection.execute(query).all()


def _tries(connection: Connection, notices: Sequence[str]) -> dict[str, list[Try]]:
    a = _ATTEMPT.c
    found: dict[str, list[Try]] = {}
    for some in batches(notices, 500):
        query = select(a.notice, a.number, a.person, a.channel, a.at, a.outcome, a.next_try_at)
        for notice, *fields in connection.execute(query.where(a.notice.in_(some)).order_by(a.notice, a.number)):
            found.setdefault(notice, []).append(Try(*fields))
    return found


class _Sender:
    """One round of sending."""

    def __init__(self, engine: Engine, channels: Mapping[str, Channel], routes: Routes, now: datetime) -> None:
        self._engine, self._channels, self._routes, self._now = engine, channels, routes, now
        self._sent = self._calls = 0
        self._in_a_row: Counter[str] = Counter()
        self._failed: dict[str, tuple[int, str]] = {}

    def done(self) -> Posted:
        failures = [Failure(channel, count, why) for channel, (count, why) in sorted(self._failed.items())]
        for failure in failures:
            log.warning("channel %s left %d notices for next time: %s", *failure)
        return Posted(self._sent, tuple(failures))

    def take_on(self, notice: Row[Any], tries: list[Try]) -> None:
        chain = self._chain(notice)
        for _ in range(len(chain) + 1):
            step = next_step(chain, tries, self._now)
            if isinstance(step, Rest) or self._calls == MOST or self._in_a_row[_channel(step)] >= ENOUGH:
                return
            if isinstance(step, Send):
                tried = Try(step.number, step.person, step.channel, self._now, "trying")
                if not self._claim(notice.id, tried):
                    return  # somebody else is at it
                tries.append(tried)
            self._note(notice, chain, tries, self._ask_channel(notice, step))

    def _chain(self, notice: Row[Any]) -> list[Pair]:
        """Returns whom to try, by what. Whoever is no longer in the file is passed over."""
        today, routes = london_day(self._now), self._routes
        first: tuple[str, ...] = (notice.recipient,) if notice.recipient in routes.people else ()
        if not first:
            first = routes.to_tell(notice.team, notice.level, today).people[:1]
        above = routes.above(first[0], notice.team, today) if first else ()
        return [(person, channel) for person in (*first, *above) for channel in self._channels]

    def _claim(self, notice: str, tried: Try) -> bool:
        row = {
            "notice": notice,
            "number": tried.number,
            "person": tried.person,
            "channel": tried.channel,
            "at": tried.at,
            "outcome": tried.outcome,
            "why": "",
        }
        with self._engine.begin() as connection:
            return bool(add_rows(connection, Attempt, [row]))

    def _ask_channel(self, notice: Row[Any], step: Send | Ask) -> Outcome | None:
        channel = self._channels.get(_channel(step))
        if channel is None:  # asked of one that the file no longer names
            return refused("that channel is no longer used")
        self._calls += 1
        message = self._message(notice, step.tried.person if isinstance(step, Ask) else step.person)
        try:
            if isinstance(step, Ask):
                return channel.find(message)
            found = channel.find(message) if step.perhaps_sent else None
            if found is not None and found.state in ("sent", "delivered"):
                return found
            return channel.send(message, self._now)
        except Exception as error:  # a channel may fail in any way of its own; its words might hold a secret
            return later(type(error).__name__)

    def _message(self, notice: Row[Any], person: str) -> Message:
        text = notice.text
        if notice.recipient and person != notice.recipient:
            text = f"{text}\n\nThis could not be delivered to {notice.recipient}; you are next on the line."
        address = self._routes.people[person].email if person in self._routes.people else None
        return Message(notice.id, notice.team, notice.level, text, notice.created_at, person, address)

    def _note(self, notice: Row[Any], chain: list[Pair], tries: list[Try], outcome: Outcome | None) -> None:
        """Write what came of the last try. An asked channel that knows nothing leaves it as it was, for longer."""
        last = tries[-1]
        outcome, next_try_at = noted(chain, tries, outcome or SENT, self._now)
        tries[-1] = last._replace(outcome=outcome.state, next_try_at=next_try_at)
        this = and_(_ATTEMPT.c.notice == notice.id, _ATTEMPT.c.number == last.number)
        values = {"outcome": outcome.state, "why": outcome.why, "next_try_at": next_try_at}
        with self._engine.begin() as connection:
            connection.execute(update(_ATTEMPT).where(this).values(**values))
            if outcome.state == "delivered":
                row = {"notice": notice.id, "channel": last.channel, "delivered_at": self._now}
                add_rows(connection, Delivery, [row])
        self._count(last, outcome)

    def _count(self, last: Try, outcome: Outcome) -> None:
        failed = outcome.state in ("later", "refused")
        self._in_a_row[last.channel] = self._in_a_row[last.channel] + 1 if outcome.state == "later" else 0
        if failed:
            count, why = self._failed.get(last.channel, (0, outcome.why))
            self._failed[last.channel] = (count + 1, why)
        elif last.outcome == "trying":
            self._sent += 1


def _channel(step: Send | Ask) -> str:
    return step.tried.channel if isinstance(step, Ask) else step.channel
