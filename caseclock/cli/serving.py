"""Looking: `pages` serves the worklists, `access` lists who looked at which child."""

from __future__ import annotations

from typing import Annotated

import typer

from caseclock.cli.options import Db, Refused, TableOrJson, open_db, put_json
from caseclock.environment import settings


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: caseclock pages --port 8765")(pages)
    app.command(epilog="Example: caseclock access --child C0012345")(access)


def pages(
    ctx: typer.Context,
    port: Annotated[
        int | None,
        typer.Option("--port", min=0, max=65535, show_default=False, help="Else CASECLOCK_PAGES_PORT, else 8765."),
    ] = None,
    db: Db = None,
) -> None:
    """Serve the worklists as pages, until Ctrl-C.

    To this machine alone, unless a sign-in is configured: then each sees their own teams (docs/security.md)."""
    from caseclock.runtime import rules
    from caseclock.web.serve import serve
    from caseclock.web.sign_in import SignIn
    from schemas.settings.settings import BadSettings

    try:
        named = settings()
    except BadSettings as wrong:
        raise Refused(str(wrong)) from None
    by = rules()
    door = SignIn.of(named, by.routes)
    engine = open_db(ctx, db)
    serve(engine, by, named.pages_port if port is None else port, named.pages_host, door, named.pages_key)


def access(
    ctx: typer.Context,
    child: Annotated[
        str | None, typer.Option("--child", metavar="C", show_default=False, help="Who looked at this child.")
    ] = None,
    person: Annotated[
        str | None, typer.Option("--person", metavar="P", show_default=False, help="At whom this person looked, by id.")
    ] = None,
    format: TableOrJson = "table",
    db: Db = None,
) -> None:
    """Who looked at which child's record on the pages, and when. For auditors.

    A list of a team's children is one look, at the team."""
    from caseclock.access_log import looks

    found = looks(open_db(ctx, db), child, person)
    if format == "json":
        put_json(found)
    else:
        from caseclock.cli.tables import access_table, console

        console().print(access_table(found))
