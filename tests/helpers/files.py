"""Files of events, written for a test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

# A census of the year to 31 March 2024: one child, referred on 8 January, assessed from 9 January to 20 February.
CENSUS = """<Message><Header><CollectionDetails><ReferenceDate>2024-03-31</ReferenceDate></CollectionDetails>
<Source><LEA>201</LEA></Source></Header><Children><Child><ChildIdentifiers><LAchildID>C1</LAchildID>
<PersonBirthDate>2015-06-01</PersonBirthDate></ChildIdentifiers><CINdetails>
<CINreferralDate>2024-01-08</CINreferralDate><Assessments><AssessmentActualStartDate>2024-01-09
</AssessmentActualStartDate><AssessmentAuthorisationDate>2024-02-20</AssessmentAuthorisationDate></Assessments>
</CINdetails></Child></Children></Message>"""


def event(kind: str, day: str, id: str, child: str = "C1", **more: Any) -> dict[str, Any]:
    """A case event. `recorded`: the day it was typed, at nine; everything else is its data."""
    made = {"specversion": "1.0", "id": id, "source": "carefirst", "type": kind, "subject": child, "occurredon": day}
    for name, attribute in (("recorded", "recordedtime"), ("replaces", "replaces"), ("retracts", "retracts")):
        if name in more:
            value = more.pop(name)
            made[attribute] = f"{value}T09:00:00Z" if name == "recorded" else value
    return made | {"data": more}


def write(path: str, *events: dict[str, Any] | str) -> Path:
    """A file of events, one a line; text goes in as it is."""
    lines = [one if isinstance(one, str) else json.dumps(one) for one in events]
    Path(path).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return Path(path)


def enquiry(child: str = "C1", held: str | None = "2024-03-25") -> list[dict[str, Any]]:
    """An enquiry from Monday 4 March 2024, so that its conference is due on Monday 25 March; and the conference."""
    events = [
        event("case.team_set", "2024-03-01", f"{child}-t", child, team="city-family-1", reason="allocation"),
        event(
            "worker.allocated",
            "2024-03-04",
            f"{child}-w",
            child,
            allocation_id="A1",
            worker="W1",
            role="lead_social_worker",
            registered=True,
        ),
        event("enquiry.started", "2024-03-04", f"{child}-e", child, enquiry_id="Q1"),
    ]
    if held:
        events.append(
            event(
                "conference.held",
                held,
                f"{child}-c",
                child,
                meeting_id="M1",
                complete=True,
                conference="initial",
                outcome="no_plan",
                enquiry_ids=["Q1"],
            )
        )
    return events
