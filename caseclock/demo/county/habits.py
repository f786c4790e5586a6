"""Says how each kind of event comes to be recorded, and what of the past is no longer worth sending."""

from __future__ import annotations

from caseclock.demo.county.draw import Chances, spread

SOON = spread({(0, 0): 72, (1, 1): 17, (2, 3): 8, (4, 7): 2, (8, 14): 1})  # days until it is typed
LATER = spread({(0, 0): 50, (1, 1): 21, (2, 3): 16, (4, 7): 8, (8, 14): 3, (15, 30): 1.5, (31, 70): 0.5})
PUT_RIGHT = spread({(1, 3): 50, (4, 10): 35, (11, 30): 15})  # days after the wrong day was typed

# How a kind is recorded: how often with the time of day, and how long until it is typed (None: there and then).
How = tuple[float, Chances[int] | None]
THERE_AND_THEN: How = (0.0, None)
HOW: dict[str, How] = {
    **dict.fromkeys(("visit.made", "visit.failed"), (0.6, LATER)),
    **dict.fromkeys(("core_group.held", "cin_plan.met", "cin_plan.reviewed", "review.held"), (0.7, LATER)),
    **dict.fromkeys(("conference.held", "strategy_discussion.held", "enquiry.started"), (1.0, SOON)),
    **dict.fromkeys(("cp_plan.started", "cp_plan.ended", "care.started", "care.ended"), (0.0, SOON)),
    **dict.fromkeys(("placement.started", "placement.ended", "child.born"), (0.0, LATER)),
    **dict.fromkeys(("return_interview.held", "return_interview.declined"), (0.75, LATER)),
    **dict.fromkeys(("pathway_assessment.completed", "pathway_plan.made", "leaver.contacted"), (0.0, LATER)),
    **dict.fromkeys(("assessment.started", "assessment.completed"), (0.0, SOON)),
    **dict.fromkeys(("assessment.authorised", "enquiry.ended", "case.closed"), (1.0, None)),
}
MISDATED = frozenset({"visit.made", "core_group.held", "cin_plan.reviewed", "review.held"})
# Of what happened before the run, not sent: appointments that have come and gone, and older than a season, what begins
# and ends no duty that still runs.
BOOKINGS = frozenset({"visit.booked", "meeting.booked"})
PASSING = frozenset(
    {
        "contact.received",
        "contact.decided",
        "referral.answered",
        "assessment.reviewed",
        "assessment.completed",
        "meeting.cancelled",
        "report.provided",
        "missing.started",
        "missing.ended",
        "return_interview.offered",
        "return_interview.held",
        "return_interview.declined",
        "cin_plan.reviewed",
        "visit.failed",
    }
)
PASSING_VISITS = frozenset({"assessment", "enquiry", "cin", "leaving_care"})
SEASON = 90  # days
