"""The outbox: notices written with the claims they tell of, and sent afterwards, as often as it takes.

With routes, the channels that the file names carry each notice to a person (`services.alerts.delivery.post`). Every
other
channel gets a copy of every notice, which waits for that channel until it says it has it. Delivery is at least once; a
channel makes it exactly once by the notice's id. A channel that is new gets no old mail: it joins when it is first
given, and of what was written before it gets only what no channel has.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Engine, and_, exists, or_, select

from schemas.store.engine import add_rows, hold, reader, table_of
from schemas.store.tables import Delivery, Notice
from services.alerts.channels import Channel, Message
from services.alerts.delivery.post import Failure, send_to_people
from services.alerts.routes.line import Routes

log = logging.getLogger(__name__)

_NOTICE, _DELIVERY = table_of(Notice), table_of(Delivery)
JOINED = ""  # no notice has this id


class Delivered(NamedTuple):
    sent: int
    failures: tuple[Failure, ...]


def deliver(engine: Engine, channels: Sequence[Channel], now: datetime, routes: Routes | None = None) -> Delivered:
    """Send every notice that can be sent now, and note what the channels say of it. A channel that fails holds up no
    other; it is named in the answer and in the log."""
    given = {channel.name: channel for channel in channels}
    carriers = {name: given.pop(name) for name in routes.channels if name in given} if routes else {}
    with _alone(engine):
        copied = send_copies(engine, list(given.values()), now)
    if routes is None or not carriers:
        return copied
    posted = send_to_people(engine, carriers, routes, now)
    return Delivered(copied.sent + posted.sent, (*copied.failures, *posted.failures))


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """One at a time: two would each find a copy unsent, and send it. On SQLite there is one machine."""
    if engine.dialect.name != "postgresql":
        yield
        return
    with engine.begin() as connection:
        hold(connection, "outbox")
        yield


def send_copies(engine: Engine, channels: Sequence[Channel], now: datetime) -> Delivered:
    """Send every notice to every channel that does not have it yet, oldest first, and note those it says it
    has.

    A channel that fails gets its notices again at the next call and holds up no other channel; it is named in
    the answer and in the log.
    """
    _join(engine, [channel.name for channel in channels], now)
    with reader(engine) as connection:
        mail = [(channel, undelivered(connection, channel.name)) for channel in channels]
    sent, failures = 0, []
    for channel, waiting in mail:
        whys = [why for message in waiting if (why := _send(engine, channel, message, now)) is not None]
        sent += len(waiting) - len(whys)
        if whys:
            failures.append(Failure(channel.name, len(whys), whys[0]))
            log.warning("channel %s left %d notices for next time: %s", channel.name, len(whys), whys[0])
    return Delivered(sent, tuple(failures))


def _join(engine: Engine, channels: Sequence[str], now: datetime) -> None:
    """Note since when each channel is used, as the delivery of no notice (`JOINED`)."""
    with reader(engine) as connection:
        joined = set(connection.execute(select(_DELIVERY.c.channel).where(_DELIVERY.c.notice == JOINED)).scalars())
    new = [{"notice": JOINED, "channel": name, "delivered_at": now} for name in channels if name not in joined]
    if new:
        with engine.begin() as connection:
            add_rows(connection, Delivery, new)


def undelivered(connection: Connection, channel: str) -> list[Message]:
    """The notices a channel is to have and has not, oldest first."""
    here = and_(_DELIVERY.c.notice == _NOTICE.c.id, _DELIVERY.c.channel == channel)
    anywhere = _DELIVERY.alias("anywhere")
    somebody_has_it = exists().where(anywhere.c.notice == _NOTICE.c.id)
    joined = select(anywhere.c.delivered_at).where(anywhere.c.notice == JOINED, anywhere.c.channel == channel)
    query = (
        select(_NOTICE.c.id, _NOTICE.c.team, _NOTICE.c.level, _NOTICE.c.text, _NOTICE.c.created_at)
        .select_from(_NOTICE.outerjoin(_DELIVERY, here))
        .where(_DELIVERY.c.notice.is_(None))
        .where(or_(_NOTICE.c.created_at >= joined.scalar_subquery(), ~somebody_has_it))
        .order_by(_NOTICE.c.created_at, _NOTICE.c.id)
    )
    return [Message(*row) for row in connection.execute(query)]


def _send(engine: Engine, channel: Channel, message: Message, now: datetime) -> str | None:
    """None once it is delivered and noted, else why it was not."""
    try:
        outcome = channel.send(message, now)
        if outcome.state != "delivered":
            return outcome.why or "it said the notice was not delivered"
    except Exception as error:  # a channel may fail in any way of its own; the notice stays in the outbox
        return f"{type(error).__name__}: {error}"
    noted = {"notice": message.id, "channel": channel.name, "delivered_at": now}
    with engine.begin() as connection:
        add_rows(connection, Delivery, [noted])
    return None
