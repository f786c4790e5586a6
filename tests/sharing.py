"""How tests are shared among several processes: those that want the broker all go to one, so that there is one broker.

(xdist's own `loadgroup` would do, but no longer does with pytest 9.)
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

BROKER = "tests.integration.brokers"


class Sharing(LoadScopeScheduling):
    """Each test by itself to whoever is free, but all those of modules that use the broker to one."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return BROKER if _uses_broker(Path(self.config.rootpath, module)) else nodeid


@cache
def _uses_broker(module: Path) -> bool:
    return module.is_file() and BROKER in module.read_text(encoding="utf-8")


@pytest.hookimpl
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Sharing:
    return Sharing(config, log)
