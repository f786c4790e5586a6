"""Moving a store to another database: `copy`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from caseclock.cli.options import Json, NoDb, Refused, note, open_db, put_json


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: caseclock copy sqlite:///caseclock.db postgresql://caseclock@dbhost/caseclock")(copy)


def copy(
    ctx: typer.Context,
    source: Annotated[
        str, typer.Argument(metavar="FROM", help="The store to copy, as a URL. Nothing is taken out of it.")
    ],
    target: Annotated[str, typer.Argument(metavar="TO", help="An empty store, or a database that has none yet.")],
    json: Json = False,
    db: NoDb = None,
) -> None:
    """Copy a store into an empty one: from SQLite to PostgreSQL, or back.

    Stop what writes to it first. The log goes as it is, the clocks are made anew, and both must come out equal."""
    from caseclock.runtime import rules
    from caseclock.store_copy import NotCopied
    from caseclock.store_copy import copy as copy_store

    by = rules()
    try:
        with _watching() as watch:
            copied = copy_store(open_db(ctx, source), open_db(ctx, target, makes=True), by.register, by.calendar, watch)
    except NotCopied as wrong:
        raise Refused(str(wrong)) from None
    if json:
        put_json({"rows": copied.rows, "head": copied.head or None, "digest": copied.digest})
    else:
        events = copied.rows["event_log"]
        typer.echo(f"{events:,} events and {sum(copied.rows.values()) - events:,} other rows copied.")
        typer.echo(f"The log is whole there, its head {copied.head or 'that of an empty log'}; the clocks are equal.")
        note("Point CASECLOCK_DB at the new store. Keep the old one until you trust it.")


@contextmanager
def _watching() -> Iterator[Callable[[int, int], None]]:
    """A progress bar on a terminal; nothing anywhere else."""
    if not sys.stderr.isatty():
        yield lambda done, of: None
        return
    from caseclock.cli.tables import bar

    with bar("Copying") as advance:
        yield advance
