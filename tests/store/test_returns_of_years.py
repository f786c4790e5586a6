"""Returns of several years and a live feed beside them: what is judged, what holds, in any order of import."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import permutations
from pathlib import Path

import pytest
from sqlalchemy import Engine

from schemas.store.engine import connect, reader
from schemas.time.calendar import england
from schemas.time.days import end_of_day
from services.ingest.intake.intake import Taken, take_in
from services.ingest.readers.formats import open_reader
from services.timeliness.figures.kpi import Figure
from services.timeliness.figures.periods import Period
from services.timeliness.fold.child import fold_child
from services.timeliness.history.log_view import LogView
from services.timeliness.standards.register import load

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
Verdict = tuple[date, date | None, date | None, str | None]  # start, due, stop, status


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = connect(f"sqlite:///{tmp_path}/years.db")
    yield engine
    engine.dispose()


def census(folder: Path, year: int, *details: str, serial: int = 1) -> Path:
    """A census of the year to 31 March, of one child, C1; each of `details` the inside of a referral of 1 May 2023."""
    referrals = "".join(
        f"<CINdetails><CINreferralDate>2023-05-01</CINreferralDate>{one}</CINdetails>" for one in details
    )
    path = folder / f"census-{year}-{serial}.xml"
    path.write_text(
        f"<Message><Header><CollectionDetails><ReferenceDate>{year}-03-31</ReferenceDate></CollectionDetails>"
        f"<Source><LEA>201</LEA><SerialNo>{serial}</SerialNo></Source></Header><Children><Child><ChildIdentifiers>"
        "<LAchildID>C1</LAchildID><PersonBirthDate>2015-06-01</PersonBirthDate></ChildIdentifiers>"
        f"{referrals}</Child></Children></Message>"
    )
    return path


def assessment(began: str, authorised: str = "") -> str:
    ended = f"<AssessmentAuthorisationDate>{authorised}</AssessmentAuthorisationDate>" if authorised else ""
    return f"<Assessments><AssessmentActualStartDate>{began}</AssessmentActualStartDate>{ended}</Assessments>"


def take(engine: Engine, path: Path) -> Taken:
    return take_in(engine, open_reader(path), history=True, now=NOW)


def verdicts(engine: Engine, standard: str, as_of: str = "2026-11-27") -> list[Verdict]:
    at = end_of_day(date.fromisoformat(as_of))
    with reader(engine) as connection:
        (history,) = LogView(connection).histories(["C1"])
    folded = fold_child([load().standards[standard]], history, england())
    return [(c.started_on, c.due_on, c.ended_on, c.status(at)) for c in folded.clocks]


def statuses(engine: Engine, standard: str) -> list[str | None]:
    return [status for *_, status in verdicts(engine, standard)]


def test_what_the_newest_submission_says_holds_in_any_order(tmp_path: Path, engine: Engine) -> None:
    first = census(tmp_path, 2024, assessment("2023-05-02", "2023-06-01"), serial=1)
    second = census(tmp_path, 2024, assessment("2023-05-02", "2023-08-01"), serial=2)
    for path in (second, first, second, first):
        take(engine, path)
    assert verdicts(engine, "assessment-45wd") == [(date(2023, 5, 2), date(2023, 7, 6), date(2023, 8, 1), "missed")]


@pytest.mark.parametrize("order", list(permutations((2023, 2024, 2025))))
def test_two_begun_on_one_day_stay_two_whatever_later_files_hold(
    tmp_path: Path, engine: Engine, order: tuple[int, ...]
) -> None:
    both = assessment("2023-05-02", "2023-05-20") + assessment("2023-05-02")
    files = {2023: "", 2024: both, 2025: assessment("2023-05-02", "2024-05-10")}
    for year in order:
        take(engine, census(tmp_path, year, files[year]))
    assert sorted(statuses(engine, "assessment-45wd"), key=str) == ["met", "missed"]


def test_a_slip_of_one_record_moves_no_other(tmp_path: Path, engine: Engine) -> None:
    slip = "<CINPlanDates><CINPlanStartDate>2032-05-10</CINPlanStartDate></CINPlanDates>"
    path = census(tmp_path, 2024, assessment("2024-03-01") + slip)
    source = open_reader(path)
    take_in(engine, source, history=True, now=NOW)
    assert statuses(engine, "assessment-45wd") == ["not_measured"]
    assert source.notes == ["1 dated after 2024-03-31, the last day the return covers: slips, kept and shown"]


def test_work_seen_to_begin_and_to_end_is_completed_though_due_after_the_year(tmp_path: Path, engine: Engine) -> None:
    from services.timeliness.figures.kpi import figures

    take(engine, census(tmp_path, 2024, assessment("2024-02-01", "2024-02-20") + assessment("2024-02-02")))
    with reader(engine) as connection:
        (history,) = LogView(connection).histories(["C1"])
    folded = fold_child([load().standards["assessment-45wd"]], history, england())

    def asked(first: str, last: str) -> Figure:
        period = Period(date.fromisoformat(first), date.fromisoformat(last))
        (figure,) = figures(folded.clocks, [], {}, period, lambda team, day: "county", NOW)
        return figure

    february, april = asked("2024-02-01", "2024-02-29"), asked("2024-04-01", "2024-04-30")
    assert (february.completed, february.completed_in_time, february.due) == (1, 1, 0)
    assert (april.due, april.met, april.not_measured) == (0, 0, 2)


def test_a_plan_of_before_the_year_is_shown_and_only_what_is_covered_is_judged(tmp_path: Path, engine: Engine) -> None:
    reviews = "<Reviews><CPPreviewDate>2023-06-30</CPPreviewDate><CPPreviewDate>2024-01-10</CPPreviewDate></Reviews>"
    plan = f"<ChildProtectionPlans><CPPstartDate>2022-11-10</CPPstartDate>{reviews}</ChildProtectionPlans>"
    take(engine, census(tmp_path, 2024, plan))
    assert statuses(engine, "cp-review-first-3m") == ["not_measured"]
    assert statuses(engine, "cp-review-later-6m") == ["missed", "not_measured"]


def test_a_live_feed_that_comes_years_later_judges_nothing_of_the_return(tmp_path: Path, engine: Engine) -> None:
    take(engine, census(tmp_path, 2024, assessment("2024-03-01")))
    before = {standard: statuses(engine, standard) for standard in load().standards}
    live = tmp_path / "live.ndjson"
    live.write_text(
        '{"specversion":"1.0","id":"t","source":"carefirst","type":"case.team_set","subject":"C1",'
        '"occurredon":"2026-11-20","data":{"team":"north","reason":"transfer"}}\n'
    )
    take(engine, live)
    assert {standard: statuses(engine, standard) for standard in load().standards} == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"child,name\nC1,Ann\n", "a row of a table"),
        (b"PK\x03\x04xlsx", "an Excel workbook"),
        (b"<SSDA903><Child/></SSDA903>", "where a children-in-need census has <Message>"),
    ],
)
def test_a_file_that_nobody_reads_is_refused_whole(tmp_path: Path, engine: Engine, content: bytes, said: str) -> None:
    from services.ingest.readers import Unreadable

    (tmp_path / "file").write_bytes(content)
    with pytest.raises(Unreadable, match=said):
        take(engine, tmp_path / "file")


def enquiry(began: str, conference: str = "") -> str:
    held = f"<DateOfInitialCPC>{conference}</DateOfInitialCPC>" if conference else ""
    return f"<Section47><S47ActualStartDate>{began}</S47ActualStartDate>{held}</Section47>"


@pytest.mark.parametrize("order", list(permutations((2024, 2025))))
def test_two_enquiries_begun_on_one_day_each_have_their_own_conference(
    tmp_path: Path, engine: Engine, order: tuple[int, ...]
) -> None:
    files = {
        2024: enquiry("2024-03-04", "2024-03-20") + enquiry("2024-03-04"),
        2025: enquiry("2024-03-04", "2024-04-16"),
    }
    for year in order:
        take(engine, census(tmp_path, year, files[year]))
    found = {(stopped, status) for _, _, stopped, status in verdicts(engine, "icpc-15wd")}
    assert found == {(date(2024, 3, 20), "met"), (date(2024, 4, 16), "missed")}


@pytest.mark.parametrize("order", [(1, 2), (2, 1), (2, 1, 2), (1, 2, 1)])
def test_the_return_made_later_holds_whatever_the_serial_numbers(
    tmp_path: Path, engine: Engine, order: tuple[int, ...]
) -> None:
    files = {}
    for which, made, serial, done in ((1, "2024-05-02", 9, "2023-06-01"), (2, "2024-07-02", 3, "2023-08-01")):
        files[which] = census(tmp_path, 2024, assessment("2023-05-02", done), serial=serial)
        dated = f"<DateTime>{made}T10:00:00</DateTime></Source>"
        files[which].write_text(files[which].read_text().replace("</Source>", dated))
    for which in order:
        take(engine, files[which])
    assert verdicts(engine, "assessment-45wd") == [(date(2023, 5, 2), date(2023, 7, 6), date(2023, 8, 1), "missed")]
    again = take(engine, files[1])
    assert (again.accepted, again.duplicate) == (0, again.read)


def test_work_due_long_before_the_last_day_and_never_done_is_overdue(tmp_path: Path, engine: Engine) -> None:
    take(engine, census(tmp_path, 2024, assessment("2023-05-02")))
    assert statuses(engine, "assessment-45wd") == ["overdue"]


def test_the_conference_of_the_file_is_day_0_of_the_first_review(tmp_path: Path, engine: Engine) -> None:
    reviews = "<Reviews><CPPreviewDate>2023-12-20</CPPreviewDate></Reviews>"
    plan = f"<ChildProtectionPlans><CPPstartDate>2023-05-19</CPPstartDate>{reviews}</ChildProtectionPlans>"
    take(engine, census(tmp_path, 2024, enquiry("2023-05-02", "2023-05-18") + plan))
    expected = (date(2023, 5, 18), date(2023, 8, 18), date(2023, 12, 20), "missed")
    assert verdicts(engine, "cp-review-first-3m") == [expected]
