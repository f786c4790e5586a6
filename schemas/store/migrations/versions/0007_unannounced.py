"""Says what changed and is not announced yet on clock-changes is noted beside the clocks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unannounced",
        sa.Column("id", _number(), primary_key=True),
        sa.Column("shards", _text(), nullable=False),
        sa.Column("clocks", _text(), nullable=False),
        sa.Column("seq", _number(), nullable=False),
    )


def _number() -> sa.types.TypeEngine[int]:
    return sa.Integer().with_variant(sa.BigInteger(), "postgresql")


def _text() -> sa.types.TypeEngine[str]:
    return sa.String().with_variant(sa.Text(collation="C"), "postgresql")
