"""Real files through the readers and the intake: read to the end, nothing lost, the same again changes nothing."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from schemas.events.event import CaseEvent, decode, trusted
from schemas.store.engine import connect, reader, table_of
from schemas.store.tables import LoggedEvent, Quarantined
from services.ingest.intake.intake import Taken, take_in
from services.ingest.log.append import verify
from services.ingest.readers.formats import open_reader
from services.timeliness.history.facts import fact_of
from services.timeliness.history.history import in_effect
from tests.store.lac_reviews_by_hand import table

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
CENSUSES = ("CIN_Census_2021.xml", "cin-2022.xml", "fake_CIN_data.xml")


@pytest.fixture
def engine(tmp_path: Path):
    engine = connect(f"sqlite:///{tmp_path}/returns.db")
    yield engine
    engine.dispose()


def imported(engine: Engine, path: Path, history: bool = False) -> Taken:
    return take_in(engine, open_reader(path), history=history, now=NOW)


def logged(engine: Engine) -> list[CaseEvent]:
    with reader(engine) as connection:
        log = table_of(LoggedEvent)
        return [trusted(p) for p in connection.execute(select(log.c.payload).order_by(log.c.seq)).scalars()]


TWO_CODES = 12  # reviews of the 903 that have two codes of participation on one day


def quarantined(engine: Engine) -> list[tuple[str, str]]:
    with reader(engine) as connection:
        kept = table_of(Quarantined)
        return [tuple(row) for row in connection.execute(select(kept.c.place, kept.c.reason))]


def test_the_903_folder(engine: Engine, shared_data: Path) -> None:
    folder = shared_data / "ssda903"
    episodes, reviews = table(folder / "episodes.csv"), table(folder / "reviews.csv")
    assert len({row["CHILD"] for row in episodes}) == 2_123
    assert len(reviews) == 12_582
    taken = imported(engine, folder)
    assert taken.rejected == TWO_CODES
    assert taken.accepted == taken.read - TWO_CODES
    kinds = Counter(event.kind for event in logged(engine))
    assert kinds["review.held"] == len({(row["CHILD"], row["REVIEW"]) for row in reviews}) == 12_568
    assert kinds["child.registered"] == len(table(folder / "header.csv"))
    assert kinds["missing.started"] == len(table(folder / "missing.csv"))
    assert kinds["care.started"] >= sum(row["RNE"] == "S" for row in episodes if row["LS"] not in ("V3", "V4"))
    assert kinds["feed.covered"] == 1


def test_the_census_files(engine: Engine, shared_data: Path) -> None:
    for name in CENSUSES:
        taken = imported(engine, shared_data / "cin_census" / name)
        assert taken.accepted
        assert taken.read == taken.accepted + taken.duplicate + taken.rejected
    kinds = Counter(event.kind for event in logged(engine) if event.source == "cin-census/975")
    text = (shared_data / "cin_census" / CENSUSES[2]).read_text()
    assert kinds["child.registered"] == text.count("<Child>") == 332
    assert kinds["referral.received"] == text.count("<CINreferralDate>") == 402
    assert kinds["case.closed"] == text.count("<CINclosureDate>")
    assert kinds["child.died"] == text.count("<PersonDeathDate>")
    assert kinds["assessment.started"] == 0
    (place, reason), *more = quarantined(engine)  # a birth expected in 1066
    assert not more
    assert place.startswith("CIN_Census_2021.xml line ")
    assert "1066" in reason


@pytest.mark.parametrize("name", ["ssda903", *(f"cin_census/{name}" for name in CENSUSES)])
@pytest.mark.parametrize("history", [False, True])
def test_importing_twice_changes_nothing(engine: Engine, shared_data: Path, name: str, history: bool) -> None:
    first = imported(engine, shared_data / name, history)
    whole, refused = verify(engine), quarantined(engine)
    again = imported(engine, shared_data / name, history)
    assert again == Taken(first.read, 0, first.accepted, first.rejected)
    assert verify(engine) == whole
    assert whole.result == "whole"
    assert quarantined(engine) == refused


def test_the_newest_return_holds_in_any_order_of_import(engine: Engine, shared_data: Path) -> None:
    def births() -> list[date]:
        registered = [fact_of(event, NOW) for event in logged(engine) if event.kind == "child.registered"]
        return [fact.data.born_on for fact in in_effect(registered)]

    later, earlier = (shared_data / "cin_census" / name for name in CENSUSES[:2])
    imported(engine, later)
    assert births() == [date(1965, 3, 27)]
    assert imported(engine, earlier).accepted
    assert births() == [date(1965, 3, 27)]
    assert imported(engine, later).accepted == imported(engine, earlier).accepted == 0
    assert verify(engine).result == "whole"


def test_a_changed_903_row_changes_its_own_fact_and_no_other(engine: Engine, shared_data: Path, tmp_path: Path) -> None:
    imported(engine, shared_data / "ssda903")
    before = {event.id for event in logged(engine)}
    changed = tmp_path / "next"
    changed.mkdir()
    for path in (shared_data / "ssda903").glob("*.csv"):
        (changed / path.name).write_bytes(path.read_bytes())
    lines = (changed / "missing.csv").read_text().splitlines(keepends=True)
    lines[1] = lines[1].replace("25/11/2017", "26/11/2017")
    (changed / "missing.csv").write_text("".join([lines[0], *reversed(lines[1:])]))
    taken = imported(engine, changed)
    assert (taken.accepted, taken.rejected) == (1, TWO_CODES)
    (event,) = [event for event in logged(engine) if event.id not in before]
    assert (event.kind, event.occurredon) == ("missing.ended", date(2017, 11, 26))
    (stated,) = [e for e in logged(engine) if e.replaces == event.replaces and e.id != event.id]
    assert stated.occurredon == date(2017, 11, 25)


def test_every_event_of_every_file_is_an_event_or_is_refused_with_its_place(shared_data: Path) -> None:
    for name in ("ssda903", *(f"cin_census/{name}" for name in CENSUSES)):
        source = open_reader(shared_data / name)
        for position, raw in source:
            try:
                event = decode(raw)
            except ValueError:
                assert " line " in source.place(position)
            else:
                assert event.time is None
                assert event.recordedtime is not None


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_real_file_cut_in_the_middle_leaves_nothing_behind(
    engine: Engine, shared_data: Path, tmp_path: Path, share: float
) -> None:
    from services.ingest.readers import Unreadable

    whole = (shared_data / "cin_census" / CENSUSES[2]).read_bytes()
    (tmp_path / "cut.xml").write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(Unreadable, match=r"cut\.xml line \d+: .*cut short"):
        imported(engine, tmp_path / "cut.xml")
    assert logged(engine) == []
    assert quarantined(engine) == []
