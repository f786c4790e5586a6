"""Why a published figure is another now: every line that differs, with one cause. Pure.

From what was frozen to now one thing is changed at a time (`Step`), and whatever that changes has it for its cause. So
the effects of all changes add up to the difference, in every group and measure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple

import msgspec

from schemas.clock import Clock
from services.timeliness.figures.lines import Asked, Counts, Line, less, lines_of
from services.timeliness.fold.child import ScopeSpell

Cause = Literal[
    "erased",
    "software fixed",
    "rule changed",
    "calendar changed",
    "team changed",
    "records merged",
    "withdrawn",
    "corrected",
    "feed restated",
    "arrived late",
    "recorded late",
]
CAUSES: dict[Cause, str] = {
    "erased": "a record was erased, and cannot be worked out again",
    "software fixed": "today's software makes another of the same events and rules",
    "rule changed": "the register or the rank of sources is another",
    "calendar changed": "a working day is none, or the other way about",
    "team changed": "another team was responsible than was known, or the team is in another division",
    "records merged": "two records turned out to be one child, or one to be two",
    "withdrawn": "an event was taken back",
    "corrected": "an event was put right",
    "feed restated": "a source says otherwise which events it carries",
    "arrived late": "it had been entered by then, and had not arrived",
    "recorded late": "it was entered afterwards",
}


Key = tuple[str, str]  # see `Line.key`


class State(NamedTuple):
    """What some ids of one child come to: the lines that add something, by `Line.key`; every clock by its id."""

    lines: Mapping[Key, Line]
    clocks: Mapping[str, Clock]


def frozen_state(lines: Iterable[Line]) -> State:
    """Returns what was published, of which no more is kept than the lines."""
    return State({line.key: line for line in lines}, {})


def state_of(folded: Iterable[tuple[str, Sequence[Clock], Sequence[ScopeSpell]]], asked: Asked) -> State:
    """Returns what children come to, each with its clocks and spells."""
    lines: dict[Key, Line] = {}
    clocks: dict[str, Clock] = {}
    for child, theirs, spells in folded:
        for line in lines_of(child, theirs, spells, asked):
            lines[line.key] = line
        clocks.update((clock.id, clock) for clock in theirs)
    return State(lines, clocks)


class Happened(NamedTuple):
    """An event that became known after a figure was frozen: where it is in the log, and what it is. `was_in_effect`:
    whether the fact that it replaces was; `of_a_merge`: it is a merge, or withdraws one."""

    seq: int
    event: str
    kind: str
    recorded_at: datetime | None
    known_at: datetime
    replaces: bool = False
    retracts: bool = False
    was_in_effect: bool = False
    of_a_merge: bool = False


Why = Cause | Happened


class Shown(msgspec.Struct, frozen=True):
    """A clock as it was or is."""

    due_on: date | None
    status: str | None
    ended_on: date | None
    team: str | None


class Change(NamedTuple):
    """A line that differs, why, and what that adds. `happened`: the event that did it, of what an event did. Child and
    clock are None where the cause is an erasure."""

    child: str | None
    standard: str
    clock: str | None
    cause: Cause
    happened: Happened | None
    was: Shown | None
    now: Shown | None
    added: Counts


def changes(before: State, after: State, why: Why, as_of: datetime, until: datetime) -> list[Change]:
    """Returns the lines that add something else after a step than before it. `until`: what was entered by then and came
    later arrived late (`arrived_late`)."""
    found = []
    for was_key, key in _pairs(before, after):
        was = before.lines[was_key] if was_key is not None else None
        now = after.lines[key] if key is not None else None
        added = less(now.added if now else {}, was.added if was else {})
        if added:
            found.append(_change(_Both(before, after, was, now), why, as_of, until, added))
    return found


def blanked(standard: str, added: Counts) -> Change:
    """Returns the change that an erased line is: all that it added is gone."""
    return Change(None, standard, None, "erased", None, None, None, less({}, added))


def _pairs(before: State, after: State) -> list[tuple[Key | None, Key | None]]:
    """The keys of each line, before and after: a clock is known by any of its ids."""
    gone, new = set(before.lines) - set(after.lines), set(after.lines) - set(before.lines)
    pairs: list[tuple[Key | None, Key | None]] = [(key, key) for key in before.lines.keys() & after.lines.keys()]
    for key in sorted(new):
        if (was := next((other for other in _aliases(after, key) if other in gone), None)) is not None:
            gone.remove(was)
            new.remove(key)
            pairs.append((was, key))
    for key in sorted(gone):
        if (now := next((other for other in _aliases(before, key) if other in new), None)) is not None:
            gone.remove(key)
            new.remove(now)
            pairs.append((key, now))
    pairs += [*((key, None) for key in gone), *((None, key) for key in new)]
    return sorted(pairs, key=lambda pair: (pair[0] or pair[1] or ("", ""), pair[1] or ("", "")))


def _aliases(state: State, key: Key) -> list[Key]:
    line = state.lines[key]
    clock = state.clocks.get(line.clock) if line.clock is not None else None
    return [(line.standard, alias) for alias in ((clock.aliases or "") if clock else "").split()]


class _Both(NamedTuple):
    before: State
    after: State
    was: Line | None
    now: Line | None

    @property
    def line(self) -> Line:
        line = self.now or self.was
        assert line is not None
        return line

    def clock(self, state: State, line: Line | None, other: Line | None) -> Clock | None:
        """The clock of a line; where that adds nothing and is not there, the clock of the same id."""
        id_ = (line or other or self.line).clock
        return state.clocks.get(id_) if id_ is not None else None


def _change(both: _Both, why: Why, as_of: datetime, until: datetime, added: Counts) -> Change:
    was = both.clock(both.before, both.was, both.now)
    now = both.clock(both.after, both.now, both.was)
    if isinstance(why, Happened):
        same = _same_but_team(was, now) if both.line.clock is not None else _moved(added)
        cause, happened = cause_of(why, same, until), why
    else:
        cause, happened = why, None
    gone = cause == "erased"
    return Change(
        None if gone else both.line.child,
        both.line.standard,
        None if gone else both.line.clock,
        cause,
        happened,
        None if gone else _shown(both.was, was, as_of),
        None if gone else _shown(both.now, now, as_of),
        added,
    )


def cause_of(happened: Happened, same_but_team: bool, until: datetime) -> Cause:
    """Returns what an event's changes are put down to: what it is; else that it came late."""
    if happened.of_a_merge:
        return "records merged"
    if happened.retracts:
        return "withdrawn"
    if happened.kind == "feed.covered":
        return "feed restated"
    if happened.replaces and happened.was_in_effect:
        return "corrected"
    if same_but_team:
        return "team changed"
    return "arrived late" if (happened.recorded_at or happened.known_at) <= until else "recorded late"


def _same_but_team(was: Clock | None, now: Clock | None) -> bool:
    return was is not None and now is not None and was == msgspec.structs.replace(now, team=was.team, teams=was.teams)


def _moved(added: Counts) -> bool:
    """Whether counts only went from one team to another."""
    sums: dict[str, int] = {}
    for (_, _, measure), n in added.items():
        sums[measure] = sums.get(measure, 0) + n
    return not any(sums.values())


def _shown(line: Line | None, clock: Clock | None, as_of: datetime) -> Shown | None:
    if clock is not None:
        status = clock.status(as_of)
        return Shown(clock.due_on, status, clock.ended_on, clock.team) if status is not None else None
    if line is None:
        return None
    if line.clock is not None:
        return Shown(line.due_on, line.verdict, line.ended_on, line.team)
    up_to_date = any(measure == "up_to_date" for _, _, measure, _ in line.counts)
    teams = sorted({team for _, team, _, _ in line.counts})
    return Shown(None, "up_to_date" if up_to_date else "in_scope", None, teams[0] if teams else None)


def arrived_by(as_of: datetime, last_known_at: datetime | None) -> datetime:
    """Returns the moment by which what was entered later only arrived late."""
    return max(as_of, last_known_at) if last_known_at is not None else as_of
