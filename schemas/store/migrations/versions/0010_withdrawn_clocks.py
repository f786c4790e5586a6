"""Clocks whose start was withdrawn, for the team manager. What is folded has changed: it is to be folded anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "withdrawn_clock",
        sa.Column("generation", _number(), primary_key=True, autoincrement=False),
        sa.Column("clock", _text(), primary_key=True),
        sa.Column("standard", _text(), nullable=False),
        sa.Column("child", _text(), nullable=False),
        sa.Column("team", _text(), nullable=False),
        sa.Column("started_on", sa.Date, nullable=False),
        sa.Column("due_on", sa.Date),
        sa.Column("withdrawn_at", sa.Text().with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
    )
    op.create_index("withdrawn_clock_child", "withdrawn_clock", ["generation", "child"])
    op.execute("UPDATE progress SET register_version = ''")


def _number() -> sa.types.TypeEngine[int]:
    return sa.Integer().with_variant(sa.BigInteger(), "postgresql")


def _text() -> sa.types.TypeEngine[str]:
    return sa.String().with_variant(sa.Text(collation="C"), "postgresql")
