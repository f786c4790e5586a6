"""Says why a database refused, without what it was given: a child's id may be in that."""

from __future__ import annotations

import re

from sqlalchemy.exc import DBAPIError

_OF_VALUES = ("22", "23")  # classes of SQLSTATE whose words may repeat a value


def why(error: DBAPIError) -> str:
    """Returns the first line of what the driver says; further lines of PostgreSQL's repeat rows. SQLite names tables
    and columns, and no value."""
    said = (str(error.orig).splitlines() or [type(error.orig).__name__])[0]
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is None or not str(getattr(error.orig, "sqlstate", None)).startswith(_OF_VALUES):
        return said
    named = {diagnosis.constraint_name, diagnosis.table_name, diagnosis.column_name, diagnosis.datatype_name}
    return re.sub(r'"([^"]*)"', lambda found: found[0] if found[1] in named else '"…"', said)
