"""Looked-after children: the period of care, its legal status, its reviews, and how it ends."""

from __future__ import annotations

from caseclock.demo.county.draw import Chances, between, spread
from caseclock.demo.county.people import Care, Child, Episode
from caseclock.demo.county.placements import place
from caseclock.demo.county.protection import CHILD_PART
from caseclock.demo.county.recording import Record

STATUS = Chances({"V2": 52, "C1": 38, "L1": 6, "C2": 4})  # on the first day, as an SSDA903 return has it
FIRST_REVIEW = spread({(6, 15): 25, (16, 20): 67, (21, 25): 5, (26, 40): 3})  # working days
SECOND_REVIEW = spread({(50, 80): 38, (81, 88): 54, (93, 110): 6, (111, 150): 2})  # days
REVIEW = spread({(120, 165): 35, (166, 178): 59, (186, 215): 4.5, (216, 260): 1.5})  # days
ENDS_HOME = Chances({"E4A": 45, "E4B": 15, "E45": 14, "E46": 8, "E13": 10, "E8": 8})
POSTPONED = 0.05


def look_after(record: Record, child: Child, episode: Episode) -> None:
    """The child's period of care in an episode, if there is one, from its first day to its last."""
    care = episode.care.get(child.place)
    if care is None:
        return
    name, roll = f"l{record.next}", record.roll
    status = "V2" if episode.origin == "asylum" else STATUS.draw(roll())
    need = "N5" if episode.origin == "asylum" else "N1"
    record.put("care.started", care.from_on, care_id=name, legal_status=status, need=need, emergency=status == "L1")
    adopted_on = care.to_on - between(roll(), 120, 260) if care.ends == "adoption" else None
    _status(record, care, name, status)
    place(record, child, care, name, adopted_on)
    _reviews(record, care, name, adopted_on or care.to_on)
    if adopted_on is not None:
        _adopt(record, care, adopted_on)
    record.put("care.ended", care.to_on, care_id=name, reason=_why(record, care))


def _why(record: Record, care: Care) -> str:
    if care.ends == "adoption":
        return "E11"
    return "E7" if care.ends == "eighteen" else ENDS_HOME.draw(record.roll())


def _status(record: Record, care: Care, name: str, status: str) -> None:
    """An interim order some weeks into care, and the full order half a year later, for those who stay."""
    days, roll = record.setting.days, record.roll
    length = care.to_on - care.from_on
    if status == "V2" and (length < 200 or roll() < 0.45):
        return
    if status != "C1":
        day = days.on_or_after(care.from_on + between(roll(), 2, 60))
        _order(record, day, care, name, "interim_care", "C1")
    day = days.on_or_after(care.from_on + between(roll(), 180, 330))
    _order(record, day, care, name, "care", "C2")


def _order(record: Record, day: int, care: Care, name: str, order: str, status: str) -> None:
    if day < care.to_on:
        record.put("order.made", day, order_id=f"o{record.next}", order=order)
        record.put("legal_status.changed", day, care_id=name, legal_status=status)


def _reviews(record: Record, care: Care, name: str, to_on: int) -> None:
    days, roll = record.setting.days, record.roll
    day, booked_on, gap = (
        days.add(care.from_on, FIRST_REVIEW.draw(roll())),
        days.on_or_after(care.from_on + 2),
        SECOND_REVIEW,
    )
    while day < to_on and booked_on <= record.setting.last:
        meeting = f"m{record.next}"
        booked_on = min(booked_on, day)
        if roll() < POSTPONED and booked_on + 10 < day:
            first_for = days.on_or_after(day - between(roll(), 3, 9))
            _book(record, meeting, booked_on, first_for)
            booked_on = days.on_or_after(first_for - 3)
            record.put("meeting.cancelled", booked_on, 600, meeting_id=meeting, reason="postponed")
        _book(record, meeting, min(booked_on, day), day)
        record.put(
            "review.held",
            day,
            review="care",
            care_id=name,
            meeting_id=meeting,
            complete=True,
            child_part=CHILD_PART.draw(roll()),
            health_considered=roll() < 0.9,
            education_considered=roll() < 0.88,
        )
        booked_on = days.add(day, between(roll(), 0, 10))
        day, gap = days.on_or_after(day + gap.draw(roll())), REVIEW


def _book(record: Record, meeting: str, booked_on: int, day: int) -> None:
    on = record.setting.days.text(day)
    record.put("meeting.booked", booked_on, 955, meeting_id=meeting, meeting="care_review", on=on)


def _adopt(record: Record, care: Care, placed_on: int) -> None:
    """From the decision to the order. The duties to a looked-after child end on the day of placing."""
    decided = max(care.from_on + 100, placed_on - 260)
    record.put("adoption.decided", decided)
    record.put("order.made", max(decided, placed_on - 150), order_id=f"o{record.next}", order="placement")
    record.put("adoption.matched", placed_on - 25, with_current_carer=record.roll() < 0.12)
    record.put("adoption.placed", placed_on)
    record.put("order.made", care.to_on, order_id=f"o{record.next}", order="adoption")
