"""A Kafka broker of one's own: KRaft, no ZooKeeper, on loopback."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
from pathlib import Path

from deploy.stack.needs import java
from deploy.stack.places import must_be_free
from deploy.stack.processes import Died, Process

TEMPLATE = Path(__file__).parents[1] / "kafka" / "server.properties"
LOG4J = TEMPLATE.with_name("log4j2.properties")
CLUSTER = "caseclock-stack-000000"  # 22 characters, as Kafka's own ids
HEAP = "512m"
READY = 60  # seconds; 4 on a quiet machine, and a crashed broker first reads its logs again


class Broker:
    """A broker in a folder: its data, its log, its process. Started, stopped, killed, and started again. `more`:
    properties beside those of the template, or in place of them."""

    def __init__(
        self, folder: Path, jars: Path, port: int, controller_port: int, guard: int | None = None, more: str = ""
    ) -> None:
        self.folder, self.port = folder, port
        self._jars, self._controller_port, self._guard = jars, controller_port, guard
        self._more = more
        self.process = Process(folder, "broker")

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts it and waits until it answers; does nothing if it does already. Raises Died, Missing."""
        if self.process.running() is None:
            must_be_free(self.port)
            must_be_free(self._controller_port)
            self._format()
            self.process.start(self._command("kafka.Kafka", str(self._properties), heap=HEAP), guard=self._guard)
        self.process.wait(self.answers, READY)

    def answers(self) -> bool:
        """Whether it takes connections: it does so from when it is ready."""
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def stop(self) -> bool:
        """Ends it in good order. Whether it ran."""
        return self.process.stop(seconds=30, how=signal.SIGTERM)

    def kill(self) -> None:
        """Ends it as a power cut would."""
        self.process.kill()

    @property
    def _properties(self) -> Path:
        return self.folder / "server.properties"

    def _format(self) -> None:
        """Writes the configuration and, the first time, makes the data's folder ready."""
        data = self.folder / "data"
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # events name children's ids
        filled = TEMPLATE.read_text(encoding="utf-8").replace("{names in braces}", "names in braces")
        for name, value in (("port", self.port), ("controller_port", self._controller_port), ("data", data)):
            filled = filled.replace(f"{{{name}}}", str(value))
        self._properties.write_text(filled + self._more, encoding="utf-8")
        if (data / "meta.properties").is_file():
            return
        shutil.rmtree(data, ignore_errors=True)
        tool = "kafka.tools.StorageTool"
        command = self._command(tool, "format", "--config", str(self._properties), "--cluster-id", CLUSTER)
        ran = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if ran.returncode:
            raise Died(f"the broker's folder could not be made ready: {(ran.stdout + ran.stderr).strip()[-500:]}")

    def _command(self, program: str, *arguments: str, heap: str = "128m") -> list[str]:
        return [
            str(java()),
            f"-Xmx{heap}",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Djava.awt.headless=true",
            f"-Dcaseclock.logs={self.folder}",
            f"-Dlog4j2.configurationFile={LOG4J}",
            "-cp",
            f"{self._jars}/*",
            program,
            *arguments,
        ]
