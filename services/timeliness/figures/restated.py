"""Why a figure of an earlier week is another now than it was: what became known since, clock by clock. Pure.

A child's clocks and spells are folded twice, from what was known before and from what is known now, by the same rules
and asked at the same instant: what differs is what we learnt, not what time did. What one child adds to the figures is
what `kpi.figures` says of that child alone, so that the changes of all children add up to the change of the figure.

Each clock that differs has one cause, the first of these that is true of it: records merged, withdrawn, corrected,
team changed, recorded late, and found since (what happened later says that a duty had begun, or never arose). A change
of rules, calendar or software cannot show here, both sides being worked out by those of now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple

import msgspec

from schemas.clock import Clock
from services.timeliness.figures.kpi import Figure, GroupOf, depends, figures
from services.timeliness.figures.periods import Period
from services.timeliness.fold.child import ScopeSpell

Cause = Literal[
    "records merged", "withdrawn", "corrected", "team changed", "recorded late", "found since", "feed restated"
]
CAUSES: dict[Cause, str] = {
    "records merged": "two records turned out to be one child, or one to be two",
    "withdrawn": "an event was taken back",
    "corrected": "an event was put right",
    "team changed": "another team was responsible than was known",
    "recorded late": "it had happened and was entered later",
    "found since": "what happened later says otherwise of it: a duty had begun, or had never arisen",
    "feed restated": "a source says otherwise which events it carries",
}
MEASURES = (
    "due",
    "met",
    "missed",
    "completed",
    "completed_in_time",
    "open",
    "overdue",
    "recorded_late",
    "instead",
    "excused",
    "cancelled",
    "voided",
    "voided_late",
    "not_measured",
    "received",
    "received_again",
    "in_scope",
    "up_to_date",
)

Key = tuple[str, str, date, str]  # standard, group, first day of the week, measure


class Side(NamedTuple):
    """Holds what one child came to: clocks, spells of the must-hold standards, the ids that are one child."""

    clocks: Sequence[Clock]
    scopes: Sequence[ScopeSpell]
    ids: frozenset[str]


class News(NamedTuple):
    """An event that became known in between. `about`: the ids that it replaces or retracts, if any."""

    id: str
    kind: str
    day: date
    replaces: str | None = None
    retracts: str | None = None


class Change(NamedTuple):
    """A clock, as it was and is (None: there was or is none), why, and what it changed, by key. The first clock of a
    child and standard carries what cannot be told apart by clock."""

    child: str
    standard: str
    before: Clock | None
    after: Clock | None
    cause: Cause
    by: dict[Key, int]


class Comparison(NamedTuple):
    """Holds which weeks are compared, by which group, as of when. `snapshot`: as `kpi.figures` wants it. `last`:
    the last day of the last of the weeks."""

    weeks: Sequence[Period]
    snapshot: dict[str, str]
    group_of: GroupOf
    as_of: datetime

    @property
    def last(self) -> date:
        return self.weeks[-1].last


def changes(child: str, before: Side, after: Side, news: Sequence[News], asked: Comparison) -> list[Change]:
    """Returns what differs in the weeks asked of, for one child; by standard, then by clock. Empty where nothing counts
    otherwise."""
    out: list[Change] = []
    for standard in _standards_that_differ(before, after):
        was, now = _counted(before, standard, asked), _counted(after, standard, asked)
        by = _less(now, was)
        if by:
            pairs = _pairs(before, after, standard)
            out += _by_clock(child, standard, pairs, by, _Why(before, after, news, asked.last), asked)
    return out


def sums(found: Iterable[Change]) -> dict[Key, int]:
    """Returns what all of them together changed."""
    total: dict[Key, int] = {}
    for change in found:
        for key, n in change.by.items():
            total[key] = total.get(key, 0) + n
    return {key: n for key, n in total.items() if n}


def _by_clock(
    child: str,
    standard: str,
    pairs: list[tuple[Clock | None, Clock | None]],
    by: dict[Key, int],
    why: Callable[[Clock | None, Clock | None], Cause],
    asked: Comparison,
) -> list[Change]:
    """The change of a child and standard, shared out: to each clock what it changes alone; to the first what is left
    over (a snapshot counts a child's clocks and spells together)."""
    found, left = [], dict(by)
    for was, now in pairs:
        own = _less(_alone(now, asked), _alone(was, asked))
        own = {key: n for key, n in own.items() if key in by}
        if own:
            found.append(Change(child, standard, was, now, why(was, now), own))
            left = _less(left, own)
    if left:
        if found:
            first = found[0]
            merged = {k: first.by.get(k, 0) + left.get(k, 0) for k in first.by.keys() | left.keys()}
            found[0] = first._replace(by={k: n for k, n in merged.items() if n})
        else:
            was, now = pairs[0] if pairs else (None, None)
            found = [Change(child, standard, was, now, why(was, now), left)]
    return [change for change in found if change.by]


def _standards_that_differ(before: Side, after: Side) -> list[str]:
    was, now = _by_standard(before), _by_standard(after)
    return sorted(standard for standard in was.keys() | now.keys() if was.get(standard) != now.get(standard))


def _by_standard(side: Side) -> dict[str, list[object]]:
    found: dict[str, list[object]] = {}
    for clock in sorted(side.clocks, key=lambda each: each.id):
        found.setdefault(clock.standard, []).append(msgspec.structs.replace(clock, child=""))
    for scope in side.scopes:
        found.setdefault(scope.standard, []).append((scope.team, scope.from_on, scope.to_on))
    return found


def _pairs(before: Side, after: Side, standard: str) -> list[tuple[Clock | None, Clock | None]]:
    """Each clock that differs, as it was and is, in the order of their starts; known by any of its ids."""
    was = {clock.id: clock for clock in before.clocks if clock.standard == standard}
    now = {clock.id: clock for clock in after.clocks if clock.standard == standard}
    for clock in now.values():
        for alias in (clock.aliases or "").split():
            if alias in was and clock.id not in was:
                was[clock.id] = was.pop(alias)
    found = [(was.get(id_), now.get(id_)) for id_ in was.keys() | now.keys() if was.get(id_) != now.get(id_)]
    return sorted(found, key=_begun)


def _begun(pair: tuple[Clock | None, Clock | None]) -> tuple[date, str]:
    clock = pair[0] or pair[1]
    assert clock is not None
    return clock.started_on, clock.id


def _counted(side: Side, standard: str, asked: Comparison) -> dict[Key, int]:
    clocks = [clock for clock in side.clocks if clock.standard == standard]
    scopes = [scope for scope in side.scopes if scope.standard == standard]
    return _figures(clocks, scopes, asked)


def _alone(clock: Clock | None, asked: Comparison) -> dict[Key, int]:
    return _figures([clock], [], asked) if clock is not None else {}


def _figures(clocks: Sequence[Clock], scopes: Sequence[ScopeSpell], asked: Comparison) -> dict[Key, int]:
    found: dict[Key, int] = {}
    for week in asked.weeks:
        if not scopes and not any(depends(week, clock) for clock in clocks):
            continue
        for figure in figures(clocks, scopes, asked.snapshot, week, asked.group_of, asked.as_of):
            found |= _counts(figure)
    return found


def _counts(figure: Figure) -> dict[Key, int]:
    found = {}
    for measure in MEASURES:
        if n := getattr(figure, measure) or 0:
            found[figure.standard, figure.group, figure.from_on, measure] = int(n)
    return found


def _less(one: Mapping[Key, int], other: Mapping[Key, int]) -> dict[Key, int]:
    return {k: n for k in one.keys() | other.keys() if (n := one.get(k, 0) - other.get(k, 0))}


def _events(clock: Clock | None) -> set[str]:
    """The events that began and ended a clock."""
    return {id_ for id_ in (clock.cause, clock.stop_cause) if id_ is not None} if clock else set()


class _Why:
    """Finds the one cause of a clock's difference, from what became known of its child."""

    def __init__(self, before: Side, after: Side, news: Sequence[News], last: date) -> None:
        self._merged = before.ids != after.ids
        self._news, self._last = news, last
        self._new = {one.id: one for one in news}
        self._withdrawn = {one.retracts for one in news if one.retracts}
        self._replaced = {one.replaces for one in news if one.replaces}

    def __call__(self, was: Clock | None, now: Clock | None) -> Cause:
        if self._merged:
            return "records merged"
        old, new = _events(was), _events(now)
        if old & self._withdrawn:
            return "withdrawn"
        if old & self._replaced or any(self._new[id_].replaces for id_ in new & self._new.keys()):
            return "corrected"
        if was and now and was == msgspec.structs.replace(now, team=was.team, teams=was.teams):
            return "team changed"
        if fresh := [self._new[id_] for id_ in new & self._new.keys()]:
            return self._entered(fresh)
        return self._of_any()

    def _entered(self, fresh: Sequence[News]) -> Cause:
        return "recorded late" if any(one.day <= self._last for one in fresh) else "found since"

    def _of_any(self) -> Cause:
        """It neither began nor ended by anything new: by what else became known of the child."""
        if any(one.retracts for one in self._news):
            return "withdrawn"
        if any(one.replaces for one in self._news):
            return "corrected"
        return self._entered(self._news) if self._news else "feed restated"
