"""PostgreSQL compares text byte by byte and counts in 64 bits; events that bear on others have an index.

On PostgreSQL every table is written anew, the log too. On SQLite there is only the index to make.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_OF_ALL = sa.text("type = 'child.merged' OR type = 'feed.covered' OR type = 'order.made'")

# table → its columns of text, its columns of numbers
_TABLES = {
    "event_log": ("source id type subject", "seq"),
    "quarantine": ("place code reason subject raw raw_hash erasure_reason", "id"),
    "erasure": ("reason", "seq"),
    "feed": ("source", ""),
    "generation": ("register_version calendar_version", "id live folded_to"),
    "clock": ("id standard child cause team ended stop_cause unmeasured faults team_now rungs", "generation"),
    "scope": ("standard child team", "id generation"),
    "fault": ("standard child event what", "id generation"),
    "alert": ("id clock rung child standard team notice", "spell"),
    "acknowledgement": ("alert reason", "id"),
    "notice": ("id team level text", ""),
    "delivery": ("notice channel", ""),
    "go_live": ("", "id"),
}
_COUNTED = ("quarantine", "scope", "fault", "acknowledgement")  # their rows are numbered as they come


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        for table, (texts, numbers) in _TABLES.items():
            changes = [f'ALTER {name} TYPE text COLLATE "C"' for name in texts.split()]
            changes += [f"ALTER {name} TYPE bigint" for name in numbers.split()]
            op.execute(f"ALTER TABLE {table} {', '.join(changes)}")
        for table in _COUNTED:
            op.execute(f"ALTER SEQUENCE {table}_id_seq AS bigint")
    op.create_index("event_log_of_all", "event_log", ["type"], sqlite_where=_OF_ALL, postgresql_where=_OF_ALL)
