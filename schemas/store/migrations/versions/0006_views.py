"""Says what the views are made from: counts kept beside the clocks, standards, teams, days, today, what arrived.

The clocks gain their meeting, their division and whether they are settled, and are to be folded anew, which counts them
too. What arrived is counted from the log.
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_MEASURES = (
    "met",
    "missed",
    "recorded_late",
    "cancelled",
    "voided",
    "voided_late",
    "not_measured",
    "completed",
    "completed_in_time",
    "opened",
    "overdue",
    "in_scope",
    "up_to_date",
)
_ARRIVED = ("accepted", "corrections", "ahead", "same_day", "next_day", "within_5", "within_10", "longer")


def upgrade() -> None:
    _clocks()
    _tallies()
    _reference()
    instant = _instant()
    op.create_table(
        "today",
        sa.Column("id", _number(), primary_key=True, autoincrement=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("at", instant, nullable=False),
    )
    op.create_table(
        "arrival",
        sa.Column("source", _text(), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        *(sa.Column(name, _number(), nullable=False) for name in _ARRIVED),
        sa.Column("last_at", instant, nullable=False),
    )
    op.create_index("alert_told_at", "alert", ["told_at"])
    _count_arrivals()


def _clocks() -> None:
    """Every clock is folded anew, so none is kept."""
    for table in ("clock", "scope", "fault"):
        op.execute(f"DELETE FROM {table}")  # noqa: S608  (our own names)
    op.execute("UPDATE progress SET register_version = '', folded_to = 0")
    op.add_column("clock", sa.Column("meeting", _text()))
    with op.batch_alter_table("clock") as clock:
        clock.add_column(sa.Column("division", _text(), nullable=False))
        clock.add_column(sa.Column("settled", sa.Boolean, nullable=False))
    is_open = sa.text("NOT settled AND NOT prohibits AND unmeasured IS NULL")
    op.create_index("clock_open", "clock", ["generation", "due_on"], sqlite_where=is_open, postgresql_where=is_open)
    at_a_meeting = sa.text("meeting IS NOT NULL AND unmeasured IS NULL AND NOT prohibits")
    op.create_index(
        "clock_meeting", "clock", ["generation", "due_on"], sqlite_where=at_a_meeting, postgresql_where=at_a_meeting
    )


def _tallies() -> None:
    def key() -> list[sa.Column[object]]:
        return [
            sa.Column("generation", _number(), primary_key=True, autoincrement=False),
            sa.Column("group_kind", _text(), primary_key=True),
            sa.Column("standard", _text(), primary_key=True),
            sa.Column("group_name", _text(), primary_key=True),
            sa.Column("part_on", sa.Date, primary_key=True),
            sa.Column("from_on", sa.Date, primary_key=True),
        ]

    op.create_table(
        "tally", *key(), *(sa.Column(name, _number(), nullable=False) for name in _MEASURES), sqlite_with_rowid=False
    )
    op.create_table(
        "took_tally",
        *key(),
        sa.Column("took", sa.Float, primary_key=True),
        sa.Column("clocks", _number(), nullable=False),
        sqlite_with_rowid=False,
    )


def _reference() -> None:
    text = _text()
    op.create_table(
        "standard",
        sa.Column("standard", text, primary_key=True),
        sa.Column("position", _number(), nullable=False),
        *(
            sa.Column(name, text, nullable=False)
            for name in ("register_name", "title", "plan", "force", "owner", "lead", "unit")
        ),
        sa.Column("limit_words", text),
        sa.Column("limit_took", sa.Float),
    )
    op.create_table(
        "target",
        sa.Column("standard", text, primary_key=True),
        sa.Column("from_on", sa.Date, primary_key=True),
        sa.Column("to_on", sa.Date, nullable=False),
        sa.Column("green", sa.Float, nullable=False),
        sa.Column("amber", sa.Float, nullable=False),
    )
    op.create_table(
        "team",
        sa.Column("team", text, primary_key=True),
        sa.Column("from_on", sa.Date, primary_key=True),
        sa.Column("to_on", sa.Date, nullable=False),
        sa.Column("division", text, nullable=False),
    )
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("number", _number(), nullable=False),
        sa.Column("working_number", _number(), nullable=False),
        sa.Column("week_on", sa.Date, nullable=False),
        sa.Column("week", text, nullable=False),
        sa.Column("month_on", sa.Date, nullable=False),
        sa.Column("month", text, nullable=False),
        sa.Column("part_on", sa.Date, nullable=False),
        sa.Column("begins_at", _instant(), nullable=False),
        sa.Column("ends_at", _instant(), nullable=False),
    )
    for name in ("week_on", "month_on", "part_on", "begins_at"):
        op.create_index(f"ix_calendar_day_{name}", "calendar_day", [name])


def _count_arrivals() -> None:
    """By source and the London day on which it became known. Erased rows tell nothing any more, and are not counted."""
    connection, london = op.get_bind(), ZoneInfo("Europe/London")
    found: dict[tuple[str, date], list[int]] = {}
    last: dict[tuple[str, date], datetime] = {}
    query = "SELECT source, type, occurred_on, known_at, payload FROM event_log WHERE subject IS NOT NULL ORDER BY seq"
    rows = connection.execute(sa.text(query).execution_options(yield_per=5000))
    for source, type_, occurred_on, known_at, payload in rows:
        day = date.fromisoformat(occurred_on) if isinstance(occurred_on, str) else occurred_on
        at = datetime.fromisoformat(known_at) if isinstance(known_at, str) else known_at
        key = source, at.astimezone(london).date()
        counts = found.setdefault(key, [0] * len(_ARRIVED))
        last[key] = max(at, last.get(key, at))
        late = (key[1] - day).days
        counts[0] += 1
        counts[1] += type_ == "event.retracted" or b'"replaces":' in bytes(payload)
        counts[2 + sum(late > most for most in (-1, 0, 1, 5, 10))] += 1
    made = sa.table(
        "arrival",
        sa.column("source"),
        sa.column("day", sa.Date),
        *(sa.column(name) for name in _ARRIVED),
        sa.column("last_at", sa.DateTime(timezone=True)),
    )
    text = connection.dialect.name == "sqlite"
    if text:
        made = sa.table("arrival", *(sa.column(name) for name in ("source", "day", *_ARRIVED, "last_at")))
    values = [
        {
            "source": source,
            "day": day.isoformat() if text else day,
            **dict(zip(_ARRIVED, counts, strict=True)),
            "last_at": _spelt(last[source, day]) if text else last[source, day],
        }
        for (source, day), counts in sorted(found.items())
    ]
    if values:
        connection.execute(sa.insert(made), values)


def _spelt(at: datetime) -> str:
    """As instants are spelt where the database has none."""
    utc = at.astimezone(ZoneInfo("UTC"))
    return utc.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _number() -> sa.types.TypeEngine[int]:
    return sa.Integer().with_variant(sa.BigInteger(), "postgresql")


def _text() -> sa.types.TypeEngine[str]:
    return sa.String().with_variant(sa.Text(collation="C"), "postgresql")


def _instant() -> sa.types.TypeEngine[str]:
    return sa.Text().with_variant(sa.DateTime(timezone=True), "postgresql")
