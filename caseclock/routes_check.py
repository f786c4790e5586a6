"""Whether a routes file can be used, and whether every team has somebody to tell."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine

from caseclock.environment import settings
from caseclock.runtime import now
from schemas.settings.settings import BadSettings
from schemas.store.engine import reader
from schemas.time.days import london_day
from services.alerts.channels.configured import channels
from services.alerts.reports.undelivered import teams as teams_of_the_store
from services.alerts.routes.file import BadRoutes, load_routes
from services.alerts.routes.line import Routes
from services.timeliness.history.teams import default_path, load_teams
from services.timeliness.standards.register import load


class Checked(NamedTuple):
    """`said`: what the file comes to. `wrong`: each thing that is wrong, with the remedy."""

    said: list[str]
    wrong: list[str]


def checked(path: Path, engine: Engine | None) -> Checked:
    """All of it. The teams are those of the teams file, and those with a running clock in the store."""
    try:
        routes = load_routes(path, load().standards)
    except BadRoutes as wrong:
        return Checked([], str(wrong).splitlines())
    said = [
        f"{path}: {len(routes.people):,} people for {len(routes.teams):,} teams;"
        f" the digest at {routes.digest_at:%H:%M}, by {', then '.join(routes.channels)}."
    ]
    return Checked(said, [*_teams(path, routes, engine), *_channels(path, routes)])


def _teams(path: Path, routes: Routes, engine: Engine | None) -> list[str]:
    today, named = london_day(now()), settings().teams
    file = Path(named) if named else default_path()
    known = {team: f"in {file.name}" for team, first, last, _ in load_teams(file).rows() if first <= today <= last}
    if engine is not None:
        with reader(engine) as connection:
            known = dict.fromkeys(teams_of_the_store(connection), "in the store") | known
    wrong = [
        f"{path}: team {team} is {known[team]} and not here; add it to its division under `teams`"
        for team in sorted(known)
        if team not in routes.teams
    ]
    for team in routes.unmanned(routes.teams, today):
        manager = routes.posts(team)[0]
        why = f"{manager} is away with nobody to cover; add `cover`" if manager else "it has no `manager`; name one"
        instead = routes.to_tell(team, "team_manager", today).people
        wrong.append(f"{path}: team {team} has nobody to tell today: {why}. {instead[0]} is told instead")
    return wrong


def _channels(path: Path, routes: Routes) -> list[str]:
    """Channels that the environment does not say how to use."""
    try:
        channels(settings(), routes)
    except BadSettings as wrong:
        return [f"{path}: {line}" for line in str(wrong).splitlines()]
    return []
