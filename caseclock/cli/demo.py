"""The demonstration: `run`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from caseclock.cli.options import Db, Refused, open_db

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from caseclock.demo.live_through import Plan, Watch
    from caseclock.runtime import Rules

FOLDER, STORE = ".caseclock", "county.db"
PORT = 8765


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: caseclock run --children 500 --once")(run)


def run(
    ctx: typer.Context,
    children: Annotated[
        int | None,
        typer.Option("--children", metavar="N", min=1, show_default=False, help="How many. Else Norfolk's size."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Another seed, another county.")] = 1,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="The next free one if it is taken.")] = PORT,
    once: Annotated[bool, typer.Option("--once", envvar="ONCE", help="End after printing.")] = False,
    db: Db = None,
) -> None:
    """Show the whole of it on a made-up county, then serve the same as pages until Ctrl-C.

    All but the county's last four weeks are taken in as history; those are lived through day by day, with a digest to
    each manager every working day at 08:00. The store is a fresh one, in .caseclock/ under this folder, unless --db
    names one that is empty."""
    from caseclock.demo.live_through import Plan, with_routes
    from caseclock.runtime import now, rules

    named = db or (ctx.find_root().obj or {}).get("db")
    url = named or f"sqlite:///{_fresh() / STORE}"
    engine, by = open_db(ctx, url, makes=True), with_routes(rules())
    plan = Plan.ending(now(), children, seed)
    _live_and_show(engine, by, plan)
    typer.echo(f"Look closer: caseclock figures --db {url} --period {plan.at:%Y-%m} --by team")
    if not once:
        from caseclock.web.serve import serve

        serve(engine, by, port)


def _fresh() -> Path:
    """A folder with no store in it: .caseclock here, or a temporary one where nothing can be written here."""
    from tempfile import mkdtemp

    folder = Path(FOLDER)
    try:
        folder.mkdir(exist_ok=True)
        (folder / ".gitignore").write_text("*\n")
        for old in folder.glob(f"{STORE}*"):
            old.unlink()
    except OSError:
        return Path(mkdtemp(prefix="caseclock-"))
    return folder


def _live_and_show(engine: Engine, rules: Rules, plan: Plan) -> None:
    from caseclock.cli.overview import lived_through, overview_table
    from caseclock.cli.tables import console
    from caseclock.demo.live_through import NotEmpty, live_through
    from caseclock.queries.overview import overview

    with watching() as watch:
        try:
            lived = live_through(engine, rules, plan, watch)
        except NotEmpty as wrong:
            raise Refused(str(wrong)) from None
    found, out = overview(engine, rules, plan.at), console()
    out.print(lived_through(plan, lived, found))
    out.print(overview_table(found, out))


@contextmanager
def watching() -> Iterator[Watch]:
    """Progress on a terminal; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield lambda what, done, of: None
        return
    from caseclock.cli.tables import stages

    with stages() as watch:
        yield watch
