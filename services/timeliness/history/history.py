"""One child's history: the events in effect, in the order in which they happened, and what they say of the life.

Corrections and withdrawals are settled here, so that the fold sees only a different history.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from datetime import date, datetime
from itertools import chain

import msgspec

from schemas.events.chains import Settled, Standing, corrects, settle
from schemas.events.sources import is_return
from schemas.time.days import ONE_DAY, birthday, london_day
from services.timeliness.history.coverage import Coverage
from services.timeliness.history.facts import Fact, in_order
from services.timeliness.history.sources import told_once

UNASSIGNED = "unassigned"
_AFTER_ANY_TEAM = "\U0010ffff"  # sorts after every code of a team


class History(msgspec.Struct, gc=False):
    """Holds what a standard is asked of. `facts` in order; `kinds` among them, each with the places of its
    facts; `born_on` None where no birth is known,
    `unborn` where one is only expected; `adult_eve` the last day before the 18th birthday; `died_on`;
    `teams` who is responsible from which day. `returns`: the sources that state what they carry. `slips`:
    facts of a return dated after the last day it covers. `shadowed`: what a lower source tells too, and what speaks for
    it; `alone`: what it alone tells (`told_once`). `unclear`: versions of which nobody can say whether they came before
    the withdrawal of their fact. `withdrawn`: what was taken away, as it was last said, and when the withdrawal
    was known."""

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
    unclear: list[Fact] = []
    shadowed: list[tuple[Fact, Fact]] = []
    alone: list[Fact] = []
    slips: list[Fact] = []
    withdrawn: list[tuple[Fact, datetime]] = []

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


def history(
    child: str,
    events: list[Fact],
    coverage: Mapping[str, Coverage],
    as_of: datetime | None = None,
    beside: Callable[[list[Fact]], list[Fact]] | None = None,
    sources: Sequence[str] = (),
) -> History:
    """The history of a child (or of the group of ids merged into it) from all its logged events, in any order.

    `coverage` by source; a source that is not in it carries everything about the child from its first fact on.
    `as_of`: without what occurred later (a date-only event: on a later day). `beside`: what events about others say of
    this child, given its facts: such as what a worker who left held. `sources`: those whose rank is set,
    highest first. Corrections are settled first: what is known to have been wrong was never right.
    """
    settled = _settled(events)
    own = standing(events, settled) if settled else list(events)
    facts = [*own, *beside(own)] if beside is not None else own
    if as_of is not None:
        today = london_day(as_of)
        facts = [f for f in facts if (f.day <= today if f.event.time is None else f.event.time <= as_of)]
    once = told_once(in_order(facts), sources)
    facts = once.facts
    made = History(child, facts, _places(facts), returns=frozenset(coverage))
    kinds = made.kinds
    made.shadowed, made.alone = once.shadowed, once.alone
    if settled:
        made.unclear = [events[at] for at in settled.unclear]
        made.withdrawn = [(events[one.last], events[one.by].known_at) for one in settled.withdrawn]
    if coverage:
        made.coverage = _covered(own, coverage)  # the source of what is about others carries nothing for this child
        returned = [f for f in own if is_return(f.source) and f.source in coverage]
        made.slips = [f for f in returned if coverage[f.source].ends_before(f.day)]
    if not _BIRTH_KINDS.isdisjoint(kinds):
        made.born_on, made.unborn = _birth(made.of(_BIRTH_KINDS))
        made.adult_eve = birthday(made.born_on, 18) - ONE_DAY if made.born_on else None
    if "child.died" in kinds:
        made.died_on = made.of({"child.died"})[0].day
    if "case.team_set" in kinds:
        made.teams = list({fact.day: fact.data.team for fact in made.of({"case.team_set"})}.items())
    return made


def never_withdrawn(history: History, facts: Iterable[Fact]) -> History:
    """Returns the history as it would be with these facts, which were withdrawn."""
    together = in_order([*history.facts, *facts])
    return msgspec.structs.replace(history, facts=together, kinds=_places(together), unclear=[], withdrawn=[])


def _places(facts: list[Fact]) -> dict[str, list[int]]:
    kinds: dict[str, list[int]] = {}
    for at, fact in enumerate(facts):
        kinds.setdefault(fact.kind, []).append(at)
    return kinds


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
    """Returns what this child's sources carry together; None (everything) where none of them states anything.

    A source that states nothing carries every kind from the first day of a fact from it about this child; a birth or a
    registration, which tell of a life and not of work, do not count.
    """
    stating: set[str] = set()
    all_from: date | None = None
    for fact in facts:
        if fact.source in coverage:
            stating.add(fact.source)
        elif fact.kind not in _BIRTH_KINDS and (all_from is None or fact.day < all_from):
            all_from = fact.day
    if not stating:
        return None
    return Coverage.together([coverage[source] for source in sorted(stating)], all_from)


# -- corrections -------------------------------------------------------------------------------------------------------


def in_effect(events: list[Fact], child_of: Callable[[str], str] | None = None) -> list[Fact]:
    """Returns the events that count, each the latest statement of its fact (`schemas.events.chains`), with the root of
    its chain and the versions it replaced. `child_of`: as `settle` takes it."""
    settled = _settled(events, child_of)
    return standing(events, settled) if settled else list(events)


def _settled(events: list[Fact], child_of: Callable[[str], str] | None = None) -> Settled | None:
    """None where nothing is corrected, as nearly always."""
    if not any(corrects(e.event) for e in events):
        return None
    return settle([e.event for e in events], child_of)


def standing(events: list[Fact], settled: Settled) -> list[Fact]:
    """Returns the facts that settled events come to."""
    return [_with_versions(events, one) if one.names else events[one.at] for one in settled.standing]


def _with_versions(events: list[Fact], one: Standing) -> Fact:
    versions = tuple(events[at].event for at in one.before)
    fact = events[one.at]
    here = {fact.id, *(version.id for version in versions)}
    named = one.root in here or is_return(fact.source)  # else it may turn out to be an event of another child
    root = one.root if named and one.root else versions[0].id if versions else fact.id
    return msgspec.structs.replace(fact, root=root, before=versions, names=one.names)
