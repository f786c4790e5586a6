"""Section 47 enquiries, child protection conferences and plans."""

from __future__ import annotations

from caseclock.demo.county.draw import Chances, between, spread
from caseclock.demo.county.meetings import Diary, Meeting, as_held, book
from caseclock.demo.county.people import Child, Episode
from caseclock.demo.county.recording import Record
from caseclock.demo.county.visits import visit, visits

CATEGORY = Chances({"neglect": 46, "emotional_abuse": 38, "physical_abuse": 9, "sexual_abuse": 5, "multiple": 2})
VISIT_EVERY = spread({(4, 8): 36, (9, 10): 50, (11, 13): 8, (14, 20): 4.5, (21, 40): 1.5})  # working days
TALKED_OVER = 0.05  # of assessments, strategy discussions that begin no enquiry
NEW_ENQUIRY = 0.1  # of plans, those in which something new is enquired into
REPORTED = 0.7
CHILD_PART = Chances({"PN0": 38, "PN1": 14, "PN2": 4, "PN3": 3, "PN4": 7, "PN5": 12, "PN6": 5, "PN7": 17})


def enquire(record: Record, child: Child, day: int, ends: int, conference: bool, meeting: str, minute: int) -> str:
    """The strategy discussion and the enquiry it begins. Returns the enquiry's id."""
    name = f"q{record.next}"
    _discuss(record, day, minute, meeting, begins=True, enquiry=name)
    record.put("enquiry.started", day, minute, enquiry_id=name, discussion_id=meeting, joint=record.roll() < 0.4)
    visit(record, "enquiry", record.setting.days.add(day, between(record.roll(), 0, 2)), child.born_on)
    outcome = "conference" if conference else ("no_action" if record.roll() < 0.45 else "support")
    record.put("enquiry.ended", ends, 1020, enquiry_id=name, conference_required=conference, outcome=outcome)
    return name


def _discuss(record: Record, day: int, minute: int, meeting: str, begins: bool, enquiry: str = "") -> None:
    more = {"enquiry_id": enquiry} if enquiry else {}
    record.put(
        "strategy_discussion.held",
        day,
        minute,
        discussion_id=meeting,
        begins_enquiry=begins,
        meeting_id=meeting,
        complete=True,
        method="phone",
        attended=["police", "health"],
        **more,
    )


def protect(record: Record, child: Child, episode: Episode, diary: Diary | None, family: str) -> int:
    """Enquiry, conference and plan. Returns the day on which the child's plan ends (0: there is none)."""
    enquiry = ""
    if episode.enquiry_on is not None:
        minute = episode.decided_at + 15 if episode.enquiry_on == episode.decided_on else 620
        ends = episode.enquiry_ends or episode.enquiry_on
        meeting = f"d{family}-{episode.enquiry_on}"
        enquiry = enquire(record, child, episode.enquiry_on, ends, diary is not None, meeting, minute)
    elif episode.assessed and record.roll() < TALKED_OVER:
        day = record.setting.days.add(episode.decided_on, between(record.roll(), 1, 8))
        _discuss(record, day, 640, f"d{record.next}", begins=False)
    if diary is None:
        return 0
    plan = f"p{record.next}"
    _confer(record, diary.conference, episode, enquiry, plan)
    if episode.plan_to is None:
        return 0
    ends = _plan_ends(record, child, episode)
    _plan(record, child, episode, diary, plan, ends)
    return ends


def _confer(record: Record, meeting: Meeting, episode: Episode, enquiry: str, plan: str) -> None:
    moved_in = episode.origin == "moved_in"
    book(record, meeting, "conference_transfer_in" if moved_in else "conference_initial")
    if record.roll() < REPORTED:
        day = record.setting.days.on_or_after(max(meeting.day - between(record.roll(), 1, 6), meeting.booked_on))
        record.put("report.provided", min(day, meeting.day), 560, meeting_id=meeting.id, by="social_worker")
    named: dict[str, str | list[str]] = (
        {"transfer_id": f"t{record.subject}"} if moved_in else {"enquiry_ids": [enquiry]}
    )
    if episode.plan_to is not None:
        named["plan_id"] = plan
    record.put(
        "conference.held",
        meeting.day,
        meeting.minute,
        conference="transfer_in" if moved_in else "initial",
        outcome=meeting.outcome,
        child_part=CHILD_PART.draw(record.roll()),
        **named,
        **as_held(meeting),
    )


def _plan_ends(record: Record, child: Child, episode: Episode) -> int:
    care, ends = episode.care.get(child.place), episode.plan_to or 0
    if care is not None and care.from_on < ends:
        ends = min(ends, record.setting.days.on_or_after(care.from_on + between(record.roll(), 5, 45)))
    return max(min(ends, child.adult_on - 1), (episode.conference_on or 0) + 1)


def _plan(record: Record, child: Child, episode: Episode, diary: Diary, plan: str, ends: int) -> None:
    begun, roll = diary.conference.day, record.roll
    category = CATEGORY.draw(roll())
    record.put("cp_plan.started", begun, plan_id=plan, category=category, previous_plans=int(roll() < 0.22))
    if roll() < 0.06:
        changed = record.setting.days.on_or_after(begun + between(roll(), 60, 300))
        if changed < ends:
            record.put("cp_plan.changed", changed, plan_id=plan, category=CATEGORY.draw(roll()))
    for group in diary.core_groups:
        if group.day < ends:
            book(record, group, "core_group")
            record.put("core_group.held", group.day, group.minute, plan_id=plan, **as_held(group))
    for review in diary.reviews:
        if review.day <= ends:
            book(record, review, "conference_review")
            record.put(
                "conference.held",
                review.day,
                review.minute,
                conference="review",
                plan_id=plan,
                outcome=review.outcome,
                child_part=CHILD_PART.draw(roll()),
                **as_held(review),
            )
    visits(record, "cp", begun, ends - 1, child.born_on, VISIT_EVERY, worked=True)
    if roll() < NEW_ENQUIRY:
        day = record.setting.days.on_or_after(begun + between(roll(), 30, 300))
        over = record.setting.days.add(day, between(roll(), 4, 14))
        if over < ends:
            enquire(record, child, day, over, False, f"d{record.next}", 640)
    record.put("cp_plan.ended", ends, plan_id=plan, reason=_why(child, episode, ends))


def _why(child: Child, episode: Episode, ends: int) -> str:
    if ends >= child.adult_on - 1:
        return "eighteen"
    if ends != episode.plan_to:
        return "looked_after"
    return "moved_away" if episode.moves_away else "no_longer_needed"
