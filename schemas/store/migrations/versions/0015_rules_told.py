"""By which rules managers were told: the first telling after a change is one list."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text = sa.String().with_variant(sa.Text(collation="C"), "postgresql")
    number = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
    op.create_table(
        "rules_told",
        sa.Column("id", number, primary_key=True),
        sa.Column("rules", text, nullable=False),
        sa.Column("at", sa.Text().with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
    )
