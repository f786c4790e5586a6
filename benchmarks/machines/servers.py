"""The broker and the database that the workers are measured on: those of `make stack`, in a folder of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

from benchmarks.county import FOLDER
from benchmarks.machines.processor import seconds_of
from caseclock.workers.broker import administration, create
from deploy.stack.broker import Broker
from deploy.stack.database import Database
from deploy.stack.jars import fetch
from deploy.stack.places import ROOT, folder, free
from schemas.settings.settings import Settings
from schemas.store.engine import connect
from services.ingest.log.guards import guard

PARTITIONS = 8
_ports = free(21100)


class Servers(NamedTuple):
    """A running pair."""

    broker: Broker
    database: Database
    environ: dict[str, str]

    def fresh(self, prefix: str) -> Mapping[str, str]:
        """Settings of an empty store and of topics with a prefix of their own."""
        name = f"bench_{prefix}"
        admin = connect(self.database.url)
        with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        admin.dispose()
        url = self.database.url.rpartition("/")[0] + f"/{name}"
        environ = {**self.environ, "CASECLOCK_DB": url, "CASECLOCK_TOPIC_PREFIX": f"{prefix}."}
        guard(connect(url))
        settings = Settings.read(environ)
        with administration(settings) as client:
            create(client, settings)
        return environ

    def processor(self) -> dict[str, float]:
        """Seconds of processor time so far, by server."""
        servers = {"broker": self.broker.process, "PostgreSQL": self.database.process}
        return {name: seconds_of(process.running() or 0) for name, process in servers.items()}


@contextmanager
def servers() -> Iterator[Servers]:
    """Started anew, ended and taken away afterwards."""
    place = (FOLDER / "machines").absolute()
    shutil.rmtree(place, ignore_errors=True)
    ports = free(21000)
    broker = Broker(place / "kafka", fetch(folder()), next(ports), next(ports), guard=os.getpid())
    database = Database(place / "postgres", next(ports), guard=os.getpid())
    try:
        broker.start()
        database.start()
        environ = {
            "CASECLOCK_KAFKA": broker.address,
            "CASECLOCK_PARTITIONS": str(PARTITIONS),
            "CASECLOCK_NOTICES": str(place / "notices"),
        }
        yield Servers(broker, database, environ)
    finally:
        broker.stop()
        database.stop()
        shutil.rmtree(place, ignore_errors=True)


class Running:
    """A process that is measured."""

    def __init__(self, module: list[str], environ: Mapping[str, str], name: str, python: str = sys.executable) -> None:
        FOLDER.mkdir(parents=True, exist_ok=True)
        self.name, self.log, self.port = name, FOLDER / f"{name}.log", next(_ports)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [python, "-m", *module],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env={**os.environ, **environ, "CASECLOCK_WORKER": name, "CASECLOCK_HEALTH_PORT": str(self.port)},
            )

    def alive(self) -> None:
        """Raises RuntimeError with what it said if it ended."""
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended: {said(self.log)}")

    def ready(self) -> bool:
        """Whether a worker says that it can work. Raises RuntimeError if it ended."""
        self.alive()
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def seconds(self) -> float:
        """Of processor time so far."""
        return seconds_of(self.process.pid)

    def end(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def said(log: Path) -> str:
    return log.read_text(errors="replace")[-3000:]
