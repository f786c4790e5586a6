"""Telling: `sweep`, `alerts` and `ack`."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer

from services.commands.common import Db, Moment, TableOrJson, day_option, note, open_db, put_json


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: caseclock sweep        from cron, every 15 minutes")(sweep)
    app.command(epilog="Example: caseclock alerts --team city-family-1")(alerts)
    app.command(epilog='Example: caseclock ack 3f6c0d9a5be07124 --reason "visit booked" --by 2024-03-15')(ack)


def sweep(ctx: typer.Context, now: Moment = None, db: Db = None) -> None:
    """Tell managers what has become due soon or overdue and was not told before.

    With the routes file that CASECLOCK_ROUTES names, each manager gets one digest a working day, and what is urgent at
    once. Without one, notices go to standard output, or as files into the folder that CASECLOCK_NOTICES names."""
    from schemas.settings import Settings
    from services.channels import channels
    from services.single import now as this_instant
    from services.single import rules, sweep_once

    by = rules()
    out = channels(Settings.read(os.environ), by.routes)
    swept = sweep_once(open_db(ctx, db), by, now or this_instant(), out)
    note(f"{swept.told:,} told in {swept.notices:,} notices, {swept.skipped:,} earlier steps passed over")
    if swept.held:
        note(f"{swept.held:,} wait for the digest")
    if swept.waiting:
        note(f"{swept.waiting:,} wait for events that are not folded yet")

    raise typer.Exit(1 if swept.failures else 0)  # what failed is in the log, on standard error


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
