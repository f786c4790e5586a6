"""Counting a made-up county from its events alone: plain dates and numpy's working days, nothing of the product's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import msgspec
import numpy as np

# Bank holidays of England and Wales, typed from the government's list, for the years the tests look at.
HOLIDAYS = """
2015-12-25 2015-12-28 2016-01-01 2016-03-25 2016-03-28 2016-05-02 2016-05-30 2016-08-29 2016-12-26 2016-12-27
2017-01-02 2017-04-14 2017-04-17 2022-12-26 2022-12-27 2023-01-02 2023-04-07 2023-04-10 2023-05-01 2023-05-08
2023-05-29 2023-08-28 2023-12-25 2023-12-26 2024-01-01 2024-03-29 2024-04-01
"""
WANTED = frozenset(
    {
        "referral.received",
        "assessment.started",
        "assessment.authorised",
        "enquiry.started",
        "conference.held",
        "cp_plan.started",
        "cp_plan.ended",
        "care.started",
        "care.ended",
        "visit.made",
    }
)


class Sent(msgspec.Struct, gc=False):
    """An event as it was sent, its fields not looked into."""

    id: str
    type: str
    subject: str
    recordedtime: str
    data: msgspec.Raw
    occurredon: str | None = None
    time: str | None = None
    replaces: str | None = None
    retracts: str | None = None

    @property
    def on(self) -> date:
        return date.fromisoformat(self.occurredon or (self.time or "")[:10])


@dataclass
class Counts:
    """What happened, as days. Pairs are (from, to)."""

    referred: dict[str, list[date]] = field(default_factory=lambda: defaultdict(list))  # by child
    assessed: list[tuple[date, date]] = field(default_factory=list)
    enquired: dict[str, date] = field(default_factory=dict)
    conferred: list[tuple[date, date]] = field(default_factory=list)
    plans: dict[str, list[date]] = field(default_factory=dict)  # begun, then each review
    plans_ended: dict[str, date] = field(default_factory=dict)
    care: dict[str, date] = field(default_factory=dict)
    care_ended: dict[str, date] = field(default_factory=dict)
    visits: dict[str, list[date]] = field(default_factory=lambda: defaultdict(list))  # under a plan, child seen
    typed_after: list[int] = field(default_factory=list)  # days
    day_0: dict[str, date] = field(default_factory=dict)


def count(events: Iterable[tuple[int, bytes]]) -> Counts:
    decoder = msgspec.json.Decoder(Sent)
    sent: dict[str, Sent] = {}
    gone: set[str] = set()
    counts = Counts()
    for _, raw in events:
        event = decoder.decode(raw)
        gone |= {event.replaces or "", event.retracts or ""}
        if event.type in WANTED:
            sent[event.id] = event
            counts.typed_after.append((date.fromisoformat(event.recordedtime[:10]) - event.on).days)
    standing = [event for event in sent.values() if event.id not in gone]
    for event in sorted(standing, key=lambda e: (e.on, not e.type.endswith(("received", "started")))):
        _take(counts, event.type, event.subject, event.on, msgspec.json.decode(event.data))
    return counts


def _take(counts: Counts, kind: str, child: str, on: date, data: dict[str, Any]) -> None:
    match kind:
        case "referral.received":
            counts.referred[child].append(on)
            counts.day_0[data["referral_id"]] = on
        case "assessment.started":
            counts.day_0[data["assessment_id"]] = counts.day_0.get(data.get("referral_id", ""), on)
        case "assessment.authorised" if data["assessment_id"] in counts.day_0:
            counts.assessed.append((counts.day_0[data["assessment_id"]], on))
        case "enquiry.started":
            counts.enquired[data["enquiry_id"]] = on
        case "conference.held" if data["conference"] == "initial":
            known = [counts.enquired[enquiry] for enquiry in data["enquiry_ids"] if enquiry in counts.enquired]
            counts.conferred += [(begun, on) for begun in known]
        case "conference.held" if data["conference"] == "review" and data["plan_id"] in counts.plans:
            counts.plans[data["plan_id"]].append(on)
        case "cp_plan.started":
            counts.plans[data["plan_id"]] = [on]
        case "cp_plan.ended" if data["plan_id"] in counts.plans:
            counts.plans_ended[data["plan_id"]] = on
        case "care.started":
            counts.care[data["care_id"]] = on
        case "care.ended":
            counts.care_ended[data["care_id"]] = on
        case "visit.made" if data["regime"] == "cp" and data["seen"] and data["method"] == "in_person":
            counts.visits[child].append(on)


def working_days(spans: Iterable[tuple[date, date]]) -> np.ndarray[Any, Any]:
    """Working days after the first day of each pair, up to and including the second."""
    pairs = np.array(list(spans), dtype="datetime64[D]")
    return np.busday_count(pairs[:, 0] + 1, pairs[:, 1] + 1, holidays=np.array(HOLIDAYS.split(), dtype="datetime64[D]"))


def shares(values: np.ndarray[Any, Any], bands: Iterable[tuple[int, int]]) -> list[float]:
    """Per cent of the values in each band, both ends inclusive."""
    return [100 * float(np.mean((values >= low) & (values <= high))) for low, high in bands]


def reviewed_in_time(plan: list[date], year: tuple[date, date]) -> bool:
    """Whether no review of a plan was late in the year: 3 months (92 days at most) for the first, 6 (184) later."""
    begun, *reviews = [on for on in plan if on <= year[1]]
    marks = [begun, *reviews, year[1]]
    limits = [92] + [184] * len(reviews)
    return all(
        (later - earlier).days <= limit or later < year[0]
        for earlier, later, limit in zip(marks[:-1], marks[1:], limits, strict=True)
    )
