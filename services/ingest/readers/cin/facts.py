"""Says what one child of a children-in-need census says, as facts. Pure. `docs/feeds.md` has the table."""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.ingest.readers.cin.conferences import conferences
from services.ingest.readers.cin.contradictions import contradictions
from services.ingest.readers.cin.items import Item, modules
from services.ingest.readers.cin.xml import Node
from services.ingest.readers.returns import NOT_STATED, Fact, day, identity, said, spelt, yes_no

KINDS = (
    "child.registered",
    "child.died",
    "referral.received",
    "case.closed",
    "assessment.started",
    "assessment.reviewed",
    "assessment.authorised",
    "enquiry.started",
    "conference.held",
    "cp_plan.started",
    "cp_plan.ended",
    "cin_plan.started",
    "cin_plan.ended",
    "pre_proceedings.started",
    "pre_proceedings.lettered",
    "pre_proceedings.met",
    "pre_proceedings.ended",
)

_NUMBER = re.compile("[0-9]{1,4}")  # any other is refused as it stands, with the reason
_SEX = {"1": "male", "M": "male", "2": "female", "F": "female", "9": "indeterminate", "0": "", "U": ""}


def facts_of(child: Node) -> list[Fact]:
    """Every fact of a `Child` element, the person first."""
    of = modules(child)
    facts = [fact for item in of.referrals for fact in _referral(item)]
    facts += [fact for item in of.assessments for fact in _assessment(item)]
    facts += [_enquiry(item) for item in of.enquiries]
    facts += [fact for item in of.cin_plans for fact in _cin_plan(item)]
    facts += [fact for item in of.plans for fact in _plan(item)]
    facts += [fact for item in of.pre_proceedings for fact in _pre_proceedings(item)]
    facts += conferences(of)
    return [*_person(of.child, child, facts), *facts, *contradictions(of)]


def _person(of: str, child: Node, facts: list[Fact]) -> Iterator[Fact]:
    """Who the child is.

    Registered on the day of birth or of the first fact, whichever is earlier: the census does not say since
    when the child was known, and whatever happened must find the birth already told.
    """
    at = {node.tag: node.text for about in reversed(child.all("ChildIdentifiers")) for node in reversed(about.children)}
    born, sex = at.get("PersonBirthDate", ""), at.get("GenderCurrent") or at.get("Sex", "")
    disabilities = {node.text for node in child.all("ChildCharacteristics", "Disabilities", "Disability")} - {""}
    days = sorted(found for text in [born, *(fact.on for fact in facts)] if (found := day(text)))
    data = said(
        born_on=spelt(born),
        expected_on=spelt(at.get("ExpectedPersonBirthDate", "")),
        sex=_SEX.get(sex, sex),
        disabled=disabilities != {"NONE"} if disabilities - {""} else None,
    )
    yield Fact(of, "child.registered", days[0].isoformat() if days else born, (), data, child.line)
    if died := at.get("PersonDeathDate"):
        yield Fact(of, "child.died", died, (), {"before_birth": not born}, child.line)


def _referral(item: Item) -> Iterator[Fact]:
    yield item.fact(
        "referral.received",
        item.began,
        source=item.get("ReferralSource") or NOT_STATED,
        need=item.get("PrimaryNeedCode"),
        no_further_action=yes_no(item.get("ReferralNFA")),
    )
    closed, reason = item.get("CINclosureDate"), item.get("ReasonForClosure")
    if closed or reason:  # a reason without a day is refused
        yield item.fact("case.closed", closed, reason=reason or "other")


def _assessment(item: Item) -> Iterator[Fact]:
    """Counted from the day the census gives as its start, whatever it was for (hence `reason: other`)."""
    own = item.id("assessment.started")
    yield item.fact("assessment.started", item.began, assessment_id=own, kind="single", reason="other")
    if reviewed := item.get("AssessmentInternalReviewDate"):
        yield item.fact("assessment.reviewed", reviewed, assessment_id=own)
    if authorised := item.get("AssessmentAuthorisationDate"):
        yield item.fact("assessment.authorised", authorised, assessment_id=own, kind="single", outcome=NOT_STATED)


def _enquiry(item: Item) -> Fact:
    not_required = yes_no(item.get("ICPCnotRequired"))
    required = not not_required if isinstance(not_required, bool) else not_required
    own = item.id("enquiry.started")
    return item.fact("enquiry.started", item.began, enquiry_id=own, conference_required=required)


def _cin_plan(item: Item) -> Iterator[Fact]:
    own = item.id("cin_plan.started")
    yield item.fact("cin_plan.started", item.began, plan_id=own)
    if ended := item.get("CINPlanEndDate"):
        yield item.fact("cin_plan.ended", ended, plan_id=own, reason=NOT_STATED)


def _plan(item: Item) -> Iterator[Fact]:
    own, previous = item.id("cp_plan.started"), item.get("NumberOfPreviousCPP")
    yield item.fact(
        "cp_plan.started",
        item.began,
        plan_id=own,
        category=item.get("InitialCategoryOfAbuse"),
        previous_plans=int(previous) if _NUMBER.fullmatch(previous) else previous,
    )
    if ended := item.get("CPPendDate"):
        yield item.fact("cp_plan.ended", ended, plan_id=own, reason=NOT_STATED)


def _pre_proceedings(item: Item) -> Iterator[Fact]:
    """The stage before care proceedings, which the census has from 2026."""
    own = item.id("pre_proceedings.started")
    yield item.fact("pre_proceedings.started", item.began, pp_id=own)
    if lettered := item.get("LBPSentDate"):
        yield item.fact("pre_proceedings.lettered", lettered, pp_id=own)
    if met := item.get("InitialPPMeetingDate"):
        meeting = identity(item.child, "pre_proceedings.met", spelt(met))
        yield item.fact("pre_proceedings.met", met, pp_id=own, meeting_id=meeting, complete=True)
    if decided := item.get("StepDecisionDate"):
        yield item.fact("pre_proceedings.ended", decided, pp_id=own, outcome=NOT_STATED)
