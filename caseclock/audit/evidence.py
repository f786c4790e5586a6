"""Evidence for an inspector: one folder that is checked without us, by the `verify.py` in it."""

from __future__ import annotations

import csv
import hashlib
import io
from base64 import b64encode
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Engine, select

from caseclock.audit.folding import Folding
from caseclock.audit.head import current, given_out
from caseclock.audit.kept import KINDS, Unreadable, read_back
from caseclock.audit.note import write as write_note
from caseclock.audit.publications import Kept, KeptLine, find, lines_of
from caseclock.audit.restate import against, restate
from caseclock.audit.shown import published_figures, shown
from caseclock.release import release
from caseclock.runtime import Rules
from schemas.clock import Clock
from schemas.errors import CaseclockError
from schemas.store.audit_tables import JournalEntry, KeptRules
from schemas.store.engine import among, driver_rows, reader, table_of
from schemas.store.tables import LoggedEvent
from schemas.time.days import iso
from services.alerts.sweep.ticks import whole_ticks
from services.ingest.decide.tree import leaf_hash, log_leaf, node_hash
from services.ingest.log.row import spelt
from services.timeliness.figures.lines import MEASURES, By
from services.timeliness.history.log_view import LogView
from services.timeliness.standards.compiled import Limit, Standard

_LOG, _JOURNAL, _KEPT = table_of(LoggedEvent), table_of(JournalEntry), table_of(KeptRules)
_BY: tuple[By, ...] = ("county", "division", "team")


class NoEvidence(CaseclockError):
    """No folder was written. The message says why."""


class Asked(NamedTuple):
    """Which publications, of which children (None: those with a line), or of all events."""

    publications: Sequence[str]
    children: Collection[str] | None
    whole: bool


def write(
    engine: Engine, rules: Rules, asked: Asked, origin: str, key: Ed25519PrivateKey | None, out: Path, now: datetime
) -> dict[str, int]:
    """Writes a folder of evidence; gives how many bytes each file has. Raises NoEvidence, NoSuchPublication,
    Unreadable."""
    if out.exists() and any(out.iterdir()):
        raise NoEvidence(f"{out} is not empty: name a folder that is, or is not there yet")
    made: dict[str, bytes] = {}
    with reader(engine) as connection:
        kept = [find(connection, name) for name in asked.publications]
        note = current(connection, origin)
        children: set[str] = set(asked.children or ())
        for one in kept:
            made |= _publication(connection, one, asked, children)
        sizes = sorted({note.size, *(one.shown.position for one in kept)})
        rows = list(_rows(connection, None if asked.whole else _all_ids(connection, children)))
        made["events.ndjson"] = _ndjson(rows)
        facts = {
            "publications": [one.shown.publication for one in kept],
            "proofs": _proofs(connection, {row[0] for row in rows}, sizes),
            "product": f"caseclock {release()}",
            "command": f"caseclock reproduce {kept[0].shown.publication}",
        }
        made["evidence.json"] = msgspec.json.encode(facts)
        made["head.txt"] = write_note(note, key).encode()
        made["journal.ndjson"] = _ndjson(_journal(connection))
        made["ticks.ndjson"] = _ndjson(_ticks(connection))
    for one in kept:
        restated = restate(engine, rules, one.shown.publication)
        made[f"{one.shown.publication}/changes.json"] = msgspec.json.encode(
            shown(restated, against(restated, rules), "team")
        )
    made["verify.py"] = files("caseclock.audit").joinpath("verify.py").read_bytes()
    given_out(engine, note, key, now)
    return _written(out, made)


def _written(out: Path, made: dict[str, bytes]) -> dict[str, int]:
    manifest = "".join(f"{hashlib.sha256(made[name]).hexdigest()}  {name}\n" for name in sorted(made))
    for name, content in {**made, "MANIFEST": manifest.encode()}.items():
        path = out.joinpath(*name.split("/"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return {name: len(content) for name, content in made.items()}


def _ndjson(rows: Any) -> bytes:
    return b"".join(msgspec.json.encode(row) + b"\n" for row in rows)


def _publication(connection: Connection, kept: Kept, asked: Asked, children: set[str]) -> dict[str, bytes]:
    """The files of one publication. Adds to `children` those with a line, where none were asked for."""
    name = kept.shown.publication
    lines = list(lines_of(connection, name))
    if asked.children is None:
        children |= {line.line.child for line in lines if line.line is not None}
    clocks = _clocks(connection, kept, {line.line.child for line in lines if line.line and line.line.child in children})
    rules = read_back(connection, kept.digests)
    made = {
        "facts.json": msgspec.json.encode(kept.shown),
        "lines.ndjson": _ndjson(_line(line, children, clocks, rules) for line in lines),
        "figures.ndjson": _ndjson(_figures(kept, lines)),
        "duties.csv": _duties([line for line in lines if line.line is not None and line.line.child in children]),
    }
    texts = {row.digest: row.text for row in connection.execute(select(_KEPT.c.digest, _KEPT.c.text))}
    for kind, digest in zip(KINDS, kept.digests, strict=True):
        if digest not in texts:
            raise Unreadable(f"the {kind} of {name} is not in the store as it was kept")
        made[f"{kind}.json"] = texts[digest].encode()
    return {f"{name}/{file}": content for file, content in made.items()}


def _clocks(connection: Connection, kept: Kept, children: set[str]) -> dict[str, Clock]:
    """The clocks of children as the log told them up to the publication, by the rules of then."""
    folding = Folding(read_back(connection, kept.digests))
    view = folding.view(connection, kept.shown.position, kept.shown.as_of)
    return {c.id: c for _, clocks, _ in folding.each(view.histories(sorted(children))) for c in clocks}


def _line(line: KeptLine, children: set[str], clocks: dict[str, Clock], rules: Rules) -> list[Any]:
    """What the root is over; then salt, whom it is about and how its due day is counted, of the children asked for."""
    leaf = msgspec.Raw(line.leaf)
    if line.line is None or line.salt is None or line.line.child not in children:
        return [leaf, None, None, None]
    clock = clocks.get(line.line.clock or "")
    duty = _duty(rules.register.standards[line.standard], clock, rules) if clock is not None else None
    return [leaf, line.salt.hex(), line.who, duty]


def _duty(standard: Standard, clock: Clock, rules: Rules) -> dict[str, Any] | None:
    """The length from which a due day is counted; None where it is not counted in days from the start alone."""
    if standard.file.measure in ("must_hold", "must_not_happen") or clock.due_on is None or clock.prohibits:
        return None
    first = standard.limits.in_force(clock.started_on, None, rules.calendar)
    limits: list[Limit] = [limit for limit in (first, *standard.limits.all()) if limit is not None]
    for limit in limits:
        if not limit.in_hours and limit.due_on(clock.started_on, rules.calendar) == clock.due_on:
            stopped = clock.ended == "stopped" and clock.stop_cause is not None and clock.unmeasured is None
            length = limit.length
            return {"count": length.count, "unit": length.unit, "before": limit.before, "stopped": stopped}
    return None


def _figures(kept: Kept, lines: Sequence[KeptLine]) -> Iterator[list[Any]]:
    for by in _BY:
        for figure in published_figures(lines, kept.shapes, kept.period, by):
            for measure in MEASURES:
                if n := getattr(figure, measure) or 0:
                    yield [by, figure.group, figure.standard, measure, n]


def _duties(lines: Sequence[KeptLine]) -> bytes:
    """Each duty by child: due day, verdict, and the events that say why."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["child", "standard", "started_on", "due_on", "ended_on", "verdict", "team", "events"])
    told = [line.line for line in lines if line.line is not None and line.line.clock is not None]
    for one in sorted(told, key=lambda each: (each.child, each.standard, str(each.started_on))):
        days = [one.started_on, one.due_on, one.ended_on]
        rows.writerow([one.child, one.standard, *days, one.verdict, one.team, " ".join(one.causes)])
    return text.getvalue().encode()


def _all_ids(connection: Connection, children: set[str]) -> set[str]:
    """Every id that is merged, or ever was, with one of these."""
    linked = LogView(connection).linked
    return {one for child in children for one in linked.get(child, {child})}


def _rows(connection: Connection, ids: Collection[str] | None) -> Iterator[list[Any]]:
    """Rows of the log of some ids (None: all), and every erased one, in order: place, when known, source, digest, and
    of what was not erased salt and content."""
    columns = (_LOG.c.seq, _LOG.c.known_at, _LOG.c.source, _LOG.c.hash, _LOG.c.salt, _LOG.c.payload)
    query = select(*columns).order_by(_LOG.c.seq)
    if ids is not None:
        query = query.where(among(connection, _LOG.c.subject, ids) | _LOG.c.payload.is_(None))
    for seq, known_at, source, digest, salt, payload in driver_rows(connection, query):
        content = [bytes(salt).hex(), bytes(payload).decode()] if payload is not None else [None, None]
        yield [seq, spelt(known_at), source, bytes(digest).hex(), *content]


def _proofs(connection: Connection, places: set[int], sizes: Sequence[int]) -> list[dict[str, Any]]:
    """For the log of each size its root, and the roots of all that lies between the places, in order: inner hashes are
    given once for all of them."""
    query = select(_LOG.c.seq, _LOG.c.hash, _LOG.c.known_at, _LOG.c.source).order_by(_LOG.c.seq)
    leaves = [
        leaf_hash(log_leaf(seq, bytes(content), spelt(known_at), source))
        for seq, content, known_at, source in driver_rows(connection, query)
    ]
    found = []
    for size in sizes:
        some = sorted(place - 1 for place in places if place <= size)
        hashes: list[bytes] = []
        root = _walk(leaves, 0, size, some, hashes) if size else hashlib.sha256(b"").digest()
        found.append({"size": size, "root": root.hex(), "hashes": b64encode(b"".join(hashes)).decode()})
    return found


def _walk(leaves: Sequence[bytes], first: int, last: int, some: list[int], hashes: list[bytes]) -> bytes:
    """The root of a part; notes it where none of the places is in it and its parent has one."""
    if last - first == 1:
        node = leaves[first]
    else:
        half = first + (1 << (last - first - 1).bit_length() - 1)
        left = [place for place in some if place < half]
        right = some[len(left) :]
        inner: list[bytes] = hashes if some else []
        node = node_hash(_walk(leaves, first, half, left, inner), _walk(leaves, half, last, right, inner))
    if not some:
        hashes.append(node)
    return node


def _journal(connection: Connection) -> Iterator[list[Any]]:
    for row in connection.execute(select(_JOURNAL).order_by(_JOURNAL.c.seq)):
        yield [row.seq, spelt(row.at), row.act, row.told]


def _ticks(connection: Connection) -> Iterator[list[Any]]:
    for row in whole_ticks(connection):
        told = [value for name, value in row.items() if name != "chain"]
        yield [iso(value) if isinstance(value, datetime) else value for value in told]
