"""The meetings of a family's protection plan: one diary for brothers and sisters, drawn before any of it is written."""

from __future__ import annotations

from dataclasses import dataclass, field

from caseclock.demo.county.draw import Roll, between, spread
from caseclock.demo.county.people import Episode
from caseclock.demo.county.recording import Record
from caseclock.demo.county.setting import Setting

FIRST_CORE = spread({(4, 7): 25, (8, 10): 66, (11, 15): 7, (16, 25): 2}, rise=1.0)  # working days
CORE = spread({(20, 25): 35, (26, 28): 48, (29, 35): 12, (36, 60): 5})  # days
FIRST_REVIEW, REVIEW = (66, 86), (140, 176)  # days, held in time
LATE = spread({(1, 7): 45, (8, 21): 35, (22, 60): 20})  # days late
IN_PARTS = 0.02  # of core groups, those finished another day
POSTPONED = 0.5  # of late meetings, those first booked in time
AGENCIES = ("education", "health", "police", "probation", "housing", "adult_services")
NEAR = 25  # days before a plan ends in which no other review is held


@dataclass(slots=True)
class Meeting:
    """`booked_on`: when its day was set; `first_for`: the day first set for it, if it was put off."""

    id: str
    day: int
    minute: int
    booked_on: int
    first_for: int | None = None
    complete: bool = True
    continues: str = ""
    attended: tuple[str, ...] = ()
    outcome: str = ""


@dataclass(slots=True)
class Diary:
    conference: Meeting
    core_groups: list[Meeting] = field(default_factory=list)
    reviews: list[Meeting] = field(default_factory=list)


class Drawing:
    """Draws a family's meetings one after another."""

    def __init__(self, roll: Roll, setting: Setting, family: str) -> None:
        self.roll, self.setting, self.family, self._count = roll, setting, family, 0

    def meeting(self, day: int, booked_on: int, outcome: str = "", late_by: int = 0) -> Meeting:
        """A meeting on a working day. If it is late, it may have been put off from a day on which it was not."""
        self._count += 1
        roll = self.roll
        put_off = late_by > 0 and roll() < POSTPONED
        first_for = self.setting.days.on_or_after(day - late_by - between(roll(), 3, 7)) if put_off else None
        if first_for is not None and not booked_on < first_for < day:
            first_for = None
        attended = tuple(name for name in AGENCIES if roll() < 0.55) or ("education",)
        minute = 570 + 30 * between(roll(), 0, 14)
        return Meeting(f"m{self.family}-{self._count}", day, minute, booked_on, first_for, True, "", attended, outcome)


def protection_diary(roll: Roll, setting: Setting, family: str, episode: Episode, late_by: int) -> Diary:
    """The conference of an episode and all that follows from its plan. `late_by`: how late the conference was."""
    drawing, days, held = Drawing(roll, setting, family), setting.days, episode.conference_on or 0
    begun = episode.enquiry_on or episode.referred_on
    booked_on = min(days.add(begun, between(roll(), 1, 4)), held)
    outcome = "plan_made" if episode.plan_to else "no_plan"
    diary = Diary(drawing.meeting(held, booked_on, outcome, late_by))
    if episode.plan_to is not None:
        _core_groups(drawing, diary, held, min(episode.plan_to, setting.last))
        _reviews(drawing, diary, held, episode)
    return diary


def _core_groups(drawing: Drawing, diary: Diary, held: int, to_on: int) -> None:
    days, roll, booked_on = drawing.setting.days, drawing.roll, held
    day = days.add(held, FIRST_CORE.draw(roll()))
    while day < to_on:
        group = drawing.meeting(day, booked_on)
        diary.core_groups.append(group)
        if roll() < IN_PARTS:
            group.complete = False
            day = days.add(day, between(roll(), 2, 5))
            rest = drawing.meeting(day, group.day)
            rest.continues = group.id
            diary.core_groups.append(rest)
        booked_on = day
        day = days.on_or_after(day + CORE.draw(roll()))


def _reviews(drawing: Drawing, diary: Diary, held: int, episode: Episode) -> None:
    setting, roll, last = drawing.setting, drawing.roll, held
    odds, ends, booked_on = setting.odds_on(held), episode.plan_to or held, held
    limit, usual = 92, FIRST_REVIEW
    while last < setting.last:
        late = roll() < odds.review_late
        by = LATE.draw(roll()) if late else 0
        day = setting.days.on_or_after(last + limit + by if late else last + between(roll(), *usual))
        if day > ends - NEAR:
            break
        diary.reviews.append(drawing.meeting(day, booked_on, "plan_kept", by))
        last, booked_on, limit, usual = day, setting.days.add(day, between(roll(), 0, 10)), 184, REVIEW
    if not episode.moves_away:
        day = setting.days.on_or_after(ends)
        diary.reviews.append(drawing.meeting(day, booked_on, "plan_ended"))


def book(record: Record, meeting: Meeting, sort: str) -> None:
    """Tells that the meeting's day was set, put off and set again."""
    text, days = record.setting.days.text, record.setting.days
    if meeting.first_for is not None:
        record.put(
            "meeting.booked", meeting.booked_on, 960, meeting_id=meeting.id, meeting=sort, on=text(meeting.first_for)
        )
        off = days.on_or_after(meeting.first_for - 2)
        record.put("meeting.cancelled", off, 600, meeting_id=meeting.id, reason="postponed")
        record.put("meeting.booked", off, 660, meeting_id=meeting.id, meeting=sort, on=text(meeting.day))
    else:
        record.put("meeting.booked", meeting.booked_on, 960, meeting_id=meeting.id, meeting=sort, on=text(meeting.day))


def as_held(meeting: Meeting) -> dict[str, object]:
    """The fields every meeting has."""
    part: dict[str, object] = {"meeting_id": meeting.id, "complete": meeting.complete}
    if meeting.continues:
        part["continues"] = meeting.continues
    if meeting.attended:
        part |= {"quorate": len(meeting.attended) > 1, "attended": list(meeting.attended)}
    return part
