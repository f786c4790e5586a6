"""The words of a notice: one calm message. Counts, standards, what was promised, links; no child, no name.

Pure. What is due soonest stands first, what is over stands last. A long list is cut; what is cut is still counted, and
standards with something overdue are still named.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple
from urllib.parse import quote

from schemas.rungs import BOOKED_LATE, CLEARED, DUE_SOON, WITHDRAWN, kind_of
from schemas.words import count, day
from services.alerts.ladder.wording import say
from services.alerts.message.desk import MessageContext

MOST_LINES, MOST_LINKS = 12, 6


class Item(NamedTuple):
    """One clock to tell of. `already`: it was overdue before alerts began. `waiting`: an event of this child lies in
    quarantine. `matter`: what is counted once, such as the meeting that brothers and sisters share (empty: the clock
    alone). `escalated`: told above the team manager. `promised`: the day on which it was promised, and for which.
    `anew`: true since the rules or the software changed. `again`: taken back, and the same told anew: not shown."""

    standard: str
    rung: str
    due_on: date
    already: bool = False
    waiting: bool = False
    team: str = ""
    matter: str = ""
    escalated: bool = False
    promised: tuple[date, date] | None = None
    anew: bool = False
    again: bool = False


_KINDS = {  # in the order of a headline: what a rung says is so
    "overdue": "overdue",
    BOOKED_LATE: "booked for after the due day",
    DUE_SOON: "due soon",
    WITHDRAWN: "withdrawn",
    CLEARED: "no longer overdue",
}
_LEVELS = {
    "team_manager": "the team manager",
    "service_manager": "the service manager",
    "head_of_service": "the head of service",
    "director": "the director",
}


def message(items: Sequence[Item], desk: MessageContext, level: str | None = None) -> str:
    """The text of one notice. `level`: for whom it is, where no person is named."""
    items = [item for item in items if not item.again] or items
    teams = sorted({item.team for item in items})
    whose = f"Team {teams[0]}" if len(teams) == 1 else f"{len(teams)} teams"
    given_to = f" For {_LEVELS.get(level, level)}." if level else ""
    parts = [f"{whose}: {_headline(items)}.{given_to}"]
    if new := [item for item in items if not item.already]:
        parts.append(_list(new, desk, len(teams)))
    if anew := [item for item in items if item.anew]:
        parts.append("Since the rules or the software changed:\n" + _list(anew, desk, len(teams)))
    if already := [item for item in items if item.already and not item.anew]:
        parts.append("Already overdue when alerts began:\n" + _list(already, desk, len(teams)))
    if waiting := sum(item.waiting for item in items):
        parts.append(f"Evidence waiting for {waiting} of them: something recorded could not be taken in yet.")
    parts.append(_links(teams, desk.link_base))
    return "\n\n".join(parts)


def _headline(items: Iterable[Item]) -> str:
    by_kind: dict[str, list[Item]] = {}
    for item in items:
        by_kind.setdefault(_says(item), []).append(item)
    return ", ".join(f"{_number(by_kind[kind])} {said}" for kind, said in _KINDS.items() if kind in by_kind)


def _says(item: Item) -> str:
    kind = kind_of(item.rung)
    return kind if kind in _KINDS else "overdue"


def _number(items: Sequence[Item]) -> int:
    """Returns how many there are, what brothers and sisters share counted once."""
    return len({(item.standard, item.matter) if item.matter else n for n, item in enumerate(items)})


def _list(items: Sequence[Item], desk: MessageContext, teams: int) -> str:
    groups = _groups(items)
    shown = [_line(group, desk, teams) for group in groups[:MOST_LINES]]
    if rest := groups[MOST_LINES:]:
        left = [item for group in rest for item in group]
        overdue = sorted({desk.titles.get(i.standard, i.standard) for i in left if _says(i) == "overdue"})
        named = f": overdue are some of {'; '.join(overdue)}" if overdue else ""
        shown.append(f"- On the worklist also {_headline(left)}{named}")
    return "\n".join(shown)


def _groups(items: Sequence[Item]) -> list[list[Item]]:
    """Items of one standard and rung together; the soonest due first, what is cleared last."""
    found: dict[tuple[str, str], list[Item]] = {}
    for item in items:
        found.setdefault((item.standard, say(item.rung)), []).append(item)
    return sorted(
        found.values(), key=lambda g: (g[0].rung == CLEARED, min(i.due_on for i in g), g[0].standard, g[0].rung)
    )


def _line(group: list[Item], desk: MessageContext, teams: int) -> str:
    standard, rung, number = group[0].standard, group[0].rung, _number(group)
    first, last = min(item.due_on for item in group), max(item.due_on for item in group)
    due = f"due {day(first)}" if first == last else f"due {day(first)} to {day(last)}"
    children = f", {count(len(group), 'child', 'children')}" if len(group) > number else ""
    clauses = [due + children, *_where(group, teams), *_answered(group)]
    return f"- {number} × {desk.titles.get(standard, standard)}: {say(rung)} ({'; '.join(clauses)})"


def _where(group: list[Item], teams: int) -> list[str]:
    """Which teams, in a message of several."""
    named = sorted({item.team for item in group})
    if teams == 1:
        return []
    return [f"in {' and '.join(named)}" if len(named) < 3 else f"in {len(named)} teams"]


def _answered(group: list[Item]) -> list[str]:
    """Returns what was promised for what is escalated, and when."""
    promises = sorted({item.promised for item in group if item.promised is not None})
    clauses = [f"promised on {day(on)} for {day(by)}" for on, by in promises[:2]]
    if len(promises) > 2:
        clauses = [
            f"{count(sum(i.promised is not None for i in group), 'promise')},"
            f" the first for {day(min(by for _, by in promises))}"
        ]
    silent = sum(item.escalated and item.promised is None for item in group)
    if silent:
        clauses.append("not answered" if silent == len(group) else f"{silent} not answered")
    return clauses


def _links(teams: Sequence[str], base: str) -> str:
    shown = [f"See {base}/team/{quote(team, safe='')}" for team in teams[:MOST_LINKS]]
    if len(teams) > MOST_LINKS:
        shown.append(f"and {base}/ for the other {len(teams) - MOST_LINKS} teams")
    return "\n".join(shown)
