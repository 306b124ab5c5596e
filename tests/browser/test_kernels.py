"""Kernels in workspaces as a person uses them: JupyterLab in a real Chromium, the demo's workspaces."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from coder_nb.kernels.specs import Spec, add
from tests.browser.lab import Lab, demo, new_page, text

_START = """() => {
    const panel = [...window.jupyterapp.shell.widgets("main")].find(one => one.sessionContext && one.content?.widgets);
    panel.content.activeCellIndex = panel.content.widgets.length - 1;
    return window.jupyterapp.commands.execute("notebook:insert-cell-below").then(() => {
        const cell = panel.content.activeCell;
        cell.model.sharedModel.setSource("print('at work', flush=True)\\nimport time\\ntime.sleep(100)");
        window.jupyterapp.commands.execute("notebook:run-cell");
    });
}"""
_COMMAND = "async (name) => { await window.jupyterapp.commands.execute(name); }"
_OUTPUTS = ".jp-Cell .jp-OutputArea"


@pytest.fixture(scope="module")
def lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab that offers kernels in workspaces, with notebook 01 open."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        patch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
        # The shell in the workspace finds the Python that is asked for wherever its PATH leads.
        patch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
        for workspace in ("here", "web", "archive"):
            add(Spec(f"Python ({workspace})", workspace, "demo", sys.executable if workspace == "here" else ""))
        with demo(tmp_path_factory.mktemp("jupyter")) as address:
            page = new_page(browser)
            lab = Lab(page)
            lab.open(address)
            yield lab
            page.close()


@pytest.mark.parametrize("workspace", ["here", "web"])
def test_a_notebook_runs_there(lab: Lab, workspace: str, tmp_path: Path) -> None:
    """Its cells, a widget, an interrupt from the page, and a restart."""
    lab.change_kernel(f"coder-nb-python-{workspace}")
    where = "import os; x = 1; print(os.environ['CODER_WORKSPACE_NAME'], len([*range(3)]))"
    assert text(lab.run(where)) == f"{workspace} 3\n"
    assert "[1]" in text(lab.run("import pandas as pd; pd.DataFrame({'a': [1]}).values[0].tolist()"))
    lab.run("import ipywidgets\nipywidgets.IntSlider(7, description='there')")
    expect(lab.page.locator(".widget-slider").last).to_contain_text("there")
    lab.page.evaluate(_START)
    last = lab.page.locator(_OUTPUTS).last
    expect(last).to_contain_text("at work", timeout=60_000)
    lab.page.evaluate(_COMMAND, "notebook:interrupt-kernel")
    expect(last).to_contain_text("KeyboardInterrupt", timeout=60_000)
    assert text(lab.run("print(x)")) == "1\n"
    lab.restart_kernel()
    assert "NameError" in text(lab.run("print(x)"))
    lab.page.screenshot(path=os.environ.get("CODER_NB_TEST_PICTURE") or tmp_path / "page.png")


def test_a_kernel_that_cannot_start_says_why(lab: Lab) -> None:
    """In the dialog that JupyterLab shows when somebody chooses it in the launcher."""
    lab.page.evaluate(_COMMAND, "launcher:create")
    card = lab.page.locator(".jp-LauncherCard[data-category='Notebook']", has_text="Python (archive)")
    card.first.click()
    dialog = lab.page.locator(".jp-Dialog")
    expect(dialog).to_contain_text(re.compile("archive.*stopped", re.DOTALL), timeout=60_000)
    expect(dialog).to_contain_text("%coder start")
    dialog.locator("button").last.click()
