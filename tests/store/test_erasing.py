"""A child erased is gone: from every column and every byte, under every id, and nothing that stays says who it was."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Collection
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select, text
from sqlmodel import SQLModel

from caseclock.erasing import Forgotten, forget
from caseclock.runtime import fold, open_store, rules, sweep_once
from caseclock.store_copy import copy
from schemas.store.engine import connect, reader, table_of
from schemas.store.erased import KeyMissing
from schemas.store.remains import Remains, remains, write_anew
from schemas.store.tables import Acknowledgement, Alert, LoggedEvent, Quarantined
from services.alerts.channels.file import Folder
from services.ingest.decide.chain import BEGINNING, former_link
from services.ingest.decide.naming import Names
from services.ingest.intake.intake import take_in
from services.ingest.log.row import spelt
from services.ingest.log.verify import verify
from services.ingest.readers.formats import open_reader
from services.timeliness.table.catch_up import rebuild
from tests.helpers.databases import Another, content
from tests.helpers.postgres import Server
from tests.helpers.records import NOW, given, merge, record, retraction

LOG, ALERT, ACK, QUARANTINE = map(table_of, (LoggedEvent, Alert, Acknowledgement, Quarantined))
KID = "KID-000022"
SQLITE = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


def erased(engine: Engine, child: str = KID, notices: Path | None = None, patience: int = 5) -> Forgotten:
    return forget(engine, rules(), child, "records panel, 3 June", NOW, notices, patience)


def live(engine: Engine, *records: bytes) -> tuple[int, ...]:
    return tuple(take_in(engine, given(*records), history=False, now=NOW))


def payloads(engine: Engine) -> list[bytes | None]:
    with reader(engine) as connection:
        return list(connection.execute(select(LOG.c.payload).order_by(LOG.c.seq)).scalars())


def everything(engine: Engine) -> str:
    """Every value of every column of every table, as text."""
    return repr(content(engine))


REFUSED = (
    record("q1", KID, colour="red"),
    b'{"id":"q2","subject":"' + KID.encode(),
    b"{'id':'q3','subject':'" + KID.encode() + b"'}",
    b'{"id":"q4","subject":"\\u004bID-000022"}',
    b'{"id":"q5","subject":" kid-000022 "}',
    KID.encode() + b",visit.made,2026-11-01",
    record("q6", "C9", note=f"see {KID}"),
    record("q7", "C9", **{KID.replace("-", "_"): "x"}),
)


def test_it_leaves_quarantine_however_it_is_spelt(engine: Engine) -> None:
    live(engine, *REFUSED[:-1], record("other", "C9", colour="red"))
    done = erased(engine)
    assert (done.erased.quarantined, done.found.nothing) == (7, True)
    with reader(engine) as connection:
        assert [
            raw is None for raw in connection.execute(select(QUARANTINE.c.raw).order_by(QUARANTINE.c.id)).scalars()
        ] == [True] * 7 + [False]
    live(engine, *REFUSED[:-1])
    assert KID.lower() not in everything(engine).lower()


def test_a_file_called_by_the_child_and_a_key_that_is_the_child_are_not_kept_in_quarantine(engine: Engine) -> None:
    with engine.begin() as connection:
        values = {"received_at": NOW, "code": "invalid", "raw": "{}", "raw_hash": "x"}
        connection.execute(insert(QUARANTINE).values(place=f"{KID}.ndjson line 1", reason="no", **values))
        connection.execute(insert(QUARANTINE).values(place="a line 1", reason=f"`{KID}` is no attribute", **values))
    assert erased(engine).erased.quarantined == 2
    assert KID not in everything(engine)


def test_facts_of_others_that_name_it_are_said_again_without_the_name(engine: Engine) -> None:
    told = (
        record("a1", KID),
        record("f1", "C1", "child.family_set", data={"family_id": f"fam-{KID}"}),
        record("f2", "C2", "child.family_set", data={"family_id": f"fam-{KID}"}),
        record("f3", "C3", "child.family_set", data={"family_id": "fam-KID-0000221"}),
        record(f"case-{KID}", "C4"),
        retraction("r4", f"case-{KID}", "C4"),
    )
    live(engine, *told)
    before = verify(engine)
    done = erased(engine)
    assert (done.erased.events, done.erased.said_again, done.found.nothing) == (1, 4, True)
    said = [payload.decode() for payload in payloads(engine) if payload]
    families = [one.split('"family_id":"')[1][:23] for one in said if "family_id" in one]
    assert families[0] == "fam-KID-0000221"[:23] + families[0][15:]  # the other, untouched
    assert families[1] == families[2] != families[0]
    assert families[1].startswith("erased-")
    (case,) = (one for one in said if '"case.closed"' in one)
    new_id = case.split('"id":"')[1].split('"')[0]
    assert [f'"retracts":"{new_id}"' in one for one in said if "retracts" in one] == [True]
    assert live(engine, *told) == (6, 0, 6, 0)
    assert verify(engine, f"{before.checked}:{before.digest}").result == "whole"
    with reader(engine) as connection:
        known = connection.execute(select(LOG.c.known_at).where(LOG.c.payload.is_not(None))).scalars()
        assert set(known) == {NOW}
    assert rebuild(engine, rules().register, rules().calendar).equal


def test_a_number_is_not_found_in_days_and_codes_of_others(engine: Engine) -> None:
    """A child called 12: the twelfth of a month, a code 12 and a child 12-2 are not it."""
    told = (
        record("a", "12"),
        record("b", "C2", occurredon="2024-03-12", recordedtime="2024-03-12T12:12:12+01:00"),
        record("c", "12-2"),
        record("d", "12-2", "child.family_set", data={"family_id": "12-2/f"}),
        record("e", "C2", "referral.received", data={"referral_id": "r", "source": "12"}),
        record("q", "12-2", colour="red", occurredon="2024-03-12"),
        b"12-2,2024-03-12,visit",
    )
    live(engine, *told)
    before = payloads(engine)
    done = erased(engine, "12")
    assert (done.erased[:3], done.found) == ((1, 0, 0), Remains({}, {}, 0, ()))
    assert payloads(engine)[1:] == before[1:]


def test_what_is_said_again_stays_known_since_when_it_was(engine: Engine) -> None:
    earlier = NOW - timedelta(days=90)
    take_in(
        engine,
        given(record("f1", "C1", "child.family_set", data={"family_id": f"fam-{KID}"})),
        history=False,
        now=earlier,
    )
    erased(engine)
    with reader(engine) as connection:
        assert list(connection.execute(select(LOG.c.known_at).order_by(LOG.c.seq)).scalars()) == [earlier, earlier]


def test_one_id_of_a_merged_group_means_the_group(engine: Engine) -> None:
    live(
        engine, record("a1", KID), record("b1", "OLD-7"), merge("m1", "OLD-7", KID), record("q1", "OLD-7", colour="red")
    )
    done = erased(engine)
    assert (done.ids, done.erased.events, done.erased.quarantined) == (2, 3, 1)
    assert "OLD-7" not in everything(engine)


def test_a_merge_that_was_withdrawn_takes_no_other_child_along(engine: Engine) -> None:
    live(engine, record("a1", KID), record("b1", "C1"), merge("m1", "C1", KID), retraction("w1", "m1", "C1"))
    assert erased(engine).erased.events == 1
    assert [payload is None for payload in payloads(engine)] == [True, False, True, False]
    assert KID not in everything(engine)


def test_the_merge_of_another_with_it_is_not_a_duplicate_of_nothing(engine: Engine) -> None:
    """The withdrawn merge is erased with the child: sent again it is known, and does not come back."""
    records = (record("a1", KID), merge("m1", "C1", KID), retraction("w1", "m1", "C1"))
    live(engine, *records)
    erased(engine)
    assert live(engine, *records) == (3, 0, 3, 0)


# -- what managers were told -------------------------------------------------------------------------------------------


def told(engine: Engine, folder: Path) -> None:
    """An enquiry whose conference is overdue, told in a file, and answered."""
    live(
        engine,
        record("t1", KID, "case.team_set", data={"team": "north-1", "reason": "new"}),
        record("s1", KID, "enquiry.started", data={"enquiry_id": "s1"}),
    )
    sweep_once(engine, rules(), NOW, [Folder(folder)])
    with engine.begin() as connection:
        alert = connection.execute(select(ALERT.c.id).where(~ALERT.c.skipped)).scalars().first()
        values = {"alert": alert, "by_on": date(2024, 6, 20), "at": NOW}
        connection.execute(insert(ACK).values(reason=f"asked the family of {KID}", **values))


def test_what_was_told_stays_and_whom_it_was_about_goes(engine: Engine, tmp_path: Path) -> None:
    told(engine, tmp_path / "notices")
    before = content(engine)
    files = {file.stem for file in (tmp_path / "notices").glob("*.txt")}
    assert erased(engine, notices=tmp_path / "notices").found.nothing
    after = content(engine)
    for table in ("alert", "acknowledgement", "notice", "telling", "delivery"):
        assert len(after[table]) == len(before[table]) > 0
    assert {row[6] for row in after["alert"]} == {""}
    names = [row[:2] for row in before["alert"]] + [row[:1] for row in before["notice"]] + [tuple(files)]
    assert not any(one in everything(engine) for row in names for one in row)
    assert {file.stem for file in (tmp_path / "notices").glob("*.txt")}.isdisjoint(files)
    again = sweep_once(engine, rules(), NOW + timedelta(days=3), [Folder(tmp_path / "notices")])
    assert (again.told, again.sent) == (0, 0)  # nobody is told of it any more, and nothing is sent twice


# -- what stays says nothing -------------------------------------------------------------------------------------------

CENSUS = """<Message><Header><CollectionDetails><Collection>CIN</Collection><Year>2022</Year>
<ReferenceDate>2022-03-31</ReferenceDate></CollectionDetails><Source><LEA>926</LEA></Source></Header><Children><Child>
<ChildIdentifiers><LAchildID>KID000022</LAchildID><PersonBirthDate>2012-03-04</PersonBirthDate></ChildIdentifiers>
<CINdetails><CINreferralDate>2021-05-05</CINreferralDate><ReferralSource>1A</ReferralSource><ReferralNFA>0</ReferralNFA>
<Assessments><AssessmentActualStartDate>2021-05-06</AssessmentActualStartDate></Assessments></CINdetails></Child>
</Children></Message>"""


def test_ids_that_are_hashes_cannot_be_found_out_by_trying(engine: Engine, tmp_path: Path) -> None:
    """Whoever tries every child, kind and day finds the ids, clocks and alerts that were there, in no byte of it."""
    file = tmp_path / "census.xml"
    file.write_text(CENSUS)
    taken = take_in(engine, open_reader(file), history=False, now=NOW)
    assert taken.accepted > 3
    sweep_once(engine, rules(), NOW, [])
    before = content(engine)
    hashes = {row[2] for row in before["event_log"] if b"KID000022" in (row[10] or b"")}
    hashes |= {
        value for table in ("clock", "alert", "clock_alias") for row in before[table] for value in row if is_hash(value)
    }
    assert len(hashes) > 5
    done = erased(engine, "KID000022")
    assert done.found.nothing
    assert [one for one in hashes if one in everything(engine)] == []
    again = take_in(engine, open_reader(file), history=False, now=NOW)
    assert (again.accepted, again.rejected) == (0, 0)
    assert verify(engine).result == "whole"


def is_hash(value: object) -> bool:
    return isinstance(value, str) and len(value) >= 16 and set(value) <= set("0123456789abcdef")


def test_what_stays_of_a_row_is_the_same_whoever_it_was(engine: Engine) -> None:
    """Two children whose shards differ: no column but the names by the key, the place and the hashes tells them apart."""
    live(engine, record("e1", KID), record("e2", "KID-000023"))
    erased(engine)
    erased(engine, "KID-000023")
    with reader(engine) as connection:
        first, second = (row._asdict() for row in connection.execute(select(LOG).order_by(LOG.c.seq)))
    assert {name for name in first if first[name] != second[name]} == {"seq", "id", "hash", "chain"}
    assert first["shard"] == -1


def test_neither_is_the_chain_a_way_to_try_them(engine: Engine) -> None:
    live(engine, record("e1", KID))
    with reader(engine) as connection:
        row = connection.execute(select(LOG)).one()
    guess = former_link(BEGINNING, 1, row.hash, spelt(row.known_at), row.source, "e1")
    assert guess != row.chain


# -- the key -----------------------------------------------------------------------------------------------------------


def key_of(engine: Engine) -> Path:
    return Path(f"{engine.url.database}.key")


@SQLITE
def test_the_key_lies_beside_the_store_and_is_its_owners(engine: Engine) -> None:
    erased(engine)
    assert os.stat(key_of(engine)).st_mode & 0o777 == 0o600
    assert len(key_of(engine).read_text().strip()) == 64


@SQLITE
@pytest.mark.parametrize("other", [None, "ab" * 32])
def test_without_the_key_nothing_is_taken_that_may_have_been_erased(engine: Engine, other: str | None) -> None:
    live(engine, record("e1", KID))
    erased(engine)
    kept = key_of(engine).read_text()
    key_of(engine).unlink()
    if other is not None:
        key_of(engine).write_text(other)
    with pytest.raises(KeyMissing, match="put"):
        live(engine, record("e1", KID))
    key_of(engine).write_text(kept)
    assert live(engine, record("e1", KID)) == (1, 0, 1, 0)


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_on_a_server_the_key_must_be_set(store_url: str) -> None:
    engine = connect(store_url)
    with pytest.raises(KeyMissing, match="CASECLOCK_ERASURE_KEY"):
        erased(engine)
    engine.dispose()


@SQLITE
def test_a_copy_of_the_store_has_the_key(engine: Engine, tmp_path: Path) -> None:
    live(engine, record("e1", KID), record("e2", "C2"))
    erased(engine)
    there = connect(f"sqlite:///{tmp_path}/copy.db")
    copy(engine, there, rules().register, rules().calendar)
    assert key_of(there).read_text() == key_of(engine).read_text()
    assert live(there, record("e1", KID)) == (1, 0, 1, 0)
    there.dispose()


# -- the proof ---------------------------------------------------------------------------------------------------------


def found(engine: Engine, ids: Collection[str] = (KID,)) -> tuple[dict[str, int], bool]:
    one = remains(engine, ids, (), Names(ids).within)
    return one.columns, bool(one.places)


def test_the_proof_finds_what_is_there(engine: Engine) -> None:
    live(engine, record("e1", KID), record("e2", "KID-0000221"), record("q", KID, colour="red"))
    write_anew(engine)
    columns, in_bytes = found(engine)
    assert columns == {"event_log.subject": 1, "event_log.payload": 1, "quarantine.subject": 1, "quarantine.raw": 1}
    assert in_bytes
    assert erased(engine).found.nothing


def test_a_name_that_another_begins_with_is_no_find(engine: Engine) -> None:
    live(engine, record("e1", "C1"), record("e2", "C10"), record("e3", "XC1"), record("e4", "C100", team="C1-0"))
    done = erased(engine, "C1")
    assert (done.erased.events, done.erased.said_again, done.found.nothing) == (1, 1, True)


@SQLITE
def test_what_a_row_left_behind_in_a_page_is_found_and_goes(engine: Engine, tmp_path: Path) -> None:
    fold(engine, rules())
    raw = sqlite3.connect(str(engine.url.database))
    raw.execute("PRAGMA secure_delete=OFF")
    raw.execute("CREATE TABLE t (x)")
    raw.executemany("INSERT INTO t VALUES (?)", [(f"{KID} {n}" * 50,) for n in range(300)])
    raw.execute("DROP TABLE t")
    raw.commit()
    raw.close()
    assert found(engine) == ({}, True)
    assert erased(engine).found.nothing


@SQLITE
def test_with_a_reader_open_it_says_what_is_not_done_and_is_done_when_asked_again(
    engine: Engine, another: Another
) -> None:
    live(engine, record("e1", KID), record("e2", "C2"))
    other = another()
    with reader(other) as connection:
        connection.execute(text("SELECT count(*) FROM event_log")).scalar()
        first = erased(engine, patience=1)
    assert not first.found.nothing
    assert "run `caseclock erase` again" in first.found.not_done[0]
    assert first.found.places
    second = erased(engine)
    assert (second.erased.events, second.found.nothing) == (0, True)


@SQLITE
def test_with_pages_and_workers_open_it_is_done_at_once(engine: Engine, another: Another) -> None:
    live(engine, record("e1", KID), record("e2", "C2"))
    pages, worker = another(), another()
    for opened in (pages, worker):  # connected, and between two questions
        with reader(opened) as connection:
            connection.execute(text("SELECT count(*) FROM event_log")).scalar()
    assert erased(engine, patience=1).found.nothing
    assert live(worker, record("e3", "C2"))[1] == 1
    assert SQLModel.metadata.tables  # every table was looked through


@SQLITE
def test_heads_kept_before_ids_left_the_chain_still_compare_until_a_row_is_erased(engine: Engine) -> None:
    live(engine, record("e1", "C1"), record("e2", KID), record("e3", "C3"))
    chain = BEGINNING
    heads = []
    with reader(engine) as connection:
        for row in connection.execute(select(LOG).order_by(LOG.c.seq)):
            chain = former_link(chain, row.seq, row.hash, spelt(row.known_at), row.source, row.id)
            heads.append(f"{row.seq}:{chain.hex()}")
    assert [verify(engine, head).result for head in heads] == ["whole"] * 3
    erased(engine)
    assert [verify(engine, head).result for head in heads] == ["whole", "broken", "broken"]
    assert "before the store was of version 0016" in str(verify(engine, heads[2]).what)


def test_a_store_opened_by_the_product_has_the_key_of_the_setting(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASECLOCK_ERASURE_KEY", "k" * 40)
    engine = open_store(store_url)
    live(engine, record("e1", KID))
    erased(engine)
    assert store_url.startswith("postgresql") or not key_of(engine).exists()
    assert live(engine, record("e1", KID)) == (1, 0, 1, 0)
    engine.dispose()


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
def test_the_script_for_a_server_looks_in_its_files_and_backups(
    engine: Engine, store_url: str, postgres: Server, tmp_path: Path
) -> None:
    script = Path(__file__).parents[2] / "deploy" / "postgres_after_erasure.sh"
    asked = store_url.replace("+psycopg", "")
    path = f"{postgres.programs}:{os.environ['PATH']}"

    def ran(*backups: Path) -> subprocess.CompletedProcess[str]:
        command = [str(script), asked, *map(str, backups)]
        environment = {**os.environ, "PATH": path}
        return subprocess.run(
            command, input=f"{KID}\n", env=environment, capture_output=True, text=True, check=False, timeout=120
        )

    def dumped(name: str) -> Path:
        subprocess.run(["pg_dump", "-Fc", "-d", asked, "-f", tmp_path / name], env={"PATH": path}, check=True)
        return tmp_path / name

    live(engine, record("e1", KID))
    before = dumped("before.dump")
    assert ran().returncode == 1
    erased(engine)
    after = ran(before, dumped("after.dump"))
    assert "files of tables that hold one of the ids: 0" in after.stdout
    assert f"{before}: holds one of the ids" in after.stdout
    assert "after.dump: holds none of them" in after.stdout
    assert after.returncode == 3  # the server has not written over its old log yet, and it is said
