"""What the database itself refuses, whoever asks: taking anything out of the log, or changing it, save an erasure.

Triggers, installed by `guard` when a store is opened for writing. They also stand in the way of `INSERT OR REPLACE`,
which deletes without saying so, and of a row that is not the next. SQLite only: other databases are not guarded here.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine

from schemas.store import reader

_BLANKED = ("subject", "occurred_on", "recorded_at", "salt", "payload")
_KEPT = ("seq", "source", "id", "known_at", "future", "hash", "chain")
_QUARANTINE_KEPT = ("id", "received_at", "place", "code", "reason", "raw_hash")


def _same(columns: tuple[str, ...]) -> str:
    return " AND ".join(f"NEW.{column} IS OLD.{column}" for column in columns)


def _blank(columns: tuple[str, ...]) -> str:
    return " AND ".join(f"NEW.{column} IS NULL" for column in columns)


_ERASES = (
    f"EXISTS (SELECT 1 FROM erasure WHERE seq = OLD.seq) AND {_same(_KEPT)} AND {_blank(_BLANKED)}"  # noqa: S608
    " AND (NEW.type IS NULL OR NEW.type IS OLD.type)"
)
_NOT_NEXT = (
    "NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM event_log)"
    " OR EXISTS (SELECT 1 FROM event_log WHERE id = NEW.id AND source = NEW.source)"
)
_BLANKS_QUARANTINE = (
    f"{_same(_QUARANTINE_KEPT)} AND {_blank(('raw', 'subject'))}"
    " AND NEW.erased_at IS NOT NULL AND NEW.erasure_reason IS NOT NULL"
)
_ERASES_NOTHING = (
    "NOT EXISTS (SELECT 1 FROM event_log WHERE seq = NEW.seq)"
    " OR EXISTS (SELECT 1 FROM erasure WHERE seq = NEW.seq)"
)

# table, what is done, when that is refused, what is said
_RULES = (
    ("event_log", "DELETE", "1", "nothing is taken out of the event log"),
    ("event_log", "UPDATE", f"NOT ({_ERASES})", "the event log is not changed, save to blank an erased row"),
    ("event_log", "INSERT", _NOT_NEXT, "a row of the event log must be new and the next in sequence"),
    ("erasure", "DELETE", "1", "an erasure stays entered"),
    ("erasure", "UPDATE", "1", "an erasure stays as entered"),
    ("erasure", "INSERT", _ERASES_NOTHING, "an erasure is entered once, for a row of the event log"),
    ("quarantine", "DELETE", "1", "nothing is taken out of quarantine"),
    ("quarantine", "UPDATE", f"NOT ({_BLANKS_QUARANTINE})", "quarantine is not changed, save to blank it"),
    ("feed", "DELETE", "1", "a source that has gone live stays live"),
    ("feed", "UPDATE", "1", "a source that has gone live stays live"),
)


def _trigger(table: str, verb: str, refused_when: str, said: str) -> tuple[str, str]:
    # FAIL leaves the rows before it, all of them good, and keeps inserts fast (schemas.store.append_rows)
    how = "FAIL" if verb == "INSERT" else "ABORT"
    name = f"{table}_guards_{verb.lower()}"
    return name, (
        f"CREATE TRIGGER {name} BEFORE {verb} ON {table} WHEN {refused_when}"
        f" BEGIN SELECT RAISE({how}, '{said}'); END"
    )


TRIGGERS = dict(_trigger(*rule) for rule in _RULES)


def guard(engine: Engine) -> None:
    """Puts the guards in place where they are not, or not as they should be. Cheap where they are."""
    if engine.dialect.name != "sqlite":
        return
    with reader(engine) as connection:
        if not _amiss(connection):
            return
    with engine.begin() as connection:
        for name in _amiss(connection):
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
            connection.exec_driver_sql(TRIGGERS[name])


def _amiss(connection: Connection) -> list[str]:
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    there = {row.name: row.sql for row in rows}
    return [name for name, sql in TRIGGERS.items() if there.get(name) != sql]
