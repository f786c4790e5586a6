"""One child's history: the events in effect, in the order in which they happened, and what they say of the life.

Corrections and withdrawals are settled here, so that the fold sees only a different history.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Set
from datetime import UTC, date, datetime
from itertools import chain
from typing import Any

import msgspec

from schemas.events.event import CaseEvent
from schemas.time.days import ONE_DAY, birthday, end_of_day, london_day
from services.timeliness.history.coverage import Coverage

_EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
UNASSIGNED = "unassigned"
_AFTER_ANY_TEAM = "\U0010ffff"  # sorts after every code of a team


class Fact(msgspec.Struct, gc=False):
    """An event as the fold sees it. `known_at`: when we knew. `root`: the first id of its chain of replacements;
    `before`: the events it replaced, first one first. `key` is its place in the history."""

    kind: str
    day: date
    data: Any
    id: str
    source: str
    key: tuple[Any, ...]
    event: CaseEvent
    known_at: datetime
    root: str
    before: tuple[CaseEvent, ...] = ()


def fact_of(event: CaseEvent, known_at: datetime) -> Fact:
    """An event of the log with its place in the fold: London day, instant or else the end of that day, rank of the
    kind, source, id. The order is total and the same whatever arrives later."""
    if event.time is None:
        day: date = event.occurredon  # type: ignore[assignment]
        moment = end_of_day(day)
    else:
        moment = event.time
        day = london_day(moment)
    key = (day, moment, event.order, event.source, event.id)
    return Fact(event.kind, day, event.data, event.id, event.source, key, event, known_at, event.id)


class History(msgspec.Struct, gc=False):
    """What a standard is asked of. `facts` in order; `kinds` among them, each with the places of its
    facts; `born_on` None where no birth is known,
    `unborn` where one is only expected; `adult_eve` the last day before the 18th birthday; `died_on`;
    `teams` who is responsible from which day. `returns`: the sources that state what they carry."""

    child: str
    facts: list[Fact]
    kinds: dict[str, list[int]]
    coverage: Coverage | None = None
    born_on: date | None = None
    unborn: bool = False
    adult_eve: date | None = None
    died_on: date | None = None
    teams: list[tuple[date, str]] = []
    returns: frozenset[str] = frozenset()

    def of(self, kinds: Set[str]) -> list[Fact]:
        """The facts of some kinds, in order."""
        places = [self.kinds[kind] for kind in self.kinds.keys() & kinds]
        in_order = sorted(chain.from_iterable(places)) if len(places) > 1 else chain(*places)
        return list(map(self.facts.__getitem__, in_order))

    def team_on(self, day: date | None) -> str:
        """The team responsible at the end of a day (None: now, the last known)."""
        if not self.teams:
            return UNASSIGNED
        if day is None:
            return self.teams[-1][1]
        at = bisect_right(self.teams, (day, _AFTER_ANY_TEAM))
        return self.teams[at - 1][1] if at else UNASSIGNED


def history(child: str, events: list[Fact], coverage: Mapping[str, Coverage], as_of: datetime | None = None) -> History:
    """The history of a child (or of the group of ids merged into it) from all its logged events, in any order.

    `coverage` by source; a source that is not in it carries everything. `as_of`: without what occurred later (a
    date-only event: on a later day). Corrections are settled first: what is known to have been wrong was never right.
    """
    facts = in_effect(events)
    if as_of is not None:
        today = london_day(as_of)
        facts = [f for f in facts if (f.day <= today if f.event.time is None else f.event.time <= as_of)]
    facts.sort(key=_place)
    kinds: dict[str, list[int]] = {}
    for at, fact in enumerate(facts):
        kinds.setdefault(fact.kind, []).append(at)
    made = History(child, facts, kinds, returns=frozenset(coverage))
    if coverage:
        made.coverage = _covered(facts, coverage)
    if not _BIRTH_KINDS.isdisjoint(kinds):
        made.born_on, made.unborn = _birth(made.of(_BIRTH_KINDS))
        made.adult_eve = birthday(made.born_on, 18) - ONE_DAY if made.born_on else None
    if "child.died" in kinds:
        made.died_on = made.of({"child.died"})[0].day
    if "case.team_set" in kinds:
        made.teams = list({fact.day: fact.data.team for fact in made.of({"case.team_set"})}.items())
    return made


def _place(fact: Fact) -> tuple[Any, ...]:
    return fact.key


_BIRTH_KINDS = {"child.registered", "child.born"}


def _birth(told: list[Fact]) -> tuple[date | None, bool]:
    """The birth as last told (details are replaced by a later registration), and whether one is only expected."""
    born_on: date | None = None
    expected = False
    for fact in told:
        if fact.kind == "child.born":
            born_on = fact.day
        else:
            born_on = fact.data.born_on or born_on
            expected = expected or fact.data.expected_on is not None
    return born_on, expected and born_on is None


def _covered(facts: Iterable[Fact], coverage: Mapping[str, Coverage]) -> Coverage | None:
    """What this child's sources carry together; None (everything) as soon as one of them states nothing."""
    sources = {fact.source for fact in facts}
    if not sources or any(source not in coverage for source in sources):
        return None
    return Coverage.together([coverage[source] for source in sorted(sources)])


# -- corrections -------------------------------------------------------------------------------------------------------


def in_effect(events: list[Fact]) -> list[Fact]:
    """The events that count: not withdrawn, not replaced; a replacement carries the root and the versions before it.

    A retraction whose own retraction counts does not count. Of rival replacements the later `recordedtime`, then the
    greater `id`, wins. Retractions themselves are not facts and are left out.
    """
    if not any(e.event.replaces or e.event.retracts for e in events):
        return list(events)
    by_id = {_key(e): e for e in events}
    withdrawn = _withdrawn(events)
    alive = {key: e for key, e in by_id.items() if key not in withdrawn and e.kind != "event.retracted"}
    winners = _winners(alive)
    return [
        _with_versions(e, alive) if e.event.replaces else e
        for key, e in alive.items()
        if key not in winners and _won(e, alive, winners)
    ]


_Key = tuple[str, str, str]  # source, subject and id: a correction is of the same source and subject


def _key(e: Fact) -> _Key:
    return e.source, e.event.subject, e.id


def _named(e: Fact, id_: str) -> _Key:
    return e.source, e.event.subject, id_


def _withdrawn(events: list[Fact]) -> set[_Key]:
    """Identities named by a retraction that itself stands: one that no standing retraction names.

    From the last retraction of a chain back to the first, without recursion: a chain may be of any length. In a circle
    of retractions that nothing outside breaks, none stands if their number is even, and all if it is odd.
    """
    named = {_key(r): _named(r, r.event.retracts) for r in events if r.event.retracts}
    waiting = dict.fromkeys(named, 0)  # how many retractions of it are not decided
    for target in named.values():
        if target in waiting:
            waiting[target] += 1
    withdrawn: set[_Key] = set()
    ready = [key for key, count in waiting.items() if not count]
    while waiting:
        if not ready:  # what is left are circles, each retraction named by the one before it
            at = next((key for key in waiting if key in withdrawn), None)
            if at is None:
                withdrawn |= _circle(next(iter(waiting)), named, waiting)
                continue
            ready = [at]
        key = ready.pop()
        del waiting[key]
        target = named[key]
        if key not in withdrawn:
            withdrawn.add(target)
        if target in waiting:
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    return withdrawn


def _circle(first: _Key, named: Mapping[_Key, _Key], waiting: dict[_Key, int]) -> set[_Key]:
    """Takes a circle out of what is waiting. What of it is withdrawn: all where their number is odd, else none."""
    members, at = {first}, named[first]
    while at != first:
        members.add(at)
        at = named[at]
    for key in members:
        del waiting[key]
    return members if len(members) % 2 else set()


def _winners(alive: Mapping[_Key, Fact]) -> dict[_Key, _Key]:
    """For each identity that is replaced (arrived or not), the replacement that wins."""
    rivals: dict[_Key, list[Fact]] = {}
    for e in alive.values():
        if e.event.replaces:
            rivals.setdefault(_named(e, e.event.replaces), []).append(e)
    return {
        target: _key(best)
        for target, them in rivals.items()
        for best in [max(them, key=lambda e: (e.event.recordedtime or _EARLIEST, e.id))]
    }


def _chain(e: Fact, alive: Mapping[_Key, Fact]) -> list[tuple[_Key, Fact | None]]:
    """What `e` replaced, nearest first: each identity, and its event where that has arrived and was not withdrawn."""
    chain: list[tuple[_Key, Fact | None]] = []
    at: Fact | None = e
    while at is not None and at.event.replaces:
        target = _named(e, at.event.replaces)
        if any(target == seen for seen, _ in chain):
            break
        at = alive.get(target)
        chain.append((target, at))
    return chain


def _won(e: Fact, alive: Mapping[_Key, Fact], winners: Mapping[_Key, _Key]) -> bool:
    """Whether `e`, and everything between it and the root of its chain, won against its rivals."""
    by = _key(e)
    for target, _ in _chain(e, alive):
        if winners[target] != by:
            return False
        by = target
    return True


def _with_versions(e: Fact, alive: Mapping[_Key, Fact]) -> Fact:
    """The last of a chain, with the versions it replaced, first one first, and the id of the first.

    One that has not arrived is no root: its id may turn out to be an event of another child, with clocks of its own.
    """
    versions = tuple(version.event for _, version in reversed(_chain(e, alive)) if version is not None)
    return msgspec.structs.replace(e, root=versions[0].id if versions else e.id, before=versions)
