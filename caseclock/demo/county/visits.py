"""Visits: booked or not, made, missed, the child seen or not, late or in time."""

from __future__ import annotations

from caseclock.demo.county.draw import Chances, between
from caseclock.demo.county.recording import Record

BOOKED = 0.35  # of visits
FAILED = {"cp": 0.05, "cin": 0.05, "assessment": 0.04, "enquiry": 0.02, "care": 0.015, "leaving_care": 0.05}
UNSEEN = {"cp": 0.05, "cin": 0.06, "assessment": 0.05, "enquiry": 0.02, "care": 0.02, "leaving_care": 0.03}
AGAIN = (2, 6)  # working days until it is tried again
WHY_NOT = Chances({"no_answer": 50, "cancelled_by_family": 25, "refused": 10, "worker_absent": 15})
METHOD = Chances({"in_person": 95, "video": 3, "phone": 2})
ALONE = 0.72  # of visits at which a child of four or more was seen


def visit(record: Record, regime: str, day: int, born_on: int) -> bool:
    """A visit on a working day. Returns whether it counts (in person, the child seen, or the parent before a birth)."""
    roll, name = record.roll, f"v{record.next}"
    if roll() < BOOKED:
        ahead = between(roll(), 2, 8)
        on = record.setting.days.text(day)
        record.put(
            "visit.booked", record.setting.days.on_or_after(day - ahead), 600, visit_id=name, regime=regime, on=on
        )
    if roll() < FAILED[regime]:
        record.put("visit.failed", day, visit_id=name, regime=regime, reason=WHY_NOT.draw(roll()))
        return False
    if born_on > day:
        record.put(
            "visit.made",
            day,
            visit_id=name,
            regime=regime,
            by="social_worker",
            method="in_person",
            seen=False,
            parent_seen_unborn=True,
        )
        return True
    method = METHOD.draw(roll())
    seen = roll() >= UNSEEN[regime]
    more = {}
    if seen and day - born_on > 4 * 365:
        more["seen_alone"] = roll() < ALONE
    if regime == "cp":
        more["bedroom_seen"] = roll() < 0.4
    elif regime == "care":
        more["carer_seen"] = roll() < 0.9
    record.put("visit.made", day, visit_id=name, regime=regime, by="social_worker", method=method, seen=seen, **more)
    return seen and method == "in_person"


def visits(record: Record, regime: str, from_on: int, to_on: int, born_on: int, gap: Chances[int], worked: bool) -> int:
    """Visits after `from_on` up to `to_on`, at intervals of `gap` (working days if `worked`, else days). Returns the
    day of the last one."""
    days, roll = record.setting.days, record.roll
    to_on, day = min(to_on, record.setting.last), from_on
    last = day
    while True:
        wait = gap.draw(roll())
        day = days.add(day, max(wait, 1)) if worked else days.on_or_after(day + wait)
        while day <= to_on and not visit(record, regime, day, born_on):
            day = days.add(day, between(roll(), *AGAIN))
        if day > to_on:
            return last
        last = day
