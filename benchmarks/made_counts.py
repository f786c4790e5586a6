"""Counts as ten years of a county leave them, made up: rows of `tally` and `took_tally` without the events and clocks
behind them, in a minute instead of half an hour. Of clocks only those at meetings are there, for `control_week`."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from sqlalchemy import Engine, insert, select

from schemas.store.engine import append_rows, table_of
from schemas.store.tables import ClockRow, Generation
from schemas.time.calendar import england
from schemas.time.days import end_of_day
from services.alerts.sweep.today import note_today
from services.timeliness.figures import counts as of
from services.timeliness.figures.counts import ALWAYS, MEASURES, Counts, part_of
from services.timeliness.history.teams import Divisions, load_teams
from services.timeliness.standards import register
from services.timeliness.table import counts as tallies
from services.timeliness.table.reference import keep

TEAMS = 18  # that have clocks of a standard; of all 41 some do assessments, some visits
AT_MEETINGS = ("icpc", "cp-review", "core-group", "lac-review")  # standards with brothers and sisters
A_DAY = 4  # clocks of such a standard, at half as many meetings
UNSETTLED = 1.4  # days of a stretch, on the average, on which the children in scope of a team change


def fill_made(engine: Engine, first: date, today: date, seed: int = 1) -> None:
    """Every standard, in 18 teams each, something in every stretch from `first` to `today`; as of `today`."""
    rules, divisions = register.load(None), load_teams()
    in_scope = {s.id for s in rules.standards.values() if s.recurring or s.file.measure == "must_hold"}
    keep(engine, rules, england(), divisions)
    with engine.begin() as connection:
        generation = connection.execute(select(table_of(Generation).c.live)).scalar()
        if generation is None:
            generation = 1
            connection.execute(insert(table_of(Generation)).values(id=1, live=generation))
        made = {standard: standard in in_scope for standard in rules.standards}
        tallies.write(connection, generation, _counts(made, divisions, first, today, Random(seed)), new=True)
        append_rows(connection, ClockRow, _clocks(list(made), divisions, generation, first, today, Random(seed)))
    note_today(engine, end_of_day(today))


def _counts(standards: dict[str, bool], divisions: Divisions, first: date, today: date, random: Random) -> Counts:
    """`standards`: whether children are in scope of one, of whom it is counted who is up to date."""
    counts = Counts()
    days = [first + timedelta(days=n) for n in range((today - first).days + 1)]
    parts = sorted({part_of(day) for day in days})
    teams = sorted({row[0] for row in divisions.rows()})
    for standard, scoped in standards.items():
        for team in random.sample(teams, TEAMS):
            for part in parts:
                division = divisions.of(team, part)
                counts.cells[standard, team, division, part, ALWAYS] = _settled(random)
                counts.took[standard, team, division, part, ALWAYS, float(random.randint(1, 60))] = 2
                for _ in range(int(UNSETTLED + random.random()) if scoped else 0):
                    day = min(part + timedelta(days=random.randint(0, 6)), today)
                    counts.cells[standard, team, division, part_of(day), day] = _unsettled(random)
    return counts


def _settled(random: Random) -> list[int]:
    """As many end as begin, but for chance."""
    row = [0] * len(MEASURES)
    row[of.MET], row[of.MISSED] = random.randint(1, 6), random.randint(0, 2)
    row[of.CANCELLED], row[of.VOIDED] = random.randint(0, 1), random.randint(0, 1)
    row[of.COMPLETED], row[of.IN_TIME] = row[of.MET] + 1, row[of.MET]
    row[of.OPENED], row[of.OVERDUE] = random.choice((-1, 0, 1)), random.choice((-1, 0, 1))
    return row


def _unsettled(random: Random) -> list[int]:
    row = [0] * len(MEASURES)
    row[of.OPENED] = row[of.IN_SCOPE] = random.choice((-1, 1, 1))
    row[of.UP_TO_DATE] = random.choice((row[of.IN_SCOPE], row[of.IN_SCOPE], 0))
    return row


def _clocks(
    standards: list[str], divisions: Divisions, generation: int, first: date, today: date, random: Random
) -> list[tuple[Any, ...]]:
    """Clocks stopped at meetings, one in five late."""
    columns = [column.name for column in table_of(ClockRow).columns]
    teams = sorted({row[0] for row in divisions.rows()})
    rows = []
    for standard in (one for one in standards if one.startswith(AT_MEETINGS)):
        for number in range(A_DAY * (today - first).days):
            due = first + timedelta(days=number // A_DAY)
            team = teams[number // 2 % len(teams)]
            row = dict.fromkeys(columns) | {
                "generation": generation,
                "id": f"{standard}-{number}",
                "standard": standard,
                "child": f"C{number}",
                "started_on": due - timedelta(days=20),
                "due_on": due,
                "cause": "",
                "team": team,
                "team_now": team,
                "ended": "stopped",
                "ended_on": due + timedelta(days=random.choice((-2, -1, -1, 0, 1))),
                "recorded_late": False,
                "day_precision": True,
                "prohibits": False,
                "broken": False,
                "settled": True,
                "meeting": f"{standard}-{number // 2}",
                "division": divisions.of(team, due),
            }
            rows.append(tuple(row.values()))
    return rows
