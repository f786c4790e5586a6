"""Notices that the rules or the software are other than when managers were last told, so that one list says what came
of it: the first telling after it, as at go-live."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select

from schemas.store.engine import table_of
from schemas.store.tables import Alert, DigestDay, Progress, RulesTold
from schemas.store.versions import NEWEST
from schemas.store.view_tables import Today

_PROGRESS, _RULES, _DIGEST, _TODAY, _ALERT = (table_of(t) for t in (Progress, RulesTold, DigestDay, Today, Alert))


class Anew(NamedTuple):
    """`rules`: by which clocks are folded, in one text; None while some are still folded by others. `since`: when
    managers were last told by others; None where they never were, or these are the same."""

    rules: str | None
    since: datetime | None
    noted: bool

    def note(self, connection: Connection, now: datetime) -> None:
        """Note that managers were told by these rules."""
        if self.rules is not None and not self.noted:
            connection.execute(insert(_RULES).values(rules=self.rules, at=now))


def anew(connection: Connection, generation: int, release: str, by_digest: bool) -> Anew:
    """Returns whether what there is to tell may come of other rules. `release`: of the software; `by_digest`: whether
    managers are told by digests, of which the last was the last telling."""
    p = _PROGRESS.c
    found = select(p.register_version, p.calendar_version).where(p.generation == generation).distinct()
    versions = connection.execute(found).all()
    rules = f"{release} {NEWEST} {' '.join(versions[0])}" if len(versions) == 1 and versions[0][0] else None
    last = connection.execute(select(_RULES.c.rules).order_by(_RULES.c.id.desc()).limit(1)).scalar()
    if rules is not None and rules == last:
        return Anew(rules, None, True)
    return Anew(rules, _last_told(connection, by_digest), False)


def _last_told(connection: Connection, by_digest: bool) -> datetime | None:
    """When managers were last told of all there was; None where nothing was ever told."""
    if connection.execute(select(_ALERT.c.id).limit(1)).first() is None:
        return None
    if by_digest:
        written: datetime | None = connection.execute(select(func.max(_DIGEST.c.written_at))).scalar()
        if written is not None:
            return written
    last: datetime | None = connection.execute(select(_TODAY.c.at)).scalar()
    return last
