"""NDJSON, spoilt; and its plain reading: every line that is not blank is in the log, in quarantine, or was there before."""

from __future__ import annotations

import json
from datetime import date
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from random import Random

from caseclock.demo.county import County
from tests.fuzz import spoiling
from tests.fuzz.taking import Lost, Outcome

FORMAT = "ndjson"


@lru_cache(maxsize=1)
def _good() -> tuple[bytes, ...]:
    return tuple(raw for _, raw in County(30, date(2024, 1, 1), date(2024, 6, 1), seed=11))


def write(random: Random, path: Path) -> None:
    """Writes a file of some events, some of them spoilt."""
    start = random.randrange(len(_good()) - 20)
    lines = [
        _spoilt(random, raw) if random.random() < 0.4 else raw
        for raw in _good()[start : start + random.randrange(1, 20)]
    ]
    if random.random() < 0.3:
        lines += random.choices(lines, k=2)
    data = random.choice((b"\n", b"\n", b"\r\n", b"\n\n")).join(lines) + random.choice((b"\n", b"\n", b""))
    path.write_bytes(spoiling.bytes_of(random, data) if random.random() < 0.4 else data)


def _spoilt(random: Random, raw: bytes) -> bytes:
    if random.random() < 0.3:
        return spoiling.bytes_of(random, raw).replace(b"\n", b" ")
    event = json.loads(raw)
    where = event if random.random() < 0.5 or not event.get("data") else event["data"]
    name = random.choice([*where, "note"])
    how = random.random()
    if how < 0.25:
        where.pop(name, None)
    elif how < 0.5:
        where[name] = random.choice((None, True, 7, 10**400, 1.5, [], {}, ["a", None], {"a": 1}))
    else:
        where[name] = spoiling.odd(random, name in ("occurredon", "time", "recordedtime") or name.endswith("_on"))
    return json.dumps(event, ensure_ascii=random.random() < 0.5).encode()


def check(path: Path, outcome: Outcome) -> None:
    """Raises Lost where a line is nowhere, or a file is refused though every line of it is an object."""
    data = path.read_bytes()
    lines = [line.strip() for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n")]
    lines = [line for line in lines if line]
    if outcome.refused is not None:
        if lines and all(map(_is_object, lines)) and b"\0" not in data:
            raise Lost(f"refused whole, and every line is an object: {outcome.refused}")
        return
    if outcome.taken.read != len(lines):
        raise Lost(f"{len(lines)} lines, {outcome.taken.read} read")
    there = {(one["source"], one["id"]) for one in outcome.log}
    kept = {sha256(raw.encode()).digest() for raw, _ in outcome.kept}
    kept |= {sha256(raw.encode("utf-8", "surrogateescape")).digest() for raw, _ in outcome.kept}
    for line in lines:
        if sha256(line).digest() not in kept and _identity(line) not in there:
            raise Lost(f"a line is nowhere: {line[:200]!r}")


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _identity(line: bytes) -> tuple[object, object] | None:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return (event.get("source"), event.get("id")) if isinstance(event, dict) else None
