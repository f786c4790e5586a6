"""The made-up county: the same for the same seed, readable, in order, with all in it that makes work hard."""

from __future__ import annotations

import csv
import hashlib
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from caseclock.demo.county import County, norfolk_children, write_ndjson
from caseclock.demo.county.days import Days
from caseclock.demo.county.draw import Chances, spread
from caseclock.demo.county.places import TEAMS
from schemas.events.event import CaseEvent, decode
from schemas.time.days import birthday, end_of_day, start_of_day

FROM, TO = date(2023, 4, 1), date(2024, 3, 31)
ROOT = Path(__file__).parents[2]


def digest(county: County) -> str:
    return hashlib.sha256(b"\n".join(event for _, event in county)).hexdigest()


@pytest.fixture(scope="module")
def county() -> County:
    return County(2000, FROM, TO, seed=5, bad_rate=0)


@pytest.fixture(scope="module")
def events(county: County) -> list[CaseEvent]:
    return [decode(raw) for _, raw in county]


@pytest.fixture(scope="module")
def stories(events: list[CaseEvent]) -> dict[str, dict[str, list[CaseEvent]]]:
    """Child → kind → its events as they stand, none twice, none replaced or taken back."""
    gone = {event.replaces or event.retracts for event in events}
    out: dict[str, dict[str, list[CaseEvent]]] = defaultdict(lambda: defaultdict(list))
    for event in {event.id: event for event in events if event.id not in gone}.values():
        out[event.subject][event.kind].append(event)
    return out


def test_same_arguments_same_bytes() -> None:
    small = (60, date(2024, 1, 1), date(2024, 3, 31))
    assert digest(County(*small, seed=1)) == digest(County(*small, seed=1))
    assert digest(County(*small, seed=1)) != digest(County(*small, seed=2))


def test_same_bytes_in_another_process() -> None:
    program = (
        "from datetime import date; from hashlib import sha256; from caseclock.demo.county import County;"
        "county = County(60, date(2024, 1, 1), date(2024, 3, 31), 1);"
        "print(sha256(b'\\n'.join(event for _, event in county)).hexdigest())"
    )
    other = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo"},
    )
    assert other.stdout.strip() == digest(County(60, date(2024, 1, 1), date(2024, 3, 31), seed=1))


def test_in_the_order_of_typing_and_within_the_span(events: list[CaseEvent]) -> None:
    typed = [event.recordedtime for event in events]
    assert None not in typed
    assert typed == sorted(typed)  # type: ignore[type-var]
    assert all(event.day <= event.recordedtime.date() for event in events if event.recordedtime)
    assert typed[-1] is not None
    assert typed[-1] <= end_of_day(TO)


def test_as_many_children_as_asked_for(events: list[CaseEvent]) -> None:
    assert len({event.subject for event in events if event.about == "child"}) == 2000


def test_cases_are_under_way_when_it_begins_and_when_it_ends(stories: dict[str, dict[str, list[CaseEvent]]]) -> None:
    for began, ended in (("cp_plan.started", "cp_plan.ended"), ("care.started", "care.ended")):
        running = [s for s in stories.values() if s[began] and s[began][0].day < FROM]
        assert len(running) > 20
        assert sum(len(s[began]) > len(s[ended]) for s in stories.values()) > 20


def test_what_is_sent_twice_is_the_same(county: County) -> None:
    sent = Counter(event for _, event in county)
    assert 0.0005 < sum(count == 2 for count in sent.values()) / len(county) < 0.005
    assert len({decode(event).id for event in sent}) == len(sent)


def test_corrections_name_an_earlier_event_of_the_same_child(events: list[CaseEvent]) -> None:
    known: dict[str, str] = {}
    corrected = Counter[str]()
    for event in events:
        target = event.replaces or event.retracts
        if target:
            assert known[target] == event.subject
            corrected[event.kind] += 1
        known[event.id] = event.subject
    assert corrected["event.retracted"] > 5
    assert corrected["visit.made"] > 5


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("assessment.started", "assessment.authorised", "assessment_id"),
        ("enquiry.started", "enquiry.ended", "enquiry_id"),
        ("cp_plan.started", "cp_plan.ended", "plan_id"),
        ("cin_plan.started", "cin_plan.ended", "plan_id"),
        ("care.started", "care.ended", "care_id"),
        ("placement.started", "placement.ended", "placement_id"),
        ("missing.started", "missing.ended", "missing_id"),
        ("worker.allocated", "worker.deallocated", "allocation_id"),
    ],
)
def test_nothing_ends_before_it_begins(
    stories: dict[str, dict[str, list[CaseEvent]]], first: str, last: str, field: str
) -> None:
    ended = 0
    for story in stories.values():
        begun = {getattr(event.data, field): event.moment for event in story[first]}
        for event in story[last]:
            if getattr(event.data, field) in begun:
                assert begun[getattr(event.data, field)] <= event.moment, event.subject
                ended += 1
    assert ended > 20


def test_cases_are_closed_with_nothing_open_but_for_a_few(stories: dict[str, dict[str, list[CaseEvent]]]) -> None:
    closed = [story for story in stories.values() if story["case.closed"]]
    left_open = [s for s in closed if len(s["enquiry.started"]) > len(s["enquiry.ended"]) and _over(s)]
    assert len(left_open) < 0.02 * len(closed)


def _over(story: dict[str, list[CaseEvent]]) -> bool:
    return story["case.closed"][-1].day > max(event.day for event in story["referral.received"])


def test_no_plan_and_no_visit_after_the_eighteenth_birthday(stories: dict[str, dict[str, list[CaseEvent]]]) -> None:
    for story in stories.values():
        born = next((event.data.born_on for event in story["child.registered"] if event.data.born_on), None)
        if born is not None:
            duties = story["cp_plan.started"] + story["conference.held"] + story["review.held"]
            duties += [visit for visit in story["visit.made"] if visit.data.regime != "leaving_care"]
            assert all(event.day < birthday(born, 18) for event in duties)


def test_brothers_and_sisters_share_their_conference(stories: dict[str, dict[str, list[CaseEvent]]]) -> None:
    families: dict[str, set[str]] = defaultdict(set)
    for child, story in stories.items():
        for event in story["child.family_set"]:
            families[event.data.family_id].add(child)
    meetings: dict[str, set[str]] = defaultdict(set)
    for child, story in stories.items():
        for event in story["conference.held"]:
            meetings[event.data.meeting_id].add(child)
    together = [children for children in meetings.values() if len(children) > 1]
    assert len(together) > 30
    assert all(any(children <= family for family in families.values()) for children in together)


def test_everything_that_makes_work_hard_is_there(events: list[CaseEvent]) -> None:
    kinds = Counter(event.kind for event in events)
    for kind in (
        "child.born",
        "child.merged",
        "transfer.completed",
        "meeting.cancelled",
        "visit.failed",
        "case.reopened",
        "assessment.abandoned",
        "order.made",
        "adoption.placed",
        "pathway_assessment.completed",
        "interval.set",
        "return_interview.declined",
        "leaver.status_set",
        "worker.joined",
        "worker.left",
        "report.provided",
    ):
        assert kinds[kind] > 0, kind
    visits = [event.data for event in events if event.kind == "visit.made"]
    assert any(not visit.seen for visit in visits)
    assert any(visit.parent_seen_unborn for visit in visits)
    assert any(event.data.temporary for event in events if event.kind == "placement.started")
    assert any(event.data.role == "manager" for event in events if event.kind == "worker.allocated")
    conferences = {event.data.conference for event in events if event.kind == "conference.held"}
    assert conferences == {"initial", "review", "transfer_in"}
    assert {event.data.meeting for event in events if event.kind == "meeting.booked"} >= {
        "conference_initial",
        "conference_review",
        "core_group",
        "care_review",
    }


def test_days_alone_and_times_of_day(events: list[CaseEvent]) -> None:
    timed = sum(event.time is not None for event in events)
    assert 0.3 < timed / len(events) < 0.9
    hours = Counter(event.recordedtime.hour for event in events if event.recordedtime and event.kind == "visit.made")
    assert sum(hours[hour] for hour in range(8, 19)) > 0.95 * sum(hours.values())


def test_bad_records_are_refused_and_the_rest_untouched() -> None:
    good = County(60, date(2024, 1, 1), date(2024, 3, 31), seed=1, bad_rate=0)
    bad = County(60, date(2024, 1, 1), date(2024, 3, 31), seed=1, bad_rate=0.05)
    refused = [raw for _, raw in bad if _refused(raw)]
    assert 0.02 < len(refused) / len(good) < 0.1
    assert len(bad) - len(refused) >= 0.9 * len(good)


def _refused(raw: bytes) -> bool:
    try:
        decode(raw)
    except ValueError:
        return True
    return False


def test_its_teams_are_those_of_the_dated_file(events: list[CaseEvent]) -> None:
    with (ROOT / "services" / "timeliness" / "history" / "teams.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["team"] for row in rows} == set(TEAMS)
    assert len({row["division"] for row in rows}) == 7
    assert {event.data.team for event in events if event.kind == "case.team_set"} <= set(TEAMS)


def test_split_at_a_day(county: County) -> None:
    before, since = county.split(date(2024, 3, 4))
    assert len(before) + len(since) == len(county)
    midnight = start_of_day(date(2024, 3, 4))
    *_, (_, last) = before
    (position, first), *_ = since
    assert decode(last).recordedtime < midnight <= decode(first).recordedtime  # type: ignore[operator]
    assert since.place(position) == "made-up county, event 1"
    assert since.size == len(since)


def test_a_county_of_one() -> None:
    events = [decode(raw) for _, raw in County(1, date(2024, 1, 1), date(2024, 1, 31), seed=3)]
    assert {event.subject for event in events if event.about == "child"} == {"C000001"}


def test_what_cannot_be_made_is_said() -> None:
    with pytest.raises(ValueError, match="at least one child"):
        County(0, FROM, TO, seed=1)
    with pytest.raises(ValueError, match="earlier day first"):
        County(10, TO, FROM, seed=1)


def test_norfolk_grows_with_the_span() -> None:
    month, quarter = norfolk_children(date(2024, 3, 1), TO), norfolk_children(date(2024, 1, 1), TO)
    assert 2500 < month < quarter < 12000


def test_written_whole_or_not_at_all(tmp_path: Path) -> None:
    out = tmp_path / "county.ndjson"
    county = County(30, date(2024, 1, 1), date(2024, 3, 31), seed=1)
    assert write_ndjson(county, out) == len(county)
    assert out.read_bytes() == b"".join(event + b"\n" for _, event in county)
    before = out.read_bytes()
    with pytest.raises(RuntimeError, match="cut"):
        write_ndjson(_cut_short(county), out)
    assert out.read_bytes() == before
    assert list(tmp_path.iterdir()) == [out]


def _cut_short(county: County) -> Iterator[tuple[int, bytes]]:
    yield next(iter(county))
    raise RuntimeError("cut")


def test_days_are_spelt_with_the_zone_of_the_season() -> None:
    summer, winter = date(2024, 7, 5).toordinal(), date(2024, 12, 24).toordinal()
    days = Days(summer, winter + 30)
    assert days.at(summer, 570) == "2024-07-05T09:30:00+01:00"
    assert days.at(winter, 570) == "2024-12-24T09:30:00+00:00"
    assert days.add(winter, 1) == date(2024, 12, 27).toordinal()  # Christmas Day and Boxing Day do not count
    assert days.on_or_after(date(2024, 12, 25).toordinal()) == date(2024, 12, 27).toordinal()


def test_drawing_by_weight() -> None:
    chances = Chances({"a": 1, "b": 0, "c": 3})
    assert [chances.draw(roll) for roll in (0.0, 0.2499, 0.25, 0.999999)] == ["a", "a", "c", "c"]
    heap = spread({(1, 3): 1.0}, rise=2.0)
    assert [heap.draw(roll) for roll in (0.0, 0.17, 0.49, 0.51)] == [1, 2, 2, 3]
