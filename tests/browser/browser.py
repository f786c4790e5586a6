"""A real browser for tests: headless Chromium, driven by Playwright, and axe-core in it."""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from starlette.types import ASGIApp

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def chromium() -> str | None:
    """The program; None where there is none."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


@pytest.fixture(scope="module")  # while it is open this thread can run no other event loop
def browser() -> Iterator[Browser]:
    """Headless Chromium. Where there is none its tests are skipped, and fail where CI is `true`."""
    program = chromium()
    if program is None:
        reason = "needs Chromium: apt install chromium"
        if os.environ.get("CI") in ("true", "1"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """The application on a free port of this machine, while the block lasts; gives its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def violations(page: Page) -> list[tuple[str, str, Any]]:
    """What axe-core finds wrong with a page: rule, what to do, and where."""
    found = Axe().run(page, options={"runOnly": RULES}).response
    assert len(found["passes"]) > 15, "axe looked at too little for its word to count"
    return [(one["id"], one["help"], [node["html"][:200] for node in one["nodes"]]) for one in found["violations"]]
