"""`sweep`, `alerts` and `ack`, from the command line."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from caseclock.runtime import now, rules
from tests.helpers.commands import Run
from tests.helpers.files import enquiry, write

ALERTS = [
    "alert",
    "child",
    "standard",
    "team",
    "rung",
    "due_on",
    "told_at",
    "acknowledged_by_date",
    "acknowledged_by",
    "promise",
]
LATE = ("--now", "2024-03-26T08:00:00Z")  # the morning after the due day


@pytest.fixture
def overdue(run: Run) -> None:
    """An enquiry whose conference was due on 25 March 2024 and was not held."""
    write("events.ndjson", *enquiry(held=None))
    assert run("import", "events.ndjson", "--json").json["accepted"] == 3


@pytest.mark.usefixtures("overdue")
def test_a_sweep_tells_what_is_overdue_and_the_next_does_not_tell_it_again(run: Run) -> None:
    first = run("sweep", *LATE)
    assert first.code == 0
    assert "Team city-family-1: 1 " in first.out
    assert "overdue (due Mon 25 March 2024)" in first.out
    assert "C1" not in first.out + first.err
    second = run("sweep", *LATE)
    assert second.out == ""
    assert "0 told" in second.err


@pytest.mark.usefixtures("overdue")
def test_alerts_have_their_fields(run: Run) -> None:
    run("sweep", *LATE)
    (alert,) = run("alerts", "--format", "json").json
    assert list(alert) == ALERTS
    assert alert["child"] == "C1"
    assert alert["standard"] == "icpc-15wd"
    assert alert["team"] == "city-family-1"
    assert alert["rung"] == "missed"
    assert alert["due_on"] == "2024-03-25"
    assert alert["told_at"] == "2024-03-26T08:00:00Z"
    assert alert["acknowledged_by_date"] is None
    assert alert["alert"] in run("alerts").out
    assert run("alerts", "--team", "north-family-1", "--format", "json").json == []
    assert len(run("alerts", "--team", "city-family-1", "--format", "json").json) == 1


@pytest.mark.usefixtures("overdue")
def test_an_alert_is_answered_with_a_reason_and_a_day(run: Run) -> None:
    run("sweep", *LATE)
    alert = run("alerts", "--format", "json").json[0]["alert"]
    by = (now() + timedelta(days=7)).date().isoformat()
    assert run("ack", alert, "--reason", "chair was ill", "--by", by).code == 0
    assert run("alerts", "--format", "json").json[0]["acknowledged_by_date"] == by


@pytest.mark.usefixtures("overdue")
def test_a_past_that_was_swept_can_be_answered_in_that_past(run: Run) -> None:
    run("sweep", *LATE)
    alert = run("alerts", "--format", "json").json[0]["alert"]
    assert run("ack", alert, "--reason", "chair was ill", "--by", "2024-03-28").code == 0
    assert run("sweep", "--now", "2024-03-28T08:00:00Z").out == ""
    assert "after the day that was promised" in run("sweep", "--now", "2024-03-29T08:00:00Z").out


@pytest.mark.usefixtures("overdue")
def test_an_answer_that_cannot_be_taken(run: Run) -> None:
    run("sweep", *LATE)
    alert = run("alerts", "--format", "json").json[0]["alert"]
    assert run("ack", alert, "--reason", "x", "--by", "2024-03-26").code == 1  # the day it was told: not to come
    assert run("ack", alert, "--reason", " ", "--by", "2199-12-31").code == 1
    assert run("ack", "nosuch", "--reason", "x", "--by", "2199-12-31").code == 1
    assert run("ack", alert, "--reason", "x").code == 2
    assert run("ack", alert, "--reason", "x", "--by", "soon").code == 2


@pytest.mark.usefixtures("overdue")
def test_notices_as_files(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASECLOCK_NOTICES", "told")
    run("sweep", *LATE)
    (notice,) = Path("told").iterdir()
    assert "Team city-family-1" in notice.read_text()


@pytest.mark.usefixtures("overdue")
def test_a_channel_that_fails_is_said_and_tried_again(run: Run, spawn: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("taken").write_text("a file where the folder should be")
    failed = spawn("sweep", *LATE, CASECLOCK_NOTICES="taken")
    assert failed.code == 1
    assert "caseclock: channel file left 1 notices for next time" in failed.err
    monkeypatch.setenv("CASECLOCK_NOTICES", "told")
    assert run("sweep", *LATE).code == 0
    assert len(list(Path("told").iterdir())) == 1


def test_of_an_empty_store_nobody_is_told(run: Run) -> None:
    run("migrate")
    assert run("sweep").code == 0
    assert run("alerts", "--format", "json").json == []
    assert "Nobody was told" in run("alerts").out
    assert run("sweep", "--now", "today").code == 2
    assert run("sweep", "--now", "9999-12-31").code == 2


ROUTES = """\
channels: [file]
digest_at: 08:30
county:
  head_of_service: hana
  divisions:
    - name: City
      service_manager: sam
      teams:
        - {name: city-family-1, manager: ann}
people:
  - {id: hana, email: hana@county.example}
  - {id: sam, email: sam@county.example}
  - {id: ann, email: ann@county.example}
"""


@pytest.mark.usefixtures("overdue")
def test_with_routes_a_digest_goes_to_a_person_with_a_link(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("routes.yaml").write_text(ROUTES)
    Path("teams.csv").write_text("team,division,from_on,to_on\ncity-family-1,City,2000-04-01,\n")
    for name, value in (
        ("ROUTES", "routes.yaml"),
        ("TEAMS", "teams.csv"),
        ("NOTICES", "told"),
        ("LINK_BASE", "https://clocks.example/"),
    ):
        monkeypatch.setenv(f"CASECLOCK_{name}", value)
    rules.cache_clear()  # the import read them without
    assert "3 people for 1 teams" in run("routes", "check").out
    run("sweep", "--now", "2024-03-25T09:00:00Z")
    assert run("sweep", "--now", "2024-03-26T08:00:00Z").err.endswith("1 wait for the digest\n")
    assert "1 told in 1 notices" in run("sweep", "--now", "2024-03-26T08:30:00Z").err
    newest = max(Path("told").iterdir(), key=lambda path: "overdue" in path.read_text())
    assert newest.read_text().startswith("To ann\nTeam city-family-1: 1 overdue.\n")
    assert "See https://clocks.example/team/city-family-1" in newest.read_text()

    monkeypatch.delenv("CASECLOCK_ROUTES")  # lost from the environment: nobody would be told by name any more
    rules.cache_clear()
    ran = run("sweep", "--now", "2024-03-27T08:30:00Z")
    assert ran.code == 1
    assert "earlier sweeps told people by one" in ran.err
    assert "NO ROUTES" in run("status").out
    assert run("sweep", "--without-routes", "--now", "2024-03-27T08:30:00Z").code == 0


def test_routes_check_says_all_that_is_wrong(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("routes.yaml").write_text(ROUTES.replace("manager: ann", "manger: ann").replace("digest_at", "digest"))
    found = run("routes", "check", "routes.yaml")
    assert "routes.yaml, line 2, digest: is no field here; did you mean digest_at?" in found.err
    assert (
        "routes.yaml, line 9, county.divisions[1].teams[1].manger: is no field here; did you mean manager?" in found.err
    )
    Path("routes.yaml").write_text(ROUTES.replace(", manager: ann", ""))
    found = run("routes", "check", "routes.yaml")
    assert (
        "team city-family-1 has nobody to tell today: it has no `manager`; name one. sam is told instead" in found.err
    )
    assert "team north-family-1 is in teams.csv and not here" in found.err
    assert "CASECLOCK_NOTICES is not set" in found.err


@pytest.mark.usefixtures("overdue")
def test_what_nobody_acted_on(run: Run) -> None:
    run("sweep", *LATE)
    (one,) = run("alerts", "--ignored", "--now", "2024-04-30", "--format", "json").json
    assert one == {"standard": "icpc-15wd", "told": 1, "answered": 0, "cleared": 0, "ignored": 1}
    assert "100" in run("alerts", "--ignored", "--now", "2024-04-30").out


@pytest.mark.usefixtures("overdue")
def test_what_was_overdue_before_going_live_comes_as_one_list(run: Run) -> None:
    assert run("go-live").out == "no bound\n"
    assert run("go-live", "--from", "2024-03-27").out == "managers are told from 2024-03-27 on\n"
    assert run("sweep", *LATE).out == ""
    told = run("sweep", "--now", "2024-03-27T08:00:00Z").out
    assert "Already overdue when alerts began" in told


def test_of_a_county_nobody_gets_more_than_one_digest_a_working_day(run: Run) -> None:
    found = run("alerts", "--load", "--children", 60, "--weeks", 1, "--now", "2024-06-12", "--format", "json").json
    assert [one["level"] for one in found] == ["team_manager", "service_manager", "head_of_service", "director"]
    assert all(one["digests"]["most"] <= 5 for one in found)
    assert any(one["digests"]["most"] for one in found)


def test_a_team_that_there_is_not_is_refused(run: Run) -> None:
    write("events.ndjson", *enquiry("C1"))
    run("import", "events.ndjson")
    ran = run("alerts", "--team", "city-famly-1")
    assert (ran.code, ran.out) == (1, "")
    assert "there is no team 'city-famly-1'; did you mean city-family-1?" in ran.err
    assert run("alerts", "--team", "city-family-1").code == 0


def test_a_go_live_far_ahead_is_said_by_every_sweep(run: Run) -> None:
    write("events.ndjson", *enquiry("C1", held=None))
    run("import", "events.ndjson")
    ran = run("go-live", "--from", "2162-11-27")
    assert ran.code == 0
    assert "years ahead" in ran.err
    assert re.search(r"nobody is told before 27 Nov 2162: [1-9][0-9]* wait", run("sweep", *LATE).err)
    assert "nobody is told before 27 Nov 2162" in run("status").out
    assert run("status", "--format", "json").json["held_back"]["clocks"] > 0
    assert "ahead" not in run("go-live", "--from", "2024-01-01").err
    ran = run("sweep", *LATE)
    assert "nobody is told before" not in ran.err
    assert run("status", "--format", "json").json["held_back"] is None


def test_a_longer_promise_needs_the_service_manager(run: Run) -> None:
    write("events.ndjson", *enquiry("C1", held=None))
    run("import", "events.ndjson")
    run("sweep", *LATE)
    alert = run("alerts", "--format", "json").json[0]["alert"]
    answer = ("ack", alert, "--reason", "the family is away", "--by", (now() + timedelta(days=300)).date())
    ran = run(*answer)
    assert ran.code == 1
    assert "the last day that a team manager may promise" in ran.err
    assert run(*answer, "--level", "service_manager").code == 0
