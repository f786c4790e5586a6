"""The command `caseclock`: only its assembly, and how a refusal is said. Exit code 0 done, 1 found wrong or refused,
2 misused; a command may have one of its own and says so."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from caseclock.cli import asking as ask
from caseclock.cli import auditing, calendar, demo, pack, proving
from caseclock.cli import importing as bring
from caseclock.cli import kafka as stream
from caseclock.cli import maintenance as keep
from caseclock.cli import operations as machines
from caseclock.cli import serving as look
from caseclock.cli import store as moving
from caseclock.cli import telling as tell
from caseclock.cli.options import Db, note
from caseclock.environment import settings
from caseclock.faults import Formatter, trace
from caseclock.release import release
from schemas.errors import CaseclockError

_FAULT = "a fault of ours (`python -X dev -m caseclock` says more of it, and may say whom it is about)"

app = typer.Typer(
    name="caseclock",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    """Prints the version of the package and ends."""
    if asked:
        typer.echo(f"caseclock {release()}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
]


@app.callback()
def caseclock(ctx: typer.Context, db: Db = None, version: Version = False) -> None:
    """Deadlines of children's social care: case events in; clocks, figures and breach alerts out."""
    ctx.obj = {"db": db}

    settings()  # a setting misspelt is refused by every command


for part in (calendar, demo, bring, ask, auditing, proving, pack, tell, look, keep, moving, stream, machines):
    part.add_to(app)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command. Always ends in SystemExit."""
    handler = logging.StreamHandler()
    handler.setFormatter(Formatter("caseclock: %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    try:
        app(args=list(sys.argv[1:] if arguments is None else arguments), prog_name="caseclock")
    except Exception as wrong:
        message = _refusal(wrong)
        if message is None and sys.flags.dev_mode:
            raise
        if message is None:
            message = f"{_FAULT}\n{trace(wrong)}"
        note(f"caseclock: {message}")
        sys.exit(1)


def _refusal(wrong: Exception) -> str | None:
    """Shows what to say of an exception that is a refusal; None if it is a fault of ours."""
    if isinstance(wrong, CaseclockError):
        return str(wrong)
    if isinstance(wrong, OSError):
        return f"{wrong.filename or 'a file'}: {wrong.strerror or wrong}; check the path and who may use it"
    from sqlalchemy.exc import DBAPIError

    if isinstance(wrong, DBAPIError):
        from schemas.store.refusals import why

        undone = "what was not committed was undone, `caseclock status` says what is folded"
        return f"the store refused: {why(wrong)}; {undone}"
    return None


if __name__ == "__main__":
    main()
