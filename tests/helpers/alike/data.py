"""Views of the data itself: how fresh it is, how late, what was refused and what was put right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from schemas.events.event import trusted
from schemas.time.days import london_day
from tests.helpers.alike.named import week_of
from tests.helpers.alike.seen import Row, Seen, working_days
from tests.helpers.alike.work import waiting_in_quarantine

LAGS = ("accepted", "corrections", "ahead", "same_day", "next_day", "within_5", "within_10", "longer")


def feeds(seen: Seen) -> Iterator[Row]:
    live = {row.source: row.live_since for row in seen.of("feed")}
    for source in {row.source for row in seen.of("event_log")}:
        theirs = [row for row in seen.of("event_log") if row.source == source]
        last = max(row.known_at for row in theirs)
        day = london_day(last)
        silent = (seen.today - day).days, working_days(seen.today) - working_days(day)
        yield source, live.get(source), last, day, *silent, len(theirs)


def recording_lag_week(seen: Seen) -> Iterator[Row]:
    found: dict[Row, Counter[str]] = {}
    for row in seen.of("event_log"):
        day, event = london_day(row.known_at), trusted(row.payload)
        if day > seen.today:
            continue
        counts = found.setdefault((row.source, *week_of(day)), Counter())
        counts["accepted"] += 1
        counts["corrections"] += event.replaces is not None or event.retracts is not None
        counts[_lag((day - event.day).days)] += 1
    return ((*key, *(counts[name] for name in LAGS)) for key, counts in found.items())


def _lag(days: int) -> str:
    if days < 0:
        return "ahead"
    names = {0: "same_day", 1: "next_day"}
    return names.get(days) or ("within_5" if days <= 5 else "within_10" if days <= 10 else "longer")


def quarantine_now(seen: Seen) -> Iterator[Row]:
    found: dict[str, list[Any]] = {}
    for record in waiting_in_quarantine(seen):
        found.setdefault(record.code, []).append(record)
    for code, records in found.items():
        children = {record.subject for record in records if record.subject is not None}
        times = [record.received_at for record in records]
        yield code, len(records), len(children), min(times), max(times)


def quarantine_week(seen: Seen) -> Iterator[Row]:
    found: Counter[Row] = Counter()
    for record in seen.of("quarantine"):
        found[record.code, *week_of(london_day(record.received_at))] += 1
    return ((*key, n) for key, n in found.items())


def faults_now(seen: Seen) -> Iterator[Row]:
    found: dict[Row, list[str]] = {}
    for fault in seen.of("fault"):
        found.setdefault((fault.standard, fault.what), []).append(fault.child)
    return ((*key, len(children), len(set(children))) for key, children in found.items())


ROWS: dict[str, Callable[[Seen], Iterator[Row]]] = {
    "feeds": feeds,
    "recording_lag_week": recording_lag_week,
    "quarantine_now": quarantine_now,
    "quarantine_week": quarantine_week,
    "faults_now": faults_now,
}
