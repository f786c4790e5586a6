"""Clocks of what is counted as a rate say whether one of the child had begun within the limit before.

The counts gain two columns, so every clock is folded and counted anew.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_MEASURES = (
    "met",
    "missed",
    "recorded_late",
    "instead",
    "excused",
    "cancelled",
    "voided",
    "voided_late",
    "not_measured",
    "completed",
    "completed_in_time",
    "received",
    "received_again",
    "opened",
    "overdue",
    "in_scope",
    "up_to_date",
)


def upgrade() -> None:
    for table in ("clock", "scope", "fault", "took_tally"):
        op.execute(f"DELETE FROM {table}")  # noqa: S608  (our own names)
    op.execute("UPDATE progress SET register_version = '', folded_to = 0")
    op.add_column("clock", sa.Column("begun_again", sa.Boolean))
    op.drop_table("tally")
    op.create_table(
        "tally",
        sa.Column("generation", _number(), primary_key=True, autoincrement=False),
        sa.Column("group_kind", _text(), primary_key=True),
        sa.Column("standard", _text(), primary_key=True),
        sa.Column("group_name", _text(), primary_key=True),
        sa.Column("part_on", sa.Date, primary_key=True),
        sa.Column("from_on", sa.Date, primary_key=True),
        *(sa.Column(name, _number(), nullable=False) for name in _MEASURES),
        sqlite_with_rowid=False,
    )


def _number() -> sa.types.TypeEngine[int]:
    return sa.Integer().with_variant(sa.BigInteger(), "postgresql")


def _text() -> sa.types.TypeEngine[str]:
    return sa.String().with_variant(sa.Text(collation="C"), "postgresql")
