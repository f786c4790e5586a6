"""Workers who left end what they held: their leavings, and who was allocated to whom, are found without a search.

Every clock is folded anew.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_OF_ALL = sa.text(
    "type = 'child.merged' OR type = 'feed.covered' OR type = 'order.made' OR type = 'worker.left'"
    " OR type = 'worker.allocated'"
)


def upgrade() -> None:
    op.drop_index("event_log_of_all", "event_log")
    op.create_index("event_log_of_all", "event_log", ["type"], sqlite_where=_OF_ALL, postgresql_where=_OF_ALL)
    op.execute("UPDATE progress SET register_version = ''")
