"""The tables that the views are made from, beside the clocks. As in `schemas.store.tables`, each has one writing
service."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Column, Date
from sqlmodel import Field, SQLModel

from schemas.store.tables import Instant, alike_everywhere

_KEY_ONLY = {"sqlite_with_rowid": False}  # on SQLite the rows stand in their key, and not twice


class Tally(SQLModel, table=True):
    """Counts of clocks, kept up with the clock rows in the same transaction; the views add them up. Writer: timeliness.

    Of a standard and a group (the `county`, a `division`, a `team`), in a stretch of days that begins on `part_on` (a
    week, cut where a month begins). A row counts from the day `from_on` on: sums over rows with `from_on` <= today are
    what is true today. `opened`, `overdue`, `in_scope`, `up_to_date`: changes in the stretch; summed from the beginning
    they give how many there are at its end; of a recurring duty the last two are what is to be added to those open, and
    to those of them not overdue. The others are counted in the stretch. A row may be all zeros.
    """

    __tablename__ = "tally"
    __table_args__ = _KEY_ONLY
    generation: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    group_kind: str = Field(primary_key=True)
    standard: str = Field(primary_key=True)
    group_name: str = Field(primary_key=True)
    part_on: date = Field(sa_column=Column(Date, primary_key=True))
    from_on: date = Field(sa_column=Column(Date, primary_key=True))
    met: int
    missed: int
    recorded_late: int
    instead: int
    excused: int
    cancelled: int
    voided: int
    voided_late: int
    not_measured: int
    completed: int
    completed_in_time: int
    received: int
    received_again: int
    opened: int
    overdue: int
    in_scope: int
    up_to_date: int


class TookTally(SQLModel, table=True):
    """Holds how many clocks stopped in a stretch of days took so long, in the unit of the limit. Writer: timeliness.
    Kept and read as `Tally` is."""

    __tablename__ = "took_tally"
    __table_args__ = _KEY_ONLY
    generation: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    group_kind: str = Field(primary_key=True)
    standard: str = Field(primary_key=True)
    group_name: str = Field(primary_key=True)
    part_on: date = Field(sa_column=Column(Date, primary_key=True))
    from_on: date = Field(sa_column=Column(Date, primary_key=True))
    took: float = Field(primary_key=True)
    clocks: int


class StandardRow(SQLModel, table=True):
    """A standard as the clocks were last folded by it. Writer: timeliness.

    `lead`: what it is first judged by: `in time` (met of due), a `rate` (received
    again, of those received), or `recurring` and `must hold` (up to date of those in
    scope). `limit_words`: the plain limit in force last; `limit_took`: the same as a number in `unit`, None where it is
    in months or years. `position`: its place in the register.
    """

    __tablename__ = "standard"
    standard: str = Field(primary_key=True)
    position: int
    register_name: str
    title: str
    plan: str
    force: str
    owner: str
    lead: str
    unit: str
    limit_words: str | None
    limit_took: float | None


class TargetRow(SQLModel, table=True):
    """The per cent from which a standard is green, and amber, in force from a day to a day, inclusive. Writer:
    timeliness."""

    __tablename__ = "target"
    standard: str = Field(primary_key=True)
    from_on: date = Field(sa_column=Column(Date, primary_key=True))
    to_on: date = Field(sa_column=Column(Date, nullable=False))
    green: float
    amber: float


class TeamRow(SQLModel, table=True):
    """Which division a team belongs to, from a day to a day, inclusive. Writer: timeliness."""

    __tablename__ = "team"
    team: str = Field(primary_key=True)
    from_on: date = Field(sa_column=Column(Date, primary_key=True))
    to_on: date = Field(sa_column=Column(Date, nullable=False))
    division: str


class DayRow(SQLModel, table=True):
    """A London day, so that no view needs a calendar. Writer: timeliness.

    `number`: days since 1900-01-01; `working_number`: working days from the calendar's first up to and including it.
    `week_on`: its Monday; `week`: 2024-W10. `month_on`, `month`: the first of its month, 2024-03. `part_on`: the later
    of Monday and first, with which its stretch in `Tally` begins. `begins_at`: London midnight; the day lasts until
    `ends_at`, the next.
    """

    __tablename__ = "calendar_day"
    day: date = Field(sa_column=Column(Date, primary_key=True))
    number: int
    working_number: int
    week_on: date = Field(sa_column=Column(Date, nullable=False, index=True))
    week: str
    month_on: date = Field(sa_column=Column(Date, nullable=False, index=True))
    month: str
    part_on: date = Field(sa_column=Column(Date, nullable=False, index=True))
    begins_at: datetime = Field(sa_column=Column(Instant, nullable=False, index=True))
    ends_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class Today(SQLModel, table=True):
    """The London day as of which the views answer: that of the last sweep. Writer: alerts. One row."""

    __tablename__ = "today"
    id: int = Field(default=1, primary_key=True)
    day: date = Field(sa_column=Column(Date, nullable=False))
    at: datetime = Field(sa_column=Column(Instant, nullable=False))


class Arrival(SQLModel, table=True):
    """Holds what became known of a source on a London day. Writer: ingest, with the events.

    `accepted` are those entered in the log; of them `corrections` replace or retract another, and `ahead` had not
    happened yet. By the days from when it happened to when it was known: `same_day`, `next_day`, `within_5` (2 to 5),
    `within_10` (6 to 10) and `longer`. `last_at`: when the last became known.
    """

    __tablename__ = "arrival"
    source: str = Field(primary_key=True)
    day: date = Field(sa_column=Column(Date, primary_key=True))
    accepted: int
    corrections: int
    ahead: int
    same_day: int
    next_day: int
    within_5: int
    within_10: int
    longer: int
    last_at: datetime = Field(sa_column=Column(Instant, nullable=False))


OF_VIEWS: tuple[type[SQLModel], ...] = (Tally, TookTally, StandardRow, TargetRow, TeamRow, DayRow, Today, Arrival)
alike_everywhere(SQLModel.metadata.tables[str(model.__tablename__)] for model in OF_VIEWS)
