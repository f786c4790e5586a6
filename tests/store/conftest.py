"""A store on each database for what reads and writes one."""

from __future__ import annotations

from tests.helpers.databases import another, engine, postgres, store_url  # noqa: F401  (fixtures)
