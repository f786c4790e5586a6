"""Open cases, for the worklists; and who looked at which child.

The open cases are folded from the log: whatever the clocks were folded by, they are to be folded anew.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text, number = _text(), _number()
    op.create_table(
        "open_case",
        sa.Column("generation", number, primary_key=True, autoincrement=False),
        sa.Column("child", text, primary_key=True),
        sa.Column("team", text, nullable=False),
        sa.Column("worker", text),
        sa.Column("role", text),
        sa.Column("opened_on", sa.Date),
        sa.Column("seen_on", sa.Date),
        sa.Column("plans", text, nullable=False),
        sa.Column("unborn", sa.Boolean, nullable=False),
        sa.Column("lasts_to", sa.Date),
    )
    op.create_index("clock_team", "clock", ["generation", "team_now", "ended_on"])
    op.create_index("alert_team", "alert", ["team", "told_at"])
    op.create_index("open_case_team", "open_case", ["generation", "team"])
    op.create_table(
        "child_access",
        sa.Column("id", number, primary_key=True),
        sa.Column("at", _instant(), nullable=False),
        sa.Column("person", text, nullable=False),
        sa.Column("child", text),
        sa.Column("team", text, nullable=False),
        sa.Column("what", text, nullable=False),
        sa.Column("erased_at", _instant()),
    )
    op.create_index("ix_child_access_person", "child_access", ["person"])
    op.create_index("ix_child_access_child", "child_access", ["child"])
    op.execute("UPDATE progress SET register_version = ''")


def _number() -> sa.types.TypeEngine[int]:
    return sa.Integer().with_variant(sa.BigInteger(), "postgresql")


def _text() -> sa.types.TypeEngine[str]:
    return sa.String().with_variant(sa.Text(collation="C"), "postgresql")


def _instant() -> sa.types.TypeEngine[str]:
    return sa.Text().with_variant(sa.DateTime(timezone=True), "postgresql")
