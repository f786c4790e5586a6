"""The file that everything is measured on: the first so many events of the believable county, kept between runs."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from itertools import islice
from pathlib import Path

import msgspec

import caseclock.demo.county as county
from caseclock.demo.county import County, write_ndjson
from schemas.time.days import london_day

FOLDER = Path(".caseclock/bench")  # not committed
FROM, TO, SEED = date(2019, 1, 1), date(2023, 12, 31), 1
EVENTS_A_CHILD = 45  # a few more than this, so that there are always enough


def file_of(events: int) -> Path:
    """The file; made if it is not there or the county is made otherwise now."""
    path = FOLDER / f"county-{events}-{_fingerprint()}.ndjson"
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        made = County(events // EVENTS_A_CHILD + 1, FROM, TO, SEED)
        written = write_ndjson(islice(made, events), path)
        assert written == events, f"the county has only {written} events"
    return path


def last_day(path: Path) -> date:
    """The London day on which the last event was typed."""
    with path.open("rb") as file:
        file.seek(-4096, 2)
        last = msgspec.json.decode(file.read().splitlines()[-1])
    return london_day(datetime.fromisoformat(last["recordedtime"]))


def _fingerprint() -> str:
    sources = sorted(Path(county.__file__).parent.glob("*"))
    told = b"".join(source.read_bytes() for source in sources if source.is_file())
    return hashlib.sha256(told).hexdigest()[:10]
