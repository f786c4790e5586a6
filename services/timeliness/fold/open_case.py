"""Whether a child's case is open, with whom, on which plans, and when the child was last seen. Pure.

A case is open while one of the register's states in OPEN holds. Seen means seen in person, by whoever made the visit
and under whatever plan: a call shows a child and not a home.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import msgspec

from services.timeliness.history.facts import Fact
from services.timeliness.history.history import History
from services.timeliness.standards.states import State, Track

OPEN = ("case_open", "cp_plan", "looked_after")
PLANS = ("cp_plan", "looked_after", "cin_plan")  # worth saying of an open case
ROLES = (
    "lead_social_worker",
    "social_worker",
    "personal_adviser",
    "family_support",
    "student",
    "duty",
    "manager",
)  # who of several holds the child: the first of these; an iro or a conference chair never does


class OpenCase(msgspec.Struct, gc=False):
    """As `schemas.store.tables.OpenCase`, without its generation."""

    child: str
    team: str
    worker: str | None
    role: str | None
    opened_on: date | None
    seen_on: date | None
    plans: str
    unborn: bool
    lasts_to: date | None


def open_case(states: Mapping[str, State], history: History) -> OpenCase | None:
    """The case after everything known; None where it is not open, or the child died."""
    if history.died_on is not None:
        return None
    tracks = {name: Track(states[name]) for name in {*OPEN, *PLANS} if name in states}
    kinds = {kind for track in tracks.values() for kind in track.state.moves}
    opened_on: date | None = None
    was_open = False
    for fact in history.of(kinds):
        for track in tracks.values():
            track.take(fact)
        is_open = any(tracks[name].open for name in OPEN if name in tracks)
        if is_open and not was_open:
            opened_on = fact.day
        was_open = is_open
    if not was_open:
        return None
    worker, role = _holder(history)
    plans = " ".join(name for name in PLANS if name in tracks and tracks[name].open)
    return OpenCase(
        history.child,
        history.team_on(None),
        worker,
        role,
        opened_on,
        _seen_on(history),
        plans,
        history.unborn,
        history.adult_eve,
    )


def _holder(history: History) -> tuple[str | None, str | None]:
    """Who holds the child, and as what: of those with the weightiest role the one allocated last."""
    holding: dict[str, Fact] = {}
    for fact in history.of({"worker.allocated", "worker.deallocated"}):
        holding.pop(fact.data.allocation_id, None)
        if fact.kind == "worker.allocated" and fact.data.role in ROLES:
            holding[fact.data.allocation_id] = fact
    if not holding:
        return None, None
    best = min(reversed(holding.values()), key=lambda fact: ROLES.index(fact.data.role))
    return best.data.worker, best.data.role


def _seen_on(history: History) -> date | None:
    seen = [fact.day for fact in history.of({"visit.made"}) if fact.data.seen and fact.data.method == "in_person"]
    return seen[-1] if seen else None
