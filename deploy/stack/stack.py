"""The whole stack: broker, database, topics and tables, workers. Starting what runs changes nothing."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from pathlib import Path

from deploy.stack import needs, workers
from deploy.stack.broker import Broker
from deploy.stack.database import Database
from deploy.stack.jars import fetch
from deploy.stack.places import Ports

ENV = "caseclock.env"
Say = Callable[[str], None]


class Stack:
    """A stack in a folder."""

    def __init__(self, folder: Path, say: Say = print) -> None:
        self.folder, self._say = folder, say
        self._ports = Ports(folder)
        self._workers = folder / "workers"

    def start(self, each: int) -> None:
        """Starts what does not run, `each` of every worker, and waits until all are ready. Raises Missing, Died."""
        needs.java()
        needs.postgres()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._say(
            "broker: fetching what it needs (once)" if not (self.folder / "jars").is_dir() else "broker: starting"
        )
        broker = self._broker()
        broker.start()
        self._say(f"broker: {broker.address}")
        database = self._database()
        database.start()
        self._say(f"database: 127.0.0.1:{database.port}")
        added = {"CASECLOCK_DB": database.url, "CASECLOCK_KAFKA": broker.address}
        self._write_env(added)
        environ = workers.own_environ(added)
        workers.caseclock(environ, "migrate")
        workers.caseclock(environ, "topics", "create")
        self._start_workers(environ, each)
        self._say(f"`source {self._named(ENV)}` points `caseclock` at it; `make stack-stop` ends it")

    def stop(self) -> None:
        """Ends what runs: the workers first, so that each finishes what it has in hand."""
        running = [process for process in workers.started(self._workers) if process.running()]
        for process in running:
            process.ask_to_end()
        for process in running:
            process.stop(seconds=30)
        ended = [process.name for process in running]
        ended += ["broker"] if Broker(self.folder / "kafka", self.folder / "jars", 0, 0).stop() else []
        ended += ["database"] if Database(self.folder / "postgres", 0).stop() else []
        self._say(f"ended: {', '.join(ended)}" if ended else "nothing was running")

    def status(self) -> bool:
        """Says what runs; whether anything does."""
        found = [("broker", self._broker(fetched=False).process), ("database", self._database().process)]
        found += [(process.name, process) for process in workers.started(self._workers)]
        for name, process in found:
            pid = process.running()
            self._say(f"{name:<16} {f'runs, process {pid}, port {self._ports.of(name)}' if pid else 'does not run'}")
        return any(process.running() for _, process in found)

    def _start_workers(self, environ: dict[str, str], each: int) -> None:
        wanted = workers.of(self._workers, self._ports, workers.names(environ), each)
        kept = {worker.name for worker in wanted}
        for process in workers.started(self._workers):
            if process.name not in kept and process.stop():
                self._say(f"{process.name}: ended, no longer wanted")
        for worker in wanted:
            worker.start(environ)
        for worker in wanted:
            worker.wait()
            self._say(f"{worker.name}: health and metrics on 127.0.0.1:{worker.port}")

    def _broker(self, fetched: bool = True) -> Broker:
        jars = fetch(self.folder) if fetched else self.folder / "jars"
        return Broker(self.folder / "kafka", jars, self._ports.of("broker"), self._ports.of("controller"))

    def _database(self) -> Database:
        return Database(self.folder / "postgres", self._ports.of("database"))

    def _write_env(self, added: dict[str, str]) -> None:
        """For a shell to source. It holds the database's password, so nobody else may read it."""
        file = self.folder / ENV
        file.unlink(missing_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write("# Written by `make stack`. Every setting: docs/configuration.md\n")
            out.writelines(f"export {name}={shlex.quote(value)}\n" for name, value in added.items())

    def _named(self, name: str) -> Path:
        path = self.folder / name
        return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
