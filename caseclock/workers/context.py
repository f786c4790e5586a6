"""Says what a worker is given to work with."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import Engine

from caseclock.workers.state import State
from schemas.settings.settings import Settings


class Work(NamedTuple):
    """Holds the settings, the worker's name, the store, the state it reports, and whether it is time to stop."""

    settings: Settings
    worker: str
    engine: Engine
    state: State
    stopping: Callable[[], bool]
