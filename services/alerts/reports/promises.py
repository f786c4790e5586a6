"""Says what became of promises: each acknowledgement said by which day it would be done."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal, NamedTuple

from sqlalchemy import Engine, select

from schemas.clock import Clock
from schemas.store.aliases import current
from schemas.store.engine import among, reader, table_of
from schemas.store.tables import Acknowledgement, Alert
from schemas.time.days import london_day
from services.alerts.sweep.candidates import candidates, live_generation_if_any

_ALERT, _ACK = table_of(Alert), table_of(Acknowledgement)

Standing = Literal["open", "kept", "broken", "lapsed"]


class PromiseOutcome(NamedTuple):
    """The last answer to an alert: its words, by which day, when it was given, and how it stands."""

    reason: str
    by_on: date
    at: datetime
    standing: Standing


def promises(engine: Engine, alerts: Iterable[str], now: datetime) -> dict[str, PromiseOutcome]:
    """Returns, of each of these alerts that was answered, the last answer, as it stands at `now`."""
    answers: dict[str, tuple[str, str, date, datetime]] = {}
    with reader(engine) as connection:
        query = (
            select(_ACK.c.alert, current(_ALERT.c.clock), _ACK.c.reason, _ACK.c.by_on, _ACK.c.at)
            .join_from(_ACK, _ALERT, _ALERT.c.id == _ACK.c.alert)
            .where(among(connection, _ACK.c.alert, list(alerts)))
            .order_by(_ACK.c.at, _ACK.c.id)
        )
        for alert, *answer in connection.execute(query):
            answers[alert] = (answer[0], answer[1], answer[2], answer[3])
        generation = live_generation_if_any(connection)
        ids = sorted({clock for clock, *_ in answers.values()})
        clocks = {
            each.id: each.clock.clock for each in candidates(connection, generation or 0, ids) if each.clock is not None
        }
    return {
        alert: PromiseOutcome(reason, by_on, at, standing(clocks.get(clock), by_on, now))
        for alert, (clock, reason, by_on, at) in answers.items()
    }


def standing(clock: Clock | None, by_on: date, now: datetime) -> Standing:
    """Kept: done by the end of the London day `by_on`. Broken: not done by then, whether or not it has been since.
    Lapsed: nothing is owed any more. Open: the day has not ended. `clock` is None where its start was withdrawn.

        promised for 20 March; done on the 20th: kept; on the 21st: broken, and so it stays
    """
    today = london_day(now)
    if clock is None or clock.unmeasured is not None:
        return "lapsed"
    ended = clock.ended_by(now, today)
    if ended == "stopped" and clock.ended_on is not None:
        return "kept" if clock.ended_on <= by_on else "broken"
    if ended is not None and clock.ended_on is not None:
        return "lapsed" if clock.ended_on <= by_on else "broken"
    if clock.lasts_to is not None and clock.lasts_to < today:
        return "lapsed" if clock.lasts_to <= by_on else "broken"
    return "broken" if by_on < today else "open"
