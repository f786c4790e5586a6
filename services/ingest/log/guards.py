"""Says what the database itself refuses, whoever asks: taking anything out of the log, or changing it, save an erasure.

Triggers, put in place by `guard` when a store is opened for writing: here for SQLite, in `guards_postgres` for
PostgreSQL. On SQLite they also stand in the way of `INSERT OR REPLACE`, which deletes without saying so.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine

from schemas.store.engine import reader
from services.ingest.log import guards_postgres
from services.ingest.log.guarded import NEXT, RULES, Rule

_NOT_NEXT = (
    "NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM event_log)"
    " OR EXISTS (SELECT 1 FROM event_log WHERE id = NEW.id AND source = NEW.source)"
)


def _trigger(rule: Rule) -> str:
    # FAIL leaves the rows before it, all of them good, and keeps inserts fast (schemas.store.engine.append_rows)
    how = "FAIL" if rule.verb == "INSERT" else "ABORT"
    when = (rule.refused_when or "1").replace("===", "IS")
    return (
        f"CREATE TRIGGER {rule.name} BEFORE {rule.verb} ON {rule.table} WHEN {when}"
        f" BEGIN SELECT RAISE({how}, '{rule.said}'); END"
    )


TRIGGERS = {rule.name: _trigger(rule) for rule in (*RULES, NEXT._replace(refused_when=_NOT_NEXT))}


def guard(engine: Engine, table: str = "") -> None:
    """Puts the guards in place where they are not, or not as they should be. Cheap where they are. `table`: of this one
    alone, in a file that has no other."""
    if engine.dialect.name == "postgresql":
        guards_postgres.guard(engine)
        return
    with reader(engine) as connection:
        if not _amiss(connection, table):
            return
    with engine.begin() as connection:
        for name in _amiss(connection, table):
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
            connection.exec_driver_sql(TRIGGERS[name])


def _amiss(connection: Connection, table: str) -> list[str]:
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    there = {row.name: row.sql for row in rows}
    return [name for name, sql in TRIGGERS.items() if there.get(name) != sql and f" ON {table}" in sql]
