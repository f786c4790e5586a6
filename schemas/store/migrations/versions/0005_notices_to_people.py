"""A notice may be for a person, one of several that tell of an alert; each try to deliver it is kept; digests have
days.

How far up an alert was told, which was read from its notice, stands in the alert.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text, instant = _text(), _instant()
    op.add_column("notice", sa.Column("recipient", text))
    op.add_column("notice", sa.Column("kind", text, nullable=False, server_default="at_once"))
    op.create_index("notice_created", "notice", ["created_at"])
    op.create_table("telling", sa.Column("alert", text, primary_key=True), sa.Column("notice", text, primary_key=True))
    op.create_index("telling_of_notice", "telling", ["notice"])
    op.execute("INSERT INTO telling SELECT id, notice FROM alert WHERE notice IS NOT NULL")
    op.add_column("alert", sa.Column("level", text))
    op.execute("UPDATE alert SET level = (SELECT level FROM notice WHERE notice.id = alert.notice)")
    op.drop_column("alert", "notice")
    op.create_table(
        "digest_day", sa.Column("day", sa.Date, primary_key=True), sa.Column("written_at", instant, nullable=False)
    )
    op.create_table(
        "attempt",
        sa.Column("notice", text, primary_key=True),
        sa.Column("number", _number(), primary_key=True, autoincrement=False),
        sa.Column("person", text, nullable=False),
        sa.Column("channel", text, nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("outcome", text, nullable=False),
        sa.Column("why", text, nullable=False),
        sa.Column("next_try_at", instant),
    )


def _number() -> sa.types.TypeEngine[int]:
    return sa.Integer().with_variant(sa.BigInteger(), "postgresql")


def _text() -> sa.types.TypeEngine[str]:
    return sa.String().with_variant(sa.Text(collation="C"), "postgresql")


def _instant() -> sa.types.TypeEngine[str]:
    return sa.Text().with_variant(sa.DateTime(timezone=True), "postgresql")
