"""A pack as sheets for a spreadsheet, every row of it."""

from __future__ import annotations

from collections.abc import Iterator

from caseclock.pack.model import Pack, Row, Stand
from caseclock.pack.wording import IN_WORDS
from caseclock.queries.overview import named
from caseclock.spreadsheet import Rows
from services.timeliness.figures.restated import CAUSES

FIGURES = (
    "Standard",
    "Id",
    "Kind of group",
    "Group",
    "Good this week",
    "Of",
    "Per cent",
    "Stands",
    "Good last week",
    "Of, last",
    "Per cent, last",
    "Due",
    "In time",
    "Missed",
    "Completed",
    "Completed in time",
    "Open",
    "Overdue",
    "Overdue last week",
    "Oldest, days",
    "Recorded late",
    "Done instead",
    "Excused",
    "Cancelled",
    "Voided",
    "Voided late",
    "Not measured",
    "Median",
    "Signal",
)


def sheets(pack: Pack) -> dict[str, Rows]:
    """By name. Empty is a count left out, being small, or one that is not there."""
    titles = {page.id: page.title for page in pack.pages}
    made: dict[str, Rows] = {
        "Decisions": [("Why", "What", "Facts"), *((d.kind, d.what, d.facts) for d in pack.decisions)],
        "Figures": [FIGURES, *_figures(pack)],
        "Twelve months": [
            (
                "Standard",
                "Id",
                "Week from",
                "Good",
                "Of",
                "Units due",
                "Units in time",
                "Mean",
                "Low limit",
                "High limit",
                "Signal",
            ),
            *_trend(pack),
        ],
        "Due soon": [
            ("Standard", "Id", "Team", "First week", "Second week", "Booked", "Booked too late"),
            *(
                (titles.get(d.standard), d.standard, d.team, d.first, d.second, d.booked, d.booked_late)
                for d in pack.due_soon
            ),
        ],
    }
    made |= _shared_only(pack) if pack.shared else _with_ids(pack)
    return made | {"About": [("What", "Says"), *_about(pack)]}


def _figures(pack: Pack) -> Iterator[tuple[object, ...]]:
    for page in pack.pages:
        for row in page.rows:
            yield (page.title, page.id, row.kind, row.group, *_row(row))


def _row(row: Row) -> tuple[object, ...]:
    this, last = row.this, row.last or Stand(good=None, of=None, per_cent=None, standing="")
    return (
        this.good,
        this.of,
        this.per_cent,
        IN_WORDS.get(this.standing, this.standing),
        last.good,
        last.of,
        last.per_cent,
        row.due,
        row.met,
        row.missed,
        row.completed,
        row.completed_in_time,
        row.open,
        row.overdue,
        row.overdue_last,
        row.oldest,
        row.recorded_late,
        row.instead,
        row.excused,
        row.cancelled,
        row.voided,
        row.voided_late,
        row.not_measured,
        row.p50,
        row.signal,
    )


def _trend(pack: Pack) -> Iterator[tuple[object, ...]]:
    for page in pack.pages:
        for week in page.trend:
            of = (week.n, week.in_time, week.mean, week.low, week.high, week.signal) if page.controlled else ()
            yield (page.title, page.id, week.week_on, week.good, week.of, *of)


def _with_ids(pack: Pack) -> dict[str, Rows]:
    return {
        "Overdue": [
            ("Team", "Child", "Standard", "Due", "Days over", "Booked for", "Promised by", "Promise"),
            *(
                (
                    w.team,
                    w.child,
                    w.standard,
                    w.due_on,
                    w.days,
                    w.booked_on,
                    w.promised_on,
                    "not kept" if w.broken else None,
                )
                for w in pack.overdue
            ),
        ],
        "Earlier weeks": [
            ("Standard", "Week", "Good, as known then", "Of", "Good, as known now", "Of, now", "Other counts"),
            *((r.standard, r.week, r.was.good, r.was.of, r.now.good, r.now.of, r.other) for r in pack.restated),
        ],
        "Why, by clock": [
            ("Child", "Standard", "Team", "Cause", "Was", "Is", "What it changed", "In a lead figure"),
            *(
                (c.child, c.standard, c.team, c.cause, c.was, c.now, c.changed, "yes" if c.lead else "no")
                for c in pack.restated_clocks
            ),
        ],
    }


def _shared_only(pack: Pack) -> dict[str, Rows]:
    return {
        "Overdue": [
            ("Standard", "Overdue", "Oldest, days"),
            *((w.standard, w.number, w.oldest) for w in pack.overdue_of),
        ],
        "Earlier weeks": [
            ("Standard", "Week", "Good, as known then", "Of", "Good, as known now", "Of, now"),
            *((r.standard, r.week, r.was.good, r.was.of, r.now.good, r.now.of) for r in pack.restated),
        ],
        "Why": [("Standard", "Cause", "Clocks"), *((c.standard, c.cause, c.clocks) for c in pack.causes)],
    }


def _about(pack: Pack) -> Iterator[tuple[object, object]]:
    versions = pack.versions
    yield "Week", f"{pack.week}, {pack.first} to {pack.last}"
    yield "Of", named(pack.division) if pack.division else "The county"
    yield "As of the end of", pack.as_of_on
    yield "Known at", pack.known_at or "all that is known"
    yield "For sharing", "yes: counts of 1 to 5 are left out" if pack.shared else "no: holds pseudonymous ids"
    yield "Log position", f"{versions.head.position}:{versions.head.chain}"
    yield "Register", versions.register
    yield "Calendar", versions.calendar
    yield "Caseclock", versions.code
    yield "Digest", pack.digest
    yield "The same again", pack.again
    for cause, means in CAUSES.items():
        yield f"Cause: {cause}", means
