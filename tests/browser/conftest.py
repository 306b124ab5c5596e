"""The demo as a person starts it, opened in a real Chromium.

Without Chromium these tests are skipped, except where CODER_NB_REQUIRE_BROWSER=1 says that it must be there.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest

from tests.browser.lab import Lab, chromium, demo

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


@pytest.fixture
def lab(browser_path: str, demo_url: str) -> Iterator[Lab]:
    """JupyterLab with notebook 01 open and its kernel idle."""
    with chromium(browser_path) as page:
        lab = Lab(page)
        lab.open(demo_url)
        yield lab
