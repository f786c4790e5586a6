"""A clock: one running of one standard for one child.

It is stored without anything that depends on now, and asked with an instant:

    >>> clock.status(parse_moment("2024-01-23"))       # a bare date: the end of that London day
    'overdue'
"""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from schemas.time.days import london_day


class Clock(msgspec.Struct, gc=False, kw_only=True):
    """One clock, as the fold leaves it.

    `started_on` is day 0. `due_on` is the last good day (inclusive); None where it is
    counted in working days past the calendar's end.
    `started_at`, `due_at`, `ended_at` are instants and set only for a limit in hours. `ended` is how it
    ended: `stopped`, `excused`, `cancelled`, `voided`, or None while it runs; `ended_on` the day that happened.
    `after_excuse`: begun by an excuse and not by the doing, so that the child is not up to date. `instead`: what was
    lawfully done in time in place of the doing, in words. `begun_again`: of what is counted as a rate, whether one of
    the child had begun within the limit before; such a clock counts for the team of its start.
    `lasts_to`: the last day of the duty whatever happens (the eve of the 18th birthday). `cause`,
    `stop_cause`: event ids. `team`: responsible on the due day, or the day it ended if earlier.
    `recorded_late`: done on time, known after the due day. `took`: in the limit's unit (working days, days,
    hours). `unmeasured`: why it is not judged; with `took`, its start and its stop were both seen and only the time
    between is not carried, so that it counts as completed. `prohibits`: a thing that must not happen; `broken` when it
    did. For a must-hold standard every clock is a gap. `meeting`: at which it was done, else with which it began, where
    one is named: the same for brothers and sisters. `aliases`: other ids of the same clock, with spaces between: its
    names by the other facts that say its start. `teams`: where the team changed between its start and the day that
    decides `team`, who was responsible from which day, as JSON `[[day, team], ...]`, the last of them `team`.
    """

    id: str
    standard: str
    child: str
    started_on: date
    due_on: date | None
    cause: str
    team: str
    started_at: datetime | None = None
    due_at: datetime | None = None
    warn_on: date | None = None
    warn_at: datetime | None = None
    ended: str | None = None
    ended_on: date | None = None
    ended_at: datetime | None = None
    stop_cause: str | None = None
    lasts_to: date | None = None
    recorded_late: bool = False
    took: float | None = None
    unmeasured: str | None = None
    day_precision: bool = False
    prohibits: bool = False
    broken: bool = False
    booked_on: date | None = None
    faults: str | None = None
    meeting: str | None = None
    aliases: str | None = None
    after_excuse: bool = False
    instead: str | None = None
    begun_again: bool | None = None
    teams: str | None = None

    def counts_on(self, today: date | None = None) -> date:
        """Returns the day that decides for which team and division it counts: the due day, or the day it ended if that
        is earlier; the start where it has neither, and of what is counted as a rate. An end after `today` is not
        looked at."""
        if self.begun_again is not None:
            return self.started_on
        ended = self.ended_on if self.ended_on is not None and (today is None or self.ended_on <= today) else None
        return min((day for day in (self.due_on, ended) if day is not None), default=self.started_on)

    def held_by(self) -> list[tuple[date, str]]:
        """Returns who was responsible from which day on, from its start to the day that decides its team."""
        if self.teams is None:
            return [(self.started_on, self.team)]
        return msgspec.json.decode(self.teams, type=list[tuple[date, str]])

    def team_on(self, day: date) -> str:
        """Returns the team for which it counts as work open on a day: responsible then, or on the day that decides."""
        if self.teams is None:
            return self.team
        return next((team for since, team in reversed(self.held_by()) if since <= day), self.team)

    def ended_by(self, now: datetime, today: date) -> str | None:
        """Returns how it had ended by an instant (`today` is its London day), or None if it was running."""
        by_today = self.ended_on is not None and self.ended_on <= today
        if by_today and (self.ended_at is None or self.ended_at <= now):
            return self.ended
        if self.lasts_to is not None and self.lasts_to < today:
            return "cancelled"
        return None

    def past_due(self, now: datetime, today: date) -> bool:
        """Whether the due moment has gone: a clock due on a day is past due once that day has ended."""
        if self.due_at is not None:
            return now > self.due_at
        return self.due_on is not None and today > self.due_on

    def ended_late(self) -> bool:
        """Whether it ended (or its duty lapsed) after it was due."""
        if self.ended == "stopped" and self.due_at is not None and self.ended_at is not None:
            return self.ended_at > self.due_at
        last = self.ended_on or self.lasts_to
        return self.due_on is not None and last is not None and last > self.due_on

    def ended_before_warning(self) -> bool:
        """Whether it ended, or is not judged, so that nobody need ever have been warned of it."""
        if self.unmeasured is not None or self.due_on is None or self.prohibits:
            return True
        return self.ended_on is not None and self.ended_on < (self.warn_on or self.due_on)

    def status(self, as_of: datetime) -> str | None:
        """`running, due_soon, overdue, met, missed, excused, cancelled, voided` or `not_measured` at an
        instant; None before it began. What happened after `as_of` is not looked at."""
        today = london_day(as_of)
        if self.started_on > today or (self.started_at is not None and self.started_at > as_of):
            return None
        ended = self.ended_by(as_of, today)
        if ended == "voided":
            return "voided"
        if self.unmeasured is not None:
            return "not_measured"
        if self.prohibits:
            return self._prohibition(ended, as_of, today)
        if ended is not None:
            if self.ended_late():
                return "missed"
            return "met" if ended == "stopped" else ended
        if self.past_due(as_of, today):
            return "overdue"
        soon = (self.warn_on is not None and today >= self.warn_on) or (
            self.warn_at is not None and as_of >= self.warn_at
        )
        return "due_soon" if soon else "running"

    def _prohibition(self, ended: str | None, as_of: datetime, today: date) -> str:
        if ended == "stopped":
            return "missed" if self.broken else "met"
        if ended == "cancelled":
            return "met" if self.ended_late() else "cancelled"
        return "met" if self.past_due(as_of, today) else "running"
