"""The chain covers no id any more, so that an erased row can lose its own; a check of the key by which it is known.

The log is walked once: the former chain is checked, and the new one put in its place. Where the former does not hold
nothing is changed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

AT_ONCE = 5000


def upgrade() -> None:
    op.create_table(
        "erasure_key",
        sa.Column("id", _number(), primary_key=True, autoincrement=False),
        sa.Column("digest", _text(), nullable=False),
    )
    on = "" if op.get_bind().dialect.name == "sqlite" else " ON event_log"
    op.execute(f"DROP TRIGGER IF EXISTS event_log_guards_update{on}")  # it is put back when the store is opened
    _chain_anew(op.get_bind())


def _chain_anew(connection: sa.Connection) -> None:
    log = sa.table("event_log", *map(sa.column, ("seq", "source", "id", "known_at", "hash", "chain")))
    change = sa.update(log).where(log.c.seq == sa.bindparam("at")).values(chain=sa.bindparam("chained"))
    former = anew = bytes(32)
    last = 0
    while rows := connection.execute(sa.select(log).where(log.c.seq > last).order_by(log.c.seq).limit(AT_ONCE)).all():
        changes = []
        for row in rows:
            known_at, content = _spelt(row.known_at), bytes(row.hash)
            of = row.seq.to_bytes(8, "big") + content + f"\0{known_at}\0{row.source}".encode()
            former = sha256(former + of + f"\0{row.id}".encode()).digest()
            if former != bytes(row.chain) or row.seq != last + 1:
                raise ValueError(
                    f"the log is not whole at row {row.seq}: run `caseclock verify` of the version before, and bring up"
                    " a copy that is; nothing was changed"
                )
            anew = sha256(anew + of).digest()
            changes.append({"at": row.seq, "chained": anew})
            last = row.seq
        connection.execute(change, changes)


def _spelt(instant: object) -> str:
    """An instant as the log spells it: text in UTC."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}" if isinstance(instant, datetime) else str(instant)


def _number() -> sa.types.TypeEngine[int]:
    return sa.Integer().with_variant(sa.BigInteger(), "postgresql")


def _text() -> sa.types.TypeEngine[str]:
    return sa.String().with_variant(sa.Text(collation="C"), "postgresql")
