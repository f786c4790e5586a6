"""Which fields made-up events carry, with few choices for each, so that events meet: ids, outcomes, answers."""

from __future__ import annotations

from typing import Any

R, A, E, P = ("R1", "R2"), ("A1", "A2"), ("E1", "E2"), ("P1", "P2")
K, L, W, M = ("K1", "K2", None), ("L1", "L2"), ("W1", "W2"), ("M1", "M2")
MAY = (None, True, False)
MOSTLY = (True, True, True, False)

SHAPES: dict[str, dict[str, tuple[Any, ...]]] = {
    "case.team_set": {"team": ("north", "south", "nowhere"), "reason": ("started",)},
    "case.closed": {"reason": ("RC1",), "referral_id": (None, None, "R1")},
    "case.reopened": {"reason": ("new",)},
    "case.stepped_up": {"from": ("early_help",), "to": ("cin",)},
    "transfer.completed": {"transfer_id": ("T1",), "direction": ("in", "out")},
    "child.died": {"before_birth": (False,)},
    "referral.received": {"referral_id": R, "source": ("school",), "no_further_action": (None, None, True)},
    "referral.decided": {
        "referral_id": R,
        "outcome": ("assessment", "nfa", "assessment", "initial_assessment", "duplicate", "strategy_discussion"),
    },
    "assessment.started": {
        "assessment_id": A,
        "kind": ("single", "single", "initial", "core"),
        "reason": ("referral", "new_information"),
        "referral_id": (None, "R1", "R2"),
    },
    "assessment.authorised": {
        "assessment_id": A,
        "kind": ("single", "single", "initial", "core"),
        "outcome": ("plan",),
        "referral_id": (None, "R1"),
    },
    "assessment.abandoned": {"assessment_id": A, "reason": ("moved",), "referral_id": (None, "R1")},
    "enquiry.started": {"enquiry_id": E, "conference_required": (None, True, False)},
    "enquiry.ended": {"enquiry_id": E, "conference_required": (False, True), "outcome": ("unsubstantiated",)},
    "conference.held": {
        "conference": ("initial", "review", "transfer_in"),
        "outcome": ("plan_made", "plan_kept", "plan_ended", "no_plan"),
        "complete": MOSTLY,
        "enquiry_ids": (None, ["E1"], ["E1", "E2"]),
        "plan_id": (None, "P1", "P2"),
    },
    "cp_plan.started": {"plan_id": P, "temporary": (None, None, True)},
    "cp_plan.ended": {"plan_id": P, "reason": ("ended",)},
    "core_group.held": {"complete": MOSTLY, "plan_id": (None, "P1", "P2")},
    "visit.made": {
        "regime": ("cp", "care"),
        "by": ("social_worker", "social_worker", "duty_social_worker", "iro", "lead_practitioner"),
        "method": ("in_person", "in_person", "video", "phone"),
        "seen": MOSTLY,
    },
    "visit.booked": {"regime": ("cp", "care"), "on": ("2024-03-01", "2024-06-03")},
    "meeting.booked": {
        "meeting_id": ("B1", "B2"),
        "meeting": ("conference_initial", "core_group", "care_review"),
        "on": ("2024-03-01", "2024-06-03"),
    },
    "meeting.cancelled": {"meeting_id": ("B1", "B2"), "reason": ("ill",)},
    "care.started": {"care_id": ("K1", "K2"), "legal_status": ("V2",), "short_breaks": (None, None, True)},
    "care.ended": {"care_id": ("K1", "K2"), "reason": ("E4A",)},
    "adoption.placed": {},
    "adoption.disrupted": {"reason": ("other",)},
    "review.held": {"review": ("care", "care", "short_breaks"), "complete": MOSTLY, "care_id": K},
    "placement.started": {
        "placement_id": L,
        "care_id": ("K1",),
        "type": ("U1",),
        "regime": (None, "ordinary", "interim_order_home"),
        "temporary": (None, None, True),
        "same_carer": (None, None, True),
        "meant_to_18": MAY,
        "long_term": MAY,
    },
    "placement.changed": {"placement_id": L, "long_term": MAY, "regime": (None, "ordinary")},
    "placement.ended": {"placement_id": L, "reason": (None, "respite")},
    "interval.set": {
        "duty": ("care_visit",),
        "every": (6,),
        "unit": ("months",),
        "agreed_by": ("iro",),
        "child_agrees": MAY,
    },
    "worker.allocated": {
        "allocation_id": W,
        "worker": ("S1",),
        "role": ("lead_social_worker", "social_worker", "manager"),
        "registered": MOSTLY,
    },
    "worker.deallocated": {"allocation_id": W, "reason": ("left",)},
    "missing.started": {"missing_id": M, "category": ("missing", "away"), "from": ("home",)},
    "missing.ended": {"missing_id": M},
    "return_interview.held": {"missing_ids": (["M1"], ["M2"], ["M1", "M2"])},
    "return_interview.offered": {"missing_ids": (["M1"], ["M2"])},
    "return_interview.declined": {"missing_ids": (["M1"], ["M2"])},
    "pathway_assessment.completed": {},
    "order.made": {"order_id": ("O1",), "order": ("care", "adoption")},
}
OWN_ID = {
    kind: (name,)
    for kind, name in (
        ("conference.held", "meeting_id"),
        ("core_group.held", "meeting_id"),
        ("review.held", "meeting_id"),
        ("visit.made", "visit_id"),
        ("visit.booked", "visit_id"),
    )
}

_ENDS = ("transfer.completed", "child.died", "case.team_set", "case.closed")
THEMES: dict[str, tuple[str, ...]] = {
    "referral": (
        "referral.received",
        "referral.decided",
        "assessment.started",
        "assessment.authorised",
        "referral.received",
        "assessment.abandoned",
        "case.reopened",
        "enquiry.started",
        *_ENDS,
    ),
    "protection": (
        "enquiry.started",
        "conference.held",
        "cp_plan.started",
        "core_group.held",
        "visit.made",
        "cp_plan.ended",
        "enquiry.ended",
        "worker.allocated",
        "worker.deallocated",
        "conference.held",
        "core_group.held",
        "visit.made",
        "meeting.booked",
        "meeting.cancelled",
        "visit.booked",
        *_ENDS,
    ),
    "care": (
        "care.started",
        "review.held",
        "care.ended",
        "placement.started",
        "visit.made",
        "placement.changed",
        "placement.ended",
        "interval.set",
        "adoption.placed",
        "adoption.disrupted",
        "review.held",
        "visit.made",
        "pathway_assessment.completed",
        "meeting.booked",
        *_ENDS,
    ),
    "missing": (
        "missing.started",
        "missing.ended",
        "return_interview.held",
        "return_interview.declined",
        "return_interview.offered",
        "missing.ended",
        *_ENDS,
    ),
}
THEMES["everything"] = tuple(sorted(SHAPES))
