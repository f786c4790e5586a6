"""A pack put together from what was read."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from sqlalchemy import Engine

from caseclock.pack import due as waiting
from caseclock.pack import restatements as earlier
from caseclock.pack.decisions import decisions
from caseclock.pack.model import DueSoon, Fresh, Pack, Page, Versions
from caseclock.pack.read import FeedRow, Head, read
from caseclock.pack.request import PackRequest
from caseclock.pack.standards import pages
from caseclock.pack.suppression import shared
from caseclock.pack.weekly import weekly
from caseclock.release import release
from caseclock.runtime import Rules
from schemas.time.days import end_of_day, iso, london_day

STALE = 2  # working days with nothing from a source that goes on
SILENT = timedelta(days=60)  # after which it is taken to have ended


def build(engine: Engine, rules: Rules, asked: PackRequest) -> Pack:
    """Everything that the pack says. Reads the log and writes nothing."""
    found = read(engine, rules, asked)
    figures = weekly(rules, asked, found)
    all_pages, left_out = pages(rules, asked, figures)
    overdue = waiting.overdue(rules, asked, found)
    due_soon = waiting.due_soon(rules, asked, found)
    before = earlier.earlier(rules, asked, found, figures)
    feeds = [_fresh(rules, asked, feed) for feed in found.feeds]
    routes = rules.routes is not None
    made = Pack(
        week=asked.named,
        first=asked.week.first,
        last=asked.week.last,
        as_of_on=asked.as_of_on,
        known_at=asked.known_at,
        known_before=asked.before,
        division=asked.division,
        shared=asked.shared,
        decisions=decisions(rules, asked, all_pages, overdue, due_soon, feeds, routes),
        pages=[_with_due(page, due_soon) for page in all_pages],
        left_out=left_out,
        due_soon=due_soon,
        overdue=overdue,
        overdue_of=waiting.overdue_of(overdue),
        restated=before.figures,
        restated_clocks=before.clocks,
        causes=before.causes,
        feeds=feeds,
        quarantined=found.quarantined,
        routes=routes,
        versions=_versions(rules, found.head),
        again=again(asked, found.head),
    )
    return shared(rules, asked, made) if asked.shared else made


def _with_due(page: Page, due_soon: list[DueSoon]) -> Page:
    number = sum((one.first or 0) + (one.second or 0) for one in due_soon if one.standard == page.id)
    return msgspec.structs.replace(page, due_soon=number)


def _fresh(rules: Rules, asked: PackRequest, feed: FeedRow) -> Fresh:
    """A source is stale if nothing of it became known in the last working days; one long silent has ended."""
    last_on = london_day(feed.last_at)
    silent = feed.last_at < end_of_day(asked.as_of_on) - SILENT
    late = last_on < rules.calendar.working_days_before(asked.as_of_on, STALE)
    return Fresh(
        source=feed.source,
        last_at=feed.last_at,
        stale=late and not silent and not feed.states,
        silent=silent,
        states=feed.states,
    )


def _versions(rules: Rules, head: Head) -> Versions:
    return Versions(
        register=f"{rules.register.name} {rules.register.version}",
        calendar=rules.calendar.version,
        code=release(),
        head=head,
    )


def again(asked: PackRequest, head: Head) -> str:
    """The command that makes the same again, however much the log has grown since."""
    words = ["caseclock pack --week", asked.named, "--as-of", str(asked.as_of_on)]
    known_at = asked.known_at or max(asked.as_of, head.known_at or asked.as_of)
    words += ["--known-at", iso(known_at)]
    if asked.division is not None:
        words += ["--division", f"'{asked.division}'" if " " in asked.division else asked.division]
    if asked.shared:
        words.append("--shared")
    return " ".join([*words, "--out", "DIR"])
