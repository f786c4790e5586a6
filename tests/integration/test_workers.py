"""The flow on a real broker and PostgreSQL: raw records in, clocks and notices out, as one machine makes them."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, select

from schemas.store import reader, table_of
from schemas.tables import Notice, Quarantined
from services.single import rules
from services.timeliness.project import rebuild
from tests.integration.brokers import GROUP, Send
from tests.integration.worker_flow import digest_of, of_one_machine, records
from tests.integration.workers import all_folded, running, until

pytestmark = GROUP
ALL = "ingest timeliness alerts"


def test_from_raw_records_to_notices(workers_environ, store: Engine, send: Send, tmp_path: Path) -> None:
    given = records()
    send(*given, *given[:50])
    send(b"this is no event")
    with running(ALL, workers_environ, tmp_path) as workers:
        until(lambda: all_folded(store, len(given)), workers)
        assert digest_of(store) == of_one_machine()
        until(lambda: any((tmp_path / "notices").glob("*.txt")), workers)
        assert [worker.stop() for worker in workers] == [0, 0, 0]
    with reader(store) as connection:
        assert connection.execute(select(table_of(Quarantined).c.code)).scalars().all() == ["not_json"]
        assert connection.execute(select(table_of(Notice).c.id)).first()
    assert rebuild(store, rules().register, rules().calendar).equal
