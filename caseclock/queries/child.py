"""One child as the log tells it: what happened, day by day, and every deadline explained."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Engine

from caseclock.queries.open_cases import OpenChild, case_of
from caseclock.runtime import Rules
from schemas.clock import Clock
from schemas.store.engine import reader
from schemas.time.days import london_day
from services.timeliness.explain.explain import Explained, explain
from services.timeliness.history.facts import Fact
from services.timeliness.history.history import History
from services.timeliness.history.log_view import LogView

JUDGED = ("overdue", "missed", "met")  # a due day that came and was worth a line
OPEN = ("overdue", "due_soon", "running")


class Deadline(NamedTuple):
    """One clock of the child, explained."""

    standard: str
    title: str
    told: Explained

    @property
    def clock(self) -> Clock:
        return self.told.clock

    @property
    def status(self) -> str:
        return self.told.status


class Entry(NamedTuple):
    """Something on the child's line of time: an event (`details`: what it says; `known_on`: the day we knew it,
    `corrected`: how often), or the due day of a deadline."""

    day: date
    kind: str
    details: list[str]
    known_on: date | None = None
    corrected: int = 0
    deadline: Deadline | None = None


class Life(NamedTuple):
    """A child. `ids`: all that are merged into this one. `case`: None where it is not open. `about`: birth, and what
    was merged."""

    child: str
    ids: list[str]
    team: str
    case: OpenChild | None
    born_on: date | None
    unborn: bool
    died_on: date | None
    deadlines: list[Deadline]
    entries: list[Entry]

    def of(self, *statuses: str) -> list[Deadline]:
        """The deadlines that stand so, the earliest due first."""
        found = [one for one in self.deadlines if one.status in statuses]
        return sorted(found, key=lambda one: (one.clock.due_on or date.max, one.standard, one.clock.id))


def life(engine: Engine, rules: Rules, child: str, at: datetime) -> Life | None:
    """Everything known of a child now; None where nothing is."""
    with reader(engine) as connection:
        view = LogView(connection, sources=rules.register.sources)
        history = next(iter(view.histories([child])))
        ids = view.members.get(history.child, [history.child])
        case = case_of(connection, history.child, london_day(at))
    if not history.facts:
        return None
    deadlines = _deadlines(rules, history, at, ids)
    entries = [_event(fact) for fact in history.facts]
    entries += [_due(one) for one in deadlines if one.status in JUDGED and one.clock.due_on is not None]
    entries.sort(key=lambda entry: (entry.day, entry.deadline is not None), reverse=True)
    return Life(
        history.child,
        ids,
        history.team_on(None),
        case,
        history.born_on,
        history.unborn,
        history.died_on,
        deadlines,
        entries,
    )


def _deadlines(rules: Rules, history: History, at: datetime, ids: list[str]) -> list[Deadline]:
    out = []
    for standard in rules.register.standards.values():
        if standard.may_speak(history.kinds):
            story = explain(standard, history, rules.calendar, at, ids)
            out += [Deadline(standard.id, story.title, told) for told in story.clocks]
    return out


def _due(one: Deadline) -> Entry:
    assert one.clock.due_on is not None, "asked only of what has a due day"
    return Entry(one.clock.due_on, one.standard, [], deadline=one)


def _event(fact: Fact) -> Entry:
    known_on = london_day(fact.known_at)
    return Entry(fact.day, fact.kind, _said(fact.data), known_on, len(fact.before))


def _said(data: Any) -> list[str]:
    """Returns what an event says, but for ids, which tell a reader nothing."""
    out = []
    for name in data.__struct_fields__:
        value = getattr(data, name)
        if value is None or name.endswith(("_id", "_ids")) or value == []:
            continue
        out.append(f"{name.replace('_', ' ')}: {_word(value)}")
    return out


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple | frozenset | set):
        return ", ".join(_word(one) for one in sorted(value, key=str))
    if isinstance(value, date):
        return f"{value.day} {value:%B %Y}"
    return str(value).replace("_", " ")
