"""The dashboard in a real Chromium: one server for all tests, a fresh browser context for each.

``page`` is 1280 x 900; ``open_page(width, height)`` gives other sizes, colour schemes and second
users. After each test every page is checked: no exception on it, no console error, no request
that left the machine, neither from the browser nor from the server.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.serving import Server, free_port, running, streamlit_command

HERE = {"127.0.0.1", "localhost"}
SETTLE_MS = 20_000
FLAGS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # A page to which a test adds a header counts as foreign, which may not call this machine.
    "--disable-features=LocalNetworkAccessChecks",
    # Any other name fails at once instead of being looked up.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
)
# On a page opened by its own address Streamlit's client first asks below that address whether
# the server lives there, gets a 404, and asks at the root: not an error of ours.
PROBE = re.compile(r"/[^/]+/_stcore/(health|host-config)")
OpenPage = Callable[..., Page]


def find_chromium() -> str | None:
    """Path of the machine's own Chromium or Chrome; ``PGSICBT_CHROMIUM`` comes first."""
    named = os.environ.get("PGSICBT_CHROMIUM")
    names = [named] if named else ["chromium", "chromium-browser", "google-chrome", "chrome"]
    return next((path for path in map(shutil.which, names) if path), None)


def settled(page: Page) -> None:
    """Wait until the script of the page has run and its chart libraries have drawn."""
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=SETTLE_MS)
    expect(page.locator('[data-stale="true"]')).to_have_count(0, timeout=SETTLE_MS)


class Watch:
    """What a page did that it must not do."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.console: list[str] = []
        self.outside: list[str] = []
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.console.append(str(error)))
        page.on("request", lambda request: self._on_url(request.url))
        page.on("websocket", lambda socket: self._on_url(socket.url))

    def _on_console(self, message: ConsoleMessage) -> None:
        place = urlsplit(str(message.location.get("url", "")))
        if message.type == "error" and not PROBE.fullmatch(place.path):
            self.console.append(f"{message.text} ({message.location.get('url', '')})")

    def _on_url(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname not in HERE:
            self.outside.append(url)

    def check(self) -> None:
        if not self.page.is_closed():
            exceptions = self.page.get_by_test_id("stException").count()
            assert exceptions == 0, "the page shows an exception"
        assert self.console == [], "errors in the browser's console"
        assert self.outside == [], "requests that leave the machine"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The dashboard, started from the repository root as the README says."""
    port = free_port()
    with running(streamlit_command(port), port, tmp_path_factory.mktemp("server")) as started:
        yield started


# Of the package, not of the session: while Playwright is open it keeps an event loop in this
# thread, which tests elsewhere must not meet.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium; a missing one is a failure where ``PGSICBT_NO_SKIP=1`` is set, else a skip."""
    path = find_chromium()
    if path is None:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(server: Server, browser: Browser) -> Iterator[OpenPage]:
    """``open_page(width=1280, height=900, **context)``: a new user's page, not yet anywhere."""
    watches: list[Watch] = []
    contexts = []
    printed = len(server.output())

    def opened(width: int = 1280, height: int = 900, **options: Any) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            base_url=server.url,
            accept_downloads=True,
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        watches.append(Watch(page))
        return page

    try:
        yield opened
        for watch in watches:
            watch.check()
        assert server.outside() == [], "the server tried to reach beyond the machine"
        assert "Traceback" not in server.output()[printed:], server.output()[printed:]
    finally:
        for context in contexts:
            context.close()


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """A page of 1280 x 900; go somewhere with ``page.goto("/")`` and wait with ``settled``."""
    return open_page()
