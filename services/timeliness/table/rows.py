"""Clocks as the database stores them, and writing what became of some children: only the rows that differ."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Date, Table, delete, select, type_coerce
from sqlalchemy.types import NullType

from schemas.clock import Clock
from schemas.store.engine import Stored, among, append_rows, table_of, write_rows
from schemas.store.tables import ClockAlias, ClockRow, FaultRow, Instant, OpenCase, ScopeRow, WithdrawnClock
from schemas.time.calendar import Calendar
from schemas.time.days import iso
from services.timeliness.figures.counts import Counted, Counts
from services.timeliness.figures.held import held
from services.timeliness.fold.child import Folded, ScopeSpell
from services.timeliness.fold.rungs import rungs
from services.timeliness.standards.register import Register
from services.timeliness.table import counts as tallies
from services.timeliness.table.reference import kept_teams

CLOCK, SCOPE, FAULT, CASE = (table_of(t) for t in (ClockRow, ScopeRow, FaultRow, OpenCase))
ALIAS = table_of(ClockAlias)
WITHDRAWN = table_of(WithdrawnClock)
_ID, _STANDARD = (list(CLOCK.c.keys()).index(name) for name in ("id", "standard"))
_DAYS = [column.name for column in CLOCK.columns if isinstance(column.type, Date)]
_INSTANTS = [column.name for column in CLOCK.columns if isinstance(column.type, Instant)]
_MOST = 100_000  # cells counted in memory
Row = tuple[Any, ...]


class Rows:
    """Writes the clocks, spells, faults and open cases of one generation."""

    def __init__(self, connection: Connection, register: Register, calendar: Calendar, generation: int) -> None:
        self._connection, self._generation = connection, generation
        stored = Stored.by(connection)
        self._day, self._instant = stored.day, stored.instant
        self._standards, self._calendar = register.standards, calendar
        self._ladders: dict[tuple[str, date | None, date | None], tuple[str | None, Any]] = {}
        self._divisions = kept_teams(connection)
        self._counts = Counts()
        self._counted_before = False

    def write(self, folded: Sequence[Folded]) -> None:
        """Rows of children of whom there are none yet. `counted` is to follow."""
        rows = [self._counted_row(clock, one) for one in folded for clock in one.clocks]
        for one in folded:
            if one.scopes:
                self._counts.scopes(one.scopes, one.clocks, self._divisions.spans)
        if len(self._counts.cells) > _MOST:
            self.counted()
            self._counted_before = True
        append_rows(self._connection, ClockRow, rows)
        write_rows(self._connection, ScopeRow, self._scopes(folded))
        write_rows(self._connection, FaultRow, self._faults(folded))
        write_rows(self._connection, OpenCase, self._cases(folded))
        write_rows(self._connection, WithdrawnClock, self._withdrawn(folded))
        write_rows(self._connection, ClockAlias, self._aliases(folded))

    def replace(self, ids: Collection[str], folded: Sequence[Folded]) -> set[str]:
        """Everything of these ids becomes what was folded. Gives the ids of the clocks that are new, gone or
        different: only their rows are written. `counted` is to follow."""
        before = self._clocks_of(ids)
        after = {row[_ID]: row for row in self._clocks(folded)}
        changed = {id_ for id_, row in after.items() if before.get(id_) != row}
        stale = [id_ for id_ in before if id_ in changed or id_ not in after]
        if stale:
            here = CLOCK.c.generation == self._generation
            self._connection.execute(delete(CLOCK).where(here, among(self._connection, CLOCK.c.id, stale)))
        append_rows(self._connection, ClockRow, [after[id_] for id_ in sorted(changed)])
        self._count_again(ids, before, stale, folded, changed)
        self._replace_in(SCOPE, ScopeRow, ids, self._scopes(folded))
        self._replace_in(FAULT, FaultRow, ids, self._faults(folded))
        self._replace_in(CASE, OpenCase, ids, self._cases(folded))
        self._replace_in(WITHDRAWN, WithdrawnClock, ids, self._withdrawn(folded))
        self._replace_in(ALIAS, ClockAlias, ids, self._aliases(folded))
        return changed | set(stale)

    def counted(self, *, new: bool = False) -> None:
        """Write what became of the counts. Last of all, so that those who count beside us wait shortly. `new`: there
        are no counts of the generation yet."""
        tallies.write(self._connection, self._generation, self._counts, new=new and not self._counted_before)
        self._counts = Counts()

    def children(self) -> list[str]:
        """Every child with a clock, a spell, a fault or an open case."""
        found: set[str] = set()
        for table in (CLOCK, SCOPE, FAULT, CASE, WITHDRAWN):
            query = select(table.c.child).where(table.c.generation == self._generation).distinct()
            found.update(self._connection.execute(query).scalars())
        return sorted(found)

    def _clocks_of(self, ids: Collection[str]) -> dict[str, Row]:
        """The rows there are, as the driver has them, which is how new ones are made."""
        columns: list[Any] = [type_coerce(column, NullType()) for column in CLOCK.columns]
        query = select(*columns).where(
            CLOCK.c.generation == self._generation, among(self._connection, CLOCK.c.child, ids)
        )
        return {row[_ID]: tuple(row) for row in self._connection.execute(query)}

    def _replace_in(self, table: Table, model: Any, ids: Collection[str], rows: list[dict[str, Any]]) -> None:
        """Spells and faults are few, and numbered anew if anything of them is different."""
        theirs = (table.c.generation == self._generation, among(self._connection, table.c.child, ids))
        columns = [column for column in table.columns if column.name != "id"]
        before = [dict(row._mapping) for row in self._connection.execute(select(*columns).where(*theirs))]
        if sorted(map(_spelt, before)) == sorted(map(_spelt, rows)):
            return
        if before:
            self._connection.execute(delete(table).where(*theirs))
        write_rows(self._connection, model, rows)

    def _clocks(self, folded: Sequence[Folded]) -> list[tuple[Any, ...]]:
        return [self.of(self._as_counted(c, one), one) for one in folded for c in one.clocks]

    def _scopes(self, folded: Sequence[Folded]) -> list[dict[str, Any]]:
        scopes = [scope for one in folded for scope in one.scopes]
        return [{"generation": self._generation, **msgspec.structs.asdict(scope)} for scope in scopes]

    def _aliases(self, folded: Sequence[Folded]) -> list[dict[str, Any]]:
        return [
            {"generation": self._generation, "alias": alias, "clock": clock.id, "child": one.child}
            for one in folded
            for clock in one.clocks
            for alias in (clock.aliases or "").split()
        ]

    def _faults(self, folded: Sequence[Folded]) -> list[dict[str, Any]]:
        return [
            {"generation": self._generation, "standard": standard, "child": one.child, "event": event, "what": what}
            for one in folded
            for standard, event, what in one.faults
        ]

    def _cases(self, folded: Sequence[Folded]) -> list[dict[str, Any]]:
        cases = [one.case for one in folded if one.case is not None]
        return [{"generation": self._generation, **msgspec.structs.asdict(case)} for case in cases]

    def _withdrawn(self, folded: Sequence[Folded]) -> list[dict[str, Any]]:
        gone = [each for one in folded for each in one.withdrawn]
        return [{"generation": self._generation, **msgspec.structs.asdict(each)} for each in gone]

    def _counted_row(self, clock: Clock, one: Folded) -> Row:
        """The row of a clock of whom nothing is counted yet."""
        counted = self._as_counted(clock, one)
        self._counts.clock(counted)
        return self.of(counted, one)

    def _count_again(
        self,
        ids: Collection[str],
        before: Mapping[str, Row],
        stale: Collection[str],
        folded: Sequence[Folded],
        changed: Set[str],
    ) -> None:
        """Take away what the rows that go were counted as, and count those that come."""
        for id_ in stale:
            self._counts.clock(self._was_counted(before[id_]), -1)
        for one in folded:
            for clock in one.clocks:
                if clock.id in changed:
                    self._counts.clock(self._as_counted(clock, one))
            if one.scopes:
                self._counts.scopes(one.scopes, one.clocks, self._divisions.spans)
        columns = [SCOPE.c[name] for name in ScopeSpell.__struct_fields__]
        theirs = (SCOPE.c.generation == self._generation, among(self._connection, SCOPE.c.child, ids))
        spells = [ScopeSpell(*row) for row in self._connection.execute(select(*columns).where(*theirs))]
        if spells:
            standards = {spell.standard for spell in spells}
            gaps = [self._was_counted(row).clock for row in before.values() if row[_STANDARD] in standards]
            self._counts.scopes(spells, gaps, self._divisions.spans, -1)

    def _as_counted(self, c: Clock, one: Folded) -> Counted:
        """With the team's division on the day that decides it, and what was so before."""
        end = c.ended_on
        settled = end is not None and end <= one.known_on
        return Counted(c, self._divisions.of(c.team, c.counts_on()), settled, held(c, self._divisions))

    def _was_counted(self, row: Row) -> Counted:
        """As the row says, which may hold days and instants as text."""
        fields = dict(zip(CLOCK.c.keys(), row, strict=True))
        for name in _DAYS:
            if isinstance(fields[name], str):
                fields[name] = date.fromisoformat(fields[name])
        for name in _INSTANTS:
            if isinstance(fields[name], str):
                fields[name] = datetime.fromisoformat(fields[name])
        clock = Clock(**{name: fields[name] for name in Clock.__struct_fields__})
        return Counted(clock, fields["division"], bool(fields["settled"]), held(clock, self._divisions))

    def of(self, counted: Counted, one: Folded) -> Row:
        """The row of a clock, its columns in the order of the table."""
        c, division, settled, _ = counted
        day, instant = self._day, self._instant
        ladder, first_rung_at = (None, None) if c.ended_before_warning() else self._ladder(c)
        return (
            self._generation,
            c.id,
            c.standard,
            c.child,
            day(c.started_on),
            day(c.due_on) if c.due_on else None,
            c.cause,
            c.team,
            instant(c.started_at) if c.started_at else None,
            instant(c.due_at) if c.due_at else None,
            day(c.warn_on) if c.warn_on else None,
            instant(c.warn_at) if c.warn_at else None,
            c.ended,
            day(c.ended_on) if c.ended_on else None,
            instant(c.ended_at) if c.ended_at else None,
            c.stop_cause,
            day(c.lasts_to) if c.lasts_to else None,
            c.recorded_late,
            c.took,
            c.unmeasured,
            c.day_precision,
            c.prohibits,
            c.broken,
            day(c.booked_on) if c.booked_on else None,
            c.faults,
            one.team_now,
            ladder,
            first_rung_at,
            c.meeting,
            division,
            settled,
            c.after_excuse,
            c.instead,
            c.begun_again,
            c.aliases,
            c.teams,
        )

    def _ladder(self, c: Clock) -> tuple[str | None, Any]:
        """The rungs as they are stored: the same for every clock of a standard due on a day, unless a warning would
        come before its start."""
        begun_since = c.started_on if c.warn_on is not None and c.started_on > c.warn_on else None
        key = (c.standard, c.due_on, begun_since)
        if c.due_at is None and key in self._ladders:
            return self._ladders[key]
        steps = rungs(self._standards[c.standard], c, self._calendar)
        made = msgspec.json.encode([(name, iso(at)) for name, at in steps]).decode() if steps else None
        found = self._ladders[key] = (made, self._instant(steps[0][1]) if steps else None)
        return found


def _spelt(row: dict[str, Any]) -> str:
    return repr(sorted(row.items()))


def clear(connection: Connection, generation: int) -> None:
    for table in (CLOCK, SCOPE, FAULT, CASE, WITHDRAWN, ALIAS):
        connection.execute(delete(table).where(table.c.generation == generation))
    tallies.clear(connection, generation)
