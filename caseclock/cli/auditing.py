"""What was reported and why it is different now: `freeze`, `frozen`, `reproduce` and `restate`."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from caseclock.cli.asking import AnyFormat, By
from caseclock.cli.options import (
    AsOf,
    Db,
    Json,
    PeriodOption,
    Refused,
    chosen_standard,
    note,
    open_db,
    put_csv,
    put_json,
)

Publication = Annotated[
    str, typer.Argument(metavar="PUBLICATION", help="As `caseclock frozen` lists it; a period means its last edition.")
]
OfStandard = Annotated[str | None, typer.Option("--standard", metavar="ID", help="Of one standard only.")]


def add_to(app: typer.Typer) -> None:
    app.command(epilog='Example: caseclock freeze --period 2024-W10 --purpose "performance board, 11 March"')(freeze)
    app.command(epilog="Example: caseclock frozen 2024-W10.1 --by division")(frozen)
    app.command(epilog="Example: caseclock reproduce 2024-W10.1")(reproduce)
    app.command(epilog="Example: caseclock restate 2024-W10.1 --by division --standard cp-visit")(restate)


def freeze(
    ctx: typer.Context,
    period: PeriodOption,
    purpose: Annotated[str, typer.Option("--purpose", metavar="TEXT", help="What for; no child's name.")],
    as_of: AsOf = None,
    json: Json = False,
    db: Db = None,
) -> None:
    """Freeze the figures of a period: as reported, with the log, the rules and the lines they come from.

    Frozen again they are another edition, and the one before stays."""
    from caseclock.audit.freeze import freeze as freeze_figures
    from caseclock.runtime import now, rules

    at = now()
    made = freeze_figures(open_db(ctx, db), rules(), period, as_of or at, purpose, at).shown
    if json:
        put_json(made)
    else:
        typer.echo(f"{made.publication}: {made.lines:,} lines of the log up to {made.position:,}")
        typer.echo(f"Keep elsewhere: {made.publication} {made.position}:{made.head} lines {made.lines_root}")


def frozen(
    ctx: typer.Context,
    publication: Annotated[
        str | None, typer.Argument(metavar="[PUBLICATION]", show_default=False, help="Its figures. Else all there are.")
    ] = None,
    by: Annotated[By, typer.Option("--by", help="Whose figures.")] = "county",
    standard: OfStandard = None,
    format: AnyFormat = "table",
    db: Db = None,
) -> None:
    """Figures as they were frozen, from the lines that were; or, without a name, what was frozen."""
    engine = open_db(ctx, db)
    if publication is None:
        _list(engine, format)
        return
    import msgspec

    from caseclock.audit.publications import find, lines_of
    from caseclock.audit.shown import published_figures
    from caseclock.runtime import rules
    from schemas.store.engine import reader
    from services.timeliness.figures.kpi import Figure

    with reader(engine) as connection:
        kept = find(connection, publication)
        lines = [one for one in lines_of(connection, kept.shown.publication) if standard in (None, one.standard)]
    found = published_figures(lines, kept.shapes, kept.period, by)
    if format == "json":
        put_json(found)
    elif format == "csv":
        put_csv(Figure.__struct_encode_fields__, (msgspec.structs.astuple(figure) for figure in found))
    else:
        from caseclock.cli.tables import console, figures_table

        console().print(figures_table(found, rules().register, kept.period, by, kept.shown.as_of))


def _list(engine: object, format: Literal["table", "json", "csv"]) -> None:
    import msgspec
    from sqlalchemy import Engine

    from caseclock.audit.publications import Publication as Shown
    from caseclock.audit.publications import publications
    from schemas.store.engine import reader

    assert isinstance(engine, Engine)
    with reader(engine) as connection:
        found = [kept.shown for kept in publications(connection)]
    if format == "json":
        put_json(found)
    elif format == "csv":
        put_csv(Shown.__struct_encode_fields__, (msgspec.structs.astuple(one) for one in found))
    else:
        from caseclock.cli.audit_tables import publications_table
        from caseclock.cli.tables import console

        console().print(publications_table(found))


def reproduce(ctx: typer.Context, publication: Publication, json: Json = False, db: Db = None) -> None:
    """Show the frozen lines, prove them, and work them out again from the log as it was, by the rules of then.

    Exit code 1: they differ, or it cannot be told."""
    from caseclock.audit.reproduce import reproduce as again

    found, lines = again(open_db(ctx, db), publication)
    if json:
        put_json(found)
    else:
        from caseclock.cli.audit_tables import differences_table, lines_table
        from caseclock.cli.tables import console

        console().print(lines_table(lines))
        if found.differences:
            console().print(differences_table(found.differences))
        typer.echo(
            f"{found.result.replace('_', ' ')}: {found.lines_same:,} of {found.lines:,} lines are the same;"
            f" {found.lines_erased:,} can no longer be worked out again"
        )
    if found.result != "same":
        raise typer.Exit(1)


def restate(
    ctx: typer.Context,
    publication: Publication,
    by: Annotated[By, typer.Option("--by", help="Whose figures.")] = "county",
    standard: OfStandard = None,
    format: AnyFormat = "table",
    db: Db = None,
) -> None:
    """Why a published figure is another now: every difference by child, each with one cause.

    Nothing is changed but what is known and by what it is worked out: it is as of the same moment."""
    from caseclock.audit.restate import against
    from caseclock.audit.restate import restate as restate_figures
    from caseclock.audit.shown import shown
    from caseclock.runtime import rules

    engine, rule = open_db(ctx, db), rules()
    restated = restate_figures(engine, rule, publication, chosen_standard(standard))
    found = shown(restated, against(restated, rule), by)
    if format == "json":
        put_json(found)
    elif format == "csv":
        from caseclock.cli.audit_tables import CHANGES, change_rows

        put_csv(CHANGES, change_rows(found.changes))
    else:
        from caseclock.cli.audit_tables import restated_tables
        from caseclock.cli.tables import console

        console().print(restated_tables(found))
    if restated.left:
        raise Refused("what the changes come to is not the difference: a fault of the software; please report it")
    if format == "table":
        note(f"{len(found.changes):,} changes; nothing is left unexplained")
