"""Other ids of a clock. What is folded has changed: it is to be folded anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("clock", sa.Column("aliases", _text()))
    op.create_table(
        "clock_alias",
        sa.Column("generation", _number(), primary_key=True, autoincrement=False),
        sa.Column("alias", _text(), primary_key=True),
        sa.Column("clock", _text(), nullable=False),
        sa.Column("child", _text(), nullable=False),
    )
    op.create_index("clock_alias_child", "clock_alias", ["generation", "child"])
    op.create_index("clock_alias_of", "clock_alias", ["generation", "clock"])
    op.execute("UPDATE progress SET register_version = ''")


def _number() -> sa.types.TypeEngine[int]:
    return sa.Integer().with_variant(sa.BigInteger(), "postgresql")


def _text() -> sa.types.TypeEngine[str]:
    return sa.String().with_variant(sa.Text(collation="C"), "postgresql")
