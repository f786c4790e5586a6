"""Says what a pack says: plain values, from which each of its files is written. A count that is None was left out,
being small (`caseclock.pack.suppression`)."""

from __future__ import annotations

from datetime import date, datetime
from hashlib import sha256

import msgspec

from caseclock.pack.read import Head
from services.timeliness.figures.control import Signal


class Base(msgspec.Struct, kw_only=True):
    """Whatever a pack is made of."""


class Stand(Base):
    """A lead figure and how it stands: so many of so many. `per_cent`: whole, rounded down."""

    good: int | None
    of: int | None
    per_cent: int | None
    standing: str


class Row(Base, kw_only=True):
    """A group's week of one standard, beside the week before. `kind`: county, division or team. `overdue`, `open`: at
    the end of the week. `oldest`: days since the due day of what is longest overdue. `units`, `units_good`: due in the
    week and of those in time, a meeting of brothers and sisters as one; `signal`: of the week, by them."""

    kind: str
    group: str
    this: Stand
    last: Stand | None
    due: int | None
    met: int | None
    missed: int | None
    completed: int | None
    completed_in_time: int | None
    open: int | None
    overdue: int | None
    overdue_last: int | None
    oldest: int | None
    recorded_late: int | None
    instead: int | None = 0
    excused: int | None = 0
    cancelled: int | None
    voided: int | None
    voided_late: int | None
    not_measured: int | None
    p50: float | None
    units: int | None
    units_good: int | None
    signal: Signal | None


class TrendWeek(Base):
    """A week as it is drawn. `good` of `of`: the lead figure. `n` units were due, `in_time` of them in time; `mean`,
    `low` and `high` are shares from 0 to 1."""

    week_on: date
    good: int | None
    of: int | None
    n: int | None
    in_time: int | None
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    signal: Signal | None = None


class Page(Base):
    """A standard. `snapshot`: its lead is how many of those in scope are up to date at the end of the week. `rate`: it
    is how many were begun again, of those begun. `controlled`: whether weeks of it can be judged against chance.
    `rows`: the whole, then divisions, then teams."""

    id: str
    title: str
    plan: str
    force: str
    limit: str
    measured: str
    snapshot: bool
    controlled: bool
    green: float | None
    amber: float | None
    unit: str
    rows: list[Row]
    trend: list[TrendWeek]
    notes: list[str]
    due_soon: int | None = None
    rate: bool = False

    @property
    def whole(self) -> Row:
        return self.rows[0]


class Waiting(Base):
    """A clock past due and open, with the team responsible now. `days`: since the due day. `promised_on`: by when it is
    to be done; `broken`: that day is over."""

    child: str
    standard: str
    team: str
    due_on: date
    days: int
    booked_on: date | None
    promised_on: date | None
    broken: bool


class DueSoon(Base):
    """Holds what falls due in the two weeks after, of a team and standard. `booked`: in time; `booked_late`: for a
    day after the due day."""

    team: str
    standard: str
    first: int | None
    second: int | None
    booked: int | None
    booked_late: int | None


class OverdueOf(Base):
    """Holds how much a team has overdue of a standard, and how long the oldest is."""

    team: str
    standard: str
    number: int | None
    oldest: int | None


class Restated(Base):
    """An earlier week's lead figure as it was known when that week's successor ended, and as it is now; `other`: what
    else of it changed, in words."""

    standard: str
    week: str
    was: Stand
    now: Stand
    other: str


class RestatedClock(Base):
    """A clock that counts otherwise in earlier weeks. `lead`: whether a lead figure changed by it."""

    child: str
    standard: str
    team: str
    cause: str
    was: str
    now: str
    changed: str
    lead: bool


class CauseCount(Base):
    """Holds how many clocks of a standard changed an earlier week's figures for one cause."""

    standard: str
    cause: str
    clocks: int | None
    lead: int | None


class Decision(Base):
    """Something to decide on: of what sort, what, and the facts in a line."""

    kind: str
    what: str
    facts: str


class Fresh(Base):
    """A source and when anything of it last became known. `stale`: too long ago; `silent`: so long that it is taken to
    have ended; `states`: it is a return, which says what it carries."""

    source: str
    last_at: datetime
    stale: bool
    silent: bool
    states: bool


class Versions(Base):
    """By what it was worked out."""

    register: str
    calendar: str
    code: str
    head: Head


class Pack(Base):
    """All of it. `left_out`: standards with nothing to show. `again`: the command that makes it again."""

    week: str
    first: date
    last: date
    as_of_on: date
    known_at: datetime | None
    known_before: datetime
    division: str | None
    shared: bool
    decisions: list[Decision]
    pages: list[Page]
    left_out: list[str]
    due_soon: list[DueSoon]
    overdue: list[Waiting]
    overdue_of: list[OverdueOf]
    restated: list[Restated]
    restated_clocks: list[RestatedClock]
    causes: list[CauseCount]
    feeds: list[Fresh]
    quarantined: dict[str, int]
    routes: bool
    versions: Versions
    again: str

    @property
    def digest(self) -> str:
        """SHA-256 over all that it says of the log: not how it was asked for, nor what waits in quarantine today."""
        said = msgspec.structs.replace(self, known_at=None, again="", quarantined={})
        return sha256(msgspec.json.encode(said, order="sorted")).hexdigest()
