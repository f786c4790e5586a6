"""Routes for the alerts tests: two divisions, a head and a director; digests at 08:30, hours from 08:00 to 18:00."""

from __future__ import annotations

from datetime import time
from typing import Any

from services.alerts.message.desk import MessageContext
from services.alerts.routes.line import Absence, Person, Routes, Team, Urgent

PEOPLE = ("ann", "bob", "cat", "sam", "sue", "hana", "dev")
TEAMS = (
    Team("north", "North", ("ann", "sam", "hana", "dev")),
    Team("west", "North", ("bob", "sam", "hana", "dev")),
    Team("south", "South", ("cat", "sue", "hana", "dev")),
    Team("vacant", "South", (None, "sue", "hana", "dev")),
)


def routes(*absences: tuple[str, Absence], **more: Any) -> Routes:
    """`absences`: (person, absence)."""
    people = [
        Person(who, f"{who}@county.example", absences=tuple(a for name, a in absences if name == who)) for who in PEOPLE
    ]
    return Routes(people, TEAMS, ("hana", "dev"), **{"digest_at": time(8, 30), **more})


def desk(*absences: tuple[str, Absence], **more: Any) -> MessageContext:
    return MessageContext({"cp-visit": "Child protection visit"}, routes(*absences, **more), "https://clocks.example")


URGENT_VISITS = Urgent(standards=frozenset({"cp-visit"}))
