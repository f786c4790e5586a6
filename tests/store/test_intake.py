"""Taking in a source: whole or not at all, and every record accounted for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from schemas.store.engine import reader, table_of
from schemas.store.tables import Feed, LoggedEvent, Quarantined
from services.ingest.intake.intake import HistoryRefused, Intake, Taken, Unaccounted, in_batches, take_in
from services.ingest.log.append import verify
from services.ingest.readers import Reader, Unreadable
from services.ingest.readers.formats import open_reader
from tests.helpers.databases import Another, content
from tests.helpers.records import NOW, CutOff, given, merge, record, retraction

LOG, QUARANTINE, FEED = table_of(LoggedEvent), table_of(Quarantined), table_of(Feed)


def live(engine: Engine, source: Reader, at_once: int = 5000) -> Taken:
    return take_in(engine, source, history=False, now=NOW, at_once=at_once)


def quarantined(engine: Engine) -> list[tuple[object, ...]]:
    wanted = (QUARANTINE.c.place, QUARANTINE.c.code, QUARANTINE.c.subject, QUARANTINE.c.raw)
    with reader(engine) as connection:
        return [tuple(row) for row in connection.execute(select(*wanted).order_by(QUARANTINE.c.id))]


def logged(engine: Engine) -> list[str]:
    with reader(engine) as connection:
        return list(connection.execute(select(LOG.c.id).order_by(LOG.c.seq)).scalars())


def test_every_record_is_accepted_a_duplicate_or_quarantined(engine: Engine) -> None:
    records = [record("e1"), record("e1"), record("e1", team="north"), b"nonsense", record("e2", "C2", colour="red")]
    assert live(engine, given(*records)) == Taken(read=5, accepted=1, duplicate=1, rejected=3)
    assert quarantined(engine) == [
        ("request record 3", "conflict", "C1", records[2].decode()),
        ("request record 4", "not_json", None, "nonsense"),
        ("request record 5", "invalid", "C2", records[4].decode()),
    ]


def test_a_second_time_changes_nothing(engine: Engine) -> None:
    source = given(record("e1"), record("e2"), retraction("r1", of="e1"), b"nonsense", record("e3", colour="red"))
    first = live(engine, source)
    before = content(engine)
    again = live(engine, source)
    assert first == (5, 3, 0, 2)
    assert again == (5, 0, 3, 2)
    assert content(engine) == before


def test_duplicates_and_targets_are_found_across_batches(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    records = [
        record("e1", "C1"),
        record("e2", "C2"),
        record("e3", "C3"),
        record("e1", "C1"),
        retraction("r1", of="e2", child="C1"),
        record("e3", "C3", team="north"),
        merge("m1", "C1", "C2"),
        record("e4"),
        merge("m2", "C2", "C3"),
        record("e5"),
        merge("m3", "C3", "C1"),
        merge("m4", "C2", "C3"),
    ]
    assert live(engine, given(*records), at_once=2) == (12, 8, 1, 3)
    assert [row[1] for row in quarantined(engine)] == ["wrong_subject", "conflict", "merge_cycle"]
    assert verify(engine).checked == 9, "the withdrawal too, once the merge says that C1 and C2 are one child"


def test_merges_in_the_log_count_unless_retracted(engine: Engine) -> None:
    live(engine, given(merge("m1", "C1", "C2"), merge("m2", "C2", "C3"), record("e1", "C1")))
    assert live(engine, given(merge("m3", "C3", "C1"))).rejected == 1
    assert live(engine, given(retraction("r1", of="m1", child="C1"))).accepted == 1
    assert live(engine, given(merge("m4", "C3", "C1"))).accepted == 1
    assert live(engine, given(retraction("r2", of="r1", child="C1"))).rejected == 1


def test_bytes_that_are_no_text_are_kept_escaped(engine: Engine) -> None:
    live(engine, given(b'{"team":"caf\xe9\0"}'))
    assert quarantined(engine)[0][3] == '{"team":"caf\\xe9\\x00"}'


def test_a_source_that_fails_leaves_nothing(engine: Engine) -> None:
    live(engine, given(record("e0")))
    before = content(engine)
    records = [record(f"n{n}", source="mosaic") for n in range(5)] + [b"nonsense", b"more"]
    for failing in (CutOff(*records), CutOff(*records, error=RuntimeError("out of disk"))):
        with pytest.raises((Unreadable, RuntimeError)):
            live(engine, failing, at_once=2)
        assert content(engine) == before
    assert live(engine, given(*records)).accepted == 5


KILLED = """
import os, signal, sys
from tests.helpers.records import NOW, given, record
from schemas.store.engine import connect
from services.ingest.intake.intake import take_in

class Killed:
    size = None
    def place(self, position): return ""
    def __iter__(self):
        yield from enumerate((record(f"k{n}") for n in range(12_000)), start=1)
        os.kill(os.getpid(), signal.SIGKILL)

take_in(connect(sys.argv[1]), Killed(), history=False, now=NOW)
"""


def test_a_killed_process_leaves_nothing(engine: Engine, store_url: str) -> None:
    live(engine, given(record("e0")))
    before = content(engine)
    root = Path(__file__).parents[2]
    killed = subprocess.run([sys.executable, "-c", KILLED, store_url], cwd=root, env={**os.environ, "PYTHONPATH": "."})
    assert killed.returncode == -signal.SIGKILL
    assert content(engine) == before
    assert live(engine, given(record("e1"))).accepted == 1
    assert verify(engine).checked == 2


def test_of_two_rivals_the_first_is_kept_and_the_second_is_a_conflict(engine: Engine) -> None:
    ours, theirs = record("e1", occurredon="2024-03-05"), record("e1", occurredon="2024-03-06")
    assert live(engine, given(ours)).accepted == 1
    assert live(engine, given(theirs)).rejected == 1
    assert live(engine, given(ours)).duplicate == 1
    assert logged(engine) == ["e1"]


def test_rival_imports_take_turns(engine: Engine, another: Another) -> None:
    """Several at once, each with its own connection: whole sources one after another, with no gap."""
    engines = {name: another() for name in "abc"}

    def rival(name: str) -> None:
        records = (record(f"{name}{n}", source=name) for n in range(300))
        take_in(engines[name], given(*records, record("shared")), history=False, now=NOW, at_once=50)

    threads = [threading.Thread(target=rival, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    order = [id[0] for id in logged(engine) if id != "shared"]
    assert len(order) == 900
    assert [order[n] for n in (0, 300, 600)] == sorted(set(order), key=order.index)
    assert logged(engine).count("shared") == 1
    assert verify(engine).result == "whole"


def test_live_events_make_their_source_live_and_history_is_refused_from_then_on(engine: Engine) -> None:
    take_in(engine, given(record("e1")), history=True, now=NOW)
    take_in(engine, given(record("e2")), history=True, now=NOW)
    live(engine, given(record("e3"), record("m1", source="mosaic")))
    before = content(engine)
    with pytest.raises(HistoryRefused, match="carefirst is live since 2024-06-03 09:00 UTC"):
        take_in(engine, given(record("x1", source="other"), record("e4")), history=True, now=NOW)
    assert content(engine) == before
    assert take_in(engine, given(record("x1", source="other")), history=True, now=NOW).accepted == 1


def test_what_brings_nothing_new_makes_nothing_live(engine: Engine) -> None:
    take_in(engine, given(record("e1")), history=True, now=NOW)
    live(engine, given(record("e1"), record("e2", colour="red")))
    with reader(engine) as connection:
        assert connection.execute(select(func.count()).select_from(FEED)).scalar() == 0


def test_progress_is_told_in_the_readers_unit(tmp_path: Path, engine: Engine) -> None:
    def told(source: Reader) -> list[int]:
        steps: list[int] = []
        take_in(engine, source, history=False, now=NOW, progress=steps.append, at_once=2)
        return steps

    path = tmp_path / "events.ndjson"
    path.write_bytes(b"\n".join(record(f"e{n}") for n in range(5)))
    assert len(told(open_reader(path))) == 3
    assert told(open_reader(path))[-1] == path.stat().st_size == open_reader(path).size
    assert told(given(*(record(f"f{n}") for n in range(5)))) == [2, 4, 5]


def test_batches_are_small_enough_to_hold() -> None:
    records = list(enumerate([b"x" * 4] * 7))
    assert [len(batch) for batch in in_batches(records, at_once=3, bytes_at_once=100)] == [3, 3, 1]
    assert [len(batch) for batch in in_batches(records, at_once=100, bytes_at_once=7)] == [2, 2, 2, 1]
    assert list(in_batches([], 3, 100)) == []


@pytest.mark.parametrize("cut", [b"", b"{", b"\xff\xfe{\x00"])
def test_a_file_refused_whole_leaves_nothing(engine: Engine, tmp_path: Path, cut: bytes) -> None:
    before = content(engine)
    path = tmp_path / "events.ndjson"
    path.write_bytes(record("e1") + b"\n" + cut if cut == b"{" else cut)
    with pytest.raises(Unreadable):
        live(engine, open_reader(path))
    take_in(engine, given(), history=False, now=NOW)
    assert content(engine) == before


def test_an_import_that_cannot_say_what_became_of_each_record_takes_none(engine: Engine) -> None:
    """The sum is looked at, and not made up: with one count wrong nothing is taken in."""
    with engine.connect() as connection:
        intake = Intake(connection, given(), False, NOW)
        intake.take([(1, record("e1")), (2, b"{}"), (3, record("e1"))])
        assert intake.taken() == (3, 1, 1, 1)
        intake.duplicate -= 1
        with pytest.raises(Unaccounted, match="nothing was taken in"):
            intake.taken()


def test_ids_of_events_that_have_the_childs_in_them_are_warned_of(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """With how many, and without the id; not of one that is a part of another word, a hash say."""
    records = (record("note-KID7-1", "KID7"), record("xKID7", "KID7"), record("e3", "KID7"), record("KID7", "C2"))
    family = record("f1", "KID7", "child.family_set", data={"family_id": "fam-KID7"})
    assert take_in(engine, given(*records, family), history=False, now=NOW).accepted == 5
    (said,) = caplog.messages
    assert said.startswith("2 of 5 events taken have the child's id in ids of their own")
    assert "KID7" not in said
