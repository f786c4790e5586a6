"""Keeping it right: `quarantine`, `standards`, `rebuild`, `verify` and `erase`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from caseclock.cli.options import Db, Json, NoDb, Refused, TableOrJson, note, open_db, put_json
from caseclock.environment import settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from caseclock.runtime import Rules
    from schemas.store.remains import Remains
    from services.timeliness.table.catch_up import Rebuilt


def add_to(app: typer.Typer) -> None:
    quarantine_app = typer.Typer(invoke_without_command=True)
    quarantine_app.callback(epilog="Example: caseclock quarantine --format json")(quarantine)
    quarantine_app.command(epilog="Example: caseclock quarantine retry")(retry)
    quarantine_app.command(
        "set-aside", epilog='Example: caseclock quarantine set-aside 12 13 --reason "sent twice by the supplier"'
    )(set_aside)
    app.add_typer(quarantine_app, name="quarantine")
    standards_app = typer.Typer(invoke_without_command=True)
    standards_app.callback(epilog="Example: caseclock standards check my-register/")(standards)
    standards_app.command(epilog="Example: caseclock standards check my-register/icpc-15wd.yaml")(check)
    app.add_typer(standards_app, name="standards")
    app.command(epilog="Example: caseclock rebuild --json")(rebuild)
    app.command(epilog="Example: caseclock verify --head 20519:9f86d081...")(verify)
    app.command(epilog="Example: caseclock migrate        after a copy of the store was kept")(migrate)
    app.command(epilog='Example: caseclock erase C0012345 --reason "records panel, 12 March 2024"')(erase)


def quarantine(
    ctx: typer.Context,
    format: TableOrJson = "table",
    settled: Annotated[bool, typer.Option("--all", help="Those settled since, too.")] = False,
    db: Db = None,
) -> None:
    """Shows what was refused, why, and waits still.

    Nothing is dropped: each record is kept whole. It waits no longer when it was sent right, or is taken in on another
    try (`retry`), or is set aside."""
    if ctx.invoked_subcommand is not None:
        return
    from caseclock.queries.quarantine import quarantined

    found = quarantined(open_db(ctx, db), settled)
    if format == "json":
        put_json(found)
    else:
        from caseclock.cli.tables import console, quarantine_table

        console().print(quarantine_table(found))


def retry(ctx: typer.Context, db: Db = None) -> None:
    """Take in again whatever waits in quarantine, as if it came now: after an upgrade that knows more, say."""
    from caseclock.runtime import fold, now, rules
    from services.ingest.intake.settling import retry as try_again

    engine = open_db(ctx, db)
    done = try_again(engine, now())
    fold(engine, rules())
    typer.echo(f"{done.settled:,} settled; {done.waiting:,} wait still")


def set_aside(
    ctx: typer.Context,
    numbers: Annotated[list[int], typer.Argument(metavar="NO...", help="As `caseclock quarantine` shows.")],
    reason: Annotated[str, typer.Option(help="Why they need not be taken in. It is kept.")],
    db: Db = None,
) -> None:
    """Say of records in quarantine that they need not be taken in, and why."""
    from caseclock.runtime import now
    from services.ingest.intake import settling

    try:
        settling.set_aside(open_db(ctx, db), numbers, reason, now())
    except (settling.NotWaiting, ValueError) as wrong:
        raise Refused(str(wrong)) from None
    typer.echo(f"{len(numbers)} set aside")


def standards(ctx: typer.Context, format: TableOrJson = "table", db: NoDb = None) -> None:
    """The standards: what each asks, the limit in force, and the text it comes from."""
    if ctx.invoked_subcommand is not None:
        return
    from caseclock.queries.standards import standards_in_force
    from caseclock.runtime import now, rules

    found = standards_in_force(rules().register, now())
    if format == "json":
        put_json(found)
    else:
        from caseclock.cli.tables import console, standards_table

        console().print(standards_table(found))


def check(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A standard's file, or a folder of them.")],
    db: NoDb = None,
) -> None:
    """Check a standard's file, or every file of a folder, before it is used."""
    from caseclock.queries.standards import faults_in

    faults = faults_in(path)
    for fault in faults:
        note(f"caseclock: {fault}")
    if faults:
        raise typer.Exit(1)
    typer.echo(f"{path}: valid")


def rebuild(
    ctx: typer.Context,
    timeout: Annotated[
        int, typer.Option("--timeout", metavar="S", min=1, help="Seconds to wait for the workers, with Kafka.")
    ] = 600,
    json: Json = False,
    db: Db = None,
) -> None:
    """Fold the whole log anew beside the live clocks, compare, and swap.

    They must come out equal. Where CASECLOCK_KAFKA is set the workers do it, each its shards."""

    from caseclock.runtime import rules

    by, engine = rules(), open_db(ctx, db)
    if settings().kafka:
        rebuilt = _by_workers(engine, by, timeout)
    else:
        from services.timeliness.table.catch_up import rebuild as rebuild_alone

        rebuilt = rebuild_alone(engine, by.register, by.calendar)
    if json:
        put_json(rebuilt)
    else:
        typer.echo(f"rebuilt {rebuilt.digest}\nwas     {rebuilt.live_digest}")
        typer.echo("Equal." if rebuilt.equal else "They differ: the rebuilt clocks are live now.")
    raise typer.Exit(0 if rebuilt.equal else 1)


def _by_workers(engine: Engine, rules: Rules, timeout: int) -> Rebuilt:
    from caseclock.cli.kafka import streaming

    with streaming() as settings:
        from caseclock.workers.rebuild import NotRebuilt
        from caseclock.workers.rebuild import rebuild as rebuild_spread
        from services.timeliness.table.spread import Overtaken

        try:
            return rebuild_spread(engine, settings, rules, timeout)
        except (NotRebuilt, Overtaken) as wrong:
            raise Refused(str(wrong)) from None


def verify(
    ctx: typer.Context,
    head: Annotated[
        str | None, typer.Option("--head", metavar="SEQ:HASH", help="A head kept from an earlier verify.")
    ] = None,
    json: Json = False,
    db: Db = None,
) -> None:
    """Check that the log is whole: every row, and the chain of them.

    With a kept head, also that its end was not cut off."""
    from services.ingest.log.verify import verify

    try:
        found = verify(open_db(ctx, db), head)
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong), param_hint="'--head'") from None
    if json:
        told = {"result": found.result, "checked": found.checked, "digest": found.digest or None}
        put_json(told | {"erased": found.erased, "journal": found.journal})
    else:
        typer.echo(
            f"{found.result.replace('_', ' ')}: {found.checked:,} rows checked, {found.erased:,} of them erased;"
            f" {found.journal:,} entries of the journal"
        )
    if found.result != "whole":
        where = f"row {found.where}: " if found.where else ""
        raise Refused(f"{where}{found.what}")
    if not json:
        typer.echo(f"Keep this head elsewhere: {found.checked}:{found.digest}")


def migrate(ctx: typer.Context, db: Db = None) -> None:
    """Bring a store made by an earlier version up to this one.

    In one transaction: cut off, it is as it was. Keep a copy of the store, and stop what uses it, before."""
    from schemas.store.versions import upgrade

    before, after = upgrade(open_db(ctx, db, as_it_is=True, makes=True))
    typer.echo(f"The store is of version {after}{'' if before == after else f', and was of {before}'}.")


def erase(
    ctx: typer.Context,
    child: Annotated[str, typer.Argument(metavar="CHILD", help="Any id of the child: those merged with it go too.")],
    reason: Annotated[str, typer.Option("--reason", metavar="R", help="Who decided it, and when; not the child.")],
    db: Db = None,
) -> None:
    """Erase a child for ever, under every id merged with this one.

    What the log and quarantine hold is blanked, and so is whom alerts, answers and looks were about; the log still
    verifies, and the same records sent again are duplicates. Backups and files that were taken away are yours."""
    from caseclock.erasing import forget
    from caseclock.runtime import now, rules

    if not child.strip():
        raise typer.BadParameter("give the id of a child", param_hint="CHILD")
    notices = settings().notices
    done = forget(open_db(ctx, db), rules(), child.strip(), reason, now(), Path(notices) if notices else None)
    gone = done.erased
    note(
        f"{gone.events:,} events and {gone.quarantined:,} quarantined records blanked"
        + (f", under {done.ids} merged ids" if done.ids > 1 else "")
        + (f"; {gone.said_again} facts of other children said again without the id" if gone.said_again else "")
        + "."
    )
    _say_what_remains(done.found)


def _say_what_remains(found: Remains) -> None:
    """Says what the proof after an erasure found. Raises Refused where it is not all gone."""
    if found.nothing:
        in_files = f" and in {found.read:,} bytes of the database's files" if found.read else ""
        note(f"Looked for in every column{in_files}: nothing remains.")
        if not found.read:
            note("So short an id is found by chance in any file: they were written anew, and not looked through.")
        return
    where = [f"{count} values of {column}" for column, count in found.columns.items()]
    where += [f"{count} places in {file}" for file, count in found.places.items()]
    said = [f"the child's id is still in {', '.join(where)}"] if where else []
    raise Refused("; ".join((*said, *found.not_done)))
