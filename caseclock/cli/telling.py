"""Telling: `sweep`, `alerts`, `ack` and `routes check`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from caseclock.cli.options import (
    Db,
    Moment,
    Refused,
    TableOrJson,
    day_option,
    named_store,
    new_file,
    note,
    open_db,
    put_json,
)
from caseclock.environment import settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from services.alerts.sweep.go_live import HeldBack


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: caseclock sweep        from cron, every 15 minutes")(sweep)
    app.command(epilog="Example: caseclock alerts --team city-family-1")(alerts)
    app.command("go-live", epilog="Example: caseclock go-live --from 2024-04-02")(go_live)
    routes_app = typer.Typer(no_args_is_help=True, help="The file that says who is told.")
    routes_app.command("check", epilog="Example: caseclock routes check county.routes.yaml")(routes_check)
    app.add_typer(routes_app, name="routes")
    app.command(epilog='Example: caseclock ack 3f6c0d9a5be07124 --reason "visit booked" --by 2024-03-15')(ack)


def sweep(
    ctx: typer.Context,
    now: Moment = None,
    without_routes: Annotated[
        bool, typer.Option("--without-routes", help="Tell teams, though earlier sweeps told people by a routes file.")
    ] = False,
    db: Db = None,
) -> None:
    """Tell managers what has become due soon or overdue and was not told before.

    With the routes file that CASECLOCK_ROUTES names, each manager gets one digest a working day, and what is urgent at
    once. Without one, notices go to standard output, or as files into the folder that CASECLOCK_NOTICES names."""
    from caseclock.runtime import now as this_instant
    from caseclock.runtime import rules, sweep_once
    from services.alerts.channels.configured import channels
    from services.alerts.sweep.go_live import had_routes, held_back

    by = rules()
    out = channels(settings(), by.routes)
    engine, at = open_db(ctx, db), now or this_instant()
    if by.routes is None and not without_routes and had_routes(engine):
        raise Refused(
            "CASECLOCK_ROUTES names no routes file, and earlier sweeps told people by one: set it again, or give"
            " --without-routes to tell teams and nobody by name"
        )
    swept = sweep_once(engine, by, at, out)
    note(f"{swept.told:,} told in {swept.notices:,} notices, {swept.skipped:,} earlier steps passed over")
    if swept.held:
        note(f"{swept.held:,} wait for the digest")
    if swept.waiting:
        note(f"{swept.waiting:,} wait for events that are not folded yet")
    if (held := held_back(engine, at)) is not None:
        note(nobody_before(held))
    raise typer.Exit(1 if swept.failures else 0)  # what failed is in the log, on standard error


def go_live(
    ctx: typer.Context,
    day: Annotated[
        Any, typer.Option("--from", metavar="D", parser=day_option, help="From the beginning of that day on.")
    ] = None,
    db: Db = None,
) -> None:
    """From when managers are told; with `--from`, set it.

    What was overdue before comes once, as one list for each team. With none set there is no bound."""
    from caseclock.runtime import now
    from schemas.time.days import london_day, start_of_day
    from services.alerts.sweep.go_live import get_go_live, set_go_live

    engine = open_db(ctx, db)
    if day is not None:
        set_go_live(engine, start_of_day(day))
    found = get_go_live(engine)
    typer.echo("no bound" if found is None else f"managers are told from {london_day(found)} on")
    if found is not None and (ahead := (found - now()).days // 365) >= 1:
        note(f"caseclock: that is {ahead} {'year' if ahead == 1 else 'years'} ahead, and nobody is told before it")


def nobody_before(held: HeldBack) -> str:
    """Returns what `sweep` and `status` say while go-live is still to come."""
    from schemas.time.days import london_day

    day = london_day(held.until)
    return f"nobody is told before {day.day} {day:%b %Y}: {held.clocks:,} wait"


def alerts(
    ctx: typer.Context,
    team: Annotated[str | None, typer.Option("--team", metavar="T", help="Of one team only.")] = None,
    ignored: Annotated[
        bool, typer.Option("--ignored", help="Instead: by standard, what was neither answered nor cleared in time.")
    ] = False,
    days: Annotated[
        int, typer.Option("--days", metavar="N", min=1, help="With --ignored: in time is N working days.")
    ] = 5,
    load: Annotated[
        bool, typer.Option("--load", help="Instead: how many messages managers of a made-up county get a week.")
    ] = False,
    weeks: Annotated[int, typer.Option("--weeks", metavar="N", min=1, help="With --load: over N weeks.")] = 8,
    children: Annotated[
        int | None,
        typer.Option(
            "--children", metavar="N", min=1, show_default=False, help="With --load: of how many. Else Norfolk's size."
        ),
    ] = None,
    format: TableOrJson = "table",
    now: Moment = None,
    db: Db = None,
) -> None:
    """Shows what managers were told, the newest last, what they answered, and whether a promise was kept."""
    from caseclock.runtime import now as this_instant

    at = now or this_instant()
    if load:
        _show(format, *_load(at, weeks, children))
    elif ignored:
        _show(format, *_ignored(ctx, db, at, days))
    else:
        _show(format, *_told(ctx, db, team, at))


def _show(format: str, found: list[Any], shown: Callable[[list[Any]], Any]) -> None:
    if format == "json":
        put_json(found)
    else:
        from caseclock.cli.tables import console

        console().print(shown(found))


_Shown = tuple[list[Any], Callable[[list[Any]], Any]]


def _told(ctx: typer.Context, db: str | None, team: str | None, at: datetime) -> _Shown:
    from caseclock.cli.tables import alerts_table
    from services.alerts.reports.acknowledge import listed
    from services.alerts.reports.promises import promises

    engine = open_db(ctx, db)
    found = listed(engine, team)
    if team is not None and not found:
        _check_team(engine, team)
    answers = promises(engine, [alert["alert"] for alert in found], at)
    for alert in found:
        alert["promise"] = answers[alert["alert"]].standing if alert["alert"] in answers else None
    return found, alerts_table


def _check_team(engine: Engine, team: str) -> None:
    """Raises Refused if neither the files nor the store know a team: a slip must not look like good news."""
    from caseclock.queries.teams import nearest_team, team_is_known
    from caseclock.runtime import rules
    from schemas.store.engine import reader

    by = rules()
    if team in by.divisions.names or (by.routes is not None and team in by.routes.teams):
        return
    with reader(engine) as connection:
        known = team_is_known(connection, team)
    if not known:
        raise Refused(f"there is no team {team!r}; {nearest_team(engine, by.divisions, team)}")


def _ignored(ctx: typer.Context, db: str | None, at: datetime, days: int) -> _Shown:
    from caseclock.cli.alert_load import ignored_table
    from caseclock.runtime import rules
    from services.alerts.reports.ignored import ignored

    found = ignored(open_db(ctx, db), rules().calendar, at, days)
    return [one._asdict() for one in found], ignored_table


def _load(at: datetime, weeks: int, children: int | None) -> _Shown:
    from caseclock.cli.alert_load import load_table
    from caseclock.cli.demo import watching
    from caseclock.demo.alert_load import simulated
    from caseclock.runtime import rules

    with watching() as watch:
        found = simulated(rules(), at, weeks, children, watch)
    return [
        {**one._asdict(), **{kind: getattr(one, kind)._asdict() for kind in ("digests", "at_once", "all")}}
        for one in found
    ], load_table


def ack(
    ctx: typer.Context,
    alert: Annotated[str, typer.Argument(metavar="ALERT", help="An alert's id, from `caseclock alerts`.")],
    reason: Annotated[str, typer.Option("--reason", metavar="R", help="Why, in a few words; no child's name.")],
    by: Annotated[Any, typer.Option("--by", metavar="D", parser=day_option, help="The day it will be done by.")],
    level: Annotated[
        Literal["team_manager", "service_manager", "head_of_service", "director"],
        typer.Option("--level", help="Who answers. From a service manager on, a promise may be longer."),
    ] = "team_manager",
    db: Db = None,
) -> None:
    """Answer an alert with a reason and a day.

    As far ahead as the standard's own limit, 20 working days at most, and 5 where the child must be seen.
    Until that day has ended its reminders rest; then, if it is still
    overdue, the broken promise is told."""
    from caseclock.answering import answer_alert
    from caseclock.runtime import now, rules

    answer_alert(open_db(ctx, db), rules(), alert, reason, by, now(), above_team=level != "team_manager")
    note(f"Noted: to be done by {by}.")


def routes_check(
    ctx: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", show_default=False, help="Else the one that CASECLOCK_ROUTES names."),
    ] = None,
    db: Db = None,
) -> None:
    """Say everything that is wrong with a routes file, and which teams have nobody to tell.

    Teams are those of the teams file, and of the store if there is one."""
    from caseclock.routes_check import checked

    named = settings().routes
    path = file or (Path(named) if named else None)
    if path is None:
        raise typer.BadParameter("name a file, or set CASECLOCK_ROUTES")
    url = named_store(ctx, db)
    found = checked(path, None if db is None and new_file(url) else open_db(ctx, url))
    for line in found.said:
        typer.echo(line)
    if found.wrong:
        raise Refused("\n".join(found.wrong))
