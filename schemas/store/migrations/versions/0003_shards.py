"""Every event knows its shard; how far the clocks are folded is kept for each; what is published, and who lives.

Every row of the log is written once more. Of an event that was erased the shard is not known any more: it becomes 0,
which matters to nobody, since its child has no clocks.
"""

from __future__ import annotations

from itertools import islice
from zlib import crc32

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_SHARDS = 64


def upgrade() -> None:
    _shards_of_the_log()
    _progress()
    instant, text = _instant(), _text()
    op.create_table(
        "publication",
        sa.Column("id", _number(), primary_key=True, autoincrement=False),
        sa.Column("published_to", _number(), nullable=False),
        sa.Column("published_at", instant, nullable=False),
    )
    op.create_table(
        "heartbeat",
        sa.Column("service", text, primary_key=True),
        sa.Column("worker", text, primary_key=True),
        sa.Column("started_at", instant, nullable=False),
        sa.Column("seen_at", instant, nullable=False),
        sa.Column("swept_at", instant),
    )


def _shards_of_the_log() -> None:
    """The guards refuse any change of the log, so the one in the way goes; it is put back when the store is opened."""
    connection = op.get_bind()
    postgresql = connection.dialect.name == "postgresql"
    drop = "DROP TRIGGER IF EXISTS event_log_guards_update"
    op.execute(f"{drop} ON event_log" if postgresql else drop)
    op.add_column("event_log", sa.Column("shard", sa.SmallInteger, nullable=False, server_default="0"))
    op.execute(f"CREATE TEMPORARY TABLE of_shard (subject {'text' if postgresql else 'TEXT'} PRIMARY KEY, shard INT)")
    rows = connection.execute(sa.text("SELECT DISTINCT subject FROM event_log WHERE subject IS NOT NULL")).scalars()
    walk = iter(rows.all())
    while some := list(islice(walk, 5000)):
        connection.execute(
            sa.text("INSERT INTO of_shard VALUES (:subject, :shard)"),
            [{"subject": subject, "shard": crc32(subject.encode()) % _SHARDS} for subject in some],
        )
    op.execute(
        "UPDATE event_log SET shard = (SELECT shard FROM of_shard WHERE of_shard.subject = event_log.subject)"
        " WHERE subject IS NOT NULL"
    )
    op.execute("DROP TABLE of_shard")
    op.create_index("event_log_shard", "event_log", ["shard", "seq"])


def _progress() -> None:
    op.create_table(
        "progress",
        sa.Column("generation", _number(), primary_key=True, autoincrement=False),
        sa.Column("shard", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("folded_to", _number(), nullable=False),
        sa.Column("register_version", _text(), nullable=False),
        sa.Column("calendar_version", _text(), nullable=False),
    )
    for shard in range(_SHARDS):
        op.execute(
            f"INSERT INTO progress SELECT live, {shard}, folded_to, register_version, calendar_version"  # noqa: S608
            " FROM generation"
        )
    for column in ("folded_to", "register_version", "calendar_version"):
        op.drop_column("generation", column)


def _number() -> sa.types.TypeEngine[int]:
    return sa.Integer().with_variant(sa.BigInteger(), "postgresql")


def _text() -> sa.types.TypeEngine[str]:
    return sa.String().with_variant(sa.Text(collation="C"), "postgresql")


def _instant() -> sa.types.TypeEngine[str]:
    return sa.Text().with_variant(sa.DateTime(timezone=True), "postgresql")
