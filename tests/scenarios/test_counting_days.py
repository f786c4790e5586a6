"""What docs/counting-days.md says is what the software does: its tables and its scenarios are run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from schemas.time.calendar import FIRST, LAST, Calendar, england
from schemas.time.days import birthday, london_day
from services.timeliness.standards.limits import Length
from tests.scenarios.language import Scenario, read
from tests.scenarios.runner import problems

PAGE = (Path(__file__).parents[2] / "docs" / "counting-days.md").read_text(encoding="utf-8")
ENGLAND = england()


def day(text: str) -> date:
    """From `Tue 2 Jan 2024`; the day of the week must be right too."""
    found = datetime.strptime(text, "%a %d %b %Y").date()  # noqa: DTZ007
    assert found.strftime("%a") == text[:3], text
    return found


def rows(*columns: str) -> list[tuple[str, ...]]:
    """The rows of every table on the page whose first columns are these."""
    return [row[: len(columns)] for header, row in table_rows() if header[: len(columns)] == columns]


def table_rows() -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    header: tuple[str, ...] = ()
    for line in PAGE.splitlines():
        cells = tuple(cell.strip() for cell in line.strip("|").split("|")) if line.startswith("|") else ()
        if cells and header and not set(cells[0]) <= {"-"}:
            yield header, cells
        header = header or cells if cells else ()


@pytest.mark.parametrize(("start", "limit", "due"), rows("Start", "Limit", "Due"))
def test_due_days(start: str, limit: str, due: str) -> None:
    assert Length.parse(limit).after(day(start), ENGLAND) == day(due)


@pytest.mark.parametrize(("due", "before", "on"), rows("Due", "Warning", "On"))
def test_warnings(due: str, before: str, on: str) -> None:
    assert Length.parse(before).warn_day(day(due), ENGLAND) == day(on)
    assert ENGLAND.is_working_day(day(on))


@pytest.mark.parametrize(("instant", "of"), rows("Instant", "London day"))
def test_london_days(instant: str, of: str) -> None:
    assert london_day(datetime.fromisoformat(instant)) == day(of)


@pytest.mark.parametrize(("start", "limit", "last"), rows("Start", "Must not last", "Last good day"))
def test_what_must_not_last(start: str, limit: str, last: str) -> None:
    assert Length.parse(limit).after(day(start), ENGLAND) - timedelta(1) == day(last)


@pytest.mark.parametrize(("born", "age", "on"), rows("Born", "Age", "Becomes it on"))
def test_birthdays(born: str, age: str, on: str) -> None:
    assert birthday(day(born), int(age)) == day(on)


def test_every_table_was_looked_at() -> None:
    assert len({header for header, _ in table_rows()}) == 5
    assert all(len(rows(*header)) >= 2 for header, _ in table_rows())


def scenarios(folder: Path) -> list[Scenario]:
    blocks = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert len(blocks) >= 6
    (folder / "counting-days.yaml").write_text("\n".join(blocks), encoding="utf-8")
    return read(folder / "counting-days.yaml")


def test_scenarios(tmp_path: Path) -> None:
    wrong = {s.name: found for s in scenarios(tmp_path) if (found := problems(s))}
    assert wrong == {}


def test_what_the_published_tools_would_say() -> None:
    assert ENGLAND.add_working_days(day("Tue 2 Jan 2024"), 44) == day("Mon 4 Mar 2024")
    jubilee = {day("Thu 2 Jun 2022"), day("Fri 3 Jun 2022")}
    lacking = {on: name for on, name in ENGLAND.bank_holidays.items() if on not in jubilee}
    short = Calendar(FIRST, LAST, lacking, "lacks two")
    assert short.add_working_days(day("Mon 23 May 2022"), 15) == day("Mon 13 Jun 2022")
    assert ENGLAND.add_working_days(day("Mon 23 May 2022"), 15) == day("Wed 15 Jun 2022")
