"""Child in need plans, and the lighter help that may follow an assessment or a referral."""

from __future__ import annotations

from caseclock.demo.county.draw import between, spread
from caseclock.demo.county.people import Child, Episode
from caseclock.demo.county.recording import Record
from caseclock.demo.county.visits import visits

VISIT_EVERY = spread({(10, 16): 25, (17, 20): 50, (21, 26): 17, (27, 45): 8})  # working days
REVIEW_EVERY = (42, 90)  # days
PLANNED = (3, 16)  # working days from the plan's first day to its meeting


def plan(record: Record, child: Child, episode: Episode, not_before: int) -> None:
    """The child in need plan of an episode, unless the child is in care by then. It ends when care begins."""
    if episode.cin_from is None or episode.cin_to is None:
        return
    care, days, roll = episode.care.get(child.place), record.setting.days, record.roll
    begun = days.on_or_after(max(episode.cin_from, not_before))
    ends = min(episode.cin_to, child.adult_on - 1)
    if care is not None:
        ends = min(ends, care.from_on)
    if ends <= begun + 5:
        return
    name = f"n{record.next}"
    record.put("cin_plan.started", begun, 1040, plan_id=name)
    visits(record, "cin", begun, ends - 1, child.born_on, VISIT_EVERY, worked=True)
    day, kind = days.add(begun, between(roll(), *PLANNED)), "cin_plan.met"
    while day < min(ends, record.setting.last):
        record.put(kind, day, plan_id=name, meeting_id=f"g{record.next}", complete=True)
        day, kind = days.on_or_after(day + between(roll(), *REVIEW_EVERY)), "cin_plan.reviewed"
    reason = "looked_after" if care is not None and ends == care.from_on else "needs_met"
    record.put("cin_plan.ended", ends, plan_id=name, reason=reason)


def help_family(record: Record, episode: Episode) -> None:
    """Lighter help, where that is what the referral or the assessment led to."""
    if episode.outcome == "family_support":
        day = episode.decided_on
    elif episode.after == "family_support" and episode.authorised_on and not episode.abandoned:
        day = episode.authorised_on
    else:
        return
    day = record.setting.days.add(day, between(record.roll(), 1, 15))
    name = f"f{record.next}"
    record.put(
        "family_support.started",
        day,
        support_id=name,
        initiated_by="social_worker",
        lead_agency="early_help",
        from_mash=episode.outcome == "family_support",
    )
    ends = day + between(record.roll(), 60, 240)
    outcome = "needs_met" if record.roll() < 0.7 else "declined"
    record.put("family_support.ended", ends, support_id=name, outcome=outcome)
