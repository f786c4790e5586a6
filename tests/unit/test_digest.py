"""The words of a notice."""

from __future__ import annotations

from datetime import date

import pytest

from services.alerts.ladder.wording import say
from services.alerts.message.desk import MessageContext
from services.alerts.message.digest import MOST_LINES, Item, message

DESK = MessageContext(
    {
        "cp-visit": "Child protection visit every 10 working days",
        "icpc-15wd": "Initial conference in 15 days",
        "core-group-later": "Core group every 6 weeks",
    }
)


def item(standard: str, rung: str, due: date, team: str = "north-1", **more) -> Item:
    return Item(standard, rung, due, team=team, **more)


def test_one_calm_message_soonest_due_first():
    items = [
        item("cp-visit", "due_soon_5wd", date(2024, 3, 12)),
        item("cp-visit", "cleared", date(2024, 2, 1)),
        item("cp-visit", "missed", date(2024, 3, 5)),
        item("cp-visit", "missed", date(2024, 3, 4), waiting=True),
        item("icpc-15wd", "still_missed_5wd", date(2024, 2, 27)),
        item("cp-visit", "booked_late", date(2024, 3, 20)),
    ]
    assert message(items, DESK, "team_manager").splitlines() == [
        "Team north-1: 3 overdue, 1 booked for after the due day, 1 due soon, 1 no longer overdue."
        " For the team manager.",
        "",
        "- 1 × Initial conference in 15 days: still overdue after 5 working days (due Tue 27 February 2024)",
        "- 2 × Child protection visit every 10 working days: overdue (due Mon 4 March 2024 to Tue 5 March 2024)",
        "- 1 × Child protection visit every 10 working days: due within 5 working days (due Tue 12 March 2024)",
        "- 1 × Child protection visit every 10 working days: booked for after the due day (due Wed 20 March 2024)",
        "- 1 × Child protection visit every 10 working days: no longer overdue (due Thu 1 February 2024)",
        "",
        "Evidence waiting for 1 of them: something recorded could not be taken in yet.",
        "",
        "See /team/north-1",
    ]


def test_of_several_teams_it_says_which_and_gives_each_its_link():
    items = [
        item("cp-visit", "missed", date(2024, 3, 4)),
        item("cp-visit", "missed", date(2024, 3, 4), "north-2"),
        item("icpc-15wd", "missed", date(2024, 3, 5), "north-2"),
    ]
    assert message(items, DESK._replace(link_base="https://clocks.example")).splitlines() == [
        "2 teams: 3 overdue.",
        "",
        "- 2 × Child protection visit every 10 working days: overdue (due Mon 4 March 2024; in north-1 and north-2)",
        "- 1 × Initial conference in 15 days: overdue (due Tue 5 March 2024; in north-2)",
        "",
        "See https://clocks.example/team/north-1",
        "See https://clocks.example/team/north-2",
    ]


def test_brothers_and_sisters_at_one_meeting_are_counted_once():
    review = {"standard": "core-group-later", "rung": "missed", "due": date(2024, 3, 4)}
    items = [item(**review, matter=meeting) for meeting in ("m1", "m1", "m1", "m2", "")]
    lines = message(items, DESK).splitlines()
    assert lines[0] == "Team north-1: 3 overdue."
    assert lines[2] == "- 3 × Core group every 6 weeks: overdue (due Mon 4 March 2024, 5 children)"


def test_an_escalation_says_what_was_promised_and_when_or_that_nobody_answered():
    def said(*promised: tuple[date, date] | None) -> str:
        rung = {"standard": "cp-visit", "rung": "still_missed_5wd", "due": date(2024, 3, 4)}
        items = [item(**rung, escalated=True, promised=each) for each in promised]
        return message(items, DESK).splitlines()[2].partition("(due Mon 4 March 2024")[2]

    monday, tuesday = date(2024, 3, 4), date(2024, 3, 5)
    assert said(None) == "; not answered)"
    assert said((monday, tuesday)) == "; promised on Mon 4 March 2024 for Tue 5 March 2024)"
    assert said((monday, tuesday), None) == "; promised on Mon 4 March 2024 for Tue 5 March 2024; 1 not answered)"
    many = [(monday, tuesday), (monday, date(2024, 3, 6)), (tuesday, date(2024, 3, 7))]
    assert said(*many) == "; 3 promises, the first for Tue 5 March 2024)"


def test_a_long_list_is_cut_and_what_is_cut_is_counted_and_named():
    items = [item("cp-visit", f"due_soon_{n}d", date(2024, 3, 1)) for n in range(1, MOST_LINES + 1)]
    items += [item("icpc-15wd", "missed", date(2024, 3, 2)), item("core-group-later", "due_soon_2wd", date(2024, 3, 9))]
    lines = message(items, DESK).splitlines()
    assert lines[0] == f"Team north-1: 1 overdue, {MOST_LINES + 1} due soon."
    assert lines[2 + MOST_LINES :] == [
        "- On the worklist also 1 overdue, 1 due soon: overdue are some of Initial conference in 15 days",
        "",
        "See /team/north-1",
    ]


def test_what_was_overdue_at_go_live_stands_apart():
    items = [item("cp-visit", "missed", date(2024, 3, 5), already=True), item("icpc-15wd", "missed", date(2024, 3, 6))]
    assert message(items, DESK, "team_manager").splitlines()[2:7] == [
        "- 1 × Initial conference in 15 days: overdue (due Wed 6 March 2024)",
        "",
        "Already overdue when alerts began:",
        "- 1 × Child protection visit every 10 working days: overdue (due Tue 5 March 2024)",
        "",
    ]


def test_a_standard_without_a_title_shows_its_id_and_a_team_is_safe_in_a_link():
    text = message([item("new-rule", "missed", date(2024, 3, 5), "North & East/1")], MessageContext(), "director")
    assert "- 1 × new-rule: overdue" in text
    assert text.endswith("See /team/North%20%26%20East%2F1")


@pytest.mark.parametrize(
    ("rung", "words"),
    [
        ("due_soon_5wd", "due within 5 working days"),
        ("due_soon_0wd", "due today"),
        ("due_soon_1d", "due within 1 day"),
        ("due_soon_24h", "due within 24 hours"),
        ("still_missed_1w", "still overdue after 1 week"),
        ("monthly_2024-03", "still overdue in March 2024"),
        ("booked_late", "booked for after the due day"),
        ("promise_broken_2", "still overdue after the day that was promised"),
        ("handed_over_3", "already overdue when passed to this team"),
    ],
)
def test_rungs_in_words(rung, words):
    assert say(rung) == words
