"""Says what a store's guards refuse, and what they say: the same on every database. `guards` makes triggers of it."""

from __future__ import annotations

from typing import NamedTuple

from schemas.store.erased import ERASED, MARK, NO_SHARD

_BLANKED = ("subject", "occurred_on", "recorded_at", "salt", "payload")
_KEPT = ("seq", "source", "known_at", "future", "hash", "chain")
_QUARANTINE_KEPT = ("id", "received_at", "code")


class Rule(NamedTuple):
    """`refused_when` is a condition on the row as it is (OLD) and as it would be (NEW); None: always. In it `===` is
    SQL's "equal, or both null", which the databases spell each in its own way."""

    table: str
    verb: str
    refused_when: str | None
    said: str

    @property
    def name(self) -> str:
        return f"{self.table}_guards_{self.verb.lower()}"


def _same(columns: tuple[str, ...]) -> str:
    return " AND ".join(f"NEW.{column} === OLD.{column}" for column in columns)


def _blank(columns: tuple[str, ...]) -> str:
    return " AND ".join(f"NEW.{column} IS NULL" for column in columns)


def _same_or_erased(column: str) -> str:
    return f"(NEW.{column} = OLD.{column} OR NEW.{column} = '{ERASED}')"


def _named_anew(column: str) -> str:
    """By a keyed digest, once."""
    new, old = f"NEW.{column}", f"OLD.{column}"
    return f"substr({new}, 1, 1) = '{MARK}' AND ({new} = {old} OR substr({old}, 1, 1) <> '{MARK}')"


_ERASES = (
    f"EXISTS (SELECT 1 FROM erasure WHERE seq = OLD.seq) AND {_same(_KEPT)} AND {_blank(_BLANKED)}"  # noqa: S608
    f" AND (NEW.type IS NULL OR NEW.type === OLD.type) AND {_named_anew('id')}"
    f" AND (NEW.shard = OLD.shard OR NEW.shard = {NO_SHARD})"
)
_BLANKS_QUARANTINE = (
    f"{_same(_QUARANTINE_KEPT)} AND {_blank(('raw', 'subject'))} AND {_named_anew('raw_hash')}"
    f" AND {_same_or_erased('place')} AND {_same_or_erased('reason')}"
    " AND NEW.erased_at IS NOT NULL AND NEW.erasure_reason IS NOT NULL"
)
_ERASES_NOTHING = (
    "NOT EXISTS (SELECT 1 FROM event_log WHERE seq = NEW.seq) OR EXISTS (SELECT 1 FROM erasure WHERE seq = NEW.seq)"
)

_BLANKS_ACCESS = f"{_same(('id', 'at', 'person', 'team', 'what'))} AND NEW.child IS NULL AND NEW.erased_at IS NOT NULL"
_BLANKS_SETTLED = f"{_same(('quarantined', 'at', 'how'))} AND NEW.reason = '{ERASED}'"

_NOT_NEXT_ENTRY = "NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM journal)"
_NOT_NEXT_TICK = "NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM tick)"
_IS_FROZEN = "EXISTS (SELECT 1 FROM frozen WHERE publication = NEW.publication)"
_ALERT_KEPT = ("due_on", "rung", "spell", "skipped", "standard", "team", "told_at")
_LINE_KEPT = ("publication", "number", "standard", "who_hash", "verdict", "team", "took", "counts")
_BLANKS_LINE = (
    f"{_same(_LINE_KEPT)} AND ({_blank(('child', 'who', 'salt'))} OR {_same(('child', 'who', 'salt'))})"
    " AND (NEW.lacks OR NOT OLD.lacks)"
)


def _append_only(table: str, said: str) -> tuple[Rule, Rule]:
    return Rule(table, "DELETE", None, said), Rule(table, "UPDATE", None, said)


def _stays(table: str, columns: tuple[str, ...], said: str) -> tuple[Rule, Rule]:
    """What an erasure may blank or rename, and nothing else of it."""
    return Rule(table, "DELETE", None, said), Rule(table, "UPDATE", f"NOT ({_same(columns)})", said)


RULES = (
    Rule("event_log", "DELETE", None, "nothing is taken out of the event log"),
    Rule("event_log", "UPDATE", f"NOT ({_ERASES})", "the event log is not changed, save to blank an erased row"),
    Rule("erasure", "DELETE", None, "an erasure stays entered"),
    Rule("erasure", "UPDATE", None, "an erasure stays as entered"),
    Rule("erasure", "INSERT", _ERASES_NOTHING, "an erasure is entered once, for a row of the event log"),
    Rule("quarantine", "DELETE", None, "nothing is taken out of quarantine"),
    Rule("quarantine", "UPDATE", f"NOT ({_BLANKS_QUARANTINE})", "quarantine is not changed, save to blank it"),
    Rule("settled", "DELETE", None, "what was settled stays so"),
    Rule("settled", "UPDATE", f"NOT ({_BLANKS_SETTLED})", "what was settled stays so, save to blank its reason"),
    Rule("erasure_key", "DELETE", None, "the check of the key of erasures stays"),
    Rule("erasure_key", "UPDATE", None, "the check of the key of erasures stays"),
    Rule("feed", "DELETE", None, "a source that has gone live stays live"),
    Rule("feed", "UPDATE", None, "a source that has gone live stays live"),
    Rule("child_access", "DELETE", None, "that somebody looked at a child stays entered"),
    Rule(
        "child_access",
        "UPDATE",
        f"NOT ({_BLANKS_ACCESS})",
        "that somebody looked at a child stays as entered, save to blank an erased child",
    ),
    Rule("journal", "INSERT", _NOT_NEXT_ENTRY, "an entry of the journal must be the next"),
    *_append_only("journal", "an entry of the journal stays as it is"),
    Rule("tick", "INSERT", _NOT_NEXT_TICK, "a row of the ticks must be the next"),
    *_append_only("tick", "that the monitor looked stays entered"),
    *_append_only("kept_rules", "rules by which something was reported stay as they were"),
    *_append_only("frozen", "a published figure stays as it is"),
    Rule("frozen_line", "INSERT", _IS_FROZEN, "a published figure takes no more lines"),
    Rule("frozen_line", "DELETE", None, "a line of a published figure stays"),
    Rule("frozen_line", "UPDATE", f"NOT ({_BLANKS_LINE})", "a published line stays as it is, save to blank it"),
    *_stays("alert", _ALERT_KEPT, "what was told stays told"),
    *_stays("acknowledgement", ("id", "by_on", "at"), "an answer stays as given"),
    *_stays("notice", ("team", "level", "created_at"), "a notice stays as written"),
    Rule("telling", "DELETE", None, "which notice tells of what stays entered"),
    *_stays("delivery", ("channel", "delivered_at"), "what was delivered stays so"),
)

# A row must be the next: each database looks in the way that is cheap for it.
NEXT = Rule("event_log", "INSERT", None, "a row of the event log must be new and the next in sequence")
