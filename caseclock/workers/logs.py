"""Says what workers log: a JSON object a line, or text. No child's id and no content is in it: what is logged is
counts, topics and places, and of an exception its kind and where it was raised, since its message may quote what it
met."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from caseclock.faults import places
from schemas.settings.settings import Settings

_STANDARD = {*logging.makeLogRecord({}).__dict__, "message", "asctime", "taskName"}
_NOISY = ("kafka", "aiokafka", "faust", "mode")  # they say ten times a second that the broker is away


def start(settings: Settings, worker: str) -> None:
    """From now on this process logs as its settings say, to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json(worker) if settings.log_format == "json" else Text(worker))
    logging.basicConfig(handlers=[handler], level=settings.log_level.upper(), force=True)
    if settings.log_level != "debug":
        for name in _NOISY:
            logging.getLogger(name).setLevel(logging.CRITICAL)


class Json(logging.Formatter):
    """One object a line: `at`, `level`, `worker`, `what`, and what was given besides."""

    def __init__(self, worker: str) -> None:
        super().__init__()
        self._worker = worker

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "worker": self._worker,
            "what": record.getMessage(),
            **besides(record),
        }
        return json.dumps(said, default=str)


class Text(logging.Formatter):
    """The same for the eye."""

    def __init__(self, worker: str) -> None:
        super().__init__()
        self._worker = worker

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        rest = "".join(f" {name}={value}" for name, value in besides(record).items())
        return f"{at:%H:%M:%S.%f} {record.levelname:<8} {self._worker} {record.getMessage()}{rest}"


def besides(record: logging.LogRecord) -> dict[str, object]:
    """Returns what was given beside the message; of an exception, its kind and where it came from."""
    given = {name: value for name, value in vars(record).items() if name not in _STANDARD}
    if record.exc_info and record.exc_info[0] is not None:
        kind, _, trace = record.exc_info
        given["exception"] = kind.__name__
        given["from"] = places(trace)[-12:]
    return given
