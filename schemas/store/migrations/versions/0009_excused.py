"""Clocks may be excused, and done instead in a way that was lawful then; spells in which a duty was never done yet.

Both are counted, so the counts gain two columns and every clock is folded and counted anew.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
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
    "opened",
    "overdue",
    "in_scope",
    "up_to_date",
)


def upgrade() -> None:
    for table in ("clock", "scope", "fault", "took_tally"):
        op.execute(f"DELETE FROM {table}")  # noqa: S608  (our own names)
    op.execute("UPDATE progress SET register_version = '', folded_to = 0")
    with op.batch_alter_table("clock") as clock:
        clock.add_column(sa.Column("after_excuse", sa.Boolean, nullable=False))
        clock.add_column(sa.Column("instead", _text()))
    with op.batch_alter_table("scope") as scope:
        scope.add_column(sa.Column("undone", sa.Boolean, nullable=False))
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
