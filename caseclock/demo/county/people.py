"""Children and episodes in outline. All days are ordinals; None: it never happens."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Child:
    """`place`: which of the family's children. `expected_on` is set for a child not yet born when first known.
    `adult_on`: the 18th birthday. `free_from`: no work is open from this day. `last_on`: the last day of any work.
    `known_as`: a second number by which the child is also known, until somebody notices."""

    place: int
    born_on: int
    adult_on: int
    expected_on: int | None
    sex: str
    disabled: bool
    asylum: bool = False
    known_as: str = ""
    free_from: int = 0
    last_on: int = 0
    id: str = ""


@dataclass(slots=True)
class Care:
    """A period of care, from its first day to the day it ends. `ends`: home, adoption or eighteen."""

    from_on: int
    to_on: int
    ends: str


@dataclass(slots=True)
class Episode:
    """From a referral (or a move in) to the closing. `origin`: referred, asylum or moved_in.

    `received_at`, `decided_at`: minutes of the day. `sender`: the roll that says who referred. `after`: what the
    assessment leads to when no protection plan is made (nfa, family_support, other, cin). `care` and `ends` (the last
    day of a child's work) are by the child's place in the family. `closed_on`: from when the family may be referred
    again.
    """

    origin: str
    referred_on: int
    members: list[Child]
    outcome: str
    decided_on: int
    received_at: int = 540
    decided_at: int = 1020
    sender: float = 0.0
    authorised_on: int | None = None
    abandoned: bool = False
    after: str = "nfa"
    enquiry_on: int | None = None
    enquiry_ends: int | None = None
    conference_on: int | None = None
    plan_to: int | None = None
    moves_away: bool = False
    cin_from: int | None = None
    cin_to: int | None = None
    closed_on: int = 0
    last_on: int = 0
    care: dict[int, Care] = field(default_factory=dict)
    ends: dict[int, int] = field(default_factory=dict)

    @property
    def assessed(self) -> bool:
        return self.outcome in ("assessment", "strategy_discussion")

    @property
    def opened(self) -> bool:
        """Whether a case was opened at all."""
        return self.assessed or self.origin == "moved_in"

    @property
    def route(self) -> str:
        """The heaviest thing that happens in it short of care."""
        if self.origin == "moved_in":
            return "moved_in"
        return "plan" if self.plan_to is not None else "enquiry" if self.enquiry_on is not None else "assessment"


@dataclass(slots=True)
class Family:
    """`children`: those whose work reaches into the span. `area`: where they live when the story begins."""

    area: str
    children: list[Child]
    episodes: list[Episode] = field(default_factory=list)
    id: str = ""
