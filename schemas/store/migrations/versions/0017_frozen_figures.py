"""Published figures with their lines and rules, and the journal, in which erasures of before are entered."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "journal",
        sa.Column("seq", _number(), primary_key=True, autoincrement=False),
        sa.Column("at", _instant(), nullable=False),
        sa.Column("act", _text(), nullable=False),
        sa.Column("told", _text(sa.Text()), nullable=False),
        sa.Column("chain", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "kept_rules",
        sa.Column("digest", _text(), primary_key=True),
        sa.Column("kind", _text(), nullable=False),
        sa.Column("text", _text(sa.Text()), nullable=False),
    )
    op.create_table(
        "frozen",
        sa.Column("publication", _text(), primary_key=True),
        sa.Column("name", _text(), nullable=False),
        sa.Column("edition", _number(), nullable=False),
        sa.Column("from_on", sa.Date, nullable=False),
        sa.Column("to_on", sa.Date, nullable=False),
        sa.Column("as_of", _instant(), nullable=False),
        sa.Column("frozen_at", _instant(), nullable=False),
        sa.Column("purpose", _text(), nullable=False),
        sa.Column("position", _number(), nullable=False),
        sa.Column("head", _text(), nullable=False),
        sa.Column("root", _text(), nullable=False),
        sa.Column("last_known_at", _instant()),
        *(
            sa.Column(f"by_{of}", _text(), nullable=False)
            for of in ("register", "calendar", "teams", "sources", "code")
        ),
        sa.Column("release", _text(), nullable=False),
        sa.Column("lines", _number(), nullable=False),
        sa.Column("lines_root", _text(), nullable=False),
        sa.Column("supersedes", _text()),
        sa.Column("shapes", _text(sa.Text()), nullable=False),
    )
    op.create_table(
        "frozen_line",
        sa.Column("publication", _text(), primary_key=True),
        sa.Column("number", _number(), primary_key=True, autoincrement=False),
        sa.Column("standard", _text(), nullable=False),
        sa.Column("child", _text()),
        sa.Column("who", _text(sa.Text())),
        sa.Column("salt", sa.LargeBinary),
        sa.Column("who_hash", sa.LargeBinary, nullable=False),
        sa.Column("verdict", _text()),
        sa.Column("team", _text()),
        sa.Column("took", sa.Float),
        sa.Column("counts", _text(sa.Text()), nullable=False),
        sa.Column("ids", _text(sa.Text())),
        sa.Column("lacks", sa.Boolean, nullable=False),
    )
    op.create_index("frozen_line_child", "frozen_line", ["child"])
    _enter_erasures(op.get_bind())


def _enter_erasures(connection: sa.Connection) -> None:
    """Enters what was erased before there was a journal, an entry for each reason and moment."""
    erasure = sa.table("erasure", *map(sa.column, ("seq", "erased_at", "reason")))
    journal = sa.table("journal", *map(sa.column, ("seq", "at", "act", "told", "chain")))
    found: dict[tuple[str, str], list[int]] = {}
    instants: dict[str, object] = {}
    for seq, at, reason in connection.execute(sa.select(erasure).order_by(erasure.c.seq)):
        found.setdefault((_spelt(at), reason), []).append(seq)
        instants[_spelt(at)] = at
    chain = bytes(32)
    for number, ((at, reason), positions) in enumerate(sorted(found.items()), start=1):
        told = json.dumps({"positions": positions, "reason": reason}, ensure_ascii=False, separators=(",", ":"))
        chain = sha256(chain + number.to_bytes(8, "big") + f"\0{at}\0erased\0{told}".encode()).digest()
        row = {"seq": number, "at": instants[at], "act": "erased", "told": told, "chain": chain}
        connection.execute(sa.insert(journal).values(**row))


def _spelt(instant: object) -> str:
    """An instant as the log spells it: text in UTC."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}" if isinstance(instant, datetime) else str(instant)


def _instant() -> sa.types.TypeEngine[str]:
    return sa.Text().with_variant(sa.DateTime(timezone=True), "postgresql")


def _number() -> sa.types.TypeEngine[int]:
    return sa.Integer().with_variant(sa.BigInteger(), "postgresql")


def _text(kind: sa.types.TypeEngine[str] | None = None) -> sa.types.TypeEngine[str]:
    return (kind or sa.String()).with_variant(sa.Text(collation="C"), "postgresql")
