"""The tables as they first were. A store that has tables and names no version is of this one."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _text(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _long_text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=True)


def _number(name: str, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False, **more)


def _flag(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _day(name: str, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.Date(), nullable=nullable)


def _instant(name: str, nullable: bool = False) -> sa.Column[Any]:
    kind = sa.Text().with_variant(sa.DateTime(timezone=True), "postgresql")
    return sa.Column(name, kind, nullable=nullable)


def _bytes(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary(), nullable=nullable)


def upgrade() -> None:
    _of_ingest()
    _of_timeliness()
    _of_alerts()


def _of_ingest() -> None:
    op.create_table(
        "event_log",
        _number("seq", autoincrement=False),
        _text("source"),
        _text("id"),
        _text("type", True),
        _text("subject", True),
        _day("occurred_on"),
        _instant("recorded_at", True),
        _instant("known_at"),
        _flag("future"),
        _bytes("salt", True),
        _bytes("payload", True),
        _bytes("hash"),
        _bytes("chain"),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("id", "source", name="event_identity"),
    )
    op.create_index("event_log_child", "event_log", ["subject", "seq"])
    op.create_table(
        "quarantine",
        _number("id"),
        _instant("received_at"),
        _text("place"),
        _text("code"),
        _text("reason"),
        _text("subject", True),
        _long_text("raw"),
        _text("raw_hash"),
        _instant("erased_at", True),
        _text("erasure_reason", True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("raw_hash", "reason", name="quarantine_once"),
    )
    op.create_index("ix_quarantine_subject", "quarantine", ["subject"])
    op.create_table(
        "erasure",
        _number("seq", autoincrement=False),
        _instant("erased_at"),
        _text("reason"),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_table("feed", _text("source"), _instant("live_since"), sa.PrimaryKeyConstraint("source"))


def _of_timeliness() -> None:
    op.create_table(
        "generation",
        _number("id", autoincrement=False),
        _number("live"),
        _number("folded_to"),
        _text("register_version"),
        _text("calendar_version"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "clock",
        _number("generation"),
        _text("id"),
        _text("standard"),
        _text("child"),
        _day("started_on", False),
        _day("due_on"),
        _text("cause"),
        _text("team"),
        _instant("started_at", True),
        _instant("due_at", True),
        _day("warn_on"),
        _instant("warn_at", True),
        _text("ended", True),
        _day("ended_on"),
        _instant("ended_at", True),
        _text("stop_cause", True),
        _day("lasts_to"),
        _flag("recorded_late"),
        sa.Column("took", sa.Float(), nullable=True),
        _text("unmeasured", True),
        _flag("day_precision"),
        _flag("prohibits"),
        _flag("broken"),
        _day("booked_on"),
        _text("faults", True),
        _text("team_now"),
        _long_text("rungs"),
        _instant("first_rung_at", True),
        sa.PrimaryKeyConstraint("generation", "id"),
    )
    op.create_index("clock_child", "clock", ["generation", "child"])
    op.create_index("clock_rung", "clock", ["generation", "first_rung_at"])
    op.create_table(
        "scope",
        _number("id"),
        _number("generation"),
        _text("standard"),
        _text("child"),
        _text("team"),
        _day("from_on", False),
        _day("to_on"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("scope_child", "scope", ["generation", "child"])
    op.create_table(
        "fault",
        _number("id"),
        _number("generation"),
        _text("standard"),
        _text("child"),
        _text("event"),
        _text("what"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("fault_child", "fault", ["generation", "child"])


def _of_alerts() -> None:
    op.create_table(
        "alert",
        _text("id"),
        _text("clock"),
        _day("due_on", False),
        _text("rung"),
        _number("spell"),
        _flag("skipped"),
        _text("child"),
        _text("standard"),
        _text("team"),
        _instant("told_at"),
        _text("notice", True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("clock", "due_on", "rung", "spell", name="told_once"),
    )
    op.create_index("ix_alert_child", "alert", ["child"])
    op.create_table(
        "acknowledgement",
        _number("id"),
        _text("alert"),
        _text("reason"),
        _day("by_on", False),
        _instant("at"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_acknowledgement_alert", "acknowledgement", ["alert"])
    op.create_table(
        "notice",
        _text("id"),
        _text("team"),
        _text("level"),
        _text("text"),
        _instant("created_at"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "delivery",
        _text("notice"),
        _text("channel"),
        _instant("delivered_at"),
        sa.PrimaryKeyConstraint("notice", "channel"),
    )
    op.create_table("go_live", _number("id", autoincrement=False), _instant("at"), sa.PrimaryKeyConstraint("id"))
