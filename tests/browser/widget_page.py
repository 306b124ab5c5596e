"""A JupyterLab page that many tests of widgets share: each begins with an empty notebook and the same kernel.

A new page and kernel cost three seconds, a new cell a tenth of one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Locator, Page

from tests.browser.lab import _CLEAR, _PANEL, _READY, Lab, text

# Without it a page that is closed asks whether it may be.
_SAVE = f"""async () => {{ {_PANEL}
    await app.commands.execute("docmanager:save");
}}"""
_READ = f"""async () => {{ {_PANEL}
    return await app.serviceManager.contents.get(panel.context.path);
}}"""
_WRITE = """async (model) => {
    const { type, format, content } = model;
    await window.jupyterapp.serviceManager.contents.save(model.path, { type, format, content });
}"""
_SHUT = f"""async () => {{ {_PANEL}
    await panel.sessionContext.shutdown();
}}"""
_OUTPUTS = f"""(at) => {{ {_PANEL}
    return panel.content.widgets.at(at).model.toJSON().outputs;
}}"""
_BUSY = f"""() => {{ {_PANEL}
    return panel.sessionContext.session.kernel.status === "busy";
}}"""
# Not awaited: the promise is that of the cell's end.
_START = f"""async (source) => {{ {_PANEL}
    panel.content.activeCellIndex = panel.content.widgets.length - 1;
    await app.commands.execute("notebook:insert-cell-below");
    panel.content.activeCell.model.sharedModel.setSource(source);
    app.commands.execute("notebook:run-cell").catch(() => {{}});
}}"""
_INTERRUPT = f"""async () => {{ {_PANEL}
    await panel.sessionContext.session.kernel.interrupt();
}}"""


class WidgetPage(Lab):
    """The page, its notebook and its kernel."""

    def __init__(self, page: Page, url: str) -> None:
        super().__init__(page)
        self._url = url
        self._opened = False
        self._original: dict[str, Any] | None = None
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def fresh(self) -> None:
        """An empty notebook, in the light theme, and no views left of the test before."""
        if not self._opened:
            self.open(self._url)
            self._opened = True
            self._original = self._original or self.page.evaluate(_READ)
        self.run(_STOP)
        self.page.evaluate(_CLEAR)
        self.theme(dark=False)
        self.errors.clear()

    def close(self) -> None:
        """Put the notebook back as it was, for tests that come later, and close the page."""
        if self._original is not None:
            self.page.evaluate(_WRITE, self._original)
        self.page.close()

    def show(self, source: str) -> Locator:
        """Run a cell whose last value is a view; returns the view in the page, once it is drawn."""
        before = self.page.locator(".coder-nb").count()
        outputs = self.run(source)
        problem = [output for output in outputs if output["output_type"] == "error"]
        assert not problem, text(problem)
        view = self.page.locator(".coder-nb").nth(before)
        view.wait_for()
        return view

    def says(self, source: str) -> str:
        """Run a cell; returns what it prints.

        Raises:
            AssertionError: the cell failed.
        """
        outputs = self.run(source)
        assert not [output for output in outputs if output["output_type"] == "error"], text(outputs)
        return text(outputs).strip()

    def outputs(self, cell: int) -> list[dict[str, Any]]:
        """The outputs of a cell as they would be saved; -1 is the last cell."""
        found: list[dict[str, Any]] = self.page.evaluate(_OUTPUTS, cell)
        return found

    def busy(self) -> bool:
        """Whether the kernel runs something."""
        return bool(self.page.evaluate(_BUSY))

    @contextmanager
    def running(self, source: str) -> Iterator[None]:
        """A cell that runs in this block, and is interrupted at its end."""
        self.page.evaluate(_START, source)
        self.page.wait_for_function(_BUSY)
        try:
            yield
        finally:
            self.page.evaluate(_INTERRUPT)
            self.page.wait_for_function(_READY)

    def reload(self) -> None:
        """Save the notebook, and load the page again, with the kernel alive."""
        self.page.evaluate(_SAVE)
        self.open(re.sub(r"[?&]token=[^&]*|[?&]reset", "", self._url))

    def shut_down_kernel(self) -> None:
        """End the kernel, as a person does it from JupyterLab."""
        self.page.evaluate(_SHUT)
        self._opened = False


_STOP = """
import sys
if "coder_nb.widgets.view" in sys.modules:
    from coder_nb.widgets import view as _view
    _view.stop_all()
"""
