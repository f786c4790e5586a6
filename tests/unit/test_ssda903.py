"""The SSDA903 return: periods of care, which row becomes which event, what is refused, and how files are read."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.events.event import CaseEvent, decode
from services.ingest.readers import Unreadable
from services.ingest.readers.formats import open_reader
from services.ingest.readers.ssda903.periods import Episode, in_order, periods
from services.ingest.readers.ssda903.reader import Ssda903

EPISODES = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN"
HEADER = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB"
REVIEWS = "CHILD,DOB,REVIEW,REVIEW_CODE"


class Folder:
    """A return's folder. Rows are written short: an episode as `DECOM RNE LS PLACE DEC REC`
    and a postcode if it matters, `-` for blank."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.write("header.csv", HEADER, "C1,1,01/01/2010,WBRI,,,")

    def write(self, name: str, *lines: str, end: str = "\n", encoding: str = "utf-8") -> Folder:
        (self.path / name).write_bytes("".join(line + end for line in lines).encode(encoding))
        return self

    def episodes(self, *rows: str, child: str = "C1") -> Folder:
        lines = []
        for row in rows:
            decom, rne, ls, place, dec, rec, *post = [{"-": ""}.get(field, field) for field in row.split()]
            lines.append(f"{child},{decom},{rne},{ls},N1,{place},PR1,{dec},{rec},CARPL,,{''.join(post)},")
        return self.write("episodes.csv", EPISODES, *lines)

    def reviews(self, *days: str, child: str = "C1") -> Folder:
        return self.write("reviews.csv", REVIEWS, *[f"{child},01/01/2010,{day},PN1" for day in days])

    def all(self) -> tuple[list[CaseEvent], list[tuple[str, str]]]:
        reader = Ssda903(self.path)
        events, refused = [], []
        for position, raw in reader:
            try:
                events.append(decode(raw))
            except ValueError as error:
                refused.append((reader.place(position), str(error)))
        return events, refused

    def events(self, kind: str = "") -> list[CaseEvent]:
        events, refused = self.all()
        assert not refused
        return sorted((e for e in events if e.kind.startswith(kind)), key=lambda e: (e.day, e.order))

    def refusal(self) -> str:
        with pytest.raises(Unreadable) as caught:
            list(Ssda903(self.path))
        return str(caught.value)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def told(events: list[CaseEvent], field: str = "") -> list[tuple[str, ...]]:
    return [(str(e.day), e.kind, *([getattr(e.data, field)] if field else [])) for e in events]


# -- periods of care ---------------------------------------------------------------------------------------------------


def test_care_that_begins_and_ends(folder: Folder) -> None:
    events = folder.episodes("02/01/2018 S C2 U6 01/06/2018 E4A").events("care.")
    assert told(events) == [("2018-01-02", "care.started"), ("2018-06-01", "care.ended")]
    assert (events[0].data.legal_status, events[0].data.need, events[1].data.reason) == ("C2", "N1", "E4A")
    assert events[0].data.care_id == events[1].data.care_id
    assert events[0].data.short_breaks is None


def test_x1_joins_where_the_next_episode_begins_that_day(folder: Folder) -> None:
    rows = ["02/01/2018 S C1 U6 01/03/2018 X1", "01/03/2018 L C2 U6 01/06/2018 X1", "01/06/2018 P C2 K2 - -"]
    assert told(folder.episodes(*rows).events("care.")) == [("2018-01-02", "care.started")]


def test_rows_may_stand_in_any_order_and_twice(folder: Folder) -> None:
    rows = ["02/01/2018 S C1 U6 01/03/2018 X1", "01/03/2018 P C1 K2 01/06/2018 E4A"]
    once = {e.id: e for e in folder.episodes(*rows).events()}
    again = {e.id: e for e in folder.episodes(rows[1], *rows).events()}
    assert once == again


@pytest.mark.parametrize("rne", ["L", "P", "T", "U", "B"])
def test_another_first_code_means_that_care_began_earlier(folder: Folder, rne: str) -> None:
    events = folder.episodes(f"02/01/2018 {rne} C2 U6 01/06/2018 E4A").events("care.")
    assert told(events) == [("2018-06-01", "care.ended")]


def test_the_first_episode_after_an_end_other_than_x1_begins_care(folder: Folder) -> None:
    rows = ["02/01/2017 P C2 U6 01/03/2017 E4A", "05/09/2017 P C2 U6 - -"]
    assert told(folder.episodes(*rows).events("care.")) == [
        ("2017-03-01", "care.ended"),
        ("2017-09-05", "care.started"),
    ]


def test_x1_with_a_gap_after_it_leaves_the_beginning_of_the_next_unknown(folder: Folder) -> None:
    rows = ["02/01/2017 S C2 U6 01/03/2017 X1", "05/09/2017 P C2 U6 - -"]
    assert told(folder.episodes(*rows).events("care."), "care_id") == [
        ("2017-01-02", "care.started", own := folder.events("care.started")[0].data.care_id),
        ("2017-03-01", "care.ended", own),
    ]


def test_two_open_at_once_the_next_start_ends_the_first(folder: Folder) -> None:
    rows = ["02/01/2017 S C2 U6 - -", "05/09/2017 S C2 U6 - -"]
    events = folder.episodes(*rows).reviews("01/09/2017", "05/09/2017", "06/09/2017").events()
    first, second = [e for e in events if e.kind == "care.started"]
    assert [e.data.care_id for e in events if e.kind == "review.held"] == [
        first.data.care_id,
        second.data.care_id,
        second.data.care_id,
    ]
    assert not [e for e in events if e.kind == "care.ended"]  # the second start says it


def test_an_overlap_into_care_of_unknown_beginning_is_ended_on_that_day(folder: Folder) -> None:
    rows = ["02/01/2017 S C2 U6 01/12/2017 X1", "05/09/2017 P C2 U6 - -"]
    assert told(folder.episodes(*rows).events("care."), "care_id")[-1][:2] == ("2017-09-05", "care.ended")
    assert folder.events("care.ended")[0].data.reason == "superseded"


def test_a_blank_dec_is_open_whatever_rec_says(folder: Folder) -> None:
    assert told(folder.episodes("02/01/2018 S C2 U6 - E4A").events("care.")) == [("2018-01-02", "care.started")]


def test_short_breaks_are_taken_out_before_joining_and_are_their_own(folder: Folder) -> None:
    rows = ["02/01/2018 S C2 U6 01/03/2018 X1", "01/03/2018 P V4 R1 01/05/2018 X1", "01/05/2018 P C2 U6 - -"]
    events = folder.episodes(*rows).reviews("20/01/2018", "10/04/2018", "10/06/2018").events()
    started = [e for e in events if e.kind == "care.started"]
    assert told(started, "short_breaks") == [("2018-01-02", "care.started", None)]
    reviews = [e for e in events if e.kind == "review.held"]
    assert [e.data.review for e in reviews] == ["care", "care", "care"]  # care began before 1 May: it may hold them
    assert reviews[1].data.care_id == reviews[2].data.care_id != reviews[0].data.care_id


def test_a_series_of_short_breaks(folder: Folder) -> None:
    rows = ["02/01/2018 S V3 R1 01/03/2018 E4A"]
    events = folder.episodes(*rows).reviews("20/01/2018").events()
    (started,) = [e for e in events if e.kind == "care.started"]
    (review,) = [e for e in events if e.kind == "review.held"]
    (placed,) = [e for e in events if e.kind == "placement.started"]
    assert started.data.short_breaks is True
    assert (review.data.review, review.data.care_id) == ("short_breaks", started.data.care_id)
    assert placed.data.regime == "short_breaks"


_DAYS = [date(2018, 1, 1) + timedelta(days=n) for n in range(6)]
_EPISODE = st.builds(
    lambda decom, dec, rne, ls, rec: Episode(
        decom, dec if dec and dec >= decom else None, rne, ls, "N1", "U6", "PR1", rec, "", ("", ""), 1
    ),
    st.sampled_from(_DAYS),
    st.none() | st.sampled_from(_DAYS),
    st.sampled_from("SLPTUB"),
    st.sampled_from(["C2", "V2", "V4"]),
    st.sampled_from(["X1", "E4A", ""]),
)


@given(st.lists(_EPISODE, max_size=8), st.randoms(use_true_random=False))
def test_whatever_the_rows_every_episode_is_in_one_period_and_no_two_periods_share_a_day_but_the_last(
    episodes: list[Episode], random: Random
) -> None:
    found = periods(in_order(episodes))
    shuffled = list(episodes)
    random.shuffle(shuffled)
    assert periods(in_order(shuffled)) == found
    assert Counter(e for period in found for e in period.episodes) == Counter(in_order(episodes))
    for short_breaks in (False, True):
        of_a_kind = [period for period in found if period.short_breaks is short_breaks]
        for period, following in pairwise(of_a_kind):
            assert period.end is not None
            assert period.end <= following.episodes[0].decom
            assert not following.holds(period.end) or following.known
        assert all(period.end is None or period.end >= period.episodes[0].decom for period in of_a_kind)


# -- reviews -----------------------------------------------------------------------------------------------------------


def test_a_review_carries_the_care_it_was_held_in_both_ends_inclusive(folder: Folder) -> None:
    folder.episodes("02/01/2018 S C2 U6 01/06/2018 E4A")
    folder.reviews("01/01/2018", "02/01/2018", "01/06/2018", "02/06/2018")
    reviews = folder.events("review.")
    own = folder.events("care.started")[0].data.care_id
    assert [e.data.care_id for e in reviews] == [None, own, own, None]
    assert all(e.data.complete for e in reviews)
    assert {e.data.child_part for e in reviews} == {"PN1"}


def test_where_care_began_earlier_reviews_before_the_first_episode_belong_to_it(folder: Folder) -> None:
    folder.episodes("02/01/2018 P C2 U6 01/06/2018 E4A").reviews("01/05/2016", "02/02/2018", "02/06/2018")
    own = folder.events("care.ended")[0].data.care_id
    assert [e.data.care_id for e in folder.events("review.")] == [own, own, None]


def test_no_review_belongs_to_care_after_the_eighteenth_birthday(folder: Folder) -> None:
    folder.episodes("02/01/2018 S C2 U6 - -").reviews("31/12/2027", "01/01/2028", "02/01/2028")
    own = folder.events("care.started")[0].data.care_id
    assert [e.data.care_id for e in folder.events("review.")] == [own, own, None]


def test_a_review_counts_once_for_a_child_and_day(folder: Folder) -> None:
    folder.episodes("02/01/2018 S C2 U6 - -")
    folder.write("reviews.csv", REVIEWS, "C1,,02/02/2018,PN4", "C1,,2018-02-02,PN1", "C1,,02/02/2018,PN4")
    first, other = folder.events("review.")  # the second is refused beside the first: one id, other content
    assert (first.data.child_part, other.data.child_part, other.id) == ("PN1", "PN4", first.id)


def test_a_review_without_a_code_takes_none_from_one_of_its_day(folder: Folder) -> None:
    folder.episodes("02/01/2018 S C2 U6 - -")
    folder.write("reviews.csv", REVIEWS, "C1,,02/02/2018,", "C1,,02/02/2018,PN4")
    assert [e.data.child_part for e in folder.events("review.")] == ["PN4"]


def test_reviews_after_placing_for_adoption_are_the_adoptions(folder: Folder) -> None:
    rows = ["02/01/2018 S E1 U6 01/03/2018 X1", "01/03/2018 P E1 A6 - -"]
    folder.episodes(*rows).reviews("01/03/2018", "02/03/2018")
    assert [e.data.review for e in folder.events("review.")] == ["care", "adoption"]


# -- placements, status, adoption --------------------------------------------------------------------------------------


def placements(folder: Folder) -> list[tuple[object, ...]]:
    names = {}
    shown: list[tuple[object, ...]] = []
    for e in folder.events("placement."):
        name = names.setdefault(e.data.placement_id, len(names) + 1)
        if e.kind == "placement.started":
            shown.append((str(e.day), name, "in", bool(e.data.temporary), bool(e.data.same_carer)))
        else:
            shown.append((str(e.day), name, "out"))
    return shown


def test_a_real_move_ends_one_placement_and_starts_another(folder: Folder) -> None:
    folder.episodes("02/01/2018 S C2 U6 01/03/2018 X1", "01/03/2018 P C2 K2 01/06/2018 E4A")
    assert placements(folder) == [
        ("2018-01-02", 1, "in", False, False),
        ("2018-03-01", 2, "in", False, False),
        ("2018-03-01", 1, "out"),
        ("2018-06-01", 2, "out"),
    ]


def test_a_new_legal_status_alone_is_no_new_placement(folder: Folder) -> None:
    folder.episodes("02/01/2018 S C1 U6 01/03/2018 X1", "01/03/2018 L C2 U6 01/06/2018 E4A")
    assert placements(folder) == [("2018-01-02", 1, "in", False, False), ("2018-06-01", 1, "out")]
    assert told(folder.events("legal_status."), "legal_status") == [("2018-03-01", "legal_status.changed", "C2")]


@pytest.mark.parametrize("rne", ["T", "U"])
def test_another_place_with_the_same_carer(folder: Folder, rne: str) -> None:
    folder.episodes("02/01/2018 S C1 U3 01/03/2018 X1", f"01/03/2018 {rne} C2 U1 - -")
    assert placements(folder)[1] == ("2018-03-01", 2, "in", False, True)


def test_a_temporary_stay_does_not_end_the_placement_and_coming_back_is_no_new_one(folder: Folder) -> None:
    rows = [
        "02/01/2018 S C2 U6 01/03/2018 X1 AA1",
        "01/03/2018 P C2 T1 05/03/2018 X1 BB2",
        "05/03/2018 P C2 U6 01/06/2018 E4A AA1",
    ]
    assert set(placements(folder.episodes(*rows))) == {
        ("2018-01-02", 1, "in", False, False),
        ("2018-03-01", 2, "in", True, False),
        ("2018-03-05", 3, "in", False, True),
        ("2018-03-05", 1, "out"),
        ("2018-03-05", 2, "out"),
        ("2018-06-01", 3, "out"),
    }


def test_going_somewhere_else_after_a_temporary_stay_is_a_real_move(folder: Folder) -> None:
    rows = ["02/01/2018 S C2 U6 01/03/2018 X1", "01/03/2018 P C2 T4 05/03/2018 X1", "05/03/2018 P C2 K2 - -"]
    folder.episodes(*rows)
    assert ("2018-03-05", 3, "in", False, False) in placements(folder)


@pytest.mark.parametrize(
    ("place", "status", "regime"),
    [
        ("U6", "C2", "ordinary"),
        ("K2", "V2", "ordinary"),
        ("P1", "C2", "care_order_home"),
        ("P1", "C1", "interim_order_home"),
        ("P1", "V2", "other"),
        ("A5", "E1", "adoption"),
        ("R5", "J3", "other"),
        ("K1", "J1", "remand"),
        ("T2", "C2", None),
        ("U6", "V4", "short_breaks"),
        ("Z1", "C2", "other"),
    ],
)
def test_the_visiting_regime_as_far_as_the_codes_tell(
    folder: Folder, place: str, status: str, regime: str | None
) -> None:
    (event,) = folder.episodes(f"02/01/2018 S {status} {place} - -").events("placement.started")
    assert event.data.regime == regime
    assert (event.data.type, event.data.provider) == (place, "PR1")


def test_placed_for_adoption_on_the_day_of_the_episode(folder: Folder) -> None:
    rows = ["02/01/2018 S E1 U6 01/03/2018 X1", "01/03/2018 T E1 A5 01/05/2018 X1", "01/05/2018 L D1 A5 - -"]
    assert told(folder.episodes(*rows).events("adoption.")) == [("2018-03-01", "adoption.placed")]


# -- the other files ---------------------------------------------------------------------------------------------------


def test_missing_and_away(folder: Folder) -> None:
    folder.episodes("02/01/2018 S C2 U6 - -")
    heading = "CHILD,DOB,MISSING,MIS_START,MIS_END"
    folder.write("missing.csv", heading, "C1,,M,02/02/2018,05/02/2018", "C1,,A,02/03/2018,")
    events = folder.events("missing.")
    assert told(events) == [
        ("2018-02-02", "missing.started"),
        ("2018-02-05", "missing.ended"),
        ("2018-03-02", "missing.started"),
    ]
    assert [getattr(e.data, "category", None) for e in events] == ["missing", None, "away"]
    assert events[0].data.missing_id == events[1].data.missing_id
    assert getattr(events[0].data, "from") == "care"


def test_a_child_seeking_asylum(folder: Folder) -> None:
    folder.episodes("02/01/2018 S C2 U6 - -").write("uasc.csv", "CHILD,SEX,DOB,DUC", "C1,1,01/01/2010,01/01/2028")
    (event,) = folder.events("child.")
    assert (event.data.uasc, event.data.sex, event.data.born_on) == (True, "male", date(2010, 1, 1))
    assert event.occurredon == date(2010, 1, 1)


def test_decisions_about_adoption(folder: Folder) -> None:
    folder.episodes("02/01/2018 S C2 U6 - -")
    heading = "CHILD,DOB,DATE_PLACED,DATE_PLACED_CEASED,REASON_PLACED_CEASED"
    folder.write("placed_for_adoption.csv", heading, "C1,,01/02/2018,01/09/2018,RD1")
    heading = "CHILD,DOB,DATE_INT,DATE_MATCH,FOSTER_CARE,NB_ADOPTR,SEX_ADOPTR,LS_ADOPTR"
    folder.write("ad1.csv", heading, "C1,,01/02/2018,01/04/2018,1,2,MF,L0")
    events = folder.events("adoption.")
    assert told(events) == [
        ("2018-02-01", "adoption.decided"),
        ("2018-04-01", "adoption.matched"),
        ("2018-09-01", "adoption.dropped"),
    ]
    assert events[1].data.with_current_carer is True


# -- coverage ----------------------------------------------------------------------------------------------------------


def test_coverage_is_the_year_in_which_most_episodes_ended(folder: Folder) -> None:
    folder.episodes("02/01/2018 S C2 U6 01/06/2018 E4A").reviews("20/09/2018")
    folder.write("uasc.csv", "CHILD,SEX,DOB,DUC", "C1,1,01/01/2010,01/01/2028")
    (event,) = folder.events("feed.")
    assert event.source == event.subject == "ssda903"
    assert (event.data.from_on, event.data.to_on) == (date(2018, 4, 1), date(2019, 3, 31))
    assert "review.held" in event.data.kinds
    assert "missing.started" not in event.data.kinds  # there is no missing.csv
    assert "visit.made" not in event.data.kinds


def test_coverage_can_be_said(folder: Folder) -> None:
    folder.episodes("02/01/2018 S C2 U6 01/06/2018 E4A")
    covers = (date(2017, 4, 1), date(2018, 3, 31))
    *_, (_, last) = open_reader(folder.path, covers=covers)
    assert (decode(last).data.from_on, decode(last).data.complete_to) == covers


# -- impossible and unreadable data ------------------------------------------------------------------------------------


def test_an_episode_without_a_day_is_refused_with_its_row_and_the_rest_goes_in(folder: Folder) -> None:
    folder.episodes("31/02/2018 S C2 U6 01/03/2018 X1", "01/03/2018 P C2 K2 01/06/2018 E4A")
    events, refused = folder.all()
    assert [place for place, _ in refused] == [f"{folder.path.name}/episodes.csv line 2"]
    assert told([e for e in events if e.kind.startswith("care.")]) == [("2018-06-01", "care.ended")]


@pytest.mark.parametrize("dec", ["31/02/2018", "01/12/2017"])
def test_an_end_before_its_beginning_is_refused_and_the_episode_stays_open(folder: Folder, dec: str) -> None:
    events, refused = folder.episodes(f"02/01/2018 S C2 U6 {dec} E4A").all()
    assert len(refused) == 1
    assert told([e for e in events if e.kind.startswith("care.")]) == [("2018-01-02", "care.started")]


def test_a_birth_after_what_happened_is_taken_as_told(folder: Folder) -> None:
    folder.write("header.csv", HEADER, "C1,1,01/01/2019,WBRI,,,")
    (event,) = folder.episodes("02/01/2018 S C2 U6 - -").events("child.")
    assert (event.occurredon, event.data.born_on) == (date(2018, 1, 2), date(2019, 1, 1))


def test_a_row_without_a_child_is_refused_and_the_rest_goes_in(folder: Folder) -> None:
    folder.episodes("02/01/2018 S C2 U6 - -")
    folder.write("reviews.csv", REVIEWS, ",,02/02/2018,PN1", "C1,,03/02/2018,PN1")
    events, refused = folder.all()
    assert all("subject" in reason for _, reason in refused)
    assert f"{folder.path.name}/reviews.csv line 2" in [place for place, _ in refused]
    assert len([e for e in events if e.kind == "review.held"]) == 1


def test_a_code_outside_the_list_does_not_take_the_review_along(folder: Folder) -> None:
    folder.episodes("02/01/2018 S C2 U6 - -").write("reviews.csv", REVIEWS, "C1,,02/02/2018,PN99")
    events, refused = folder.all()
    assert len([e for e in events if e.kind == "review.held"]) == 1
    assert len(refused) == 1
    assert "PN99" in refused[0][1]


# -- files -------------------------------------------------------------------------------------------------------------


def test_columns_go_by_name_with_a_mark_crlf_and_more_columns_than_are_read(folder: Folder) -> None:
    folder.write(
        "episodes.csv",
        "REC,dec,NEW,PLACE, LS ,RNE,DECOM,CHILD",
        "E4A,2018-06-01,x,U6,C2,S,2018-01-02,C1",
        ",,,,,,,",
        end="\r\n",
        encoding="utf-8-sig",
    )
    assert told(folder.events("care.")) == [("2018-01-02", "care.started"), ("2018-06-01", "care.ended")]


@pytest.mark.parametrize("column", ["CHILD", "DECOM", "RNE", "LS", "PLACE", "DEC", "REC"])
def test_a_missing_column_is_named(folder: Folder, column: str) -> None:
    folder.write("episodes.csv", EPISODES.replace(column, "X", 1), "C1,02/01/2018,S,C2,N1,U6,PR1,,,,,,")
    said = folder.refusal()
    assert said.startswith("episodes.csv line 1:")
    assert f"no column {column}" in said
    assert "export it again" in said


def test_a_column_twice_is_refused(folder: Folder) -> None:
    folder.write("episodes.csv", EPISODES.replace("URN", "DEC"))
    assert "more than one column DEC" in folder.refusal()


def test_a_file_cut_in_the_middle_of_a_row(folder: Folder) -> None:
    folder.episodes("02/01/2018 S C2 U6 - -", "02/01/2018 S C2 U6 - -")
    path = folder.path / "episodes.csv"
    path.write_bytes(path.read_bytes()[:-20])
    assert folder.refusal().startswith("episodes.csv line 3: 5 fields where the heading has 13: cut short")


def test_an_unclosed_quote(folder: Folder) -> None:
    folder.write("episodes.csv", EPISODES, 'C1,02/01/2018,"S,C2,N1,U6,PR1,,,,,,')
    assert folder.refusal().startswith("episodes.csv line 2: not CSV")


def test_empty_files_and_a_folder_without_episodes(folder: Folder) -> None:
    assert "has no episodes.csv" in folder.refusal()
    folder.write("episodes.csv")
    assert "episodes.csv: is empty" in folder.refusal()


def test_a_heading_with_no_rows_is_a_return_with_nothing_in_it(folder: Folder) -> None:
    folder.write("header.csv", HEADER).write("episodes.csv", EPISODES)
    assert folder.events() == []


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "latin-1"])
def test_another_encoding(folder: Folder, encoding: str) -> None:
    folder.write("episodes.csv", EPISODES, "Zoë,02/01/2018,S,C2,N1,U6,PR1,,,,,,", encoding=encoding)
    assert "not UTF-8" in folder.refusal()


def test_one_endless_line(folder: Folder) -> None:
    folder.write("episodes.csv", EPISODES, "x" * 1_000_000)
    assert folder.refusal().startswith("episodes.csv line 2: has more than 65536 bytes")


def test_files_are_found_whatever_the_case_of_their_names(folder: Folder) -> None:
    folder.episodes("02/01/2018 S C2 U6 - -")
    (folder.path / "episodes.csv").rename(folder.path / "Episodes.CSV")
    assert folder.events("care.started")


# -- identity ----------------------------------------------------------------------------------------------------------


def named(event: CaseEvent) -> str:
    return event.replaces or event.id  # the statement of coverage is of no fact


def test_names_stay_when_an_end_is_filled_in_and_next_years_rows_follow(folder: Folder) -> None:
    before = {named(e) for e in folder.episodes("02/01/2018 S C2 U6 - -").reviews("20/01/2018").events()}
    rows = ["02/01/2018 S C2 U6 01/03/2018 X1", "01/03/2018 P C2 K2 01/06/2018 E4A"]
    after = {named(e): e for e in folder.episodes(*rows).reviews("20/01/2018", "20/05/2018").events()}
    lost = before - after.keys()
    assert len(lost) == 1  # the statement of coverage, which is a further one


def test_an_episode_with_no_reason_or_an_unknown_one_begins_care_and_an_unknown_one_is_refused_too(
    folder: Folder,
) -> None:
    blank = folder.episodes("02/01/2018 - C2 U6 - -").events("care.started")
    assert [event.day for event in blank] == [date(2018, 1, 2)]
    folder.episodes("02/01/2018 s1 C2 U6 - -")
    begun, refused = [], []
    for _, raw in open_reader(folder.path):
        try:
            begun.append(decode(raw))
        except ValueError:
            refused.append(raw)
    assert [event.day for event in begun if event.kind == "care.started"] == [date(2018, 1, 2)]
    assert len(refused) == 1


def test_a_slip_of_one_day_does_not_move_the_year(folder: Folder) -> None:
    rows = [
        "02/01/2018 S C2 U6 01/06/2018 E4A",
        "02/07/2018 S C2 U6 01/09/2018 E4A",
        "02/10/2018 S C2 U6 01/06/2032 E4A",
    ]
    (event,) = folder.episodes(*rows).events("feed.")
    assert (event.data.from_on, event.data.to_on) == (date(2018, 4, 1), date(2019, 3, 31))


# -- nothing of a file is lost -----------------------------------------------------------------------------------------


def test_a_day_that_no_reader_can_read_is_refused_with_its_row(folder: Folder) -> None:
    folder.episodes("02/01/2018 S C2 U6 28-10-2018 E4A", "28-10-2017 S C2 U6 - -")
    folder.reviews("29-10-2017")
    folder.write("missing.csv", "CHILD,MISSING,MIS_START,MIS_END", "C1,M,30-10-2017,", "C1,M,01/11/2017,02-11-2017")
    folder.write("placed_for_adoption.csv", "CHILD,DATE_PLACED,DATE_PLACED_CEASED,REASON_PLACED_CEASED", "C1,,,")
    folder.write("ad1.csv", "CHILD,DATE_MATCH,FOSTER_CARE", "C1,,1")
    _, refused = folder.all()
    name = folder.path.name
    assert sorted({place for place, _ in refused}) == [
        f"{name}/ad1.csv line 2",
        f"{name}/episodes.csv line 2",
        f"{name}/episodes.csv line 3",
        f"{name}/missing.csv line 2",
        f"{name}/missing.csv line 3",
        f"{name}/placed_for_adoption.csv line 2",
        f"{name}/reviews.csv line 2",
    ]


@pytest.mark.parametrize("text", ["2018-01-02 00:00:00.000", "2018-01-02 00:00:00", "02/01/2018 00:00"])
def test_a_day_as_a_database_exports_it_is_that_day(folder: Folder, text: str) -> None:
    folder.write("episodes.csv", EPISODES, f"C1,{text},S,C2,N1,U6,PR1,,,,,,")
    assert told(folder.events("care.")) == [("2018-01-02", "care.started")]


def test_columns_and_files_that_are_not_read_are_counted_and_named(folder: Folder) -> None:
    folder.write("episodes.csv", f"{EPISODES},Colour", "C1,02/01/2018,S,C2,N1,U6,PR1,,,,AB1,,,red", "C1,,,,,,,,,,,,,")
    folder.write("oc2.csv", "CHILD,DOB", "C1,01/01/2010", "C2,01/01/2010")
    reader = Ssda903(folder.path)
    list(reader)
    files, columns = reader.notes
    assert files == "files not read: oc2.csv (2)"
    assert columns.startswith("columns not read: HOME_POST of episodes.csv (1), Colour of episodes.csv (1), ")


# -- nothing is lost in silence ----------------------------------------------------------------------------------------


def raws(folder: Folder) -> list[str]:
    return [raw.decode() for _, raw in Ssda903(folder.path)]


def test_a_second_sex_is_refused_as_a_second_birth_is(folder: Folder) -> None:
    folder.episodes("02/01/2018 S C2 U6 - -")
    folder.write("header.csv", HEADER, "C1,1,01/01/2010,WBRI,,,", "C1,,,WBRI,,,", "C1,2,01/01/2010,WBRI,,,")
    registered = folder.events("child.registered")
    assert [one.data.sex for one in registered] == ["male", "female"]
    assert len({one.id for one in registered}) == 1  # one id, other content: a conflict


def test_a_new_legal_status_that_is_not_given_is_refused(folder: Folder) -> None:
    folder.episodes("02/01/2018 S C2 U6 02/02/2018 X1", "02/02/2018 L - U6 - -")
    ((place, why),) = folder.all()[1]
    assert place.endswith("episodes.csv line 3")
    assert "legal_status" in why


def test_a_reason_without_its_day_is_refused(folder: Folder) -> None:
    folder.episodes("02/01/2018 S C2 U6 - -")
    heading = "CHILD,DOB,DATE_PLACED,DATE_PLACED_CEASED,REASON_PLACED_CEASED"
    folder.write("placed_for_adoption.csv", heading, "C1,,03/03/2018,,RD1")
    ((place, _),) = folder.all()[1]
    assert place.endswith("placed_for_adoption.csv line 2")


def test_an_episode_whose_day_cannot_be_read_is_kept_with_all_it_says_but_where_the_child_lives(folder: Folder) -> None:
    folder.episodes("2/2/18 S C2 U6 03/03/2018 E11 AB1")
    (raw,) = (one for one in raws(folder) if '"type":"placement.started"' in one)
    for said in ("2/2/18", '"DEC":"03/03/2018"', '"RNE":"S"', '"REC":"E11"', '"LS":"C2"'):
        assert said in raw
    assert "AB1" not in raw


def test_a_folder_is_bounded_by_its_rows_and_what_is_in_them(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.episodes(*["02/01/2018 S C2 U6 - -"] * 20)
    for bound, most in (("MAX_ROWS", 15), ("MAX_TEXT", 300)):
        with monkeypatch.context() as patched:
            patched.setattr(f"services.ingest.readers.ssda903.reader.{bound}", most)
            assert "is it a return?" in folder.refusal()
    assert len(folder.events("care.started")) == 1
