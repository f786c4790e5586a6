"""Elements of a census that are not read, or stand where they are not: counted and named, so that nobody thinks they
were. An attribute (`@name`) is none that is read. Pure."""

from __future__ import annotations

from collections import Counter

from services.ingest.readers.cin.xml import Node

# Where each element that is read stands: below which.
_READ = {
    "Child": "ChildIdentifiers ChildCharacteristics CINdetails",
    "ChildIdentifiers": "LAchildID PersonBirthDate ExpectedPersonBirthDate PersonDeathDate GenderCurrent Sex",
    "ChildCharacteristics": "Disabilities",
    "Disabilities": "Disability",
    "CINdetails": "CINreferralDate ReferralSource PrimaryNeedCode ReferralNFA CINclosureDate ReasonForClosure"
    " DateOfInitialCPC Assessments Section47 CINPlanDates ChildProtectionPlans PreProceedings",
    "Assessments": "AssessmentActualStartDate AssessmentInternalReviewDate AssessmentAuthorisationDate",
    "Section47": "S47ActualStartDate ICPCnotRequired DateOfInitialCPC",
    "CINPlanDates": "CINPlanStartDate CINPlanEndDate",
    "ChildProtectionPlans": "CPPstartDate CPPendDate InitialCategoryOfAbuse NumberOfPreviousCPP Reviews",
    "Reviews": "CPPreviewDate",
    "PreProceedings": "PPStartDate LBPSentDate InitialPPMeetingDate StepDecisionDate",
}
READ = {(parent, tag) for parent, tags in _READ.items() for tag in tags.split()}


class Unread:
    """Counts elements that hold a text and are not read."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def take(self, node: Node) -> None:
        """Counts those of a child."""
        for child in node.children:
            if (node.tag, child.tag) in READ:
                self.take(child)
            elif child.text or child.children:
                self._seen[child.tag] += 1

    def notes(self) -> list[str]:
        """Returns one line that names them, most frequent first; none where all is read."""
        if not self._seen:
            return []
        listed = ", ".join(f"{tag} ({count:,})" for tag, count in self._seen.most_common())
        return [f"not read: {listed}"]
