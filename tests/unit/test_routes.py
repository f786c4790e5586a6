"""The routes file: who is told, who covers, and everything wrong with a file said at once."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest

from services.alerts.routes.file import COUNTY, BadRoutes, load_routes
from services.timeliness.history.teams import default_path
from services.timeliness.standards.register import load

DAY = date(2024, 3, 5)
GOOD = """\
channels: [notify, email]
digest_at: 08:30
hours: {from: 08:00, to: 18:00}
urgent: {standards: [return-interview-72h], rungs: [promise_broken], outside_hours: tell}
county:
  head_of_service: hana
  director: dev
  divisions:
    - name: North
      service_manager: sam
      teams:
        - {name: north-1, manager: ann}
        - {name: north-2, manager: bob}
        - {name: north-3}
    - name: South
      head_of_service: hugh
      teams:
        - {name: south-1, manager: cat}
people:
  - {id: dev, email: dev@county.example}
  - {id: hana, email: hana@county.example}
  - {id: hugh, email: hugh@county.example}
  - {id: sam, email: sam@county.example, also: [S.Manager@county.example]}
  - id: ann
    email: ann@county.example
    absent:
      - {from: 2024-03-04, to: 2024-03-08, cover: bob}
      - {from: 2024-04-01, to: 2024-04-05}
  - id: bob
    email: bob@county.example
    absent: [{from: 2024-03-07, to: 2024-03-11}]
  - {id: cat, email: cat@county.example}
"""


@pytest.fixture
def routes(tmp_path):
    return read(tmp_path, GOOD)


def read(folder: Path, text: str, standards=None):
    path = folder / "routes.yaml"
    path.write_text(text, encoding="utf-8")
    return load_routes(path, standards)


def faults(folder: Path, text: str, standards=None) -> list[tuple[int, str, str]]:
    with pytest.raises(BadRoutes) as refused:
        read(folder, text, standards)
    for fault in refused.value.faults:
        assert f"routes.yaml, line {fault.line}, {fault.field}: {fault.what}" in str(refused.value)
    return [tuple(fault) for fault in refused.value.faults]


def test_times_channels_and_what_is_urgent(routes):
    assert (routes.digest_at, routes.hours) == (time(8, 30), (time(8), time(18)))
    assert routes.channels == ("notify", "email")
    assert routes.urgent.standards == {"return-interview-72h"}
    assert routes.urgent.rungs == {"promise_broken", "booked_late"}  # a late booking never waits
    assert routes.urgent.outside_hours


class TestWhoIsTold:
    @pytest.mark.parametrize(
        ("level", "people"),
        [
            ("team_manager", ("bob",)),
            ("service_manager", ("bob", "sam")),
            ("head_of_service", ("bob", "sam", "hana")),
            ("director", ("bob", "sam", "hana", "dev")),
        ],
    )
    def test_everybody_up_to_the_level(self, routes, level, people):
        assert routes.to_tell("north-2", level, DAY) == (people, False)

    def test_a_division_may_have_its_own_head_and_no_service_manager(self, routes):
        assert routes.to_tell("south-1", "service_manager", DAY) == (("cat", "hugh"), False)
        assert routes.to_tell("south-1", "director", DAY) == (("cat", "hugh", "dev"), False)

    def test_whoever_covers_is_told_from_the_first_day_to_the_last(self, routes):
        days = [date(2024, 3, day) for day in (3, 4, 6)]
        assert [routes.to_tell("north-1", "team_manager", day).people for day in days] == [("ann",), ("bob",), ("bob",)]
        assert routes.to_tell("north-1", "team_manager", date(2024, 3, 9)) == (("ann",), False)

    def test_whoever_covers_and_is_away_too_leaves_it_to_the_next(self, routes):
        assert routes.to_tell("north-1", "team_manager", date(2024, 3, 7)) == (("sam",), True)

    def test_an_absence_without_cover_goes_up_too(self, routes):
        assert routes.to_tell("north-1", "team_manager", date(2024, 4, 5)) == (("sam",), True)

    def test_a_team_without_a_manager_goes_up_and_is_said(self, routes):
        assert routes.to_tell("north-3", "team_manager", DAY) == (("sam",), True)
        assert routes.unmanned(["north-3", "north-2", "nowhere"], DAY) == ["north-3", "nowhere"]

    def test_a_team_that_the_file_does_not_name_goes_to_the_county(self, routes):
        assert routes.to_tell("unassigned", "team_manager", DAY) == (("hana",), True)

    def test_next_above_if_somebody_cannot_be_reached(self, routes):
        assert routes.above("bob", "north-2", DAY) == ("sam", "hana", "dev")
        assert routes.above("sam", "north-2", DAY) == ("hana", "dev")
        assert routes.above("dev", "north-2", DAY) == ()
        assert routes.above("cat", "north-2", DAY) == ("bob", "sam", "hana", "dev")  # was only covering


class TestWhoIsWho:
    def test_by_id_or_any_address(self, routes):
        assert routes.person("SAM").id == "sam"
        assert routes.person(" s.manager@COUNTY.example ").id == "sam"
        assert routes.person("nobody@county.example") is None

    def test_teams_of(self, routes):
        assert routes.teams_of("ann") == {"north-1"}
        assert routes.teams_of("sam") == {"north-1", "north-2", "north-3"}
        assert routes.teams_of("hugh") == {"south-1"}
        assert routes.teams_of("dev") == {"north-1", "north-2", "north-3", "south-1"}
        assert routes.teams_of("nobody") == frozenset()

    def test_teams_of_whoever_covers(self, routes):
        assert routes.teams_of("bob") == {"north-2"}
        assert routes.teams_of("bob", DAY) == {"north-1", "north-2"}

    def test_who_sees_all(self, routes):
        assert [routes.sees_all(who) for who in ("dev", "hana", "hugh", "sam")] == [True, True, False, False]


def test_everything_wrong_is_said_at_once(tmp_path):
    text = """\
channels: [post]
digest_at: 8.30
hours: {from: 18:00, to: 08:00}
urgent: {standards: [return-interview], rung: [missed]}
county:
  head_of_servce: hana
  divisions:
    - name: North
      teams:
        - {name: north-1, manager: anne}
        - {name: north-1}
people:
  - {id: ann, email: ann at county}
  - {id: bob, email: bob@county.example, absent: [{from: 2024-03-09, to: 2024-03-05, cover: bob}]}
  - {id: bob, email: bob@county.example}
colour: blue
"""
    assert faults(tmp_path, text, ["return-interview-72h"]) == [
        (1, "channels[1]", "is 'post'; write one of console, email, file, notify, webhook"),
        (2, "digest_at", "is 8.3; write a London time, as 08:30"),
        (3, "hours", "run from 18:00 to 08:00; write the earlier time first"),
        (4, "urgent.rung", "is no field here; did you mean rungs?"),
        (4, "urgent.standards[1]", "is 'return-interview'; write return-interview-72h?"),
        (5, "county", "needs a head_of_service or a director: somebody has to be told when nobody else can"),
        (6, "county.head_of_servce", "is no field here; did you mean head_of_service?"),
        (10, "county.divisions[1].teams[1].manager", "'anne' is none of `people`; add them there, or correct the id"),
        (11, "county.divisions[1].teams[2].name", "'north-1' is there twice; a team is in one division"),
        (13, "people[1].email", "is 'ann at county'; write an e-mail address, as name@council.gov.uk"),
        (14, "people[2].absent[1]", "ends on 2024-03-05, before it begins on 2024-03-09; write the earlier day first"),
        (14, "people[2].absent[1].cover", "is the absent person; name somebody else, or leave it out"),
        (15, "people[3].id", "'bob' is there twice; give each person an id of their own"),
        (16, "colour", "is no field here; there are channels, county, digest_at, hours, people, urgent"),
    ]


def test_an_address_belongs_to_one_person(tmp_path):
    text = GOOD.replace("cat@county.example", "ANN@county.example")
    assert [field for _, field, _ in faults(tmp_path, text)] == ["people[7]"]


CIRCLES = {
    "two, for some of the days": (
        {"ann": ("2024-03-04", "2024-03-08", "bob"), "bob": ("2024-03-07", "2024-03-11", "ann")},
        "on 2024-03-07 ann, bob are all away and cover for one another",
    ),
    "two, years from now": (
        {"ann": ("2031-05-01", "2031-05-31", "bob"), "bob": ("2031-05-31", "2031-06-01", "ann")},
        "on 2031-05-31 ann, bob are all away",
    ),
    "three": (
        {
            "ann": ("2024-03-04", "2024-03-08", "bob"),
            "bob": ("2024-03-01", "2024-03-20", "cat"),
            "cat": ("2024-03-05", "2024-03-05", "ann"),
        },
        "on 2024-03-05 ann, bob, cat are all away",
    ),
    "two, one after the other": (
        {"ann": ("2024-03-04", "2024-03-08", "bob"), "bob": ("2024-03-09", "2024-03-11", "ann")},
        None,
    ),
    "a chain to somebody who is there": (
        {"ann": ("2024-03-04", "2024-03-08", "bob"), "bob": ("2024-03-04", "2024-03-08", "cat")},
        None,
    ),
}


@pytest.mark.parametrize("name", CIRCLES)
def test_those_who_cover_for_one_another_are_refused_on_whatever_day(tmp_path, name):
    away, said = CIRCLES[name]
    people = "\n".join(
        f"  - {{id: {who}, email: {who}@county.example, absent: [{{from: {first}, to: {last}, cover: {cover}}}]}}"
        for who, (first, last, cover) in away.items()
    )
    others = "\n".join(
        f"  - {{id: {who}, email: {who}@county.example}}"
        for who in ("dev", "hana", "hugh", "sam", "ann", "bob", "cat")
        if who not in away
    )
    text = f"{GOOD[: GOOD.index('people:')]}people:\n{people}\n{others}\n"
    if said is None:
        assert len(read(tmp_path, text).people) == 7
    else:
        (fault,) = faults(tmp_path, text)
        assert fault[1] == "people[1].absent[1].cover"
        assert fault[2].startswith(said)


@pytest.mark.parametrize("text", ["", "- a\n", "people: ann\n", "county: [north]\n"])
def test_what_is_no_such_file_at_all(tmp_path, text):
    assert faults(tmp_path, text)


def test_yaml_that_is_none(tmp_path):
    with pytest.raises(BadRoutes, match="line 2"):
        read(tmp_path, "people: [")
    with pytest.raises(BadRoutes, match="nosuch"):
        load_routes(tmp_path / "nosuch.yaml")


def test_the_believable_county_has_somebody_for_every_team():
    routes = load_routes(COUNTY, load().standards)
    teams = {line.split(",")[0] for line in default_path().read_text().splitlines()[1:]}
    assert teams | {"unassigned"} == set(routes.teams)
    assert routes.unmanned(teams, DAY) == []
