"""A JupyterLab page driven through its own commands: open a notebook, run cells, read what they gave.

Needs a server started with `LabApp.expose_app_in_browser`. Waits on Lab's own promises, never on time.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
TIMEOUT = 60_000
"""Milliseconds after which something in the page counts as broken; a slow machine needs a few thousand."""

# The shell's current widget is null at moments while Lab lays itself out; the panel itself stays.
_PANEL = """
    const app = window.jupyterapp;
    const panel = [...(app?.shell.widgets("main") ?? [])].find(one => one.sessionContext && one.content?.widgets);
"""
_READY = f"""() => {{ {_PANEL}
    return panel?.context.isReady && panel.sessionContext.isReady && app.commands.hasCommand("notebook:run-all-cells")
        && panel.sessionContext.session?.kernel?.status === "idle";
}}"""
_ACTIVATE = f"""async () => {{ {_PANEL}
    await app.restored;
    app.shell.activateById(panel.id);
}}"""
_RUN_ALL = f"""async () => {{ {_PANEL}
    await app.commands.execute("notebook:clear-all-cell-outputs");
    await app.commands.execute("notebook:run-all-cells");
}}"""
# Lab's promise ends with the first error, also with an expected one, while the cells after it still run.
_ALL_RAN = f"""() => {{ {_PANEL}
    const codes = panel.content.widgets.map(cell => cell.model).filter(model => model.type === "code");
    return codes.every(model => model.executionCount && model.executionState === "idle");
}}"""
_CELLS = f"""() => {{ {_PANEL}
    return panel.content.widgets.map(cell => cell.model.toJSON()).filter(cell => cell.cell_type === "code");
}}"""
_RUN = f"""async (source) => {{ {_PANEL}
    panel.content.activeCellIndex = panel.content.widgets.length - 1;
    await app.commands.execute("notebook:insert-cell-below");
    const cell = panel.content.activeCell;
    cell.model.sharedModel.setSource(source);
    await app.commands.execute("notebook:run-cell");
    return cell.model.toJSON().outputs;
}}"""
_CLEAR = f"""async () => {{ {_PANEL}
    app.shell.collapseLeft();
    await app.commands.execute("notebook:select-all");
    await app.commands.execute("notebook:delete-cell");
}}"""
_FIRST = f"""async () => {{ {_PANEL}
    panel.content.activeCellIndex = 0;
    await app.commands.execute("notebook:delete-cell");
    document.activeElement?.blur();
}}"""
_PLAIN = """
    .jp-cell-toolbar, .jp-Notebook-footer, .jp-Collapser { display: none !important; }
    .jp-Notebook .jp-Cell { border-color: transparent !important; box-shadow: none !important; }
"""
"""An active cell is drawn with a toolbar and a coloured bar, which say nothing in a picture."""
_RESTART = f"""async () => {{ {_PANEL}
    await panel.sessionContext.restartKernel();
}}"""
_KERNEL = f"""async (name) => {{ {_PANEL}
    await panel.sessionContext.changeKernel({{name}});
}}"""
_THEME = """async (theme) => {
    await window.jupyterapp.commands.execute("apputils:change-theme", {theme});
}"""


@contextmanager
def demo(config: Path) -> Iterator[str]:
    """The address that `coder-nb demo --no-browser` prints, in a process that is ended afterwards.

    Args:
        config: an empty folder for Jupyter's configuration, which lets tests reach the application in the page.
    """
    (config / "jupyter_lab_config.json").write_text(json.dumps({"LabApp": {"expose_app_in_browser": True}}))
    command = [str(Path(sys.executable).with_name("coder-nb")), "demo", "--no-browser", "--port", "0"]
    # Other demos of this user come and go meanwhile; kernels are to join this one.
    runtime = config / "run"
    runtime.mkdir(mode=0o700)
    environment = os.environ | {"JUPYTER_CONFIG_DIR": str(config), "XDG_RUNTIME_DIR": str(runtime)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            first = process.stdout.readline()
            assert "http://127.0.0.1:" in first, first
            yield first.split()[-1]
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


@contextmanager
def launched(path: str) -> Iterator[Browser]:
    """A real browser that is closed at the end; one at a time in a thread."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def new_page(browser: Browser, *, sharpness: float = 1) -> Page:
    """A page with cookies of its own; `sharpness` is in pixels a CSS pixel."""
    page = browser.new_page(viewport={"width": 1200, "height": 900}, device_scale_factor=sharpness)
    page.set_default_timeout(TIMEOUT)
    return page


class Lab:
    """JupyterLab in a page, with one notebook open."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, url: str) -> None:
        """Go to the address of a notebook and wait until its kernel is idle."""
        self.page.goto(url)
        self.page.wait_for_function(_READY)
        self.page.evaluate(_ACTIVATE)

    def run_all(self) -> list[Mapping[str, Any]]:
        """Clear the outputs and run every cell; returns the code cells as they are then, outputs and all."""
        self.page.evaluate(_RUN_ALL)
        self.page.wait_for_function(_ALL_RAN)
        cells: list[Mapping[str, Any]] = self.page.evaluate(_CELLS)
        return cells

    def run(self, source: str) -> list[Mapping[str, Any]]:
        """Run a new cell below all others; returns its outputs."""
        outputs: list[Mapping[str, Any]] = self.page.evaluate(_RUN, source)
        return outputs

    def restart_kernel(self) -> None:
        """Restart the kernel and wait until it is idle."""
        self.page.evaluate(_RESTART)
        self.page.wait_for_function(_READY)

    def change_kernel(self, name: str) -> None:
        """Have the notebook run on another kernel, and wait until that is idle."""
        self.page.evaluate(_KERNEL, name)
        self.page.wait_for_function(_READY)

    def theme(self, *, dark: bool) -> None:
        """Switch between Lab's own two themes."""
        self.page.evaluate(_THEME, "JupyterLab Dark" if dark else "JupyterLab Light")
        self.page.wait_for_selector(f"body[data-jp-theme-light={'false' if dark else 'true'}]", state="attached")

    def shoot(self, path: Path, *sources: str, typed: str = "", whole: bool = False) -> None:
        """Run these cells in place of all others, and take a picture of them and their outputs.

        Args:
            typed: into the terminal they show; its last word is what the terminal says in the end.
            whole: with the notebook's toolbar, which names the kernel.
        """
        self.page.evaluate(_CLEAR)
        for source in sources:
            self.run(source)
        for state in self.page.locator(".coder-nb .state").all():
            expect(state).to_have_attribute("data-state", "live")
        for chart in self.page.locator(".coder-nb .chart").all():
            expect(chart.locator('path[d*="M"]').first).to_be_attached()
        for frame in self.page.locator(".coder-nb iframe").all():
            expect(frame.content_frame.locator("svg rect").first).to_be_visible()
        if typed:
            self.page.locator(".coder-nb-terminal .xterm-helper-textarea").focus()
            self.page.keyboard.type(f"{typed}\n")
            expect(self.page.locator(".coder-nb-terminal .xterm-rows")).to_contain_text(typed.split()[-1] + "/")
        self.page.evaluate(_FIRST)
        self.page.add_style_tag(content=_PLAIN)
        self.page.locator(".jp-NotebookPanel" if whole else ".jp-WindowedPanel-viewport").first.screenshot(path=path)


def text(outputs: list[Mapping[str, Any]]) -> str:
    """What outputs say as plain text; an error's name and message included."""
    said: list[str] = []
    for output in outputs:
        plain = output.get("text") or output.get("data", {}).get("text/plain") or ""
        said.append("".join(plain))
        if output["output_type"] == "error":
            said.append(f"{output['ename']}: {output['evalue']}")
    return "\n".join(said)
