"""Believable lives: what happens to a child in an order that makes sense, with gaps on both sides of every limit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from tests.laws.shapes import OWN_ID, SHAPES

Happening = tuple[str, int, dict[str, Any]]  # kind, days since the story began, the fields that matter


class Pace:
    """Where a story stands: moves on by gaps and takes turns, both chosen by `pick`."""

    def __init__(self, pick: Callable[[Any], Any]) -> None:
        self.pick = pick
        self.day = 0

    def after(self, *days: int) -> int:
        self.day += self.pick(days)
        return self.day

    def chance(self, of: int = 2) -> bool:
        """One in so many."""
        return bool(self.pick(range(of)) == 0)


def referral(pace: Pace, n: str) -> Iterator[Happening]:
    yield "referral.received", pace.day, {"referral_id": f"R{n}", "no_further_action": None}
    if pace.chance(5):
        yield "referral.received", pace.after(0, 1, 4), {"referral_id": f"R{n}b", "no_further_action": None}
    outcome = pace.pick(("assessment", "assessment", "nfa", "duplicate", "initial_assessment"))
    yield "referral.decided", pace.after(0, 1, 1, 2, 3, 4), {"referral_id": f"R{n}", "outcome": outcome}
    if outcome == "assessment":
        yield from assessment(pace, n)
    if pace.chance():
        yield "case.closed", pace.after(0, 1, 5, 30), {"referral_id": None}
    pace.after(20, 180, 330, 364, 365, 366)


def assessment(pace: Pace, n: str) -> Iterator[Happening]:
    told = {"assessment_id": f"A{n}", "kind": "single", "referral_id": pace.pick((None, f"R{n}"))}
    if pace.chance(4):
        yield "assessment.started", pace.after(0, 2), {**told, "reason": "new_information"}
    else:
        yield "assessment.started", pace.after(0, 2), {**told, "reason": "referral"}
    ending = "assessment.abandoned" if pace.chance(4) else "assessment.authorised"
    if not pace.chance(6):
        yield ending, pace.after(5, 40, 60, 62, 63, 64, 66, 80), told


def protection(pace: Pace, n: str) -> Iterator[Happening]:
    worker = {"allocation_id": f"W{n}", "role": "social_worker", "registered": True}
    if pace.chance():
        yield "worker.allocated", pace.day, worker
    yield ("enquiry.started", pace.after(0, 1), {"enquiry_id": f"E{n}", "conference_required": pace.pick((None, True))})
    if pace.chance(4):
        yield "enquiry.ended", pace.after(8, 15, 25), {"enquiry_id": f"E{n}", "conference_required": False}
        return
    if pace.chance(3):
        yield "worker.allocated", pace.after(0, 1), worker
    held = {"conference": "initial", "complete": True, "enquiry_ids": pace.pick((None, [f"E{n}"])), "plan_id": None}
    yield "conference.held", pace.after(14, 20, 21, 22, 25), {**held, "outcome": "plan_made"}
    yield "cp_plan.started", pace.day, {"plan_id": f"P{n}", "temporary": None}
    yield from _on_a_plan(pace, f"P{n}", worker)


def _on_a_plan(pace: Pace, plan: str, worker: dict[str, Any]) -> Iterator[Happening]:
    for turn in range(pace.pick((2, 6, 10))):
        happening = pace.pick(("visit", "visit", "group", "review", "worker", "move"))
        pace.after(1, 4, 9, 12, 13, 14, 15, 20)
        if happening == "visit":
            yield "visit.made", pace.day, {"regime": "cp", "method": "in_person", "seen": not pace.chance(5)}
        elif happening == "group":
            yield "core_group.held", pace.day, {"complete": True, "plan_id": pace.pick((None, plan))}
        elif happening == "review":
            told = {"conference": "review", "complete": True, "enquiry_ids": None, "plan_id": pace.pick((None, plan))}
            yield "conference.held", pace.after(0, 40, 70), {**told, "outcome": "plan_kept"}
        elif happening == "worker":
            yield "worker.deallocated", pace.day, {"allocation_id": worker["allocation_id"]}
            worker = {**worker, "allocation_id": f"{worker['allocation_id']}{turn}"}
            yield "worker.allocated", pace.after(0, 0, 1, 3), worker
        elif pace.chance(3):  # another plan from the day the first ends
            yield "cp_plan.started", pace.day, {"plan_id": f"{plan}x", "temporary": None}
            yield "cp_plan.ended", pace.day, {"plan_id": plan}
            plan = f"{plan}x"
    if pace.chance():
        yield "cp_plan.ended", pace.after(0, 1, 30, 500, 729, 730, 731), {"plan_id": plan}


def care(pace: Pace, n: str) -> Iterator[Happening]:
    known = not pace.chance(4)
    if known:
        yield "care.started", pace.day, {"care_id": f"K{n}", "short_breaks": None}
    placed = {"placement_id": f"L{n}", "temporary": None, "same_carer": None, "regime": None}
    yield "placement.started", pace.day, placed
    for turn in range(pace.pick((2, 5, 9))):
        happening = pace.pick(("review", "review", "visit", "visit", "move"))
        if happening == "review":
            told = {"review": "care", "complete": True, "care_id": pace.pick((None, f"K{n}"))}
            yield "review.held", pace.after(10, 27, 28, 29, 89, 91, 93, 180, 183, 186), told
        elif happening == "visit":
            yield ("visit.made", pace.after(3, 6, 7, 8, 41, 42, 43), {"regime": "care", "seen": not pace.chance(5)})
        else:
            yield "placement.ended", pace.after(0, 5), {"placement_id": placed["placement_id"]}
            placed = {**placed, "placement_id": f"L{n}{turn}"}
            yield "placement.started", pace.day, placed
    if pace.chance():
        if pace.chance(3):
            yield "adoption.placed", pace.after(0, 10), {}
        else:
            yield "care.ended", pace.after(0, 10), {"care_id": f"K{n}"}


def missing(pace: Pace, n: str) -> Iterator[Happening]:
    for turn in range(pace.pick((1, 2, 4))):
        one = f"M{n}{turn}"
        yield (
            "missing.started",
            pace.after(0, 5),
            {"missing_id": one, "category": "away" if pace.chance(3) else "missing"},
        )
        yield "missing.ended", pace.after(0, 1), {"missing_id": one}
        if not pace.chance(3):
            yield "return_interview.held", pace.after(0, 1, 2, 3, 3, 4), {"missing_ids": [one]}


STORIES = (referral, referral, protection, protection, care, care, missing)


def life(pick: Callable[[Any], Any], base: date) -> Iterator[tuple[str, date, dict[str, Any]]]:
    """Up to three stories, one after another, with a change of team now and then."""
    start = 0
    for n in range(pick((1, 1, 2, 3))):
        pace = Pace(pick)
        pace.day = start
        for kind, day, fields in pick(STORIES)(pace, str(n + 1)):
            yield kind, base + timedelta(days=day), fields
        if pick((True, False)):
            yield (
                "case.team_set",
                base + timedelta(days=start + pick((0, 10, 30))),
                {"team": pick(("north", "south"))},
            )
        start = pace.day + pick((0, 3, 40))


def filled(kind: str, fields: dict[str, Any], ident: str) -> dict[str, Any]:
    """The data of an event: what the story says, the first choice for the rest."""
    data = {name: fields.get(name, choices[0]) for name, choices in SHAPES[kind].items()}
    data |= dict.fromkeys(OWN_ID.get(kind, ()), ident)
    return {name: value for name, value in data.items() if value is not None}
