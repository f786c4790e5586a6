"""Asking: `figures`, `clocks` and `explain`."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from caseclock.cli.options import (
    AsOf,
    Db,
    KnownAt,
    PeriodOption,
    Refused,
    TableOrJson,
    chosen_standard,
    note,
    open_db,
    put_csv,
    put_json,
    question,
)

By = Literal["county", "division", "team"]
Children = Annotated[list[str], typer.Argument(metavar="CHILD", help="Ids of children, as the source gives them.")]
AnyFormat = Annotated[Literal["table", "json", "csv"], typer.Option("--format", help="How to put it out.")]


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: caseclock figures --period 2024-W10 --by division --known-at 2024-03-11")(figures)
    app.command(epilog="Example: caseclock clocks C0012345 --as-of 2024-03-31")(clocks)
    app.command(epilog="Example: caseclock explain C0012345 icpc-15wd")(explain)


def figures(
    ctx: typer.Context,
    period: PeriodOption,
    by: Annotated[By, typer.Option("--by", help="Whose figures.")] = "county",
    standard: Annotated[str | None, typer.Option("--standard", metavar="ID", help="Of one standard only.")] = None,
    known_at: KnownAt = None,
    as_of: AsOf = None,
    format: AnyFormat = "table",
    db: Db = None,
) -> None:
    """Each standard's figures for a period, now or as they were known at any past moment."""
    import msgspec

    from caseclock.runtime import OTHER_RULES, by_these_rules, now, rules
    from services.timeliness.figures.kpi import Figure
    from services.timeliness.figures.questions import figures_for

    only = chosen_standard(standard)
    asked = question(known_at, as_of)
    engine, rule = open_db(ctx, db), rules()
    if not asked.of_the_past and not by_these_rules(engine, rule):
        note(OTHER_RULES)
    found = figures_for(engine, rule.register, rule.calendar, rule.divisions, period, asked, by, only)
    if format == "json":
        put_json(found)
    elif format == "csv":
        put_csv(Figure.__struct_encode_fields__, (msgspec.structs.astuple(figure) for figure in found))
    else:
        from caseclock.cli.tables import console, figures_table

        console().print(figures_table(found, rule.register, period, by, as_of or now()))


def clocks(
    ctx: typer.Context,
    children: Children,
    known_at: KnownAt = None,
    as_of: AsOf = None,
    format: TableOrJson = "table",
    db: Db = None,
) -> None:
    """Every clock of some children: when it began, when it is due, what became of it."""
    from caseclock.runtime import rules
    from services.timeliness.figures.questions import answer, clocks_of, is_known

    asked = question(known_at, as_of)
    engine, by = open_db(ctx, db), rules()
    unknown = [place for place, child in enumerate(children, start=1) if not is_known(engine, child, asked)]
    if unknown:
        which = f"child {', '.join(map(str, unknown))} of {len(children)}" if len(children) > 1 else "this child"
        raise Refused(f"nothing is known of {which}; check the id, and --known-at or --as-of if given")
    found = [answer(c, asked.instant) for c in clocks_of(engine, by.register, by.calendar, children, asked)]
    if format == "json":
        put_json(found)
    else:
        from caseclock.cli.tables import clocks_table, console

        console().print(clocks_table(found))


def explain(
    ctx: typer.Context,
    child: Annotated[str, typer.Argument(metavar="CHILD", help="A child's id.")],
    standard: Annotated[str, typer.Argument(metavar="STANDARD", help="A standard's id.")],
    known_at: KnownAt = None,
    as_of: AsOf = None,
    db: Db = None,
) -> None:
    """Why a clock is due when it is: day by day, counted or skipped and why; and what became of it."""
    from caseclock.runtime import explained, rules

    chosen_standard(standard)
    engine = open_db(ctx, db)
    story = explained(engine, rules(), child, standard, question(known_at, as_of))
    if story is None:
        raise Refused("nothing is known of this child; check the id, and --known-at or --as-of if given")
    from caseclock.cli.explanation import story_table
    from caseclock.cli.tables import console

    console().print(story_table(story))
