"""What a pack says, held against `caseclock figures` and what was known when."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, insert

from caseclock.pack.build import build
from caseclock.pack.html import html
from caseclock.pack.model import Pack, Row
from caseclock.pack.read import read
from caseclock.pack.request import PackRequest
from caseclock.parsing import moment
from caseclock.queries.overview import named as words_of
from caseclock.runtime import rules
from schemas.store.engine import connect, table_of
from schemas.store.tables import Acknowledgement, Alert
from schemas.time.days import end_of_day
from services.alerts.routes.file import COUNTY, load_routes
from services.ingest.intake.intake import take_in
from services.timeliness.figures.kpi import Figure, snapshots
from services.timeliness.figures.periods import Period
from services.timeliness.figures.questions import Question, figures_for
from services.timeliness.figures.targets import lead
from services.timeliness.table.catch_up import rebuild
from tests.helpers.alert_routes import routes
from tests.helpers.packed import NOW, asked, fill
from tests.helpers.records import given, record

COUNTS = (
    "due",
    "met",
    "missed",
    "completed",
    "completed_in_time",
    "open",
    "overdue",
    "recorded_late",
    "cancelled",
    "voided",
    "voided_late",
    "not_measured",
    "p50",
)


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = connect(f"sqlite:///{tmp_path_factory.mktemp('pack')}/county.db")
    fill(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def pack(county: Engine) -> Pack:
    return build(county, rules(), asked())


def said(engine: Engine, week: Period, by: str, of: PackRequest, known_at=None) -> dict[tuple[str, str], Figure]:  # type: ignore[no-untyped-def]
    """What `caseclock figures` says."""
    rule = rules()
    question = Question(NOW, known_at or of.known_at, of.as_of)
    found = figures_for(engine, rule.register, rule.calendar, rule.divisions, week, question, by)
    return {(figure.standard, figure.group): figure for figure in found}


@pytest.mark.parametrize("by", ["county", "division", "team"])
def test_figures_are_those_of_the_command(county: Engine, pack: Pack, by: str) -> None:
    this, last = (said(county, week, by, asked()) for week in (asked().week, asked().last_week))
    shown = {(page.id, row.group): row for page in pack.pages for row in page.rows if row.kind == by}
    assert shown.keys() == this.keys() | last.keys()
    assert len({standard for standard, _ in this}) >= 8
    for key, figure in this.items():
        row = shown[key]
        assert (row.this.good, row.this.of) == lead(figure)[:2], key
        assert {name: getattr(row, name) for name in COUNTS} == {name: getattr(figure, name) for name in COUNTS}, key
    for key, figure in last.items():
        assert (shown[key].last.good, shown[key].last.of) == lead(figure)[:2], key


def test_a_pack_of_a_division_is_of_that_alone(county: Engine) -> None:
    of = asked(division="North")
    pack, whole = build(county, rules(), of), said(county, of.week, "division", of)
    assert {(page.whole.kind, page.whole.group) for page in pack.pages} == {("division", "North")}
    for page in pack.pages:
        if figure := whole.get((page.id, "North")):
            assert (page.whole.this.good, page.whole.this.of) == lead(figure)[:2]
            assert (page.trend[-1].good, page.trend[-1].of) == lead(figure)[:2]
    then, now = (said(county, of.last_week, "division", of, at) for at in (of.before, None))
    for one in pack.restated:
        if one.week == "2024-W09":
            was, is_now = (side.get((one.standard, "North")) for side in (then, now))
            assert (one.was.good, one.was.of) == (lead(was)[:2] if was else (0, 0))
            assert (one.now.good, one.now.of) == (lead(is_now)[:2] if is_now else (0, 0))
    teams = {row.group for page in pack.pages for row in page.rows if row.kind == "team"}
    assert teams
    assert all(rules().divisions.of(team, of.week.last) == "North" for team in teams)


@pytest.mark.parametrize("back", [0, 1, 2, 9, 30])
def test_the_trend_is_made_of_the_same_figures(county: Engine, pack: Pack, back: int) -> None:
    week = Period(asked().week.first - timedelta(weeks=back), asked().week.last - timedelta(weeks=back))
    figures = said(county, week, "county", asked())
    for page in pack.pages:
        drawn, figure = page.trend[-1 - back], figures.get((page.id, "county"))
        assert drawn.week_on == week.first
        assert (drawn.good, drawn.of) == (lead(figure)[:2] if figure else (0, 0)), page.id


@pytest.mark.parametrize("back", [1, 2, 3, 4, 12])
def test_earlier_figures_are_explained_to_the_last_one(county: Engine, pack: Pack, back: int) -> None:
    """As known when the week before ended, plus what is listed, is as known now: nothing is left unsaid."""
    week = Period(asked().week.first - timedelta(weeks=back), asked().week.last - timedelta(weeks=back))
    then, now = said(county, week, "county", asked(), asked().before), said(county, week, "county", asked())
    year, number, _ = week.first.isocalendar()
    listed = {one.standard: one for one in pack.restated if one.week == f"{year}-W{number:02}"}
    for standard in then.keys() | now.keys():
        was, is_now = (side.get(standard) for side in (then, now))
        was_lead, now_lead = (lead(f)[:2] if f else (0, 0) for f in (was, is_now))
        if was_lead != now_lead:
            one = listed[standard[0]]
            assert (one.was.good, one.was.of, one.now.good, one.now.of) == (*was_lead, *now_lead)
        elif standard[0] in listed:
            one = listed[standard[0]]
            assert (one.was.good, one.was.of) == (one.now.good, one.now.of) == was_lead


def test_each_clock_that_changed_has_a_cause_that_was_planted(pack: Pack) -> None:
    assert {one.cause for one in pack.restated_clocks} >= {"withdrawn", "corrected", "records merged"}
    assert sum(one.clocks or 0 for one in pack.causes) == len(pack.restated_clocks)


def copied(engine: Engine, to: Path) -> Engine:
    """The same store once more: the same log, row for row."""
    with closing(sqlite3.connect(str(engine.url.database))) as connection:
        connection.execute("VACUUM INTO ?", (str(to),))
    return connect(f"sqlite:///{to}")


def test_the_same_again_from_a_log_that_has_grown(tmp_path: Path, county: Engine, pack: Pack) -> None:
    """What the last page says to type gives the same digest, whatever became known since."""
    engine = copied(county, tmp_path / "grown.db")
    take_in(engine, given(record("later", pack.overdue[0].child)), history=False, now=NOW + timedelta(days=3))
    known_at = moment(pack.again.split("--known-at ")[1].split()[0])
    assert build(engine, rules(), asked(known_at=known_at)).digest == pack.digest
    assert build(engine, rules(), asked()).digest != pack.digest
    engine.dispose()


def test_a_rebuild_changes_nothing(tmp_path: Path, county: Engine, pack: Pack) -> None:
    engine = copied(county, tmp_path / "rebuilt.db")
    rebuild(engine, rules().register, rules().calendar)
    assert build(engine, rules(), asked()).digest == pack.digest
    engine.dispose()


def test_the_first_page_names_no_child_and_the_overdue_pages_do(pack: Pack) -> None:
    text = html(pack, rules())
    first, rest = text.split("</section>", 1)
    ids = {one.child for one in pack.overdue} | {one.child for one in pack.restated_clocks}
    assert ids
    assert not [child for child in ids if child in first]
    assert all(child in rest for child in {one.child for one in pack.overdue})


def test_a_shared_pack_names_no_child_no_team_and_no_small_number(county: Engine, pack: Pack) -> None:
    shared = build(county, rules()._replace(routes=routes()), asked(shared=True))
    text = html(shared, rules())
    teams = {team for team, *_ in rules().divisions.rows()}
    ids = {one.child for one in pack.overdue} | {one.child for one in pack.restated_clocks}
    assert not [name for name in ids | teams if name in text]
    for page in shared.pages:
        assert all(row.kind in ("county", "division") for row in page.rows)
        for row in page.rows:
            _nothing_small(row)
        for week in page.trend:
            _unseen(week.good, week.of)
            _unseen(week.in_time, week.n)
    for one in shared.overdue_of:
        assert one.number is None or one.number > 5


def _nothing_small(row: Row) -> None:
    for stand in (row.this, row.last):
        assert stand is not None
        _unseen(stand.good, stand.of)
        assert stand.per_cent is None or stand.good is not None
    for name in ("overdue", "overdue_last", "recorded_late", "cancelled", "voided", "voided_late", "not_measured"):
        assert getattr(row, name) not in (1, 2, 3, 4, 5)


def _unseen(good: int | None, of: int | None) -> None:
    assert of is None or not 1 <= of <= 5
    if good is not None and of is not None:
        assert not 1 <= good <= 5
        assert not 1 <= of - good <= 5


def test_a_promise_not_kept_is_beside_its_clock_and_on_the_first_page(
    tmp_path: Path, county: Engine, pack: Pack
) -> None:
    engine = copied(county, tmp_path / "promised.db")
    status = [c for c in read(engine, rules(), asked()).clocks if c.status(asked().as_of) == "overdue"]
    clock = sorted(status, key=lambda c: c.id)[0]
    promised, made = asked().week.last - timedelta(days=2), end_of_day(asked().week.first)
    with engine.begin() as connection:
        connection.execute(
            insert(table_of(Alert)).values(
                id="a1",
                clock=clock.id,
                due_on=clock.due_on,
                rung="missed",
                spell=1,
                skipped=False,
                child=clock.child,
                standard=clock.standard,
                team=clock.team,
                told_at=made,
                level="team_manager",
            )
        )
        connection.execute(
            insert(table_of(Acknowledgement)).values(alert="a1", reason="booked", by_on=promised, at=made)
        )
    with_it = build(engine, rules(), asked())
    engine.dispose()
    (one,) = [one for one in with_it.overdue if one.promised_on]
    assert (one.child, one.standard, one.promised_on, one.broken) == (clock.child, clock.standard, promised, True)
    assert [d for d in with_it.decisions if d.kind == "Broken promise"]
    assert not [d for d in pack.decisions if d.kind == "Broken promise"]


def test_teams_with_nobody_to_tell_are_named_where_that_can_be_known(county: Engine, pack: Pack) -> None:
    """With a routes file; without one the first page says that it is not known."""
    kinds = {one.kind for one in pack.decisions}
    assert not pack.routes
    assert "Nobody to tell" not in kinds
    assert "no routes file is set" in html(pack, rules())
    told = build(county, rules()._replace(routes=routes()), asked())  # routes of other teams: none of these is named
    named = {one.what for one in told.decisions if one.kind == "Nobody to tell"}
    assert {words_of(one.team) for one in told.overdue} <= named
    full = build(county, rules()._replace(routes=load_routes(COUNTY)), asked())
    assert "Nobody to tell" not in {one.kind for one in full.decisions}


def test_stale_data_is_the_first_thing_said(county: Engine) -> None:
    """Nothing became known from Thursday to Sunday: as known on Wednesday, the feed has stopped."""
    stale = build(county, rules(), asked(known_at=end_of_day(asked().week.first)))
    assert stale.decisions[0].kind == "Stale data"
    assert "These figures may be out of date" in html(stale, rules()).split("</section>", 1)[0]


def test_an_empty_store_says_that_there_is_no_data(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/empty.db")
    pack = build(engine, rules(), asked())
    engine.dispose()
    assert (pack.pages, pack.decisions, pack.versions.head.position) == ([], [], 0)
    assert "There is no data" in html(pack, rules())


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_both_databases_give_the_same(engine: Engine, pack: Pack) -> None:
    """But for the head of the log, which is salted."""
    fill(engine)
    found = build(engine, rules(), asked())
    assert replace(found, versions=pack.versions).digest == pack.digest


def test_every_snapshot_is_drawn_as_one(pack: Pack) -> None:
    assert {page.id for page in pack.pages if page.snapshot} <= snapshots(rules().register.standards.values()).keys()
    assert any(page.snapshot for page in pack.pages)
