"""Elements of a census that are not read: counted and named, so that nobody thinks they were. Pure."""

from __future__ import annotations

from collections import Counter

from services.ingest.readers.cin.xml import Node

_PERSON = (
    "LAchildID PersonBirthDate ExpectedPersonBirthDate PersonDeathDate GenderCurrent Sex Disabilities Disability"
    " ChildIdentifiers ChildCharacteristics"
)
_REFERRAL = "CINdetails CINreferralDate ReferralSource PrimaryNeedCode ReferralNFA CINclosureDate ReasonForClosure"
_ASSESSMENT = "Assessments AssessmentActualStartDate AssessmentInternalReviewDate AssessmentAuthorisationDate"
_PROTECTION = (
    "Section47 S47ActualStartDate ICPCnotRequired DateOfInitialCPC ChildProtectionPlans CPPstartDate CPPendDate"
    " InitialCategoryOfAbuse NumberOfPreviousCPP Reviews CPPreviewDate"
)
_PLANS = "CINPlanDates CINPlanStartDate CINPlanEndDate"
_COURT = "PreProceedings PPStartDate LBPSentDate InitialPPMeetingDate StepDecisionDate"
READ = frozenset(" ".join((_PERSON, _REFERRAL, _ASSESSMENT, _PROTECTION, _PLANS, _COURT)).split())


class Unread:
    """Counts elements that hold a text and are not read."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def take(self, node: Node) -> None:
        """Counts those of a child."""
        for child in node.children:
            if child.tag not in READ and (child.text or child.children):
                self._seen[child.tag] += 1
            else:
                self.take(child)

    def notes(self) -> list[str]:
        """Returns one line that names them, most frequent first; none where all is read."""
        if not self._seen:
            return []
        listed = ", ".join(f"{tag} ({count:,})" for tag, count in self._seen.most_common())
        return [f"not read: {listed}"]
