"""The conferences of a census child. The census has their days only; the rest follows from enquiries and
plans. Pure.

A conference is known by its day: two enquiries that name one day had one conference.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from services.ingest.readers.cin.items import Item, Modules
from services.ingest.readers.returns import Fact, day, identity, said, spelt

HELD = "conference.held"
FILED_WITHIN = timedelta(days=7)  # a plan is begun by its conference, and now and then filed some days later


def conferences(of: Modules) -> list[Fact]:
    """Every `conference.held` of a child."""
    return [*_first(of), *_reviews(of)]


def _first(of: Modules) -> Iterator[Fact]:
    """Initial conferences: the day an enquiry names. A day named by the referral alone, with no enquiry of
    that day, is a conference held because the child moved in under another authority's plan."""
    enquiries: dict[str, list[Item]] = {}
    for enquiry in of.enquiries:
        if on := enquiry.get("DateOfInitialCPC"):
            enquiries.setdefault(spelt(on), []).append(enquiry)
    held = {*enquiries, *(spelt(found) for item in of.referrals if (found := item.get("DateOfInitialCPC")))}
    for on, named in sorted(enquiries.items()):
        ids = sorted(enquiry.id("enquiry.started") for enquiry in named)
        yield _held(named[0], "first", on, conference="initial", enquiry_ids=ids, **_outcome(of, on, held))
    moved_in = {spelt(on): item for item in reversed(of.referrals) if (on := item.get("DateOfInitialCPC"))}
    for on in sorted(moved_in.keys() - enquiries.keys()):
        yield _held(moved_in[on], "first", on, conference="transfer_in", **_outcome(of, on, held))


def _outcome(of: Modules, on: str, held: set[str]) -> dict[str, Any]:
    """A plan that starts on the day of the conference, or within a week of it and before another, is what it made."""
    first = day(on)
    last = first + FILED_WITHIN if first is not None else None
    for plan in sorted(of.plans, key=lambda plan: spelt(plan.began)):
        began = day(plan.began)
        if began is None or first is None or last is None or not first <= began <= last:
            continue
        if not any(on < other <= spelt(plan.began) for other in held):
            return {"outcome": "plan_made", "plan_id": plan.id("cp_plan.started")}
    return {"outcome": "no_plan"}


def _reviews(of: Modules) -> Iterator[Fact]:
    """Review conferences: one that ends the plan on its day, or else keeps it."""
    by_day: dict[str, Item] = {}
    for plan in of.plans:
        for review in plan.node.all("Reviews", "CPPreviewDate"):
            by_day.setdefault(spelt(review.text), plan)
    for on, plan in sorted(by_day.items()):
        ended = spelt(plan.get("CPPendDate")) == on
        outcome = "plan_ended" if ended else "plan_kept"
        yield _held(plan, "review", on, conference="review", outcome=outcome, plan_id=plan.id("cp_plan.started"))


def _held(item: Item, which: str, on: str, **data: object) -> Fact:
    meeting = identity(item.child, HELD, which, on)
    return Fact(
        item.child,
        HELD,
        on,
        (which, on),
        said(meeting_id=meeting, complete=True, referral_id=item.referral_id, **data),
        item.node.line,
    )
