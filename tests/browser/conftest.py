"""The demo as a person starts it, opened in a real Chromium.

Without Chromium these tests are skipped, except where CODER_NB_REQUIRE_BROWSER=1 says that it must be there.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.lab import Lab, chromium

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
    """The address `coder-nb demo --no-browser` prints; the demo ends with the tests."""
    config = tmp_path_factory.mktemp("jupyter")
    (config / "jupyter_lab_config.json").write_text(json.dumps({"LabApp": {"expose_app_in_browser": True}}))
    command = [str(Path(sys.executable).with_name("coder-nb")), "demo", "--no-browser", "--port", "0"]
    with subprocess.Popen(
        command, env=os.environ | {"JUPYTER_CONFIG_DIR": str(config)}, stdout=subprocess.PIPE, text=True
    ) as demo:
        assert demo.stdout is not None
        try:
            first = demo.stdout.readline()
            assert "http://127.0.0.1:" in first, first
            yield first.split()[-1]
        finally:
            demo.send_signal(signal.SIGTERM)
            demo.wait(30)


@pytest.fixture
def lab(browser_path: str, demo_url: str) -> Iterator[Lab]:
    """JupyterLab with notebook 01 open and its kernel idle."""
    with chromium(browser_path) as page:
        lab = Lab(page)
        lab.open(demo_url)
        yield lab
