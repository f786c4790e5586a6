"""The modules of a census child (referrals, assessments, enquiries, plans), each with what it is known by.

Where a child has several that begin on one day (two assessments begun the same morning), they are told apart by how
they end: the one that ends last, or is still open, is the first of them, so that next year's file, which no longer
holds what ended before, names the others as this one does. One listed twice word for word is one.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from services.ingest.readers.cin.xml import Node
from services.ingest.readers.returns import Fact, day, identity, said, spelt, yes_no


class Item(NamedTuple):
    """One module. `began`: the day it is known by, as the file has it. `referral_id` None where its referral
    has no day that can be read, so that nothing can be said to belong to it."""

    child: str
    node: Node
    began: str
    ordinal: int
    referral_id: str | None

    def id(self, kind: str) -> str:
        """The id of the thing that an event of this kind began."""
        return identity(self.child, kind, spelt(self.began), self.ordinal)

    def fact(self, what: str, on: str, /, **data: object) -> Fact:
        """Returns what it says happened on a day."""
        key = (spelt(self.began), self.ordinal)
        return Fact(self.child, what, on, key, said(referral_id=self.referral_id, **data), self.node.line)

    def get(self, *path: str) -> str:
        return self.node.get(*path)


class Modules(NamedTuple):
    """All modules of one child, wherever they stand: conferences reach across them."""

    child: str
    about: list[Node]
    referrals: list[Item]
    assessments: list[Item]
    enquiries: list[Item]
    cin_plans: list[Item]
    plans: list[Item]
    pre_proceedings: list[Item]

    @property
    def by_kind(self) -> dict[str, list[Item]]:
        """Returns them by the kind of event that begins each."""
        return {
            "referral.received": self.referrals,
            "assessment.started": self.assessments,
            "enquiry.started": self.enquiries,
            "cin_plan.started": self.cin_plans,
            "cp_plan.started": self.plans,
            "pre_proceedings.started": self.pre_proceedings,
        }


def modules(child: Node) -> Modules:
    """The modules of a `Child` element."""
    own = child.get("ChildIdentifiers", "LAchildID")
    details: list[tuple[Node, str | None]] = [(node, None) for node in child.all("CINdetails")]
    referrals = [_named(item) for item in _numbered(own, details, "CINreferralDate", "CINclosureDate")]

    def below(tag: str, begins: str, ends: str) -> list[Item]:
        return _numbered(own, [(node, r.referral_id) for r in referrals for node in r.node.all(tag)], begins, ends)

    return Modules(
        own,
        child.all("ChildIdentifiers"),
        referrals,
        below("Assessments", "AssessmentActualStartDate", "AssessmentAuthorisationDate"),
        below("Section47", "S47ActualStartDate", "DateOfInitialCPC"),
        below("CINPlanDates", "CINPlanStartDate", "CINPlanEndDate"),
        below("ChildProtectionPlans", "CPPstartDate", "CPPendDate"),
        below("PreProceedings", "PPStartDate", "StepDecisionDate"),
    )


def _named(referral: Item) -> Item:
    return referral._replace(referral_id=referral.id("referral.received") if day(referral.began) else None)


def _numbered(child: str, nodes: Iterable[tuple[Node, str | None]], begins: str, ends: str) -> list[Item]:
    """Returns them with an ordinal among those that begin on the same day, counted from the one that ends last."""
    once = {(spelt(node.get(begins)), of or "", node.spelling()): (node, of) for node, of in nodes}
    numbered: list[Item] = []
    for _, same_day in groupby(sorted(once), key=lambda key: key[0]):
        latest_first = sorted(same_day, key=lambda key: _ended(once[key][0], ends), reverse=True)
        for ordinal, key in enumerate(latest_first):
            node, of = once[key]
            numbered.append(Item(child, node, node.get(begins), ordinal, of))
    return numbered


def _ended(node: Node, ends: str) -> tuple[bool, str]:
    """Sorts the open after the ended, and these by their day; an enquiry that needs no conference is over."""
    if yes_no(node.get("ICPCnotRequired")) is True:
        return False, ""
    ended = node.get(ends)
    return not ended, spelt(ended)
