"""Says what the ladder is asked about and what it answers: plain values, no I/O.

A *spell* is the time from the first bad news of a clock to its clearing; spells count from 1. A *level* says
how far up the line a message goes: 1 means the service manager as well as the team manager.
"""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from schemas.clock import Clock
from schemas.rungs import CLEARED, DUE_SOON, WITHDRAWN

LEVELS = ("team_manager", "service_manager", "head_of_service", "director")


def is_before_due(rung: str) -> bool:
    """Whether a rung of the standard's own ladder warns before the due day."""
    return rung.startswith(DUE_SOON)


def is_bad(rung: str) -> bool:
    """Whether a rung is news that has to be taken back once it is no longer true."""
    return rung not in (CLEARED, WITHDRAWN) and not is_before_due(rung)


class Watched(msgspec.Struct, frozen=True):
    """A clock as the sweep reads it. `rungs`: (rung, instant it comes), in time order; empty once the clock
    ended. `team_now`: responsible today, who can act; not the team the clock counts for."""

    clock: Clock
    team_now: str
    rungs: tuple[tuple[str, datetime], ...] = ()


class Withdrawal(msgspec.Struct, frozen=True):
    """A clock that was open until its start was withdrawn. `due_on`: its due day, else the day it began; `at`: when the
    withdrawal was known."""

    due_on: date
    team: str
    at: datetime


class PastRung(msgspec.Struct, frozen=True):
    """One claim: a rung told, or skipped because a later one was told instead."""

    rung: str
    due_on: date
    spell: int
    skipped: bool
    team: str
    level: int
    told_at: datetime


class Promise(msgspec.Struct, frozen=True):
    """An acknowledgement: done by the end of the London day `by_on`. `spell`: that of the alert it
    answers."""

    by_on: date
    at: datetime
    spell: int


class AlertHistory(msgspec.Struct, frozen=True):
    """Everything told about one clock, oldest first, and every promise made in answer, oldest first."""

    rungs: tuple[PastRung, ...] = ()
    promises: tuple[Promise, ...] = ()

    @property
    def spell(self) -> int:
        """The spell the clock is in now."""
        return 1 + sum(told.rung == CLEARED for told in self.rungs)

    @property
    def bad(self) -> tuple[PastRung, ...]:
        """The bad news told, not skipped, in this spell."""
        spell = self.spell
        return tuple(t for t in self.rungs if t.spell == spell and not t.skipped and is_bad(t.rung))

    @property
    def promise(self) -> Promise | None:
        """The promise that holds in this spell: the last one made."""
        spell = self.spell
        return next((p for p in reversed(self.promises) if p.spell == spell), None)

    def claimed(self, due_on: date) -> frozenset[str]:
        """The rungs told or skipped for this due day in this spell."""
        spell = self.spell
        return frozenset(t.rung for t in self.rungs if t.spell == spell and t.due_on == due_on)

    def newest(self) -> datetime | None:
        """When anything was last told of this clock."""
        return max((t.told_at for t in self.rungs), default=None)

    def plus(self, reason: Reason, now: datetime) -> AlertHistory:
        """Returns what will have been told once `reason` is claimed at `now`."""

        def row(rung: str, skipped: bool) -> PastRung:
            return PastRung(rung, reason.due_on, reason.spell, skipped, reason.team, reason.level, now)

        skipped = tuple(row(rung, True) for rung in reason.skipped)
        return AlertHistory((*self.rungs, *skipped, row(reason.rung, False)), self.promises)


class Policy(msgspec.Struct, frozen=True):
    """Holds what is the same for every clock of a sweep. `go_live`: from when managers are told; None means no
    bound. `month`: the newest first working day of a month, as (rung, London midnight at which it begins);
    None where the calendar does not reach."""

    go_live: datetime | None = None
    month: tuple[str, datetime] | None = None


class Reason(msgspec.Struct, frozen=True):
    """Why to tell. (clock, `due_on`, `rung`, `spell`) is the claim; `skipped` are claimed with it. `already`:
    it belongs in one list: overdue before go-live, or `anew`: true since the rules or the software changed, and not by
    anything that happened."""

    rung: str
    due_on: date
    spell: int
    team: str
    level: int = 0
    skipped: tuple[str, ...] = ()
    already: bool = False
    anew: bool = False


NOTHING_TOLD = AlertHistory()
