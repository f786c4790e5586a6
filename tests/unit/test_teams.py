"""Which division a team belonged to on a day; an unknown team is shown, never dropped."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from services.timeliness.history.teams import BadTeams, load_teams

DAY = date(2024, 3, 5)


def teams(tmp_path: Path, *lines: str, header: str = "team,division,from_on,to_on") -> Path:
    path = tmp_path / "teams.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def test_a_team_is_in_its_division_from_its_first_day_to_its_last(tmp_path: Path) -> None:
    of = load_teams(teams(tmp_path, "duty,North,2024-03-05,2024-03-06")).of
    days = [date(2024, 3, n) for n in (4, 5, 6, 7)]
    assert [of("duty", day) for day in days] == ["unassigned", "North", "North", "unassigned"]


def test_a_team_may_move_to_another_division(tmp_path: Path) -> None:
    of = load_teams(teams(tmp_path, "duty,North,2020-04-01,2024-03-04", "duty,South,2024-03-05,")).of
    assert (of("duty", date(2024, 3, 4)), of("duty", DAY)) == ("North", "South")


def test_with_no_days_it_was_always_and_will_ever_be_there(tmp_path: Path) -> None:
    of = load_teams(teams(tmp_path, "duty,North,,")).of
    assert (of("duty", date(1990, 1, 1)), of("duty", date(2090, 1, 1))) == ("North", "North")


def test_the_last_day_may_be_left_out_of_the_file_altogether(tmp_path: Path) -> None:
    path = teams(tmp_path, "duty,North,2020-04-01", header="team,division,from_on")
    assert load_teams(path).of("duty", DAY) == "North"


def test_a_team_the_file_does_not_know_is_unassigned(tmp_path: Path) -> None:
    of = load_teams(teams(tmp_path, "duty,North,,")).of
    assert (of("another", DAY), of("unassigned", DAY), of("", DAY)) == ("unassigned", "unassigned", "unassigned")


def test_blanks_around_names_and_the_mark_of_a_spreadsheet_are_no_matter(tmp_path: Path) -> None:
    path = tmp_path / "teams.csv"
    path.write_text("team,division,from_on,to_on\n duty , North ,2020-04-01,\n", encoding="utf-8-sig")
    assert load_teams(path).of("duty", DAY) == "North"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (",North,2020-04-01,", "line 3: `team` must be filled in every row"),
        ("duty,,2020-04-01,", "line 3: `division` must be filled in every row"),
        ("duty,North,01/04/2020,", "line 3: .*write days as 2024-03-31"),
        ("duty,North,2024-W10,", "line 3: .*write days as 2024-03-31"),
        ("duty,North,2020-04-01,2020-02-30", "line 3: .*write days as 2024-03-31"),
    ],
)
def test_a_bad_row_is_refused_naming_file_line_and_remedy(tmp_path: Path, line: str, said: str) -> None:
    path = teams(tmp_path, "good,North,,", line)
    with pytest.raises(BadTeams, match=said) as refused:
        load_teams(path)
    assert str(path) in str(refused.value)


def test_a_file_that_is_not_there_is_refused_with_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(BadTeams, match=r"nowhere\.csv.*give a CSV file with team,division,from_on,to_on"):
        load_teams(tmp_path / "nowhere.csv")


def test_a_file_of_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "teams.csv"
    path.write_bytes("team,division\nduty,Nörth\n".encode("latin-1"))
    with pytest.raises(BadTeams, match="give a CSV file with team,division,from_on,to_on"):
        load_teams(path)


HEAD = "team,division,from_on,to_on"
WRONG = {
    "columns of another file": (
        "team,division,from,to\nduty,North,,\n",
        ["1: 'from' is no column; did you mean from_on?"],
    ),
    "a column twice": ("team,division,team\nduty,North,\n", ["1: the column 'team' is there twice"]),
    "a column missing": ("team,from_on\nduty,\n", ["1: the column 'division' is missing"]),
    "more cells than columns": (f"{HEAD}\nduty,North,,,x\n", ["2: 5 cells under 4 columns"]),
    "the later day first": (f"{HEAD}\nduty,North,2024-12-31,2024-01-01\n", ["2: it ends on 2024-01-01, before"]),
    "in two divisions at once": (f"{HEAD}\nduty,North,,\nduty,South,,\n", ["3: 'duty' is in a division already"]),
    "in one division twice": (
        f"{HEAD}\nduty,North,,2024-02-01\nx,North,,\nduty,North,2024-02-01,\n",
        ["4: 'duty' is in a division already on these days, by line 2"],
    ),
    "a quote not closed": (f'{HEAD}\nduty,North,,\n"d,North,,\nx,South,,\n', ["3: a quote is not closed"]),
    "a cell without end": (f'{HEAD}\n"{"x" * 200_000},North,,\n', ["2: a quote is not closed"]),
    "text after a quote": (f'{HEAD}\n"duty"x,North,,\n', ["2: a quote is not closed, or has text after it"]),
    "two lines in one cell": (f'{HEAD}\n"du\nty",North,,\n', ["2: team: 'du\\nty' has a character"]),
    "a NUL byte": (f"{HEAD}\ndu\0ty,North,,\n", ["2: team: 'du\\x00ty' has a character"]),
    "digits of another script": (f"{HEAD}\nduty,North,٢٠٢٤-01-01,\n", ["2: from_on: '٢٠٢٤-01-01' is no day"]),
    "no team": (f"{HEAD}\n", ["1: no team is in it"]),
    "several faults": (
        f"{HEAD}\nduty,,,\nx,North,soon,\ny,North,2024-12-31,2024-01-01\n",
        ["2: `division` must be filled", "3: from_on: 'soon'", "4: it ends on 2024-01-01"],
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_file_that_cannot_work_is_refused_with_all_its_faults(tmp_path: Path, name: str) -> None:
    text, said = WRONG[name]
    path = tmp_path / "teams.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadTeams) as refused:
        load_teams(path)
    lines = str(refused.value).splitlines()
    for part in said:
        assert any(line.startswith(f"{path}, line {part}") for line in lines), (part, lines)


def test_the_teams_that_come_with_the_product_are_seven_divisions() -> None:
    rows = load_teams()
    path = Path(__file__).parents[2] / "services" / "timeliness" / "history" / "teams.csv"
    named = [line.split(",")[0] for line in path.read_text(encoding="utf-8").splitlines()[1:] if line]
    assert len({rows.of(team, DAY) for team in named} - {"unassigned"}) == 7
