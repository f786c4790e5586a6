"""Freezing figures: what was reported becomes a fact of its own, with the log, the rules and the lines behind it."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Engine, select

from caseclock.audit.code import code_digest
from caseclock.audit.folding import Folding
from caseclock.audit.kept import digests_of, keep
from caseclock.audit.publications import FROZEN, Kept, KeptLine, find, root_of_lines, who_of, write
from caseclock.release import release
from caseclock.runtime import Rules
from schemas.errors import CaseclockError
from schemas.store.engine import driver_rows, hold, table_of
from schemas.store.garbage import collected_seldom
from schemas.store.tables import LoggedEvent
from services.ingest.decide.tree import Tree, log_leaf
from services.ingest.log.journal import FROZEN as FROZEN_ACT
from services.ingest.log.journal import RULES, enter
from services.ingest.log.row import spelt
from services.timeliness.figures.lines import Line, lines_of
from services.timeliness.figures.periods import Period

_LOG = table_of(LoggedEvent)
_SALT = 16  # bytes


class NotFrozen(CaseclockError):
    """Nothing was frozen. The message says why."""


class LogHead(NamedTuple):
    """The last row of the log, its chain, the root of the tree over the log; when the latest of it became known."""

    position: int
    chain: str
    root: str
    last_known_at: datetime | None


def freeze(engine: Engine, rules: Rules, period: Period, as_of: datetime, purpose: str, now: datetime) -> Kept:
    """Freezes the figures of a period as all of the log tells them; another edition where there is one. Nothing is
    taken in or erased meanwhile. Raises NotFrozen."""
    if not purpose.strip():
        raise NotFrozen("say what it is frozen for: --purpose 'performance board, 11 March'")
    folding = Folding(rules)
    with engine.begin() as connection, collected_seldom():
        hold(connection, "log")
        head = head_of(connection)
        view = folding.view(connection, head.position, as_of)
        asked, shapes = folding.asked(period, as_of), folding.shapes(view, period)
        made = [
            (line, view.members.get(child, [child]))
            for child, clocks, scopes in folding.each(view.histories())
            for line in lines_of(child, clocks, scopes, asked)
        ]
        frozen = _frozen(connection, period, as_of, purpose, now)
        frozen |= {"position": head.position, "head": head.chain, "root": head.root}
        frozen |= {"last_known_at": head.last_known_at, "shapes": msgspec.json.encode(shapes).decode()}
        frozen |= {f"by_{kind}": digest for kind, digest in _rules(connection, rules, now).items()}
        rows = _rows(made)
        lines = [_as_kept(row) for row in rows]
        frozen |= {"lines": len(rows), "lines_root": root_of_lines(lines)}
        write(connection, frozen["publication"], rows, frozen)
        told = ("publication", "position", "head", "root", "lines", "lines_root", "by_code")
        enter(connection, now, FROZEN_ACT, {name: frozen[name] for name in told})
        return find(connection, frozen["publication"])


def head_of(connection: Connection) -> LogHead:
    """Walks through the log."""
    tree, chain, latest = Tree(), b"", ""
    query = select(_LOG.c.seq, _LOG.c.hash, _LOG.c.known_at, _LOG.c.source, _LOG.c.chain).order_by(_LOG.c.seq)
    for seq, content, known_at, source, chained in driver_rows(connection, query):
        at = spelt(known_at)
        tree.add(log_leaf(seq, content, at, source))
        chain, latest = chained, max(latest, at)
    known = datetime.fromisoformat(latest) if latest else None
    return LogHead(tree.size, chain.hex(), tree.root().hex(), known)


def _frozen(connection: Connection, period: Period, as_of: datetime, purpose: str, now: datetime) -> dict[str, Any]:
    """What is known of a publication before anything is folded."""
    name = period.name
    query = select(FROZEN.c.publication, FROZEN.c.edition).where(FROZEN.c.name == name)
    last = connection.execute(query.order_by(FROZEN.c.edition.desc()).limit(1)).first()
    edition = last.edition + 1 if last else 1
    return {
        "publication": f"{name}.{edition}",
        "name": name,
        "edition": edition,
        "from_on": period.first,
        "to_on": period.last,
        "as_of": as_of,
        "frozen_at": now,
        "purpose": purpose,
        "release": release(),
        "supersedes": last.publication if last else None,
    }


def _rules(connection: Connection, rules: Rules, now: datetime) -> dict[str, str]:
    """Keeps the rules, enters those that are new, and gives the digest of each kind and of the code."""
    for new in keep(connection, rules):
        enter(connection, now, RULES, {"kind": new.kind, "digest": new.digest})
    return {**digests_of(rules)._asdict(), "code": code_digest()}


def _rows(made: list[tuple[Line, list[str]]]) -> list[dict[str, Any]]:
    """The rows of lines, by standard and then by chance, so that the place of an erased line tells nothing."""
    rows = [_row(line, ids) for line, ids in made]
    rows.sort(key=lambda row: (row["standard"], row["who_hash"]))
    return [{"number": number, **row} for number, row in enumerate(rows, start=1)]


def _row(line: Line, ids: list[str]) -> dict[str, Any]:
    who, salt = who_of(line), os.urandom(_SALT)
    others = sorted(set(ids) - {line.child})
    return {
        "standard": line.standard,
        "child": line.child,
        "who": who,
        "salt": salt,
        "who_hash": hashlib.sha256(salt + who.encode()).digest(),
        "verdict": line.verdict,
        "team": line.team,
        "took": line.took,
        "counts": msgspec.json.encode(line.counts).decode(),
        "ids": msgspec.json.encode(others).decode() if others else None,
        "lacks": False,
    }


def _as_kept(row: dict[str, Any]) -> KeptLine:
    kept = {name: row[name] for name in ("number", "standard", "who_hash", "salt", "verdict", "team", "took", "counts")}
    return KeptLine(**kept, line=None, ids=frozenset(), lacks=False, proven=True)
