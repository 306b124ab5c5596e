"""The demo as a person starts it, opened in a real Chromium.

Without Chromium these tests are skipped, except where CODER_NB_REQUIRE_BROWSER=1 says that it must be there.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.lab import Lab, demo, launched, new_page
from tests.browser.widget_page import WidgetPage

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def browser_path() -> str:
    """Where Chromium is."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    reason = "no Chromium on PATH (apt-get install chromium)"
    if os.environ.get("CODER_NB_REQUIRE_BROWSER") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def demo_url(browser_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a demo that ends with the tests."""
    with demo(tmp_path_factory.mktemp("jupyter")) as address:
        yield address


@pytest.fixture(scope="module")
def browser(browser_path: str) -> Iterator[Browser]:
    """One Chromium at a time, as one thread can drive no more; while there is one, no event loop can run beside it."""
    with launched(browser_path) as browser:
        yield browser


@pytest.fixture
def lab(browser: Browser, demo_url: str) -> Iterator[Lab]:
    """JupyterLab with notebook 01 open and its kernel idle."""
    page = new_page(browser)
    try:
        lab = Lab(page)
        lab.open(demo_url)
        yield lab
    finally:
        page.close()


@pytest.fixture(scope="module")
def _widget_page(browser: Browser, demo_url: str) -> Iterator[WidgetPage]:
    page = WidgetPage(new_page(browser), demo_url)
    try:
        yield page
    finally:
        page.close()


@pytest.fixture
def widgets(_widget_page: WidgetPage) -> WidgetPage:
    """One JupyterLab page for all tests of a module: its notebook has no cells and its kernel is idle."""
    _widget_page.fresh()
    return _widget_page
