"""Says what changed in the figures of earlier weeks, and why: by week and standard, and clock by clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from caseclock.pack.model import CauseCount, Restated, RestatedClock, Stand
from caseclock.pack.read import Read
from caseclock.pack.request import PackRequest
from caseclock.pack.weekly import Weekly
from caseclock.runtime import Rules
from schemas import words
from schemas.clock import Clock
from services.timeliness.figures.kpi import snapshots
from services.timeliness.figures.periods import Period
from services.timeliness.figures.restated import CAUSES, Change, Key, changes, sums
from services.timeliness.figures.restated import Comparison as Of
from services.timeliness.figures.targets import Lead, standing

_SAID = {
    "missed": "missed",
    "overdue": "overdue",
    "open": "open",
    "completed": "completed",
    "completed_in_time": "completed in time",
    "recorded_late": "recorded late",
    "instead": "done instead",
    "excused": "excused",
    "cancelled": "cancelled",
    "voided": "voided",
    "voided_late": "voided late",
    "not_measured": "not measured",
    "due": "due",
    "met": "in time",
    "received": "received",
    "received_again": "received again",
    "in_scope": "in scope",
    "up_to_date": "up to date",
}
_SEPARATOR = "\n"


class Earlier(NamedTuple):
    """Holds what is shown of it."""

    figures: list[Restated]
    clocks: list[RestatedClock]
    causes: list[CauseCount]


def earlier(rules: Rules, asked: PackRequest, read: Read, found: Weekly) -> Earlier:
    """The weeks of the trend before this one, as known when the last of them ended, and as known now."""
    weeks = asked.weeks[:-1]
    of = Of(weeks, snapshots(rules.register.standards.values()), _grouping(rules), asked.as_of)
    all_ = [
        change
        for child, before, after, news in read.changed
        for change in _within(asked, changes(child, before, after, news, of))
    ]
    return Earlier(
        _figures(rules, asked, found, sums(all_)),
        [_clock(rules, change) for change in _in_order(rules, all_)],
        _causes(rules, all_),
    )


def _grouping(rules: Rules) -> Callable[[str, date], str]:
    """By division and team at once: both are needed, and a team may move."""
    return lambda team, day: f"{rules.divisions.of(team, day)}{_SEPARATOR}{team}"


def _within(asked: PackRequest, found: list[Change]) -> list[Change]:
    """Returns what of it is of the division asked for."""
    if asked.division is None:
        return found
    mine = f"{asked.division}{_SEPARATOR}"
    kept = [c._replace(by={k: n for k, n in c.by.items() if k[1].startswith(mine)}) for c in found]
    return [change for change in kept if change.by]


def _figures(rules: Rules, asked: PackRequest, found: Weekly, changed: dict[Key, int]) -> list[Restated]:
    whole: dict[tuple[str, date], Counter[str]] = {}
    for (standard, _, first, measure), n in changed.items():
        whole.setdefault((standard, first), Counter())[measure] += n
    order = list(rules.register.standards)
    out = []
    for standard, first in sorted(whole, key=lambda key: (order.index(key[0]), key[1])):
        of = {measure: n for measure, n in whole[standard, first].items() if n}
        if of:
            out.append(_restated(rules, asked, found, standard, first, of))
    return out


def _restated(
    rules: Rules, asked: PackRequest, found: Weekly, standard: str, first: date, changed: dict[str, int]
) -> Restated:
    at = next(n for n, week in enumerate(asked.weeks) if week.first == first)
    week = asked.weeks[at]
    good, of = found.lead[standard][at] if standard in found.lead else (0, 0)
    lead = _lead(rules, standard)
    less_good, less_of = (changed.get(measure, 0) for measure in lead)
    other = {measure: n for measure, n in changed.items() if measure not in lead}
    return Restated(
        standard=standard,
        week=week_named(week),
        was=_stand(rules, standard, good - less_good, of - less_of, week),
        now=_stand(rules, standard, good, of, week),
        other=_signed(other),
    )


def _stand(rules: Rules, standard: str, good: int, of: int, week: Period) -> Stand:
    lead = Lead(good, of, standard in snapshots(rules.register.standards.values()))
    targets = rules.register.standards[standard].file.targets
    return Stand(good=good, of=of, per_cent=lead.per_cent, standing=standing(lead, targets, week.last))


def _in_order(rules: Rules, found: list[Change]) -> list[Change]:
    """Those that changed a lead figure first, then by standard, cause, child and start."""
    order, causes = list(rules.register.standards), list(CAUSES)

    def place(change: Change) -> tuple[bool, int, int, str, str]:
        clock = change.after or change.before
        begun = f"{clock.started_on} {clock.id}" if clock else ""
        return (
            not _of_lead(rules, change),
            order.index(change.standard),
            causes.index(change.cause),
            change.child,
            begun,
        )

    return sorted(found, key=place)


def _of_lead(rules: Rules, change: Change) -> bool:
    return any(measure in _lead(rules, change.standard) for *_, measure in change.by)


def _lead(rules: Rules, standard: str) -> tuple[str, str]:
    """The measures of a standard's lead figure: so many, of so many."""
    if rules.register.standards[standard].file.rate:
        return "received_again", "received"
    return ("up_to_date", "in_scope") if standard in snapshots(rules.register.standards.values()) else ("met", "due")


def _clock(rules: Rules, change: Change) -> RestatedClock:
    clock = change.after or change.before
    return RestatedClock(
        child=change.child,
        standard=change.standard,
        team=clock.team if clock else "",
        cause=change.cause,
        was=_told(change.before),
        now=_told(change.after),
        changed=_by_week(change.by),
        lead=_of_lead(rules, change),
    )


def _told(clock: Clock | None) -> str:
    """A clock in a few words: due when, and what became of it."""
    if clock is None:
        return "not known of"
    due = f"due {_short(clock.due_on)}" if clock.due_on else "no due day"
    if clock.ended is None or clock.ended_on is None:
        end = "not done"
    else:
        how = "done" if clock.ended == "stopped" else clock.ended
        end = f"{how} {_short(clock.ended_on)}{', late' if clock.ended_late() and how == 'done' else ''}"
    return f"{due}, {end}, {clock.team}"


def _short(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _by_week(by: dict[Key, int]) -> str:
    """2024-W09: in time +1, missed -1."""
    weeks: dict[date, Counter[str]] = {}
    for (_, _, first, measure), n in sorted(by.items()):
        weeks.setdefault(first, Counter())[measure] += n
    said: dict[str, list[date]] = {}
    for first, of in sorted(weeks.items()):
        text = _signed({measure: n for measure, n in of.items() if n})
        if text:
            said.setdefault(text, []).append(first)
        else:
            said.setdefault("from one team to another", []).append(first)
    return "; ".join(f"{_weeks(firsts)}: {text}" for text, firsts in said.items())


def _weeks(firsts: list[date]) -> str:
    named = [week_named(Period.week_of(first)) for first in firsts]
    return named[0] if len(named) == 1 else f"{named[0]} to {named[-1]}" if len(named) > 2 else words.listing(named)


def week_named(week: Period) -> str:
    year, number, _ = week.first.isocalendar()
    return f"{year}-W{number:02}"


def _signed(of: dict[str, int]) -> str:
    return ", ".join(f"{_SAID[measure]} {of[measure]:+d}".replace("-", "−") for measure in _SAID if measure in of)


def _causes(rules: Rules, found: list[Change]) -> list[CauseCount]:
    counts: dict[tuple[str, str], list[int]] = {}
    for change in found:
        of = counts.setdefault((change.standard, change.cause), [0, 0])
        of[0] += 1
        of[1] += _of_lead(rules, change)
    order, causes = list(rules.register.standards), list(CAUSES)
    in_order = sorted(counts.items(), key=lambda item: (order.index(item[0][0]), causes.index(item[0][1])))  # type: ignore[arg-type]
    return [CauseCount(standard=s, cause=c, clocks=n, lead=m) for (s, c), (n, m) in in_order]
