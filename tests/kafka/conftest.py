"""A real broker, and the store that workers share."""

from __future__ import annotations

from tests.helpers.brokers import bare, broker, environ, send, streaming  # noqa: F401  (fixtures)
from tests.helpers.commands import own_folder, run, spawn  # noqa: F401  (fixtures)
from tests.helpers.databases import engine, postgres, store_url  # noqa: F401  (fixtures)
from tests.helpers.worker_flow import store, workers_environ  # noqa: F401  (fixtures)
