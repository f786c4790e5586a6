"""Says what a pack is made from, read in one state of the store: the log folded as of then, what was known before,
what was promised, how fresh the feeds are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Engine, func, select

from caseclock.pack.request import PackRequest
from caseclock.runtime import Rules
from schemas.clock import Clock
from schemas.events.event import trusted
from schemas.store.aliases import current
from schemas.store.engine import reader, table_of
from schemas.store.garbage import collected_seldom
from schemas.store.quarantine import waits
from schemas.store.tables import Acknowledgement, Alert, LoggedEvent, Quarantined
from schemas.store.view_tables import Arrival
from schemas.time.days import london_day
from services.timeliness.figures.restated import News, Side
from services.timeliness.fold.child import ScopeSpell, fold_child
from services.timeliness.history.history import History
from services.timeliness.history.log_view import LogView

_LOG, _ALERT, _ACK = table_of(LoggedEvent), table_of(Alert), table_of(Acknowledgement)
_QUARANTINE, _ARRIVAL = table_of(Quarantined), table_of(Arrival)


class Head(msgspec.Struct, frozen=True):
    """The last row of the log that was known. `known_at`: when it became known. 0 where there is none."""

    position: int
    chain: str
    known_at: datetime | None


class PackPromise(NamedTuple):
    """The last promise made about a clock: done by the end of a London day."""

    clock: str
    by_on: date
    made_at: datetime


class FeedRow(msgspec.Struct, frozen=True):
    """A source of events. `last_at`: when the last of it became known. `states`: it says which events it carries, as a
    return does, and is not expected to go on."""

    source: str
    last_at: datetime
    states: bool


class Read(NamedTuple):
    """Everything read. `team_now` by child. `changed`: what children came to before and now, of whom something became
    known since; `quarantined`: records that wait, by code."""

    clocks: list[Clock]
    scopes: list[ScopeSpell]
    team_now: dict[str, str]
    changed: list[tuple[str, Side, Side, list[News]]]
    promises: dict[str, PackPromise]
    feeds: list[FeedRow]
    quarantined: dict[str, int]
    head: Head


def read(engine: Engine, rules: Rules, asked: PackRequest) -> Read:
    """Folds the log; nothing is written."""
    with reader(engine) as connection, collected_seldom():
        now = LogView(connection, asked.known_at, asked.as_of, rules.register.sources)
        news = _news(connection, asked)
        everybody = any(one.kind == "feed.covered" for them in news.values() for one in them)
        watched = None if everybody else _joined(now, news)
        all_ = _Folded(rules)
        for history in now.histories():
            all_.add(history, now)
        before = _Folded(rules)
        then = LogView(connection, _earlier(asked.before, asked.known_at), asked.as_of, rules.register.sources)
        for history in then.histories(None if watched is None else sorted(watched)):
            before.add(history, then)
        moment = _earlier(asked.as_of, asked.known_at)
        return Read(
            all_.clocks,
            all_.scopes,
            all_.team_now,
            _changed(before, all_, news, watched),
            _promises(connection, moment),
            _feeds(connection, now, asked),
            _quarantined(connection, asked),
            _head(connection, asked),
        )


def _earlier(one: datetime, other: datetime | None) -> datetime:
    return one if other is None else min(one, other)


class _Folded:
    """Children folded, in the order in which the log gives them."""

    def __init__(self, rules: Rules) -> None:
        self._standards, self._calendar = list(rules.register.standards.values()), rules.calendar
        self.clocks: list[Clock] = []
        self.scopes: list[ScopeSpell] = []
        self.team_now: dict[str, str] = {}
        self.spans: dict[str, tuple[int, int, int, int]] = {}
        self.ids: dict[str, frozenset[str]] = {}

    def add(self, history: History, view: LogView) -> None:
        folded = fold_child(self._standards, history, self._calendar)
        at = len(self.clocks), len(self.scopes)
        self.clocks += folded.clocks
        self.scopes += folded.scopes
        self.team_now[history.child] = folded.team_now
        self.spans[history.child] = (at[0], len(self.clocks), at[1], len(self.scopes))
        self.ids[history.child] = frozenset(view.members.get(history.child, (history.child,)))

    def side(self, child: str) -> Side:
        """One child; one that is not there comes to nothing."""
        a, b, c, d = self.spans.get(child, (0, 0, 0, 0))
        return Side(self.clocks[a:b], self.scopes[c:d], self.ids.get(child, frozenset({child})))


def _changed(
    before: _Folded, now: _Folded, news: dict[str, list[News]], watched: set[str] | None
) -> list[tuple[str, Side, Side, list[News]]]:
    """By child, in order: each with what became known of any id of it."""
    children = sorted(before.spans.keys() | now.spans.keys())
    out = []
    for child in children:
        was, is_now = before.side(child), now.side(child)
        if watched is None or child in watched:
            out.append((child, was, is_now, _about(was.ids | is_now.ids, news)))
    return out


def _about(ids: Iterable[str], news: dict[str, list[News]]) -> list[News]:
    return sorted(one for id_ in ids for one in news.get(id_, ()))


def _joined(view: LogView, news: dict[str, list[News]]) -> set[str]:
    """Everybody of whom something became known, and whoever a merge, standing or withdrawn, joins to them."""
    return {linked for child in news for linked in view.linked.get(child, {child})} | set(news)


def _news(connection: Connection, asked: PackRequest) -> dict[str, list[News]]:
    """Returns what became known after the week before, by the child it is about."""
    query = select(_LOG.c.subject, _LOG.c.payload).where(_LOG.c.known_at > asked.before, _LOG.c.payload.is_not(None))
    if asked.known_at is not None:
        query = query.where(_LOG.c.known_at <= asked.known_at)
    found: dict[str, list[News]] = {}
    for subject, payload in connection.execute(query, execution_options={"yield_per": 5000}):
        event = trusted(payload)
        day = event.occurredon if event.time is None else london_day(event.time)
        found.setdefault(subject, []).append(
            News(event.id, event.kind, day, event.replaces, event.retracts)  # type: ignore[arg-type]
        )
    return found


def _promises(connection: Connection, moment: datetime) -> dict[str, PackPromise]:
    """The promise that holds about each clock, by clock: the last made since it was last told to be cleared."""
    a = _ALERT.c
    clock_now = current(a.clock)
    cleared = select(clock_now, func.max(a.told_at)).where(a.rung == "cleared", a.told_at <= moment)
    cleared_at = {clock: at for clock, at in connection.execute(cleared.group_by(clock_now))}  # noqa: C416
    query = (
        select(clock_now, _ACK.c.by_on, _ACK.c.at)
        .select_from(_ACK.join(_ALERT, a.id == _ACK.c.alert))
        .where(_ACK.c.at <= moment)
        .order_by(_ACK.c.at, _ACK.c.id)
    )
    return {
        clock: PackPromise(clock, by_on, at)
        for clock, by_on, at in connection.execute(query)
        if clock not in cleared_at or at > cleared_at[clock]
    }


def _feeds(connection: Connection, view: LogView, asked: PackRequest) -> list[FeedRow]:
    c = _ARRIVAL.c
    query = select(c.source, func.max(c.last_at)).group_by(c.source).order_by(c.source)
    if asked.known_at is not None:
        query = query.where(c.day <= london_day(asked.known_at))
    return [
        FeedRow(source, _earlier(last_at, asked.known_at), source in view.coverage)
        for source, last_at in connection.execute(query)
    ]


def _quarantined(connection: Connection, asked: PackRequest) -> dict[str, int]:
    c = _QUARANTINE.c
    query = select(c.code, func.count()).where(waits(asked.known_at)).group_by(c.code).order_by(c.code)
    if asked.known_at is not None:
        query = query.where(c.received_at <= asked.known_at)
    return {code: n for code, n in connection.execute(query)}  # noqa: C416  (a row is not a pair to mypy)


def _head(connection: Connection, asked: PackRequest) -> Head:
    query = select(_LOG.c.seq, _LOG.c.chain, _LOG.c.known_at).order_by(_LOG.c.seq.desc()).limit(1)
    latest: Any = select(func.max(_LOG.c.known_at))
    if asked.known_at is not None:
        query = query.where(_LOG.c.known_at <= asked.known_at)
        latest = latest.where(_LOG.c.known_at <= asked.known_at)
    row = connection.execute(query).first()
    if row is None:
        return Head(0, "", None)
    return Head(row.seq, row.chain.hex(), connection.execute(latest).scalar_one())
