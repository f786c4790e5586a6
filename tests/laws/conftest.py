"""The laws fold lives past the calendar's end on purpose; the alarm of it would fill the screen."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="package")
def no_alarms() -> Iterator[None]:
    log = logging.getLogger("services.timeliness.table.catch_up")
    was = log.level
    log.setLevel(logging.ERROR)
    yield
    log.setLevel(was)
