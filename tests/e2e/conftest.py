"""One browser and one server a module; a fresh context a page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module")
def chromium():
    """The system's Chromium; a session of it would leave its event loop to later modules."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="left out: Playwright is not installed"
    )
    from tests.e2e.browser import ARGUMENTS, find_chromium

    path = find_chromium()
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server(chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    """A control plane on an empty home; asks for the browser first, so that none starts in vain."""
    from tests.e2e.browser import Server

    started = Server(tmp_path_factory.mktemp("console") / "home")
    yield started
    started.close()


@pytest.fixture
def visitors(chromium, server) -> Iterator:
    """Opens pages for this test and closes them after it."""
    from tests.e2e.browser import Visitors

    opened = Visitors(browser=chromium, server=server)
    yield opened
    opened.close()


@pytest.fixture
def visit(visitors):
    """Open a page as a user; see :meth:`tests.e2e.browser.Visitors.visit`."""
    return visitors.visit
