"""Bringing events in: `generate` and `import`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from caseclock.cli.options import Db, Json, NoDb, Span, day_option, note, open_db, put_json

if TYPE_CHECKING:
    from services.ingest.intake.intake import Taken
    from services.ingest.readers import Reader

    Watch = Callable[[Reader], Callable[[int], None] | None]

Format = Literal["auto", "ndjson", "cin-census", "ssda903"]
Day = Annotated[Any, typer.Option(metavar="D", parser=day_option, show_default=False, help="A day, as 2024-03-31.")]


def add_to(app: typer.Typer) -> None:
    app.command(
        epilog="Example: caseclock generate --children 500 --from 2024-01-01 --to 2024-06-30 --out county.ndjson"
    )(generate)
    app.command(
        "import", epilog="Example: caseclock import events.ndjson        caseclock import census.xml --history"
    )(import_)


def generate(
    children: Annotated[int, typer.Option("--children", metavar="N", min=1, help="How many children.")],
    from_on: Annotated[Any, typer.Option("--from", metavar="D", parser=day_option, help="First day.")],
    to_on: Annotated[Any, typer.Option("--to", metavar="D", parser=day_option, help="Last day, included.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The file to write, NDJSON.")],
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="The same seed gives the same county.")] = 1,
    db: NoDb = None,
) -> None:
    """Make up a believable county and write its case events to a file, as a case record system would send them."""
    from caseclock.demo.county import County, write_ndjson

    try:
        county = County(children, from_on, to_on, seed)
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong)) from None
    count = write_ndjson(county, out)
    note(f"{count:,} events of {children:,} children written to {out}")


def import_(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Files, or folders of an SSDA903 return.")],
    format: Annotated[Format, typer.Option("--format", help="What they are; auto looks at the content.")] = "auto",
    history: Annotated[
        bool, typer.Option("--history", help="The past: known since it was recorded, and nobody is told of it now.")
    ] = False,
    covers: Span = None,
    json: Json = False,
    db: Db = None,
) -> None:
    """Take in case events: NDJSON, a children in need census, or an SSDA903 return.

    Each path is taken in whole or not at all; a record that cannot be used goes to quarantine with the reason.
    Importing again changes nothing."""
    from caseclock.runtime import fold, import_path, now, rules
    from services.ingest.intake.intake import HistoryRefused, Taken
    from services.ingest.readers import Unreadable

    engine = open_db(ctx, db, makes=True)
    by = rules()
    total, refused = Taken(0, 0, 0, 0), False
    for path in paths:
        try:
            sources: list[Reader] = []
            with watching(path) as watch:
                taken = import_path(engine, path, format, covers, history, now(), _noted(sources, watch))
        except (Unreadable, HistoryRefused) as wrong:
            note(f"caseclock: {wrong}")
            refused = True
            continue
        total = Taken(*(a + b for a, b in zip(total, taken, strict=True)))
        for source in sources:
            for odd in getattr(source, "notes", ()):
                note(f"{path.name}: {odd}")
        if taken.read and taken.rejected == taken.read:
            note(f"{path.name}: every record was refused")
            refused = True
        if not json:
            typer.echo(_said(path, taken))
    fold(engine, by)
    if json:
        put_json(total._asdict())
    elif len(paths) > 1:
        typer.echo(_said(None, total))
    if total.rejected:
        note(f"{total.rejected:,} refused and kept: `caseclock quarantine` says why.")
    raise typer.Exit(1 if refused else 0)


def _noted(sources: list[Reader], watch: Watch) -> Watch:
    """Returns a watch that also keeps each source it is given."""

    def kept(source: Reader) -> Callable[[int], None] | None:
        sources.append(source)
        return watch(source)

    return kept


def _said(path: Path | None, taken: Taken) -> str:
    return (
        f"{path or 'In all'}: {taken.read:,} read: {taken.accepted:,} accepted, {taken.duplicate:,} here already,"
        f" {taken.rejected:,} to quarantine"
    )


@contextmanager
def watching(path: Path) -> Iterator[Watch]:
    """A progress bar on a terminal; nothing anywhere else."""
    if not sys.stderr.isatty():
        yield lambda source: None
        return
    from caseclock.cli.tables import bar

    with bar(f"Reading {path.name}") as advance:
        yield lambda source: lambda done: advance(done, source.size)
