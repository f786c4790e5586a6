"""The guards as PostgreSQL has them: a function for each, and its trigger. TRUNCATE is refused where DELETE is."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, Engine

from schemas.store.engine import hold, reader
from services.ingest.log.guarded import NEXT, RULES, Rule

_RAISE = "RAISE EXCEPTION USING MESSAGE = '{}', ERRCODE = 'integrity_constraint_violation';"

# pg_trigger.tgtype
_FOR_EACH_ROW, _BEFORE = 1, 2
_VERBS = {"INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}

# One look for each statement, whatever it added: its rows have numbers that follow on each other (they are unique, so
# as many as from the first to the last), the first on the last of the rows before.
_NOT_NEXT = f"""
DECLARE
  first bigint; last bigint; added bigint; before bigint;
BEGIN
  SELECT min(seq), max(seq), count(*) INTO first, last, added FROM new_rows;
  SELECT coalesce(max(seq), 0) INTO before FROM event_log WHERE seq < first;
  IF first <> before + 1 OR last <> before + added OR EXISTS (SELECT 1 FROM event_log WHERE seq > last) THEN
    {_RAISE.format(NEXT.said)}
  END IF;
  RETURN NULL;
END
"""  # noqa: S608  (our own words)


class _Guard(NamedTuple):
    """A trigger and its function, which has its name. `when`: before or after what, and for each of what. `new_rows`:
    what its function calls the rows that a statement added, if it looks at them all."""

    table: str
    when: str
    kind: int  # pg_trigger.tgtype
    body: str
    new_rows: str = ""


def _guard_of(rule: Rule) -> _Guard:
    refused = _RAISE.format(rule.said)
    if rule.refused_when is None:
        verbs = ["DELETE", "TRUNCATE"] if rule.verb == "DELETE" else [rule.verb]
        when = f"BEFORE {' OR '.join(verbs)} ON {rule.table} FOR EACH STATEMENT"
        return _Guard(rule.table, when, _BEFORE + sum(_VERBS[verb] for verb in verbs), f"BEGIN {refused} END")
    when = f"BEFORE {rule.verb} ON {rule.table} FOR EACH ROW"
    condition = rule.refused_when.replace("===", "IS NOT DISTINCT FROM")
    body = f"BEGIN IF {condition} THEN {refused} END IF; RETURN NEW; END"
    return _Guard(rule.table, when, _BEFORE + _FOR_EACH_ROW + _VERBS[rule.verb], body)


GUARDS = {rule.name: _guard_of(rule) for rule in RULES}
GUARDS[NEXT.name] = _Guard(
    NEXT.table,
    f"AFTER INSERT ON {NEXT.table} REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT",
    _VERBS["INSERT"],
    _NOT_NEXT,
    "new_rows",
)

_THERE = """
    SELECT t.tgname AS name, c.relname AS on_table, t.tgtype AS kind, p.prosrc AS body,
           coalesce(t.tgnewtable, '') AS new_rows
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE c.relnamespace = current_schema()::regnamespace AND NOT t.tgisinternal
      AND t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL AND t.tgattr = ''::int2vector
"""


def guard(engine: Engine) -> None:
    """Puts the guards in place where they are not, or not as they should be; that only the tables' owner can. Cheap
    where they are."""
    with reader(engine) as connection:
        if not _amiss(connection):
            return
    with engine.begin() as connection:
        hold(connection, "tables")
        for name in _amiss(connection):
            table, when, _, body, _ = GUARDS[name]
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name} ON {table}")
            connection.exec_driver_sql(
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT"
                f" AS $guard${body}$guard$"
            )
            connection.exec_driver_sql(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {name}()")


def _amiss(connection: Connection) -> list[str]:
    rows = connection.exec_driver_sql(_THERE)
    there = {row.name: (row.on_table, row.kind, row.body, row.new_rows) for row in rows}
    return [name for name, (table, _, *rest) in GUARDS.items() if there.get(name) != (table, *rest)]
