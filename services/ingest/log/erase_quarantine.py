"""Erasing a child from quarantine: whatever is about the child, or names the child however it spells the id."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from schemas.store.engine import table_of
from schemas.store.erased import ERASED, MARK, ErasedNames
from schemas.store.tables import Quarantined, Settled
from services.ingest.decide.naming import Names

_QUARANTINE, _SETTLED = table_of(Quarantined), table_of(Settled)
AT_ONCE = 1000


def blank_quarantine(connection: Connection, keyed: ErasedNames, names: Names, reason: str, now: datetime) -> int:
    """Blanks records and puts a keyed digest in place of their hash, so that the same one sent again does not come
    back; gives how many. Those erased before hashes went too lose theirs now."""
    q = _QUARANTINE.c
    query = select(q.id, q.place, q.reason, q.subject, q.raw, q.raw_hash, q.erased_at, q.erasure_reason)
    new, old = [], []
    for row in connection.execute(query, execution_options={"yield_per": AT_ONCE}):
        if row.erased_at is None and _names(row, names):
            new.append(_blanked(row, keyed, names, reason, now))
        elif row.erased_at is not None and not row.raw_hash.startswith(MARK):
            old.append(_blanked(row, keyed, names, row.erasure_reason, row.erased_at))
    if new or old:
        given: dict[str, Any] = {name: bindparam(f"new_{name}") for name in _BLANKED}
        change = update(_QUARANTINE).where(q.id == bindparam("at")).values(subject=None, raw=None, **given)
        connection.execute(change, [*new, *old])
    _blank_settled(connection, names)
    return len(new)


_BLANKED = ("place", "reason", "raw_hash", "erased_at", "erasure_reason")


def _names(row: Any, names: Names) -> bool:
    return row.subject in names.ids or any(names.within(text) for text in (row.raw, row.place, row.reason))


def _blanked(row: Any, keyed: ErasedNames, names: Names, reason: str, at: datetime) -> dict[str, Any]:
    return {
        "at": row.id,
        "new_place": ERASED if names.within(row.place) else row.place,
        "new_reason": ERASED if names.within(row.reason) else row.reason,
        "new_raw_hash": keyed.of("quarantine", row.raw_hash),
        "new_erased_at": at,
        "new_erasure_reason": reason,
    }


def _blank_settled(connection: Connection, names: Names) -> None:
    """Blanks a reason for setting a record aside that names the child."""
    s = _SETTLED.c
    told = connection.execute(select(s.quarantined, s.reason).where(s.reason.is_not(None)))
    naming = [one.quarantined for one in told if names.within(one.reason)]
    if naming:
        connection.execute(update(_SETTLED).where(s.quarantined.in_(naming)).values(reason=ERASED))
