"""Erasing a child from what managers were told: the fact stays, whom it was about goes.

The id of an alert is a hash of its clock's id, that of a notice a hash of its alerts' ids, and a clock's id one of an
event's: each could be found out by trying. So alerts, their clocks and the notices that tell of them get names by
chance, the same wherever they stand. What was said in answer and names the child goes with it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, bindparam, select, update

from schemas.store.engine import among, table_of
from schemas.store.erased import ERASED, NOBODY
from schemas.store.tables import Acknowledgement, Alert, Attempt, Delivery, Notice, Telling

_ALERT, _ACK, _TELLING = table_of(Alert), table_of(Acknowledgement), table_of(Telling)
_NOTICE, _ATTEMPT, _DELIVERY = table_of(Notice), table_of(Attempt), table_of(Delivery)


def forget(connection: Connection, ids: Collection[str], names: Callable[[str], bool]) -> dict[str, str]:
    """Takes a child out of alerts, answers and notices. `names`: whether a text names the child. Returns the new id of
    each notice that has one, by the id it had: files and queues may be called by that."""
    rows = connection.execute(select(_ALERT.c.id, _ALERT.c.clock).where(among(connection, _ALERT.c.child, ids))).all()
    alerts, clocks = _anew(row.id for row in rows), _anew(row.clock for row in rows)
    telling = select(_TELLING.c.notice).where(among(connection, _TELLING.c.alert, alerts)).distinct()
    notices = _anew(connection.execute(telling).scalars())
    _rename(connection, _ALERT, _ALERT.c.clock, clocks, child=NOBODY)
    for column in (_ALERT.c.id, _ACK.c.alert, _TELLING.c.alert):
        _rename(connection, column.table, column, alerts)
    for column in (_NOTICE.c.id, _TELLING.c.notice, _ATTEMPT.c.notice, _DELIVERY.c.notice):
        _rename(connection, column.table, column, notices)
    _blank(connection, _ACK.c.id, _ACK.c.reason, names)
    _blank(connection, _NOTICE.c.id, _NOTICE.c.text, names)
    return notices


def _anew(ids: Iterable[str]) -> dict[str, str]:
    return {one: secrets.token_hex(8) for one in sorted(set(ids))}


def _rename(connection: Connection, table: Any, column: ColumnElement[str], anew: dict[str, str], **more: Any) -> None:
    if anew:
        change = update(table).where(column == bindparam("was")).values({column: bindparam("named"), **more})
        connection.execute(change, [{"was": was, "named": named} for was, named in anew.items()])


def _blank(connection: Connection, key: Any, text: Any, names: Callable[[str], bool]) -> None:
    table: Table = key.table
    naming = [one for one, said in connection.execute(select(key, text)) if names(said)]
    if naming:
        change = update(table).where(key == bindparam("which")).values({text: ERASED})
        connection.execute(change, [{"which": one} for one in naming])
