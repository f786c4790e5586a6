"""Dates at the edges of what a date can be: refused in words, or answered; never a fault of ours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.helpers.commands import Run
from tests.helpers.files import enquiry, write
from tests.helpers.sites import fill, site

PERIODS = ("9999-W52", "9999-12", "9999-Q4", "9999", "0001", "0001-W01", "0000-13", "1899-12", "2200-01", "2199-W53")
DAYS = ("0001-01-01", "1899-12-31", "9999-12-31", "2200-01-01", "0000-01-01", "2024-13-01", "2024-02-30")
MOMENTS = (*DAYS, "9999-12-31T23:59-01:00", "0001-01-01T00:00+01:00", "2024-03-31T01:30", "2024-01-01T25:00")
LASTS = ("1900-01-01", "2199-12-31")


@pytest.fixture
def store(run: Run) -> Run:
    write("events.ndjson", *enquiry("C1"))
    run("import", "events.ndjson")
    return run


@pytest.mark.parametrize("period", PERIODS)
def test_a_period_that_cannot_be_is_a_misuse(store: Run, period: str) -> None:
    ran = store("figures", "--period", period)
    assert (ran.code, ran.out) == (2, "")
    assert period in ran.err


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_moment_that_cannot_be_is_a_misuse(store: Run, moment: str) -> None:
    for command in (("clocks", "C1", "--as-of"), ("figures", "--period", "2024", "--known-at"), ("sweep", "--now")):
        assert store(*command, moment).code == 2, command


@pytest.mark.parametrize("day", DAYS)
def test_a_day_that_cannot_be_is_a_misuse(store: Run, day: str) -> None:
    for command in (("go-live", "--from", day), ("ack", "x", "--reason", "y", "--by", day)):
        assert store(*command).code == 2, command


@pytest.mark.parametrize("day", LASTS)
def test_the_first_and_the_last_day_that_can_be_are_answered(store: Run, day: str) -> None:
    for command in (
        ("clocks", "C1", "--as-of", day),
        ("figures", "--period", "2024-03", "--as-of", day),
        ("figures", "--period", day[:4], "--as-of", day),
        ("figures", "--period", "2024-03", "--known-at", day),
        ("explain", "C1", "icpc-15wd", "--as-of", day),
        ("sweep", "--now", day),
        ("alerts", "--now", day),
        ("go-live", "--from", day),
        ("status",),
    ):
        assert store(*command).code in (0, 1), command


@pytest.fixture
def pages(run: Run) -> Iterator[TestClient]:
    fill(run)
    with site() as client:
        yield client


@pytest.mark.parametrize("period", PERIODS)
def test_the_pages_refuse_such_a_period_too(pages: TestClient, period: str) -> None:
    for path in ("/", "/figures.json"):
        assert pages.get(path, params={"period": period}).status_code == 400, path


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_pages_refuse_such_a_moment_too(pages: TestClient, moment: str) -> None:
    for name in ("as-of", "known-at"):
        assert pages.get("/figures.json", params={name: moment}).status_code == 400, name


@pytest.mark.parametrize("day", LASTS)
def test_the_pages_answer_at_the_ends(pages: TestClient, day: str) -> None:
    for path in (f"/?period={day[:4]}", f"/figures.json?period={day[:4]}&as-of={day}", f"/figures.json?known-at={day}"):
        assert pages.get(path).status_code == 200, path
