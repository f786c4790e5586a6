"""Says what every worker of the many-machine mode has around its work: settings, logs, health, metrics, a graceful
stop.

`WORKERS` is the one list of them: `caseclock worker NAME` runs one, and `make stack` starts one of each.
"""

from __future__ import annotations

# name → where its `run(Work)` is
WORKERS = {
    "ingest": "caseclock.workers.ingest",
    "timeliness": "caseclock.workers.timeliness",
    "alerts": "caseclock.workers.alerts",
}
