"""The first page: what needs a decision. Counts, teams and standards; never a child's id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from caseclock.pack.model import Decision, DueSoon, Fresh, Page, Row, Waiting
from caseclock.pack.request import PackRequest
from caseclock.queries.overview import named
from caseclock.runtime import Rules
from schemas import words

OLDEST = 5  # of what is longest overdue
TEAMS_NAMED = 3


def decisions(
    rules: Rules,
    asked: PackRequest,
    pages: list[Page],
    waiting: list[Waiting],
    due_soon: list[DueSoon],
    feeds: list[Fresh],
    routes: bool,
) -> list[Decision]:
    """All there are, the gravest sort first."""
    out = [_stale(feed) for feed in feeds if feed.stale]
    out += [_red(page, rules) for page in pages if page.whole.this.standing == "red"]
    out += [one for page in pages for one in _signals(page)]
    out += _oldest(rules, waiting)
    out += _broken(waiting)
    out += _booked_late(rules, due_soon)
    if routes and rules.routes is not None:
        teams = {one.team for one in waiting} | {one.team for one in due_soon}
        out += [_unmanned(team) for team in rules.routes.unmanned(teams, asked.as_of_on)]
    return out


def _stale(feed: Fresh) -> Decision:
    return Decision(
        kind="Stale data",
        what=f"Nothing has come from “{feed.source}” since {words.day(feed.last_at.date())}",
        facts="What was done since is not in these figures. Find out why before judging anybody by them.",
    )


def _red(page: Page, rules: Rules) -> Decision:
    whole = page.whole
    stand, last = whole.this, whole.last
    was = f"; {last.per_cent}% the week before" if last and last.per_cent is not None else ""
    late = f" {whole.overdue} overdue, the oldest by {words.count(whole.oldest or 0, 'day')}." if whole.overdue else ""
    behind = _most_behind(page)
    where = f" Most behind: {behind}." if behind else ""
    return Decision(
        kind="Below target",
        what=page.title,
        facts=f"{stand.good} of {stand.of} ({stand.per_cent}%), target {page.green:g}%{was}.{late}{where}",
    )


def _most_behind(page: Page) -> str:
    """The teams in which most is not as it should be."""
    teams = [row for row in page.rows if row.kind == "team" and _bad(row)]
    teams.sort(key=lambda row: (-_bad(row), row.group))
    return words.listing([f"{named(row.group)} ({_bad(row)} of {row.this.of} not)" for row in teams[:TEAMS_NAMED]])


def _bad(row: Row) -> int:
    return (row.this.of or 0) - (row.this.good or 0)


def _signals(page: Page) -> Iterable[Decision]:
    """Weeks outside the control limits: the whole, divisions and teams of a standard together."""
    for signal, kind, ask in (
        ("lower", "Signal: worse", "Something changed: ask what."),
        ("higher", "Signal: better", "Something changed: learn from it."),
    ):
        rows = [row for row in page.rows if row.signal == signal]
        if rows:
            groups = words.listing([f"{_group(row)} ({row.units_good} of {row.units})" for row in rows])
            yield Decision(
                kind=kind,
                what=page.title,
                facts=f"In time this week, counted by meetings: {groups}. Further from the 52 weeks before than chance"
                f" explains. {ask}",
            )


def _group(row: Row) -> str:
    return "the county" if row.kind == "county" else named(row.group)


def _oldest(rules: Rules, waiting: list[Waiting]) -> Iterable[Decision]:
    for one in sorted(waiting, key=lambda one: (one.due_on, one.team, one.standard, one.child))[:OLDEST]:
        yield Decision(
            kind="Oldest overdue",
            what=rules.titles[one.standard],
            facts=f"{named(one.team)}: overdue by {words.count(one.days, 'day')}, since {words.day(one.due_on)}."
            f"{_next(one)}",
        )


def _next(one: Waiting) -> str:
    if one.broken and one.promised_on:
        return f" Promised by {words.day(one.promised_on)}, and not kept."
    if one.promised_on:
        return f" Promised by {words.day(one.promised_on)}."
    return f" Booked for {words.day(one.booked_on)}." if one.booked_on else " Nothing booked, nothing promised."


def _broken(waiting: list[Waiting]) -> Iterable[Decision]:
    teams = Counter(one.team for one in waiting if one.broken)
    for team, number in sorted(teams.items(), key=lambda item: (-item[1], item[0])):
        yield Decision(
            kind="Broken promise",
            what=named(team),
            facts=f"{words.count(number, 'promise')} to finish overdue work by a day that has gone.",
        )


def _booked_late(rules: Rules, due_soon: list[DueSoon]) -> Iterable[Decision]:
    late: Counter[str] = Counter()
    for one in due_soon:
        late[one.standard] += one.booked_late or 0
    for standard in rules.register.standards:
        if late[standard]:
            yield Decision(
                kind="Booked too late",
                what=rules.titles[standard],
                facts=f"{late[standard]} due in the next two weeks and booked for after the due day: there is still"
                " time to bring them forward.",
            )


def _unmanned(team: str) -> Decision:
    return Decision(
        kind="Nobody to tell",
        what=named(team),
        facts="Nobody answers for this team: its warnings go to the next above. Name a manager or who covers.",
    )
