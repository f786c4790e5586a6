"""Who was responsible for a clock before the team it counts for. What is folded changed: it is to be folded anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("clock", sa.Column("teams", sa.String().with_variant(sa.Text(collation="C"), "postgresql")))
    op.execute("UPDATE progress SET register_version = ''")
