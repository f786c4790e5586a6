"""A rebuild spread over the workers: each folds whole shards into a generation beside the live one, which they find in
the store. Who asked for it waits until all are folded, catches up, compares and swaps, in one transaction.

Cut off at any moment the live clocks are as they were; what was half built is taken away by the next rebuild.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine

from schemas.errors import CaseclockError
from schemas.store.engine import exclusive, reader
from schemas.store.tables import Generation
from schemas.time.calendar import Calendar
from services.timeliness.standards.register import Register
from services.timeliness.table import progress
from services.timeliness.table.catch_up import Folding, Rebuilt, abandon, swap
from services.timeliness.table.progress import RuleVersions


class Overtaken(CaseclockError):
    """Another rebuild made its generation live, or began anew, meanwhile."""


def begin(engine: Engine, rules: RuleVersions) -> tuple[int, int]:
    """A generation for the workers to fold into, and the position of the log up to which it is to be folded before it
    can be finished. Takes away what another rebuild left."""
    with exclusive(engine, Generation) as connection:
        if progress.live_of(connection) is None:
            progress.begin_live(connection, rules)
        for generation in {state.generation for state in progress.states(connection)}:
            if generation > _live(connection):
                abandon(connection, generation)
        fresh = _live(connection) + 1
        progress.begin(connection, fresh, rules)
        return fresh, progress.head_of(connection)


def left(engine: Engine, fresh: int, to: int) -> list[int]:
    """The shards that are not folded up to there yet. Raises Overtaken."""
    with reader(engine) as connection:
        mine = [state for state in progress.states(connection) if state.generation == fresh]
        if not mine or _live(connection) >= fresh:
            raise Overtaken("another rebuild came between; what is live now is its")
        return [state.shard for state in mine if state.folded_to < min(state.head, to)]


def finish(engine: Engine, register: Register, calendar: Calendar, fresh: int) -> Rebuilt:
    """Fold what came meanwhile, compare, and swap. Raises Overtaken."""
    rules = RuleVersions(register.version, calendar.version)
    with exclusive(engine, Generation) as connection:
        there = {state.generation for state in progress.states(connection)}
        if fresh not in there or _live(connection) >= fresh:
            raise Overtaken("another rebuild came between; what is live now is its")
        Folding(register, calendar, rules, True).all(connection)
        return swap(connection, fresh)


def give_up(engine: Engine, fresh: int) -> None:
    """Take away what was built so far."""
    with exclusive(engine, Generation) as connection:
        if _live(connection) < fresh:
            abandon(connection, fresh)


def _live(connection: Connection) -> int:
    return progress.live_of(connection) or 1
