"""Makes the pictures of docs/worklist.md: `python -m docs.img.pages`, from a made-up county. Needs Chromium."""

from __future__ import annotations

import shutil
import socket
import sys
import threading
from pathlib import Path
from tempfile import TemporaryDirectory

import uvicorn
from playwright.sync_api import Page, sync_playwright

from caseclock.demo.live_through import Plan, live_through
from caseclock.queries.alerts import newest_alerts
from caseclock.runtime import open_store, rules
from caseclock.web.app import make_app
from schemas.store.engine import reader
from schemas.time.days import parse_moment

AT = parse_moment("2024-06-20T10:00:00+01:00")
TEAM = "city-family-1"
FOLDER = Path(__file__).parent


def main() -> None:
    with TemporaryDirectory() as folder:
        engine = open_store(f"sqlite:///{folder}/county.db")
        by = rules()
        live_through(engine, by, Plan.ending(AT, children=900, months=4), lambda what, done, of: None)
        with reader(engine) as connection:
            alerts = newest_alerts(connection, [TEAM], AT, 50)
        open_alert = next(one for one in alerts if not one.over and one.status == "overdue")
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = uvicorn.Server(
            uvicorn.Config(make_app(engine, by, lambda: AT, key="k" * 40), log_level="error", lifespan="off")
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        _pictures(f"http://127.0.0.1:{listening.getsockname()[1]}", open_alert.id)
        server.should_exit = True
        thread.join()
        engine.dispose()


def _pictures(site: str, alert: str) -> None:
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        sys.exit("Chromium is not here: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1100, "height": 800})
        page.goto(f"{site}/")
        _save(page, "overview")
        page.goto(f"{site}/team/{TEAM}")
        _save(page, "team")
        page.set_viewport_size({"width": 1100, "height": 1000})
        page.goto(f"{site}/alert/{alert}")
        page.fill("#reason", "Family away until Friday; visit booked for Monday with the interpreter")
        for part, value in zip(("day", "month", "year"), ("24", "6", "2024"), strict=True):
            page.fill(f"#by-{part}", value)
        page.evaluate("window.scrollTo(0, 0)")
        _save(page, "alert")
        page.click("#send")
        page.get_by_text("Noted").wait_for()
        _save(page, "answered")
        page.locator('main a[href^="/child/"]').first.click()
        page.locator("h2").first.wait_for()
        page.locator("summary").first.click()
        _save(page, "child")
        page.set_viewport_size({"width": 1100, "height": 800})
        page.goto(f"{site}/team/{TEAM}/children")
        _save(page, "children")
        browser.close()


def _save(page: Page, name: str) -> None:
    page.screenshot(path=FOLDER / f"page-{name}.png")


if __name__ == "__main__":
    main()
