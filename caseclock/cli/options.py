"""Says what the commands share: their options, how the store is found, how answers are put out and refusals said."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from caseclock.environment import settings
from schemas.errors import CaseclockError
from schemas.settings.values import STORE, STORE_VARIABLE

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from services.timeliness.figures.questions import Question


class Refused(CaseclockError):
    """Refuses what was asked, or says what was found wrong, with what to do: exit code 1."""


def parsed(kind: str) -> Callable[[Any], Any]:
    """A parser of an option by one of `caseclock.parsing`: what cannot be read is a misuse, with the message whole."""

    def parse(text: Any) -> Any:
        if not isinstance(text, str):
            return text  # a default
        from caseclock import parsing as asked

        try:
            return getattr(asked, kind)(text)
        except ValueError as wrong:
            raise typer.BadParameter(str(wrong)) from None

    return parse


Db = Annotated[
    str | None,
    typer.Option(
        "--db",
        metavar="URL",
        show_default=False,
        help=f"The store. Else the one that {STORE_VARIABLE} names, else {STORE}. May stand before the command.",
    ),
]
NoDb = Annotated[str | None, typer.Option("--db", metavar="URL", hidden=True)]
KnownAt = Annotated[
    Any,
    typer.Option(
        "--known-at",
        metavar="T",
        parser=parsed("moment"),
        show_default=False,
        help="Answer from what was known by then: a day (its end) or an instant. Else all that is known.",
    ),
]
AsOf = Annotated[
    Any,
    typer.Option(
        "--as-of",
        metavar="T",
        parser=parsed("moment"),
        show_default=False,
        help="Answer for this moment, leaving out what happened later. Else now.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="JSON, and nothing else, to standard output.")]
TableOrCsv = Annotated[Literal["table", "csv"], typer.Option("--format", help="How to put it out.")]
TableOrJson = Annotated[Literal["table", "json"], typer.Option("--format", help="How to put it out.")]
Moment = Annotated[
    Any,
    typer.Option(
        "--now", metavar="T", parser=parsed("moment"), show_default=False, help="Look as of this moment. Else now."
    ),
]
Span = Annotated[
    Any,
    typer.Option(
        "--covers",
        metavar="D..D",
        parser=parsed("span"),
        show_default=False,
        help="The days a return covers, both included. Else the year that the return is of.",
    ),
]
PeriodOption = Annotated[
    Any,
    typer.Option(
        "--period",
        metavar="P",
        parser=parsed("period"),
        show_default=False,
        help="2024-W10, 2024-03, 2024-Q1, 2024 or 2024-03-04..2024-03-10.",
    ),
]
day_option = parsed("day")


def named_store(ctx: typer.Context, db: str | None) -> str:
    """Returns the URL of the store that the command line, or else the environment, names."""
    return db or (ctx.find_root().obj or {}).get("db") or settings().db


def open_db(ctx: typer.Context, db: str | None, as_it_is: bool = False, makes: bool = False) -> Engine:
    """Opens the store that the command line, or else the environment, names. `as_it_is`: of whatever version. `makes`:
    where there is none, a new one. Raises Refused, StoreRefused."""
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

    from caseclock.runtime import open_store
    from schemas.store.engine import open_engine

    url = named_store(ctx, db)
    try:
        new = new_file(url) if makes else None
        engine = open_engine(url) if as_it_is else open_store(url, makes)
        ctx.call_on_close(engine.dispose)
        if new and not as_it_is:
            note(f"{new} is a new, empty store.")
        return engine
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError):
        raise typer.BadParameter(
            f"{_hidden(url)} names no database I can open: write sqlite:///folder/file.db", param_hint="'--db'"
        ) from None
    except SQLAlchemyError as wrong:
        raise Refused(f"{_hidden(url)}: {_cause(wrong)}; check the path and who may write there") from None


def new_file(url: str) -> str | None:
    """The file that opening a store would make; None if it is there, or no file."""
    from sqlalchemy.engine import make_url

    from schemas.store.sqlite_file import path_of

    path = path_of(make_url(url))
    return None if path is None or path.exists() else str(path)


def _hidden(url: str) -> str:
    """A URL without its password."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return repr(url)


def _cause(wrong: Exception) -> str:
    from sqlalchemy.exc import DBAPIError

    from schemas.store.refusals import why

    return why(wrong) if isinstance(wrong, DBAPIError) else str(wrong).splitlines()[0]


def question(known_at: datetime | None, as_of: datetime | None) -> Question:
    from caseclock.runtime import now
    from services.timeliness.figures.questions import Question

    return Question(now(), known_at, as_of)


def chosen_standard(standard: str | None) -> str | None:
    """A standard's id as given. A misuse if there is none of that id."""
    from difflib import get_close_matches

    from caseclock.runtime import rules

    known = rules().register.standards
    if standard is not None and standard not in known:
        near = get_close_matches(standard, known, n=1)
        hint = f"did you mean {near[0]}?" if near else "`caseclock standards` lists them"
        raise typer.BadParameter(f"there is no standard {standard!r}; {hint}")
    return standard


# -- putting out -------------------------------------------------------------------------------------------------------


def put_json(answer: Any) -> None:
    """JSON alone, absent as null; laid out for the eye on a terminal."""
    import msgspec

    encoded = msgspec.json.encode(answer)
    if sys.stdout.isatty():
        encoded = msgspec.json.format(encoded, indent=2)
    typer.echo(encoded)


def put_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """CSV, a header first; absent is empty, and no cell is a formula."""
    import csv

    from caseclock.csv_cell import no_formula

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([no_formula(cell) for cell in row] for row in rows)


def note(message: str) -> None:
    """A line to standard error."""
    typer.echo(message, err=True)
