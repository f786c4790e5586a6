"""What one source alone tells of, listed for the manager of the team."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Engine
from starlette.testclient import TestClient

from caseclock.queries.one_source import OneSource, told_by_one_source
from caseclock.runtime import rules
from caseclock.web.app import make_app
from schemas.time.calendar import england
from schemas.time.days import parse_moment
from services.ingest.intake.intake import take_in
from services.timeliness.standards.register import load
from services.timeliness.table.catch_up import catch_up
from tests.helpers.records import NOW, given, record
from tests.helpers.sites import KEY

AT = parse_moment("2024-06-01T09:00:00Z")
CENSUS = "cin-census/201"
MEETING = {"meeting_id": "M3", "complete": True}
KINDS = ["enquiry.started", "conference.held", "care.started", "referral.received", "referral.decided"]


def told(id: str, kind: str, day: str, data: dict[str, object], source: str = CENSUS) -> bytes:
    child = "feed" if kind == "feed.covered" else "C1"
    return record(id, child, kind, occurredon=day, data=data, source=source)


def fill(engine: Engine) -> None:
    covered = {"kinds": KINDS, "from_on": "2023-04-01", "to_on": "2024-05-31", "complete_to": "2024-05-31"}
    events = [
        told("t", "case.team_set", "2023-04-01", {"team": "north", "reason": "started"}, "live"),
        told("f", "feed.covered", "2024-05-31", covered),
        told("q", "enquiry.started", "2024-01-08", {"enquiry_id": "Q1"}, "live"),
        told("q1", "enquiry.started", "2024-01-09", {"enquiry_id": "Q1"}),
        told("q2", "enquiry.started", "2024-03-04", {"enquiry_id": "Q2"}),
        told("q3", "enquiry.started", "2024-04-08", {"enquiry_id": "Q3"}),
        told(
            "h3",
            "conference.held",
            "2024-04-15",
            {"enquiry_ids": ["Q3"], "conference": "initial", "outcome": "no_plan", **MEETING},
        ),
        told("r", "referral.received", "2024-05-01", {"referral_id": "R1", "source": "1A"}),
    ]
    take_in(engine, given(*events), history=True, now=NOW)
    catch_up(engine, load(), england())


def test_what_the_live_feed_does_not_tell_is_listed_what_runs_first(engine: Engine) -> None:
    """An enquiry both tell of is not; nor is a referral, which is told as a fault alone."""
    fill(engine)
    assert told_by_one_source(engine, "north", AT) == [
        OneSource("C1", "Enquiry", date(2024, 3, 4), CENSUS, True),
        OneSource("C1", "Enquiry", date(2024, 4, 8), CENSUS, False),
    ]
    assert told_by_one_source(engine, "south", AT) == []


def test_the_team_s_page_leads_to_the_list(engine: Engine) -> None:
    fill(engine)
    with TestClient(make_app(engine, rules(), lambda: AT, key=KEY), base_url="http://127.0.0.1") as pages:
        assert "1 record of enquiries, plans, care or missing episodes still running" in pages.get("/team/north").text
        assert "Only in" in pages.get("/team/north/one-source").text
        assert pages.get("/team/north/one-source.csv").text.count(CENSUS) == 2
