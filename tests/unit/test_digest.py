"""The words of a notice."""

from __future__ import annotations

from datetime import date

import pytest

from services.alerts.digest import Item, message, say

TITLES = {
    "cp-visit": "Child protection visit every 10 working days",
    "icpc-15wd": "Initial conference in 15 days",
}


def test_one_calm_message_soonest_due_first():
    items = [
        Item("cp-visit", "due_soon_5wd", date(2024, 3, 12)),
        Item("cp-visit", "cleared", date(2024, 2, 1)),
        Item("cp-visit", "missed", date(2024, 3, 5)),
        Item("cp-visit", "missed", date(2024, 3, 4), waiting=True),
        Item("icpc-15wd", "still_missed_5wd", date(2024, 2, 27)),
    ]
    assert message("north-1", "team_manager", items, TITLES).splitlines() == [
        "Team north-1: 5 deadlines to know about. For the team manager.",
        "",
        "- 1 × Initial conference in 15 days: still overdue after 5 working days (due Tue 27 February 2024)",
        "- 2 × Child protection visit every 10 working days: overdue (due Mon 4 March 2024 to Tue 5 March 2024)",
        "- 1 × Child protection visit every 10 working days: due within 5 working days (due Tue 12 March 2024)",
        "- 1 × Child protection visit every 10 working days: no longer overdue (due Thu 1 February 2024)",
        "",
        "Evidence waiting for 1 of them: something recorded could not be taken in yet.",
        "",
        "See /team/north-1",
    ]


def test_what_was_overdue_at_go_live_stands_apart():
    items = [
        Item("cp-visit", "missed", date(2024, 3, 5), already=True),
        Item("icpc-15wd", "missed", date(2024, 3, 6)),
    ]
    assert message("north", "team_manager", items, TITLES).splitlines()[2:7] == [
        "- 1 × Initial conference in 15 days: overdue (due Wed 6 March 2024)",
        "",
        "Already overdue when alerts began:",
        "- 1 × Child protection visit every 10 working days: overdue (due Tue 5 March 2024)",
        "",
    ]


def test_a_standard_without_a_title_shows_its_id_and_a_team_is_safe_in_a_link():
    text = message("North & East/1", "director", [Item("new-rule", "missed", date(2024, 3, 5))], {})
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
        ("handed_over_3", "overdue when it came to this team"),
    ],
)
def test_rungs_in_words(rung, words):
    assert say(rung) == words
