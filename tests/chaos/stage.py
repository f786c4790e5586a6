"""Where it happens: a broker, a PostgreSQL and workers of its own, in a folder of its own, as `make stack` has them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine

from caseclock.runtime import open_store
from caseclock.workers.broker import administration, create
from deploy.stack import workers
from deploy.stack.broker import Broker
from deploy.stack.database import Database
from deploy.stack.jars import fetch
from deploy.stack.places import ROOT, folder, free
from schemas.settings.settings import Settings
from schemas.store.engine import open_engine
from tests.chaos.crew import Crew

PARTITIONS = 4
FIRST_PORT = 30100  # below those that systems give to whoever connects, which must not take them meanwhile


class Stage(NamedTuple):
    """`store`: opened by the harness, as one of the workers would. `notices`: the folder that managers look into."""

    folder: Path
    broker: Broker
    database: Database
    settings: Settings
    store: Engine
    crew: Crew
    notices: Path


@contextmanager
def folder_of_its_own(keep: bool = False) -> Iterator[Path]:
    """A new folder that whoever runs PostgreSQL can enter; taken away afterwards, unless it is to be kept."""
    place = Path(tempfile.mkdtemp(prefix="caseclock-chaos-"))
    place.chmod(0o755)
    try:
        yield place
    finally:
        if not keep:
            shutil.rmtree(place, ignore_errors=True)


@contextmanager
def stage(place: Path) -> Iterator[Stage]:
    """Starts broker and database; the workers are for who asks. All ends with the block, or with this process. Raises
    Missing, Died."""
    ports = free(FIRST_PORT + os.getpid() % 40 * 60)
    jars = fetch(folder())
    broker = Broker(place / "kafka", jars, next(ports), next(ports), guard=os.getpid())
    database = Database(place / "postgres", next(ports), guard=os.getpid())
    crew: Crew | None = None
    try:
        broker.start()
        database.start()
        notices = place / "notices"
        added = _environ(broker, database, notices)
        settings = Settings.read(added)
        with administration(settings) as client:
            create(client, settings)
        open_store(database.url).dispose()
        environ = {**workers.own_environ(added), "PYTHONPATH": str(ROOT)}
        crew = Crew(place / "workers", environ, os.getpid(), ports)
        store = open_engine(database.url)
        yield Stage(place, broker, database, settings, store, crew, notices)
        store.dispose()
    finally:
        if crew is not None:
            crew.stop()
        broker.stop()
        database.stop()


def _environ(broker: Broker, database: Database, notices: Path) -> dict[str, str]:
    return {
        "CASECLOCK_DB": database.url,
        "CASECLOCK_KAFKA": broker.address,
        "CASECLOCK_TOPIC_PREFIX": "chaos.",
        "CASECLOCK_PARTITIONS": str(PARTITIONS),
        "CASECLOCK_BATCH": "200",  # many small batches: more that can be cut in the middle
        "CASECLOCK_SWEEP_SECONDS": "2",
        "CASECLOCK_DATABASE_WAIT": "2",
        "CASECLOCK_NOTICES": str(notices),
    }
