"""The weekly pack: `pack`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from caseclock.cli.options import Db, KnownAt, day_option, note, open_db

NO_PDF = 3  # exit code: HTML and XLSX are there, the PDF is not


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: caseclock pack --week 2024-W10 --division North --out pack-2024-W10")(pack)


def pack(
    ctx: typer.Context,
    week: Annotated[str, typer.Option("--week", metavar="W", help="The week, as 2024-W10, Monday to Sunday.")],
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="A folder for the pack alone; made if it is not there.")
    ],
    division: Annotated[
        str | None, typer.Option("--division", metavar="D", help="Of one division. Else of the county.")
    ] = None,
    as_of: Annotated[
        Any,
        typer.Option(
            "--as-of",
            metavar="D",
            parser=day_option,
            show_default=False,
            help="As of the end of this day. Else of the week's last.",
        ),
    ] = None,
    known_at: KnownAt = None,
    shared: Annotated[
        bool, typer.Option("--shared", help="For others to see: no ids, no teams, counts of 1 to 5 left out.")
    ] = False,
    freeze: Annotated[
        bool, typer.Option("--freeze", help="Freeze the week's figures too, as of the same moment: what is reported.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace another pack in that folder.")] = False,
    db: Db = None,
) -> None:
    """The printable pack for a weekly meeting: HTML, PDF and XLSX.

    What needs a decision first, then each standard, what falls due, what is overdue, and what changed in earlier weeks
    and why. The same log gives the same files. Exit code 3: all but the PDF, for want of what it says."""
    from caseclock.pack.request import PackRefused, ask
    from caseclock.pack.write import make
    from caseclock.runtime import now, rules

    by = rules()
    try:
        asked = ask(by, week, division, as_of, known_at, shared, now())
    except PackRefused as wrong:
        raise typer.BadParameter(str(wrong)) from None
    if freeze and known_at is not None:
        raise typer.BadParameter("what is frozen is all that is known: leave out --known-at", param_hint="'--freeze'")
    engine = open_db(ctx, db)
    made = make(engine, by, asked, out, force)
    if freeze:
        from caseclock.audit.freeze import freeze as freeze_figures

        kept = freeze_figures(engine, by, asked.week, asked.as_of, f"pack of {asked.named}", now())
        note(f"Frozen as {kept.shown.publication}")
    for path in made.files:
        typer.echo(str(path))
    note(f"{'Made' if made.new else 'Already there, the same'}; digest {made.digest}")
    if made.no_pdf is not None:
        note(f"caseclock: {made.no_pdf}")
        raise typer.Exit(NO_PDF)
