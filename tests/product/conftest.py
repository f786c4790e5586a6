"""The product as a person uses it, commands and pages, on SQLite: each test in a folder of its own."""

from __future__ import annotations

import pytest

from tests.helpers.commands import own_folder, run, spawn  # noqa: F401  (fixtures)
from tests.helpers.databases import engine, postgres, store_url  # noqa: F401  (fixtures)


@pytest.fixture(autouse=True)
def _own_folder(own_folder: None) -> None:  # noqa: F811
    """No settings from outside either."""
