"""The children-in-need census: which element becomes which event, what is refused, and how the file is read."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from schemas.events.event import CaseEvent, decode
from schemas.time.days import end_of_day
from services.ingest.readers import Unreadable
from services.ingest.readers.cin.header import Header
from services.ingest.readers.cin.reader import CinCensus
from services.ingest.readers.cin.xml import Node
from services.ingest.readers.formats import open_reader

HEADER = """<Header><CollectionDetails><Collection>CIN</Collection><ReferenceDate>2021-03-31</ReferenceDate></CollectionDetails>
<Source><LEA>926</LEA></Source></Header>"""
REFERRAL = """<CINreferralDate>2021-03-01</CINreferralDate><ReferralSource>6</ReferralSource>
<PrimaryNeedCode>N1</PrimaryNeedCode><ReferralNFA>0</ReferralNFA>"""


def child(*details: str, id: str = "<LAchildID>C1</LAchildID>", about: str = "") -> str:
    """A `Child`; each of `details` one `CINdetails`, that begins with a referral unless it has its own."""
    born = "" if "BirthDate" in about else "<PersonBirthDate>2012-05-06</PersonBirthDate>"
    modules = "".join(
        f"<CINdetails>{'' if 'CINreferralDate' in one else REFERRAL}{one}</CINdetails>" for one in details
    )
    return f"<Child><ChildIdentifiers>{id}{born}{about}</ChildIdentifiers>{modules}</Child>"


def message(*children: str, header: str = HEADER) -> str:
    declared = '<?xml version="1.0" encoding="utf-8"?>'
    return f"{declared}\n<Message>{header}<Children>{''.join(children)}</Children></Message>"


class File:
    """A census file in a folder of its own: what is taken of it, and what is refused."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "census.xml"

    def write(self, content: str | bytes) -> CinCensus:
        self.path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return CinCensus(self.path)

    def all(self, content: str | bytes) -> tuple[list[CaseEvent], list[tuple[str, str]]]:
        """The events that can be taken, and place and reason of what cannot."""
        reader = self.write(content)
        events, refused = [], []
        for position, raw in reader:
            try:
                events.append(decode(raw))
            except ValueError as error:
                refused.append((reader.place(position), str(error)))
        return events, refused

    def events(self, *children: str, kind: str = "") -> list[CaseEvent]:
        events, refused = self.all(message(*children))
        assert not refused
        return [event for event in events if event.kind.startswith(kind)]

    def refusal(self, content: str | bytes) -> str:
        with pytest.raises(Unreadable) as caught:
            list(self.write(content))
        return str(caught.value)


@pytest.fixture
def census(tmp_path: Path) -> File:
    return File(tmp_path)


def shown(events: list[CaseEvent], *fields: str) -> list[tuple[object, ...]]:
    return [(str(e.occurredon), *(getattr(e.data, field) for field in fields)) for e in events]


# -- what becomes of each element --------------------------------------------------------------------------------------


def test_the_source_is_the_authority_and_the_child_keeps_its_id(census: File) -> None:
    events = census.events(child("", id="<LAchildID>DfEX0000001</LAchildID>"))
    assert {event.source for event in events} == {"cin-census/926"}
    assert {event.subject for event in events} == {"DfEX0000001", "cin-census/926"}
    assert all(event.time is None and event.recordedtime == end_of_day(date(2021, 3, 31)) for event in events)


def test_a_referral(census: File) -> None:
    (event,) = census.events(child(""), kind="referral.")
    assert event.occurredon == date(2021, 3, 1)
    assert (event.data.source, event.data.need, event.data.no_further_action) == ("6", "N1", False)


def test_no_decision_is_made_up_for_a_referral(census: File) -> None:
    assert not census.events(child(""), kind="referral.decided")


@pytest.mark.parametrize(("text", "means"), [("1", True), ("TRUE", True), ("0", False), ("false", False)])
def test_yes_and_no_in_both_spellings(census: File, text: str, means: bool) -> None:
    referral = f"<CINreferralDate>2021-03-01</CINreferralDate><ReferralNFA>{text}</ReferralNFA>"
    (event,) = census.events(child(referral), kind="referral.")
    assert event.data.no_further_action is means
    assert event.data.source == "not_stated"


def test_a_person(census: File) -> None:
    about = "<ExpectedPersonBirthDate>2012-05-01</ExpectedPersonBirthDate><GenderCurrent>2</GenderCurrent>"
    (event,) = census.events(child("", about=about + "<PersonBirthDate>2012-05-06</PersonBirthDate>"), kind="child.")
    assert (event.data.born_on, event.data.expected_on) == (date(2012, 5, 6), date(2012, 5, 1))
    assert (event.data.sex, event.data.disabled) == ("female", None)
    assert event.occurredon == date(2012, 5, 6)


def test_an_unborn_child_is_registered_on_the_first_day_anything_happens(census: File) -> None:
    about = "<ExpectedPersonBirthDate>2021-06-01</ExpectedPersonBirthDate><GenderCurrent>0</GenderCurrent>"
    (event,) = census.events(child("", about=about), kind="child.")
    assert (event.occurredon, event.data.born_on) == (date(2021, 3, 1), None)
    assert event.data.sex is None


@pytest.mark.parametrize(("codes", "means"), [(["HAND", "HEAR"], True), (["NONE"], False), ([], None)])
def test_disabled_is_told_only_where_the_census_tells(census: File, codes: list[str], means: object) -> None:
    listed = "".join(f"<Disability>{code}</Disability>" for code in codes)
    one = child("").replace(
        "</ChildIdentifiers>",
        f"</ChildIdentifiers><ChildCharacteristics><Disabilities>{listed}</Disabilities></ChildCharacteristics>",
    )
    (event,) = census.events(one, kind="child.registered")
    assert event.data.disabled is means


def test_a_death_before_birth_is_one_with_no_birth(census: File) -> None:
    died = "<PersonDeathDate>2021-05-01</PersonDeathDate>"
    (event,) = census.events(child("", about=died), kind="child.died")
    assert (event.occurredon, event.data.before_birth) == (date(2021, 5, 1), False)
    (event,) = census.events(
        child("", about=f"<ExpectedPersonBirthDate>2021-06-01</ExpectedPersonBirthDate>{died}"), kind="child.died"
    )
    assert event.data.before_birth is True


def test_a_closure_with_its_reason(census: File) -> None:
    closed = "<CINclosureDate>2021-09-01</CINclosureDate>"
    (event,) = census.events(child(f"{closed}<ReasonForClosure>RC8</ReasonForClosure>"), kind="case.")
    assert (event.occurredon, event.data.reason) == (date(2021, 9, 1), "RC8")
    (event,) = census.events(child(closed), kind="case.")
    assert event.data.reason == "other"


def assessment(start: str, review: str = "", end: str = "") -> str:
    inner = f"<AssessmentActualStartDate>{start}</AssessmentActualStartDate>"
    inner += f"<AssessmentInternalReviewDate>{review}</AssessmentInternalReviewDate>" if review else ""
    inner += f"<AssessmentAuthorisationDate>{end}</AssessmentAuthorisationDate>" if end else ""
    return f"<Assessments>{inner}</Assessments>"


def test_an_assessment_counts_from_the_census_start_date(census: File) -> None:
    events = census.events(child(assessment("2021-03-02", "2021-03-12", "2021-04-30")), kind="assessment.")
    assert [e.kind for e in events] == ["assessment.started", "assessment.reviewed", "assessment.authorised"]
    assert [str(e.occurredon) for e in events] == ["2021-03-02", "2021-03-12", "2021-04-30"]
    assert len({e.data.assessment_id for e in events}) == 1
    assert (events[0].data.kind, events[0].data.reason) == ("single", "other")
    assert (events[2].data.kind, events[2].data.outcome) == ("single", "not_stated")
    (referral,) = census.events(child(""), kind="referral.")
    assert events[0].data.referral_id == referral.data.referral_id


def enquiry(start: str, conference: str = "", not_required: str = "0") -> str:
    held = f"<DateOfInitialCPC>{conference}</DateOfInitialCPC>" if conference else ""
    return (
        f"<Section47><S47ActualStartDate>{start}</S47ActualStartDate>{held}"
        f"<ICPCnotRequired>{not_required}</ICPCnotRequired></Section47>"
    )


def plan(start: str, end: str = "", *reviews: str) -> str:
    ended = f"<CPPendDate>{end}</CPPendDate>" if end else ""
    held = "".join(f"<CPPreviewDate>{on}</CPPreviewDate>" for on in reviews)
    return (
        f"<ChildProtectionPlans><CPPstartDate>{start}</CPPstartDate>{ended}"
        "<InitialCategoryOfAbuse>NEG</InitialCategoryOfAbuse><NumberOfPreviousCPP>2</NumberOfPreviousCPP>"
        f"<Reviews>{held}</Reviews></ChildProtectionPlans>"
    )


@pytest.mark.parametrize("number", ["9" * 5000, "٢", "-1", "2.5"])
def test_a_number_of_plans_that_is_none_stays_as_it_stands_and_is_refused_later(census: File, number: str) -> None:
    """One slip must not lose the census."""
    plans = plan("2021-03-02").replace(">2<", f">{number}<")
    events, refused = census.all(message(child(plans)))
    assert "referral.received" in {event.kind for event in events}
    assert ["previous_plans" in why for _, why in refused] == [True]


def test_an_enquiry_needs_a_conference_unless_the_census_says_not(census: File) -> None:
    events = census.events(child(enquiry("2021-03-02"), enquiry("2021-05-04", "", "true")), kind="enquiry.")
    assert shown(events, "conference_required") == [("2021-03-02", True), ("2021-05-04", False)]


def test_the_initial_conference_names_its_enquiries_and_makes_the_plan_of_its_day(census: File) -> None:
    events = census.events(
        child(enquiry("2021-03-02", "2021-03-20") + enquiry("2021-03-04", "2021-03-20") + plan("2021-03-20"))
    )
    held = next(e for e in events if e.kind == "conference.held")
    enquiries = [e.data.enquiry_id for e in events if e.kind == "enquiry.started"]
    (started,) = [e for e in events if e.kind == "cp_plan.started"]
    assert (held.data.conference, held.data.complete, held.data.outcome) == ("initial", True, "plan_made")
    assert sorted(held.data.enquiry_ids) == sorted(enquiries)
    assert held.data.plan_id == started.data.plan_id
    assert (started.data.category, started.data.previous_plans) == ("NEG", 2)


def test_a_conference_with_no_plan_that_day_made_none(census: File) -> None:
    (held,) = census.events(child(enquiry("2021-03-02", "2021-03-20")), kind="conference.")
    assert (held.data.outcome, held.data.plan_id) == ("no_plan", None)


def test_a_conference_the_referral_names_alone_is_one_of_a_child_who_moved_in(census: File) -> None:
    alone = "<DateOfInitialCPC>2021-03-20</DateOfInitialCPC>"
    (held,) = census.events(child(alone + plan("2021-03-20")), kind="conference.")
    assert (held.data.conference, held.data.outcome, held.data.enquiry_ids) == ("transfer_in", "plan_made", None)
    (held,) = census.events(child(alone + enquiry("2021-03-02", "2021-03-20")), kind="conference.")
    assert held.data.conference == "initial"


def test_review_conferences_keep_the_plan_or_end_it(census: File) -> None:
    events = census.events(child(plan("2021-01-04", "2021-09-01", "2021-03-20", "2021-09-01")))
    held = [e for e in events if e.kind == "conference.held"]
    assert shown(held, "conference", "outcome") == [
        ("2021-03-20", "review", "plan_kept"),
        ("2021-09-01", "review", "plan_ended"),
    ]
    (end,) = [e for e in events if e.kind == "cp_plan.ended"]
    assert (str(end.occurredon), end.data.reason) == ("2021-09-01", "not_stated")
    assert {e.data.plan_id for e in held} == {end.data.plan_id}


def test_a_child_in_need_plan(census: File) -> None:
    dates = "<CINPlanStartDate>2021-04-01</CINPlanStartDate><CINPlanEndDate>2021-06-01</CINPlanEndDate>"
    events = census.events(child(f"<CINPlanDates>{dates}</CINPlanDates>"), kind="cin_plan.")
    assert [e.kind for e in events] == ["cin_plan.started", "cin_plan.ended"]
    assert len({e.data.plan_id for e in events}) == 1


# -- identity ----------------------------------------------------------------------------------------------------------


def ids(events: list[CaseEvent]) -> set[str]:
    return {event.id for event in events if event.kind != "feed.covered"}


def test_ids_depend_on_neither_the_file_nor_the_place_in_it(census: File, tmp_path: Path) -> None:
    one = child(assessment("2021-03-02"), enquiry("2021-03-02") + REFERRAL.replace("03-01", "09-01"))
    two = child(enquiry("2021-03-02") + REFERRAL.replace("03-01", "09-01"), assessment("2021-03-02"))
    other = child("", id="<LAchildID>C2</LAchildID>")
    first = census.events(one, other)
    (tmp_path / "next").mkdir()
    assert ids(File(tmp_path / "next").events(other, two)) == ids(first)


def test_a_fact_keeps_its_id_when_another_of_the_child_changes(census: File) -> None:
    before = census.events(child(assessment("2021-03-02")))
    after = census.events(child(assessment("2021-03-02", end="2021-04-30") + enquiry("2021-05-01")))
    assert ids(before) < ids(after)


def test_a_corrected_authorisation_is_the_same_fact(census: File) -> None:
    before, after = (
        census.events(child(assessment("2021-03-02", end=end)), kind="assessment.authorised")[0]
        for end in ("2021-04-30", "2021-05-10")
    )
    assert before.replaces == after.replaces
    assert before.id != after.id
    assert before.occurredon != after.occurredon


def test_two_open_at_once_are_two_and_one_listed_twice_is_one(census: File) -> None:
    twice = assessment("2021-03-02", end="2021-04-01") + assessment("2021-03-02")
    assert len(census.events(child(twice), kind="assessment.started")) == 2
    assert len(ids(census.events(child(twice), kind="assessment.started"))) == 2
    listed = assessment("2021-03-02") + assessment("2021-03-02")
    assert len(census.events(child(listed), kind="assessment.started")) == 1


def test_what_ended_and_is_in_no_later_file_takes_nothing_from_what_began_on_its_day(census: File) -> None:
    year_1 = census.events(child(assessment("2021-03-02", end="2021-03-20") + assessment("2021-03-02")))
    year_2 = census.events(child(assessment("2021-03-02", end="2021-07-01")))
    named = {event.kind: event.replaces for event in year_2}
    assert named["assessment.started"] in {event.replaces for event in year_1}
    assert named["assessment.authorised"] not in {event.replaces for event in year_1}


def test_the_header_says_when_it_was_made_then_its_serial_number_settles() -> None:
    def header(of: str) -> Header:
        node = Node("Header", 1)
        for tag, parts in (("CollectionDetails", ["ReferenceDate=2021-03-31"]), ("Source", of.split())):
            inner = Node(tag, 1)
            for part in parts:
                name, _, text = part.partition("=")
                inner.children.append(Node(name, 1))
                inner.children[-1].text = text
            node.children.append(inner)
        return Header.of(node)

    made = [header(of).made for of in ("", "SerialNo=2", "DateTime=2021-05-01T09:00:00 SerialNo=1")]
    assert made == sorted(set(made))
    assert made[2] == datetime(2021, 5, 1, 8, 0, 0, 1, tzinfo=UTC)
    assert header("DateTime=2021-03-30T09:00:00").notes() == [
        "made on 2021-03-30, before its reference date 2021-03-31: was it a trial?"
    ]


@pytest.mark.parametrize("made", ["0001-01-01T00:00:00", "9999-12-31T23:59:59", "last week"])
def test_a_header_that_was_made_at_no_moment_is_a_note_and_the_file_goes_in(census: File, made: str) -> None:
    header = HEADER.replace("</Source>", f"<DateTime>{made}</DateTime></Source>")
    reader = census.write(message(child(""), header=header))
    stated = {decode(raw).recordedtime for _, raw in reader}
    assert stated == {end_of_day(date(2021, 3, 31))}
    assert reader.notes == ["its DateTime names no moment: taken as made at the end of its reference date"]


def test_a_census_of_no_year_is_refused_unless_its_days_are_said(census: File) -> None:
    bare = "<Header><Source><LEA>926</LEA></Source></Header>"
    assert "or say it with --covers" in census.refusal(message(child(""), header=bare))
    covers = (date(2020, 4, 1), date(2021, 3, 31))
    *_, (_, last) = open_reader(census.path, covers=covers)
    said = decode(last)
    assert (said.data.from_on, said.data.to_on) == covers
    assert said.recordedtime == end_of_day(date(2021, 3, 31))


def test_what_is_not_read_is_counted_and_named(census: File) -> None:
    reader = census.write(message(child("<Colour>red</Colour>"), child("<Colour>red</Colour><Taste>sour</Taste>")))
    list(reader)
    assert reader.notes == ["not read: Colour (2), Taste (1)"]


def test_the_stage_before_proceedings(census: File) -> None:
    stage = (
        "<PreProceedings><PPStartDate>2021-03-01</PPStartDate><LBPSentDate>2021-03-02</LBPSentDate>"
        "<InitialPPMeetingDate>2021-03-09</InitialPPMeetingDate><StepDecisionDate>2021-03-30</StepDecisionDate>"
        "</PreProceedings>"
    )
    events = census.events(child(stage), kind="pre_proceedings.")
    assert [(e.kind.partition(".")[2], e.day.day) for e in events] == [
        ("started", 1),
        ("lettered", 2),
        ("met", 9),
        ("ended", 30),
    ]
    assert len({e.data.pp_id for e in events}) == 1


def test_a_plan_filed_some_days_after_its_conference_is_what_it_made(census: File) -> None:
    def outcome(began: str) -> str:
        held = "<Section47><S47ActualStartDate>2021-03-02</S47ActualStartDate><DateOfInitialCPC>2021-03-10"
        plan = f"<ChildProtectionPlans><CPPstartDate>{began}</CPPstartDate></ChildProtectionPlans>"
        (event,) = census.events(child(f"{held}</DateOfInitialCPC></Section47>{plan}"), kind="conference.")
        return event.data.outcome

    assert [outcome(f"2021-03-{day}") for day in ("09", "10", "17", "18")] == [
        "no_plan",
        "plan_made",
        "plan_made",
        "no_plan",
    ]


# -- coverage ----------------------------------------------------------------------------------------------------------


def test_coverage_is_the_year_to_the_reference_date_whatever_is_dated_outside(census: File) -> None:
    (event,) = census.events(child(assessment("2019-03-02", end="2032-04-30")), kind="feed.")
    assert (event.data.from_on, event.data.to_on) == (date(2020, 4, 1), date(2021, 3, 31))
    assert event.data.complete_to == date(2021, 3, 31)
    assert {"assessment.authorised", "conference.held"} <= set(event.data.kinds)
    assert not {"visit.made", "referral.decided", "core_group.held"} & set(event.data.kinds)


def test_coverage_can_be_said(census: File) -> None:
    census.write(message(child("")))
    covers = (date(2020, 4, 1), date(2021, 3, 31))
    *_, (_, last) = open_reader(census.path, covers=covers)
    assert (decode(last).data.from_on, decode(last).data.to_on) == covers


# -- what cannot be read -----------------------------------------------------------------------------------------------


def test_impossible_order_is_taken_as_it_is_told(census: File) -> None:
    events = census.events(child(assessment("2021-06-01", end="2021-03-01")), kind="assessment.")
    assert [str(e.occurredon) for e in events] == ["2021-06-01", "2021-03-01"]


def test_a_day_that_cannot_be_read_is_refused_with_its_line_and_the_rest_goes_in(census: File) -> None:
    text = message(child("\n" + assessment("2021-13-01") + assessment("2021-03-02")))
    events, refused = census.all(text)
    assert len(refused) == 1
    assert refused[0][0].startswith("census.xml line ")
    assert "occurredon" in refused[0][1]
    assert [str(e.occurredon) for e in events if e.kind == "assessment.started"] == ["2021-03-02"]


def test_a_child_without_an_id_is_refused_and_the_others_go_in(census: File) -> None:
    events, refused = census.all(message(child("", id=""), child("", id="<LAchildID>C2</LAchildID>")))
    assert len(refused) == 2  # who it is, and the referral
    assert all("subject" in reason for _, reason in refused)
    assert {e.subject for e in events} == {"C2", "cin-census/926"}


def test_a_code_outside_the_list_is_refused_with_the_list(census: File) -> None:
    closed = "<CINclosureDate>2021-09-01</CINclosureDate><ReasonForClosure>RC77</ReasonForClosure>"
    events, refused = census.all(message(child(closed)))
    assert len(refused) == 1
    assert "RC77" in refused[0][1]
    assert not [e for e in events if e.kind == "case.closed"]


def test_uk_days_are_read(census: File) -> None:
    referral = "<CINreferralDate>04/03/2021</CINreferralDate><ReferralSource>6</ReferralSource>"
    (event,) = census.events(child(referral), kind="referral.")
    assert event.occurredon == date(2021, 3, 4)


def test_text_between_elements_is_passed_over(census: File) -> None:
    text = message(child("")).replace("<ChildIdentifiers>", "<ChildIdentifiers>PersonBirthDate\n")
    events, refused = census.all(text)
    assert not refused
    assert {e.subject for e in events} == {"C1", "cin-census/926"}


# -- files that are refused whole --------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.99])
def test_a_file_cut_in_the_middle(census: File, share: float) -> None:
    text = message(child(assessment("2021-03-02")), child("", id="<LAchildID>C2</LAchildID>"))
    said = census.refusal(text[: int(len(text) * share)])
    assert said.startswith("census.xml line ")
    assert "cut short" in said


def test_an_empty_file(census: File) -> None:
    assert "census.xml: is empty" in census.refusal("")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "latin-1"])
def test_another_encoding(census: File, encoding: str) -> None:
    text = message(child("", about="<Note>Zoë</Note>"))
    assert "not UTF-8" in census.refusal(text.encode(encoding))


def test_a_mark_at_the_beginning_is_no_fault(census: File) -> None:
    events, refused = census.all(message(child("")).encode("utf-8-sig"))
    assert events
    assert not refused


def test_not_a_census(census: File) -> None:
    assert "<Message>" in census.refusal("<html><body/></html>")
    assert "not well-formed" in census.refusal("<Message><Header></Message>")
    assert "'CLA'" in census.refusal(message(child(""), header=HEADER.replace("CIN<", "CLA<")))
    assert "holds no <Child>" in census.refusal(message())
    assert "LEA" in census.refusal(message(child(""), header="<Header/>"))
    assert "<Header>" in census.refusal(message(child(""), header=""))


LONG = f"<a>{'x' * 9_000}</a>"
BOMB = """<?xml version="1.0"?><!DOCTYPE Message [<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<Message><Header>&c;</Header></Message>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE Message [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<Message><Header>&x;</Header></Message>"""


@pytest.mark.parametrize("text", [BOMB, OUTSIDE, '<!DOCTYPE Message SYSTEM "http://example.org/a.dtd"><Message/>'])
def test_document_types_and_entities(census: File, text: str) -> None:
    assert "document type or entity" in census.refusal(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"<Message>{'x' * 20_000_000}</Message>", "a text longer"),
        (f"<Message>{HEADER}<Children><Child><ChildIdentifiers><LAchildID>{'x' * 20_000_000}", "a text longer"),
        (f"<Message><!--{'x' * 20_000_000}--></Message>", "a tag or comment"),
        (f"<Message a='{'x' * 20_000_000}'/>", "a tag or comment"),
        (f"<Message>{'<a>' * 1_000}", "nested deeper"),
        (message(f"<Child>{'<a/>' * 50_000}</Child>"), "more than 20000 elements"),
        (message(f"<Child>{LONG * 500}</Child>"), "a child of more than"),
    ],
    ids=["text", "field", "comment", "attribute", "depth", "elements", "child"],
)
def test_what_is_too_large_is_refused_in_little_memory(census: File, text: str, why: str) -> None:
    reader = census.write(text)
    tracemalloc.start()
    try:
        with pytest.raises(Unreadable, match=why):
            list(reader)
        assert tracemalloc.get_traced_memory()[1] < 24_000_000
    finally:
        tracemalloc.stop()


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="cannot be read"):
        list(CinCensus(tmp_path / "none.xml"))


# -- nothing is lost in silence ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "twice",
    [
        "<CINclosureDate>2021-05-01</CINclosureDate><CINclosureDate>2021-06-01</CINclosureDate>",
        "<Section47><S47ActualStartDate>2021-05-01</S47ActualStartDate><S47ActualStartDate>2021-06-01</S47ActualStartDate>"
        "</Section47>",
        "<PrimaryNeedCode>N4</PrimaryNeedCode>",
    ],
)
def test_what_is_there_twice_differently_is_taken_once_and_refused_once(census: File, twice: str) -> None:
    events, refused = census.all(message(child(twice)))
    assert events
    (_, why) = refused[-1]
    assert "occurredon" in why
    assert "is there twice" in b"".join(raw for _, raw in census.write(message(child(twice)))).decode()


def test_a_second_birth_is_refused_wherever_it_stands(census: File) -> None:
    second = "<PersonBirthDate>2013-01-01</PersonBirthDate>"
    events, refused = census.all(message(child("", about=f"<PersonBirthDate>2012-05-06</PersonBirthDate>{second}")))
    assert [one.data.born_on for one in events if one.kind == "child.registered"] == [date(2012, 5, 6)]
    assert len(refused) == 1
    other = child("").replace(
        "</ChildIdentifiers>", f"</ChildIdentifiers><ChildIdentifiers>{second}</ChildIdentifiers>"
    )
    assert len(census.all(message(other))[1]) == 1


def test_what_is_there_twice_alike_is_one(census: File) -> None:
    same = "<CINclosureDate>2021-05-01</CINclosureDate><CINclosureDate>01/05/2021</CINclosureDate>"
    assert len(census.events(child(same), kind="case.closed")) == 1


def test_a_reason_for_closing_without_a_day_is_refused(census: File) -> None:
    ((_, why),) = census.all(message(child("<ReasonForClosure>RC8</ReasonForClosure>")))[1]
    assert "occurredon" in why


def test_what_stands_in_the_wrong_place_and_attributes_are_named(census: File) -> None:
    strayed = "<Section47><CINclosureDate>2021-05-01</CINclosureDate></Section47>"
    reader = census.write(message(child(strayed, '<CINclosureDate on="2021-05-02"/>')))
    list(reader)
    assert sorted(reader.notes) == ["not read: CINclosureDate (1), @on (1)"]


@pytest.mark.parametrize(
    "wrong",
    [
        message(child("")).replace("<Children>", "<Kids>").replace("</Children>", "</Kids>"),
        message(child(""), child("").replace("Child>", "child>")),
    ],
)
def test_children_where_nobody_looks_are_refused_and_not_passed_over(census: File, wrong: str) -> None:
    assert "where a census has its <Child>" in census.refusal(wrong)
