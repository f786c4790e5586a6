"""Proof for others, and other rules tried: `head`, `ticks` and `what-if`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from caseclock.cli.asking import By
from caseclock.cli.options import Db, Json, PeriodOption, Refused, day_option, open_db, put_json
from caseclock.environment import settings


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: caseclock head --out head-2024-03-11.txt")(head)
    app.command(
        epilog="Example: caseclock evidence --publication 2024-W10.1 --out pack/     then python3 pack/verify.py"
    )(evidence)
    app.command(epilog="Example: caseclock ticks --from 2024-03-04 --every 15")(ticks)
    app.command("what-if", epilog="Example: caseclock what-if --register my-register/ --period 2024-Q1")(what_if)


def head(
    ctx: typer.Context,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", show_default=False, help="Write it there. Else show it.")
    ] = None,
    check: Annotated[
        list[Path] | None,
        typer.Option("--check", metavar="FILE...", show_default=False, help="Say whether heads kept are of this log."),
    ] = None,
    more: Annotated[list[Path] | None, typer.Argument(metavar="[FILE...]", hidden=True)] = None,
    json: Json = False,
    db: Db = None,
) -> None:
    """The head of the log as a signed note, for others to keep; or, of notes kept, whether they are of this log.

    Signed by the key that CASECLOCK_SIGNING_KEY names; without one it says unsigned. Exit code 1 where a note is not of
    this log, or it cannot be told."""
    from caseclock.audit.head import check as check_notes
    from caseclock.audit.head import give, load_key
    from caseclock.runtime import now
    from schemas.store.sqlite_file import is_read_only

    key, engine = load_key(settings().signing_key), open_db(ctx, db)
    if more and not check:
        raise typer.BadParameter("files of heads are given after --check", param_hint="FILE")
    if not check:
        text = give(engine, settings().origin, key, now(), entered=not is_read_only(engine.url))
        if out is None:
            typer.echo(text, nl=False)
        else:
            out.write_text(text, encoding="utf-8")
        return
    found = check_notes(engine, [*check, *(more or ())], key)
    if json:
        put_json([one._asdict() for one in found])
    else:
        for one in found:
            typer.echo(f"{one.file}: {one.result}: {one.why}")
    if any(one.result != "of this log" for one in found):
        raise typer.Exit(1)


def evidence(
    ctx: typer.Context,
    publication: Annotated[
        list[str], typer.Option("--publication", metavar="ID", help="As `frozen` lists it. May be given again.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="A folder that is empty, or not there yet.")],
    children: Annotated[
        Path | None,
        typer.Option(
            "--children", metavar="FILE", show_default=False, help="Of these, an id a line. Else of all with a line."
        ),
    ] = None,
    whole: Annotated[bool, typer.Option("--whole", help="With every event of the log.")] = False,
    db: Db = None,
) -> None:
    """A folder for an inspector: what was frozen, its lines and events, and a program that checks them without us.

    It names children: hand it over as you would their records."""
    from caseclock.audit.evidence import Asked, write
    from caseclock.audit.head import load_key
    from caseclock.runtime import now, rules

    ids = None
    if children is not None:
        ids = {line.strip() for line in children.read_text(encoding="utf-8").splitlines() if line.strip()}
    asked = Asked(publication, ids, whole)
    key = load_key(settings().signing_key)
    sizes = write(open_db(ctx, db), rules(), asked, settings().origin, key, out, now())
    typer.echo(f"{out}: {len(sizes)} files, {sum(sizes.values()) / 1e6:.1f} MB")
    typer.echo(f"Check it with: python3 {out / 'verify.py'}" + (" PUBLIC-KEY" if key is not None else ""))


def ticks(
    ctx: typer.Context,
    first: Annotated[
        Any, typer.Option("--from", metavar="D", parser=day_option, show_default=False, help="From that day on.")
    ] = None,
    last: Annotated[
        Any, typer.Option("--to", metavar="D", parser=day_option, show_default=False, help="To the end of that day.")
    ] = None,
    every: Annotated[int, typer.Option("--every", metavar="MINUTES", min=1, help="How long may pass.")] = 15,
    json: Json = False,
    db: Db = None,
) -> None:
    """When everything was looked at: gaps that were too long, and what was told late and why."""
    from schemas.time.days import end_of_day, start_of_day
    from services.alerts.reports.late import ticks as found_of

    since = start_of_day(first) if first is not None else None
    until = end_of_day(last) if last is not None else None
    found = found_of(open_db(ctx, db), since, until, timedelta(minutes=every))
    if json:
        told = found._asdict()
        told["gaps"] = [{"from": gap.begun_at, "to": gap.ended_at, "seconds": gap.seconds} for gap in found.gaps]
        put_json(told | {"late": [one._asdict() for one in found.late]})
        return
    from caseclock.cli.audit_tables import ticks_tables
    from caseclock.cli.tables import console

    console().print(ticks_tables(found))


def what_if(
    ctx: typer.Context,
    period: PeriodOption,
    register: Annotated[
        str | None, typer.Option("--register", metavar="NAME|DIR", show_default=False, help="By this register.")
    ] = None,
    calendar: Annotated[
        Path | None, typer.Option("--calendar", metavar="FILE", show_default=False, help="By these bank holidays.")
    ] = None,
    teams: Annotated[
        Path | None, typer.Option("--teams", metavar="FILE", show_default=False, help="By this file of teams.")
    ] = None,
    by: Annotated[By, typer.Option("--by", help="Whose figures.")] = "county",
    json: Json = False,
    db: Db = None,
) -> None:
    """What other rules would make of the log: figures side by side, deadlines moved, breaches, messages.

    As of the period's end, or now if that is earlier. Nothing is written."""
    from caseclock.audit.what_if import what_if as tried
    from caseclock.runtime import now, rules
    from schemas.time.calendar_file import load_calendar
    from services.timeliness.history.teams import load_teams
    from services.timeliness.standards.register import folder_of, load

    if register is None and calendar is None and teams is None:
        raise Refused("name what would be another: --register, --calendar or --teams")
    other = by_now = rules()
    if register is not None:
        other = other._replace(register=load(folder_of(register)).ranking(by_now.register.sources))
    if calendar is not None:
        other = other._replace(calendar=load_calendar(calendar))
    if teams is not None:
        other = other._replace(divisions=load_teams(teams))
    found = tried(open_db(ctx, db), by_now, other, period, by, now())
    if json:
        put_json(found)
        return
    from caseclock.cli.audit_tables import what_if_tables
    from caseclock.cli.tables import console

    console().print(what_if_tables(found))
