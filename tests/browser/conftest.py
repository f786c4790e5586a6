"""The pages in a real browser, over a store in a folder of each test's own."""

from __future__ import annotations

from tests.browser.browser import browser  # noqa: F401  (a fixture)
from tests.helpers.commands import own_folder, run  # noqa: F401  (fixtures)
