"""Keeping the clock table: folding the children the log has moved on for, and rebuilding it beside itself.

Nothing here decides anything: histories go through the fold, and what comes out is written. One machine folds all the
shards at once and alone. Of many machines each folds some shards beside the others: who writes the rows of a child
holds the lock of its shard, and reads the log only once it has it; the head is read before the histories, so whatever
comes between is found next time.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, Date, Engine, select, type_coerce
from sqlalchemy.types import NullType

from schemas.clock import Clock
from schemas.kafka.shards import shard_of
from schemas.store.engine import batches, exclusive, hold, reader, shared
from schemas.store.garbage import collected_seldom
from schemas.store.tables import Generation
from schemas.time.calendar import Calendar
from services.timeliness.fold.child import Folded, fold_child
from services.timeliness.fold.open_case import open_case
from services.timeliness.history.history import History
from services.timeliness.history.log_view import LogView
from services.timeliness.standards.register import Register
from services.timeliness.table import progress
from services.timeliness.table.behind import Touched, touched
from services.timeliness.table.progress import ALL, RuleVersions, ShardState
from services.timeliness.table.rows import CLOCK, Rows, clear
from services.timeliness.table.unannounced import differing, note, on_kafka

log = logging.getLogger(__name__)
CHUNK = 400  # children folded between writes
_FIELDS = Clock.__struct_fields__
_DIGESTED = [
    type_coerce(column, NullType()) if isinstance(column.type, Date) else column  # a day is spelt as it is stored
    for column in (CLOCK.c[name] for name in _FIELDS if name != "recorded_late")
]


class CaughtUp(NamedTuple):
    """Holds what catching up did: how many children it folded, and the ids of the live clocks that are new, gone or
    different. `head`: the log was folded up to there. `anew`: everything was folded again, and what changed was not
    looked at. `note`: the number under which the changes wait to be announced."""

    folded: int = 0
    changed: frozenset[str] = frozenset()
    head: int = 0
    anew: bool = False
    note: int | None = None


class Rebuilt(msgspec.Struct):
    """Holds what a rebuild found: the digest of what it built and of what was live, and whether they are equal."""

    digest: str
    live_digest: str
    equal: bool


def catch_up(
    engine: Engine,
    register: Register,
    calendar: Calendar,
    shards: Collection[int] | None = None,
    *,
    by_other_rules: bool = True,
) -> CaughtUp:
    """Fold every child whose log is ahead of its clocks: of some shards beside other workers, or of all alone (None).

    Safe to call at any time, by anybody: in one transaction, and doing it twice changes nothing. A shard that was
    folded by other rules than these is folded anew, unless `by_other_rules` is False: then it is left. A generation
    that is being built by these rules is folded too.
    """
    rules = RuleVersions(register.version, calendar.version)
    wanted = ALL if shards is None else sorted(set(shards))
    with reader(engine) as looking:
        new = progress.live_of(looking) is None
        if not new and not any(_due(state, rules, by_other_rules) for state in progress.states(looking, wanted)):
            return CaughtUp()
    if new:
        _first(engine, rules)
    folding = Folding(register, calendar, rules, by_other_rules)
    if shards is None:
        with exclusive(engine, Generation) as connection:
            return folding.all(connection)
    return _some(engine, folding, wanted)


def _due(state: ShardState, rules: RuleVersions, by_other_rules: bool) -> bool:
    return state.behind if state.rules == rules else by_other_rules


def _first(engine: Engine, rules: RuleVersions) -> None:
    with exclusive(engine, Generation) as connection:
        if progress.live_of(connection) is None:
            progress.begin_live(connection, rules)


def _some(engine: Engine, folding: Folding, wanted: Collection[int]) -> CaughtUp:
    """Children of these shards may be joined with children of others: then those shards' locks are needed as well.
    Locks are taken in order, so that nobody waits in a circle: what turns out to need more begins again with more."""
    locked = set(wanted)
    while True:
        with shared(engine, Generation) as connection:
            hold(connection, *(f"fold shard {shard}" for shard in sorted(locked)))
            work = folding.look(connection, wanted)
            needed = {shard for _, about in work for shard in about.shards}
            if needed <= locked:
                return folding.do(connection, work, noting=True)
        locked |= needed


class Folding:
    """Folding by certain rules."""

    def __init__(self, register: Register, calendar: Calendar, rules: RuleVersions, by_other_rules: bool) -> None:
        self.register, self.calendar, self.rules = register, calendar, rules
        self._by_other_rules = by_other_rules
        self._standards = list(register.standards.values())
        self._head = 0
        self._live = 0

    def look(self, connection: Connection, wanted: Collection[int]) -> list[tuple[int, Touched]]:
        """Returns what is to be folded, by generation. The head comes first: what is committed later is found next
        time."""
        self._head = progress.head_of(connection)
        self._live = progress.live_of(connection) or 1
        self._view = LogView(connection, sources=self.register.sources)
        found: dict[int, list[ShardState]] = {}
        for state in progress.states(connection, wanted):
            live = state.generation == self._live
            if state.generation >= self._live and _due(state, self.rules, self._by_other_rules and live):
                found.setdefault(state.generation, []).append(state)
        return [
            (generation, touched(connection, self._view, some, self._head, self.rules))
            for generation, some in sorted(found.items())
        ]

    def do(self, connection: Connection, work: list[tuple[int, Touched]], *, noting: bool) -> CaughtUp:
        """`noting`: whether what changed is to be announced."""
        done = CaughtUp()
        for generation, about in work:
            count, changed = self._fold(connection, generation, about)
            progress.folded(connection, generation, about.of, self._head, self.rules)
            if generation == self._live:
                shards = about.shards | about.of
                noted = note(connection, shards, changed, self._head) if noting else None
                done = CaughtUp(count, frozenset(changed), self._head, note=noted)
        return done

    def all(self, connection: Connection) -> CaughtUp:
        """Every shard, alone. Where all is to be folded anew, in one walk through the log."""
        states = progress.states(connection)
        anew = len(states) == len(ALL) and all(state.is_new_to(self.rules) for state in states)
        noting = on_kafka(connection)
        if noting or not anew or not (self._by_other_rules or states[0].rules == self.rules):
            return self.do(connection, self.look(connection, ALL), noting=noting)
        live, head = states[0].generation, progress.head_of(connection)
        clear(connection, live)
        return CaughtUp(self.into(connection, live), head=head, anew=True)

    def into(self, connection: Connection, generation: int) -> int:
        """The whole log into a generation that is empty; gives how many children there are."""
        head = progress.head_of(connection)
        rows = Rows(connection, self.register, self.calendar, generation)
        count = endless = 0
        with collected_seldom():
            for some in batches(self._folded(LogView(connection, sources=self.register.sources).histories()), CHUNK):
                rows.write(some)
                count += len(some)
                endless += sum(one.endless for one in some)
            rows.counted(new=True)
        progress.folded(connection, generation, ALL, head, self.rules)
        _alarm_past_calendar(endless, self.calendar)
        return count

    def _folded(self, histories: Iterable[History]) -> Iterator[Folded]:
        for one in histories:
            folded = fold_child(self._standards, one, self.calendar)
            folded.case = open_case(self.register.states, one)
            yield folded

    def _fold(self, connection: Connection, generation: int, about: Touched) -> tuple[int, set[str]]:
        view, rows = self._view, Rows(connection, self.register, self.calendar, generation)
        changed: set[str] = set()
        children = about.children
        if about.anew:
            there = [child for child in rows.children() if shard_of(child) in about.anew]
            children = children | set(there)
        survivors = sorted({view.survivor_of.get(child, child) for child in children})
        endless = 0
        for some in batches(survivors, CHUNK):
            folded = list(self._folded(view.histories(some)))
            ids = {one for child in some for one in view.members.get(child, [child])}
            changed |= rows.replace(ids, folded)
            endless += sum(one.endless for one in folded)
        rows.counted()
        _alarm_past_calendar(endless, self.calendar)
        return len(survivors), changed


def rebuild(engine: Engine, register: Register, calendar: Calendar) -> Rebuilt:
    """Fold everything into a new generation beside the live one, compare, and swap in one transaction. Anybody reading
    sees the old whole or the new whole. Events may be taken in meanwhile: both are of the log as it was at first."""
    rules = RuleVersions(register.version, calendar.version)
    folding = Folding(register, calendar, rules, True)
    with exclusive(engine, Generation) as connection:
        if progress.live_of(connection) is None:
            progress.begin_live(connection, rules)
        fresh = (progress.live_of(connection) or 1) + 1
        abandon(connection, fresh)  # what another rebuild may have begun
        folding.all(connection)
        progress.begin(connection, fresh, rules)
        folding.into(connection, fresh)
        return swap(connection, fresh)


def swap(connection: Connection, fresh: int) -> Rebuilt:
    """Compare a generation that was built with the live one, and make it the live one."""
    live = progress.live_of(connection) or 1
    live_digest, new_digest = digest(connection, live), digest(connection, fresh)
    if on_kafka(connection):
        note(connection, ALL, differing(connection, live, fresh), progress.head_of(connection))
    progress.make_live(connection, fresh)
    abandon(connection, live)
    return Rebuilt(new_digest, live_digest, new_digest == live_digest)


def abandon(connection: Connection, generation: int) -> None:
    """Take a generation away, whatever of it there is."""
    clear(connection, generation)
    progress.drop(connection, generation)


def digest(connection: Connection, generation: int) -> str:
    """SHA-256 over canonical JSON of the clock rows by id, without knowing and wall-clock fields."""
    total = hashlib.sha256()
    encoder = msgspec.json.Encoder()
    query = select(*_DIGESTED).where(CLOCK.c.generation == generation).order_by(CLOCK.c.id)
    for row in connection.execute(query, execution_options={"yield_per": 5000}):
        total.update(encoder.encode(tuple(row)))
        total.update(b"\n")
    return total.hexdigest()


def _alarm_past_calendar(endless: int, calendar: Calendar) -> None:
    """One alarm, however many: clocks that end nowhere because the calendar does."""
    if endless:
        log.warning(
            "%d clocks have no due day or no warning: the calendar ends on %s and needs its next years",
            endless,
            calendar.last,
        )
