"""Doing what the schedule says."""

from __future__ import annotations

from contextlib import suppress
from random import Random
from threading import Event
from time import monotonic

from sqlalchemy.exc import SQLAlchemyError

from deploy.stack.broker import Broker
from deploy.stack.database import Database
from deploy.stack.workers import Worker
from tests.chaos.schedule import Deed
from tests.chaos.slow import Imports
from tests.chaos.stage import Stage

SOON = 0.7  # seconds that an import has the lock before a worker dies: its next batch is in hand by then
TWO_LOOKS = 4.5  # seconds in which workers look twice for what was left undone, and do it
MOST = 3  # workers of a service


class Deeds:
    """`do` comes back when the deed is done and everything that was taken away is there again."""

    def __init__(self, stage: Stage, imports: Imports, seed: int) -> None:
        self._stage, self._imports = stage, imports
        self._crew, self._chance, self._never = stage.crew, Random(f"whom {seed}"), Event()

    def do(self, deed: Deed) -> None:
        words = deed.what.split()
        if words[0] in ("broker", "database"):
            self._server(words[0], words[1] == "killed", deed.lasts)
        elif words[:2] == ["killed", "without"]:
            self._killed_without(words[2], deed)
        elif words[1:] == ["in", "a", "batch"]:
            self._in_a_batch(words[0], deed)
        else:
            {
                "kill": lambda: self._kill([self._one(deed.service)], deed.lasts),
                "kill all": lambda: self._kill(self._crew.of(deed.service), deed.lasts),
                "all killed": lambda: self._kill(self._crew.all(), deed.lasts + 2),
                "freeze": lambda: self._crew.freeze(self._one(deed.service), deed.lasts, self._never),
                "late append": lambda: self._imports.begin(deed.lasts).join(),
                "remove": lambda: self._remove(deed),
                "add": lambda: self._add(deed.service),
                "sessions ended": lambda: self._sessions("pg_terminate_backend", 0),
                "statements cancelled": lambda: self._sessions("pg_cancel_backend", 1.0),
            }[deed.what]()

    def _one(self, service: str) -> Worker:
        return self._chance.choice(self._crew.of(service))

    def _kill(self, workers: list[Worker], away: float) -> None:
        self._crew.kill(workers, away, self._never)

    def _remove(self, deed: Deed) -> None:
        worker = self._one(deed.service)
        self._crew.remove(worker)
        self._never.wait(deed.lasts)
        self._crew.back([worker])

    def _add(self, service: str) -> None:
        """Beyond so many, one goes as one comes."""
        if len(self._crew.of(service)) >= MOST:
            self._crew.remove(self._one(service))
        self._crew.add(service)

    def _in_a_batch(self, how: str, deed: Deed) -> None:
        importing = self._imports.begin(SOON + 1)
        self._never.wait(SOON)
        if how == "kill":
            self._kill(self._crew.of(deed.service), 0.5)
        else:
            self._crew.freeze(self._one(deed.service), deed.lasts, self._never)
        importing.join()

    def _server(self, name: str, hard: bool, away: float) -> None:
        server = self._down(name, hard)
        self._never.wait(away)
        server.start()

    def _down(self, name: str, hard: bool) -> Broker | Database:
        server = getattr(self._stage, name)
        server.kill() if hard else server.stop()
        return server

    def _killed_without(self, name: str, deed: Deed) -> None:
        server = self._down("broker" if name == "broker" else "database", True)
        self._never.wait(TWO_LOOKS)
        self._crew.kill(self._crew.of(deed.service), 0.5, self._never)
        self._never.wait(deed.lasts)
        server.start()

    def _sessions(self, what: str, seconds: float) -> None:
        statement = (
            f"SELECT {what}(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND (state <> 'idle' OR %(idle)s)"
        )
        end = monotonic() + seconds
        while True:
            with suppress(SQLAlchemyError), self._stage.store.connect() as connection:
                connection.exec_driver_sql(statement, {"idle": what == "pg_terminate_backend"})
            if monotonic() >= end:
                return
            self._never.wait(0.02)
