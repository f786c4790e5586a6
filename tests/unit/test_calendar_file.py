"""A council's own calendar: whole years over the built-in one, or a refusal that names file, line and remedy."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from schemas.time.calendar import england
from schemas.time.calendar_file import BadCalendar, load_calendar


def listed(*years: int) -> list[str]:
    return [f"{day},{name}" for day, name in sorted(england().bank_holidays.items()) if day.year in years]


def written(folder: Path, *lines: str) -> Path:
    path = folder / "calendar.csv"
    path.write_text("\n".join(["day,name", *lines]) + "\n", encoding="utf-8")
    return path


def test_without_a_file_it_is_the_built_in_calendar() -> None:
    assert load_calendar(None) is england()


def test_a_year_in_the_file_replaces_the_built_in_one_and_no_other(tmp_path: Path) -> None:
    funeral = date(2022, 9, 19)
    lines = [line for line in listed(2022) if not line.startswith(str(funeral))]
    calendar = load_calendar(written(tmp_path, *lines))
    assert calendar.is_working_day(funeral)
    assert not england().is_working_day(funeral)
    others = {day for day in england().bank_holidays if day != funeral}
    assert calendar.bank_holidays.keys() == others
    assert (calendar.first, calendar.last) == (england().first, england().last)
    assert calendar.version != england().version


def test_a_late_holiday_moves_a_deadline(tmp_path: Path) -> None:
    calendar = load_calendar(written(tmp_path, *listed(2024), "2024-07-05,A day off announced late"))
    assert england().add_working_days(date(2024, 7, 4), 1) == date(2024, 7, 5)
    assert calendar.add_working_days(date(2024, 7, 4), 1) == date(2024, 7, 8)
    assert calendar.why_not_working(date(2024, 7, 5)) == "A day off announced late"


def test_years_past_the_end_make_it_reach_further(tmp_path: Path) -> None:
    year = england().last.year + 1
    calendar = load_calendar(written(tmp_path, *(line.replace("2024-", f"{year}-") for line in listed(2024))))
    assert calendar.last == date(year, 12, 31)


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (["2024-01-01,New Year's Day"], "2024 has 1 bank holidays"),
        (["01/01/2024,New Year's Day"], "line 2: '01/01/2024' is no day; write it as 2024-05-06"),
        (["2024-01-01"], "line 2: 1 cells; give a day and a name"),
        (["2024-01-01,"], "line 2: 2024-01-01 has no name"),
        (["2024-01-01,New\0Year"], "line 2: the name of 2024-01-01 has a character that cannot be printed"),
        (["2024-01-01,One", "2024-01-01,Two"], "line 3: 2024-01-01 is given twice"),
        ([], "no days in it"),
        (['2024-01-01,"New'], "close the quotes"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused(tmp_path: Path, lines: list[str], fault: str) -> None:
    with pytest.raises(BadCalendar, match=r"calendar\.csv") as refused:
        load_calendar(written(tmp_path, *lines))
    assert fault in str(refused.value)


def test_a_gap_after_the_built_in_years_is_refused(tmp_path: Path) -> None:
    year = england().last.year + 2
    with pytest.raises(BadCalendar, match=f"{year - 1} is left out"):
        load_calendar(written(tmp_path, *(line.replace("2024-", f"{year}-") for line in listed(2024))))


def test_another_heading_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "calendar.csv"
    path.write_text("date,title\n2024-01-01,New Year's Day\n", encoding="utf-8")
    with pytest.raises(BadCalendar, match="line 1"):
        load_calendar(path)
