"""The command `calendar`: the bank holidays that deadlines are counted by."""

from __future__ import annotations

from typing import Annotated

import typer

from caseclock.cli.options import NoDb, TableOrCsv, put_csv


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: caseclock calendar --format csv > calendar.csv")(calendar)


def calendar(
    year: Annotated[int | None, typer.Option("--year", metavar="Y", help="Of one year alone.")] = None,
    format: TableOrCsv = "table",
    db: NoDb = None,
) -> None:
    """The bank holidays in use: the built-in ones, or those of the file that CASECLOCK_CALENDAR names.

    A council's own calendar is this list as CSV, mended: each year in the file replaces the built-in one whole."""
    from caseclock.runtime import rules

    found = rules().calendar
    days = [(day, name) for day, name in sorted(found.bank_holidays.items()) if year in (None, day.year)]
    if format == "csv":
        put_csv(["day", "name"], [(day.isoformat(), name) for day, name in days])
        return
    from caseclock.cli.tables import calendar_table, console

    console().print(calendar_table(days, found))
