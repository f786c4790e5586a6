"""The flow on a real broker and PostgreSQL: raw records in, clocks and notices out, as one machine makes them."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from pathlib import Path

from sqlalchemy import Engine, select

from caseclock.runtime import rules
from deploy.stack.places import free
from schemas.store.engine import reader, table_of
from schemas.store.tables import Notice, Quarantined
from services.timeliness.table.catch_up import rebuild
from tests.helpers.brokers import Send
from tests.helpers.worker_flow import digest_of, of_one_machine, records
from tests.helpers.workers import all_folded, running, until


def asked(port: int, what: str) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{what}", timeout=5) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.read().decode()


def test_from_raw_records_to_notices(workers_environ, store: Engine, send: Send, tmp_path: Path) -> None:
    given = records()
    send(*given, *given[:50])
    send(b"this is no event")
    port = next(free(29300))
    with (
        running("timeliness", {**workers_environ, "CASECLOCK_HEALTH_PORT": str(port)}, tmp_path) as one,
        running("ingest alerts", workers_environ, tmp_path) as others,
    ):
        workers = [*one, *others]
        until(lambda: all_folded(store, len(given)), workers)
        assert digest_of(store) == of_one_machine()
        until(lambda: any((tmp_path / "notices").glob("*.txt")), workers)
        until(lambda: asked(port, "readyz") == "ok\n", workers)
        metrics = asked(port, "metrics")
        for line in ("caseclock_unfolded_events 0.0", 'caseclock_shard_unfolded_events{shard="63"} 0.0'):
            assert line in metrics
        assert [worker.stop() for worker in workers] == [0, 0, 0]
    children = {json.loads(raw)["subject"] for raw in given}
    said = metrics + "".join(worker.said() for worker in workers)
    assert not [child for child in children if child in said]
    with reader(store) as connection:
        assert connection.execute(select(table_of(Quarantined).c.code)).scalars().all() == ["not_json"]
        assert connection.execute(select(table_of(Notice).c.id)).first()
    assert rebuild(store, rules().register, rules().calendar).equal
