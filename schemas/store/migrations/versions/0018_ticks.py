"""A row for each sweep of all clocks, also a quiet one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    counts = ("head", "folded_to", "looked_at", "told", "skipped", "held", "waiting", "failed")
    op.create_table(
        "tick",
        sa.Column("seq", _number(), primary_key=True, autoincrement=False),
        *(sa.Column(name, _instant(), nullable=False) for name in ("as_of", "begun_at", "ended_at")),
        *(sa.Column(name, _number(), nullable=False) for name in counts),
        sa.Column("rungs", sa.String().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("chain", sa.LargeBinary, nullable=False),
    )
    op.create_index("tick_as_of", "tick", ["as_of"])


def _instant() -> sa.types.TypeEngine[str]:
    return sa.Text().with_variant(sa.DateTime(timezone=True), "postgresql")


def _number() -> sa.types.TypeEngine[int]:
    return sa.Integer().with_variant(sa.BigInteger(), "postgresql")
