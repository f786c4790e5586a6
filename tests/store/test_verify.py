"""Whoever changes the log, with the guards taken off, is found out: where, and what."""

from __future__ import annotations

import sqlite3
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from schemas.store.engine import connect
from services.ingest.intake.intake import take_in
from services.ingest.log.append import Verified, verify
from services.ingest.log.erase import erase
from services.ingest.log.guards import TRIGGERS
from tests.helpers.records import NOW, given, record

Tamper = Callable[..., None]


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """Five events, the third of them about a child that was erased, the fifth of the future."""
    engine = connect(f"sqlite:///{tmp_path}/log.db")
    first = [record(f"e{n}", f"C{n}", recordedtime="2024-03-06T10:00:00Z") for n in (1, 2, 3)]
    take_in(
        engine, given(*first, record("e4", "C4", occurredon=None, time="2024-03-05T10:00:00Z")), history=True, now=NOW
    )
    take_in(engine, given(record("e5", "C5", occurredon="2030-01-01")), history=False, now=NOW)
    erase(engine, "C3", "asked", NOW)
    return engine


@pytest.fixture
def tamper(engine: Engine, tmp_path: Path) -> Tamper:
    """Runs statements on the file, as somebody who drops the guards first."""

    def run(*statements: str) -> None:
        connection = sqlite3.connect(tmp_path / "log.db", isolation_level=None)
        for statement in (*(f"DROP TRIGGER {name}" for name in TRIGGERS), *statements):
            connection.execute(statement)
        connection.close()

    return run


def test_an_untouched_log_is_whole(engine: Engine) -> None:
    found = verify(engine)
    assert (found.result, found.checked, found.where, found.what) == ("whole", 5, None, None)
    assert len(bytes.fromhex(found.digest)) == 32


def test_an_empty_log_cannot_be_told_whole(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/empty.db")
    assert verify(engine) == Verified("cannot_tell", 0, "", None, "the log is empty: nothing was checked")
    assert verify(engine, f"1:{'0' * 64}").result == "broken"


def test_a_store_that_cannot_be_read_cannot_be_told_whole(engine: Engine, tamper: Tamper) -> None:
    tamper("DROP TABLE event_log")
    found = verify(engine)
    assert (found.result, found.checked) == ("cannot_tell", 0)
    assert found.what is not None
    assert "no such table" in found.what


SET = "UPDATE event_log SET {} WHERE seq = {}"
OTHER_HASH = "x'" + "ab" * 32 + "'"
NOT_ITS_PAYLOAD = "is not what its payload says"


@pytest.mark.parametrize(
    ("statement", "where", "what"),
    [
        (SET.format("payload = replace(payload, '2024', '2023')", 2), 2, "payload or salt was changed"),
        (SET.format("payload = CAST(replace(payload, '2024', '2023') AS BLOB)", 2), 2, "payload, salt or hash"),
        (SET.format("salt = x'00'", 2), 2, "payload, salt or hash"),
        (SET.format(f"hash = {OTHER_HASH}", 2), 2, "payload, salt or hash"),
        (SET.format("hash = 'text'", 2), 2, "hash was changed"),
        (SET.format(f"chain = {OTHER_HASH}", 2), 2, "chain does not hold"),
        (SET.format(f"chain = {OTHER_HASH}", 5), 5, "chain does not hold"),
        (SET.format("known_at = '2024-03-01T00:00:00.000000Z'", 2), 2, "chain does not hold"),
        (SET.format("known_at = 7", 2), 2, "chain does not hold"),
        (SET.format("source = 'other'", 2), 2, "chain does not hold"),
        (SET.format("id = 'other'", 2), 2, f"id {NOT_ITS_PAYLOAD}"),
        (SET.format("source = 'other'", 3), 3, "chain does not hold"),
        (SET.format("known_at = '2024-03-01T00:00:00.000000Z'", 3), 3, "chain does not hold"),
        (SET.format("subject = 'C9'", 2), 2, f"subject {NOT_ITS_PAYLOAD}"),
        (SET.format("type = 'case.reopened'", 2), 2, f"type {NOT_ITS_PAYLOAD}"),
        (SET.format("occurred_on = '2020-01-01'", 2), 2, f"occurred_on {NOT_ITS_PAYLOAD}"),
        (SET.format("occurred_on = NULL, recorded_at = NULL", 2), 2, f"occurred_on, recorded_at {NOT_ITS_PAYLOAD}"),
        (SET.format("future = 1", 2), 2, f"future {NOT_ITS_PAYLOAD}"),
        (SET.format("future = 0", 5), 5, f"future {NOT_ITS_PAYLOAD}"),
        (SET.format("payload = NULL, salt = NULL", 2), 2, "no erasure is entered"),
        (SET.format("subject = 'C3'", 3), 3, "still shows subject"),
        ("DELETE FROM erasure", 3, "no erasure is entered"),
        ("INSERT INTO erasure VALUES (2, '2024-06-03', 'never done')", 2, "it was not blanked"),
        ("INSERT INTO erasure VALUES (9, '2024-06-03', 'of what is gone')", 6, "the end was cut off"),
        ("DELETE FROM event_log WHERE seq = 1", 1, "row 1 is missing; the next one there is 2"),
        ("DELETE FROM event_log WHERE seq IN (2, 3)", 2, "row 2 is missing; the next one there is 4"),
        ("UPDATE event_log SET seq = seq + 1 WHERE seq = 5", 5, "row 5 is missing; the next one there is 6"),
    ],
)
def test_tampering_is_found(engine: Engine, tamper: Tamper, statement: str, where: int, what: str) -> None:
    tamper(statement)
    found = verify(engine)
    assert (found.result, found.where, found.checked) == ("broken", where, where - 1)
    assert found.what is not None
    assert what in found.what


def test_two_rows_that_changed_places_are_found(engine: Engine, tamper: Tamper) -> None:
    tamper(*(f"UPDATE event_log SET seq = {new} WHERE seq = {old}" for old, new in ((1, 99), (2, 1), (99, 2))))
    assert verify(engine).where == 1


def test_a_row_put_in_between_is_found(engine: Engine, tamper: Tamper) -> None:
    tamper(
        "UPDATE event_log SET seq = 6 WHERE seq = 5",
        "INSERT INTO event_log SELECT 5, source, 'new', type, subject, occurred_on, recorded_at, known_at, future,"
        " salt, payload, hash, chain, shard FROM event_log WHERE seq = 4",
    )
    assert verify(engine).where == 5


def test_a_cut_end_shows_only_beside_a_kept_head(engine: Engine, tamper: Tamper) -> None:
    whole = verify(engine)
    head = f"{whole.checked}:{whole.digest}"
    assert verify(engine, head).result == "whole"
    tamper("DELETE FROM event_log WHERE seq > 3")
    assert verify(engine).result == "whole"
    found = verify(engine, head)
    assert (found.result, found.checked, found.where) == ("broken", 3, 4)
    assert found.what == "the log ends at row 3, and the kept head is row 5: the end was cut off"


def test_a_kept_head_stays_good_as_the_log_grows_and_shows_a_rewritten_log(engine: Engine, tmp_path: Path) -> None:
    whole = verify(engine)
    head = f"{whole.checked}:{whole.digest}"
    take_in(engine, given(record("e6")), history=False, now=NOW)
    assert verify(engine, head).result == "whole"
    other = connect(f"sqlite:///{tmp_path}/other.db")
    take_in(other, given(*(record(f"x{n}") for n in range(9))), history=False, now=NOW)
    found = verify(other, head)
    assert (found.result, found.where) == ("broken", 5)
    assert found.what is not None
    assert "rewritten" in found.what


@pytest.mark.parametrize("head", ["7", "0:" + "0" * 64, "1:xyz", "1:" + "0" * 63, ":" + "0" * 64])
def test_a_head_that_is_none_is_refused(engine: Engine, head: str) -> None:
    with pytest.raises(ValueError, match="a head is SEQ:HASH"):
        verify(engine, head)


def test_memory_does_not_grow_with_the_log(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/long.db")
    take_in(engine, given(*(record(f"e{n}") for n in range(2000))), history=False, now=NOW)

    def peak() -> int:
        tracemalloc.start()
        assert verify(engine).result == "whole"
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    short = peak()
    take_in(engine, given(*(record(f"f{n}") for n in range(6000))), history=False, now=NOW)
    assert peak() < short * 1.5
