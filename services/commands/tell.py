"""Telling: `sweep`, `alerts` and `ack`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.commands.common import Db, Moment, TableOrJson, day_option, note, open_db, put_json

if TYPE_CHECKING:
    from services.alerts.channels import Channel

NOTICES = "CASECLOCK_NOTICES"  # a folder for notices as files


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: caseclock sweep        from cron, every 15 minutes")(sweep)
    app.command(epilog="Example: caseclock alerts --team city-family-1")(alerts)
    app.command(epilog='Example: caseclock ack 3f6c0d9a5be07124 --reason "visit booked" --by 2024-03-15')(ack)


def sweep(ctx: typer.Context, now: Moment = None, db: Db = None) -> None:
    """Tell managers what has become due soon or overdue and was not told before.

    Notices go to standard output, and as
    files into the folder that CASECLOCK_NOTICES names, if it is set."""
    from services.single import now as this_instant
    from services.single import rules, sweep_once

    engine = open_db(ctx, db)
    swept = sweep_once(engine, rules(), now or this_instant(), _channels())
    note(f"{swept.told:,} told in {swept.notices:,} notices, {swept.skipped:,} earlier steps passed over")
    if swept.waiting:
        note(f"{swept.waiting:,} wait for events that are not folded yet")

    raise typer.Exit(1 if swept.failures else 0)  # what failed is in the log, on standard error


def _channels() -> list[Channel]:
    from services.alerts.channels.console import Console
    from services.alerts.channels.file import Folder

    folder = os.environ.get(NOTICES)
    return [Console(), *([Folder(Path(folder))] if folder else [])]


def alerts(
    ctx: typer.Context,
    team: Annotated[str | None, typer.Option("--team", metavar="T", help="Of one team only.")] = None,
    format: TableOrJson = "table",
    db: Db = None,
) -> None:
    """What managers were told, the newest last, and what they answered."""
    from services.alerts.ack import listed

    found = listed(open_db(ctx, db), team)
    if format == "json":
        put_json(found)
    else:
        from services.show import alerts_table, console

        console().print(alerts_table(found))


def ack(
    ctx: typer.Context,
    alert: Annotated[str, typer.Argument(metavar="ALERT", help="An alert's id, from `caseclock alerts`.")],
    reason: Annotated[
        str, typer.Option("--reason", metavar="R", help="Why, in a few words; no child's name.")
    ],
    by: Annotated[
        Any, typer.Option("--by", metavar="D", parser=day_option, help="The day it will be done by.")
    ],
    db: Db = None,
) -> None:
    """Answer an alert with a reason and a day.

    Until that day has ended its reminders rest; then, if it is still
    overdue, the broken promise is told."""
    from services.alerts.ack import acknowledge
    from services.single import now

    acknowledge(open_db(ctx, db), alert, reason, by, now())
    note(f"Noted: to be done by {by}.")
