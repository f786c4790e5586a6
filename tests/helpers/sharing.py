"""How tests are shared among several processes: those that want the broker all go to one, so that there is one broker.

(xdist's own `loadgroup` would do, but no longer does with pytest 9.)
"""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadScopeScheduling

KAFKA = "tests/kafka"


class Sharing(LoadScopeScheduling):
    """Each test by itself to whoever is free, but all those that use the broker to one."""

    def _split_scope(self, nodeid: str) -> str:
        return KAFKA if nodeid.startswith(KAFKA + "/") else nodeid


@pytest.hookimpl
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Sharing:
    return Sharing(config, log)
