"""`figures`, `clocks` and `explain`, from the command line."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from caseclock.runtime import rules
from tests.helpers.commands import Run
from tests.helpers.files import CENSUS, enquiry, event, write

FIGURES = [
    "standard",
    "group",
    "from",
    "to",
    "due",
    "met",
    "missed",
    "completed",
    "completed_in_time",
    "open",
    "overdue",
]
FIGURES += ["recorded_late", "instead", "excused", "cancelled", "voided", "voided_late", "not_measured"]
FIGURES += ["received", "received_again", "in_scope", "up_to_date", "p25", "p50", "p75", "not_whole"]
CLOCKS = ["child", "standard", "started_on", "due_on", "due_at", "stopped_on", "status", "team", "cause", "stop_cause"]
ICPC = ("--standard", "icpc-15wd", "--format", "json")


def test_figures_have_their_fields(run: Run) -> None:
    write("events.ndjson", *enquiry("C1"), *enquiry("C2", held="2024-03-26"))
    run("import", "events.ndjson")
    (figure,) = run("figures", "--period", "2024-03", *ICPC).json
    assert list(figure) == FIGURES
    assert figure == {
        "standard": "icpc-15wd",
        "group": "county",
        "from": "2024-03-01",
        "to": "2024-03-31",
        "due": 2,
        "met": 1,
        "missed": 1,
        "completed": 2,
        "completed_in_time": 1,
        "open": 0,
        "overdue": 0,
        "recorded_late": 1,
        "instead": 0,
        "excused": 0,
        "cancelled": 0,
        "voided": 0,
        "voided_late": 0,
        "not_measured": 0,
        "received": None,
        "received_again": None,
        "in_scope": None,
        "up_to_date": None,
        "p25": 15.0,
        "p50": 15.0,
        "p75": 16.0,
        "not_whole": None,
    }


def test_figures_by_division_and_team(run: Run) -> None:
    write("events.ndjson", *enquiry())
    run("import", "events.ndjson")
    for by, group in (("division", "City"), ("team", "city-family-1"), ("county", "county")):
        (figure,) = run("figures", "--period", "2024-W13", "--by", by, *ICPC).json
        assert figure["group"] == group


def test_teams_come_from_a_file(run: Run, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    write("events.ndjson", *enquiry())
    write("teams.csv", "team,division,from_on,to_on", "city-family-1,harbour,2020-01-01,")
    monkeypatch.setenv("CASECLOCK_TEAMS", "teams.csv")
    run("import", "events.ndjson")
    (figure,) = run("figures", "--period", "2024-W13", "--by", "division", *ICPC).json
    assert figure["group"] == "harbour"


def test_a_bad_file_of_teams_is_named(run: Run, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    write("teams.csv", "team,division,from_on,to_on", "city-family-1,,2020-01-01,")
    monkeypatch.setenv("CASECLOCK_TEAMS", "teams.csv")
    ran = run("figures", "--period", "2024")
    assert ran.code == 1
    assert "teams.csv, line 2" in ran.err


def test_every_form_of_a_period(run: Run) -> None:
    write("events.ndjson", *enquiry())
    run("import", "events.ndjson")
    for period in ("2024-W13", "2024-03", "2024-Q1", "2024", "2024-03-25..2024-03-25"):
        assert run("figures", "--period", period, *ICPC).json[0]["met"] == 1
    assert run("figures", "--period", "2024-03-26..2024-03-31", *ICPC).json == []


def test_csv_has_the_same_fields(run: Run) -> None:
    write("events.ndjson", *enquiry())
    run("import", "events.ndjson")
    out = run("figures", "--period", "2024-W13", "--standard", "icpc-15wd", "--format", "csv").out
    (row,) = csv.DictReader(io.StringIO(out))
    assert list(row) == FIGURES
    assert row["met"] == "1"
    assert row["in_scope"] == ""


def test_an_empty_store_has_no_figures(run: Run) -> None:
    run("migrate")
    assert run("figures", "--period", "2024", "--format", "json").json == []
    assert "Nothing was due" in run("figures", "--period", "2024").out


def test_as_it_was_known_and_as_it_was(run: Run) -> None:
    """Decided on time on 5 March; recorded on 20 March."""
    write(
        "events.ndjson",
        event("referral.received", "2024-03-04", "r1", referral_id="R1", source="school", recorded="2024-03-04"),
        event("referral.decided", "2024-03-05", "d1", referral_id="R1", outcome="nfa", recorded="2024-03-20"),
    )
    run("import", "events.ndjson", "--history")
    asked = ("figures", "--period", "2024-W10", "--standard", "referral-decision-1wd", "--format", "json")

    def due_met_missed(*when: str) -> tuple[int, int, int]:
        (figure,) = run(*asked, *when).json
        return figure["due"], figure["met"], figure["missed"]

    assert due_met_missed() == (1, 1, 0)
    assert due_met_missed("--known-at", "2024-03-19") == (1, 0, 1)
    assert due_met_missed("--known-at", "2024-03-20T09:00:00Z") == (1, 1, 0)
    assert due_met_missed("--as-of", "2024-03-05") == (1, 1, 0)
    assert due_met_missed("--as-of", "2024-03-04") == (0, 0, 0)  # open, so there is a row
    assert due_met_missed("--known-at", "2024-03-19", "--as-of", "2024-03-05") == (0, 0, 0)


def test_clocks_have_their_fields(run: Run) -> None:
    write("events.ndjson", *enquiry())
    run("import", "events.ndjson")
    found = run("clocks", "C1", "--format", "json").json
    assert all(list(clock) == CLOCKS for clock in found)
    (icpc,) = [clock for clock in found if clock["standard"] == "icpc-15wd"]
    assert icpc == {
        "child": "C1",
        "standard": "icpc-15wd",
        "started_on": "2024-03-04",
        "due_on": "2024-03-25",
        "due_at": None,
        "stopped_on": "2024-03-25",
        "status": "met",
        "team": "city-family-1",
        "cause": "C1-e",
        "stop_cause": "C1-c",
    }


def test_a_clock_in_hours_has_its_instant(run: Run) -> None:
    back = event("missing.ended", "2024-03-05", "m1", missing_id="G1", **{"from": "home"})
    del back["occurredon"]
    back["data"].pop("from")
    write("events.ndjson", back | {"time": "2024-03-05T10:00:00Z"})
    assert run("import", "events.ndjson", "--json").json["accepted"] == 1
    clock, offered = run("clocks", "C1", "--format", "json").json
    assert (clock["standard"], offered["standard"]) == ("return-interview-72h", "return-interview-offered-72h")
    assert clock["due_at"] == "2024-03-08T10:00:00Z"


def test_statuses_as_of_a_moment(run: Run) -> None:
    write("events.ndjson", *enquiry(held="2024-03-27"))
    run("import", "events.ndjson")

    def status(as_of: str) -> str:
        found = run("clocks", "C1", "--as-of", as_of, "--format", "json").json
        return next(clock["status"] for clock in found if clock["standard"] == "icpc-15wd")

    assert [status(f"2024-03-{day}") for day in ("05", "18", "25", "26", "27")] == [
        "running",
        "due_soon",
        "due_soon",
        "overdue",
        "missed",
    ]


def test_an_unknown_child_is_refused_and_not_repeated(run: Run) -> None:
    write("events.ndjson", *enquiry("C1"), event("child.born", "2024-03-01", "b", "C2"))
    run("import", "events.ndjson")
    for asked in (("NOBODY",), ("C1", "NOBODY"), ("C1", "--as-of", "2023-01-01"), ("C1", "--known-at", "2023-01-01")):
        ran = run("clocks", *asked, "--format", "json")
        assert (ran.code, ran.out) == (1, "")
        assert "nothing is known of" in ran.err
        assert "NOBODY" not in ran.err
    assert "child 2 of 2" in run("clocks", "C1", "NOBODY").err
    assert "No clocks" in run("clocks", "C2").out


def test_a_merged_id_answers_for_the_survivor(run: Run) -> None:
    write("events.ndjson", *enquiry("OLD"), event("child.merged", "2024-04-02", "m1", "OLD", into="NEW"))
    run("import", "events.ndjson")
    for asked in ("OLD", "NEW"):
        found = run("clocks", asked, "--format", "json").json
        assert {clock["child"] for clock in found} == {"NEW"}
        assert "OLD into NEW" in run("explain", asked, "icpc-15wd").out


def test_explaining_names_each_day(run: Run) -> None:
    write("events.ndjson", *enquiry("C1", held=None))
    run("import", "events.ndjson")
    out = run("explain", "C1", "icpc-15wd", "--as-of", "2024-03-26").out
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert "Due Mon 25 March 2024, overdue" in lines
    assert "Mon 4 March 2024 day 0" in lines
    assert "Sat 9 March 2024 Saturday" in lines
    assert "Mon 25 March 2024 15" in lines
    assert "in force from Fri 15 December 2023 (Working Together 2023)" in out


def test_explaining_nothing(run: Run) -> None:
    run("migrate")
    ran = run("explain", "NOBODY", "icpc-15wd")
    assert ran.code == 1
    assert "nothing is known of this child" in ran.err
    assert "NOBODY" not in ran.err
    write("events.ndjson", *enquiry())
    run("import", "events.ndjson")
    assert "Nothing recorded for this child could begin it" in run("explain", "C1", "cp-visit").out


def test_misuse(run: Run) -> None:
    for wrong in (
        ["figures"],
        ["figures", "--period", "2024-13"],
        ["figures", "--period", "2024", "--by", "ward"],
        ["figures", "--period", "2024", "--standard", "icpc"],
        ["figures", "--period", "2024", "--known-at", "yesterday"],
        ["figures", "--period", "2024", "--as-of", "2024-03-31T01:30"],
        ["figures", "--period", "2024", "--format", "xml"],
        ["figures", "--period", "9999"],
        ["figures", "--period", "0001-01-01..0001-12-31"],
        ["figures", "--period", "2024", "--as-of", "9999-12-31"],
        ["figures", "--period", "2024", "--known-at", "9999-12-31T23:59:59-12:00"],
        ["clocks", "C1", "--as-of", "0001-01-01"],
        ["clocks"],
        ["explain", "C1"],
        ["explain", "C1", "icpc"],
        ["nonsense"],
    ):
        ran = run(*wrong)
        assert ran.code == 2, wrong
        assert ran.out == ""
    assert "did you mean icpc-15wd?" in " ".join(run("figures", "--period", "2024", "--standard", "icpc").err.split())


def test_no_cell_of_a_csv_is_a_formula(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who opens it in a spreadsheet must not run what somebody typed as a division."""
    Path("teams.csv").write_text("team,division\ncity-family-1,=1+1\nother,@North\n")
    monkeypatch.setenv("CASECLOCK_TEAMS", "teams.csv")
    rules.cache_clear()
    write("events.ndjson", *enquiry("C1"))
    run("import", "events.ndjson")
    ran = run("figures", "--period", "2024-03", "--by", "division", "--standard", "icpc-15wd", "--format", "csv")
    groups = [row["group"] for row in csv.DictReader(io.StringIO(ran.out))]
    assert "'=1+1" in groups
    assert not [group for group in groups if group.startswith(("=", "+", "-", "@"))]


def test_a_figure_of_more_than_the_year_of_a_return_says_so(run: Run) -> None:
    Path("census.xml").write_text(CENSUS)
    run("import", "census.xml", "--history")
    held = "cin-census/201 holds 2023-04-01 to 2024-03-31"
    whole = run("figures", "--period", "2024-Q1", "--format", "json").json
    assert {figure["standard"]: figure["not_whole"] for figure in whole} == {
        "assessment-45wd": None,
        "re-referral-12m": held,
        "referral-decision-1wd": None,
    }
    part = run("figures", "--period", "2024", "--standard", "assessment-45wd", "--format", "json").json
    assert [figure["not_whole"] for figure in part] == [held]
    out = run("figures", "--period", "2024").out
    assert f"Not the whole of the period ({held}): assessment-45wd, re-referral-12m" in out
    assert "A lower bound, since earlier ones are not in the return: re-referral-12m" in out


def test_where_a_live_feed_speaks_a_return_of_an_earlier_year_lacks_nothing(run: Run) -> None:
    Path("census.xml").write_text(CENSUS)
    run("import", "census.xml", "--history")
    write("events.ndjson", *enquiry("C2", held=None))
    run("import", "events.ndjson")
    found = run("figures", "--period", "2024-Q2", "--format", "json").json
    assert found
    assert not [figure for figure in found if figure["not_whole"]]
