"""Takes the pictures in docs/images, light and dark, from the demo: `python -m tests.browser.screenshots [NAME]…`."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

from coder_nb.testing import isolation
from tests.browser.lab import Lab, demo, launched, new_page

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
NOTEBOOK = IMAGES.parents[1] / "notebooks" / "08-ports-and-databases.ipynb"
PICTURES = {
    "first-steps": ("%coder show web", "%coder logs web --level warn --tail 6"),
    "workspaces": ("%coder ls owner:me",),
    "why": ("%coder why api-broken",),
    "error": ("%coder ports archive",),
    "log-view": ("%coder logs web -f",),
    "live-table": ("%coder containers web -w", "%coder watch --owner linus"),
    "metadata-panel": ("%coder metadata here -w",),
    "terminal": ("%coder terminal web",),
    "web-app": ("tunnel = %coder forward {port} web", "tunnel.show(height=310)"),
}
BEFORE = {"web-app": ("tunnels-02", "tunnels-04")}
"""Cells of the notebook on tunnels that are run before, unseen."""
TYPED = {
    "terminal": r"PS1='\[\e[32m\]ada@web\[\e[0m\]:\w$ '; mkdir -p src docs; touch README.md; clear; git --version"
    "\nls -F --color *; ls -F --color; mkdir -p tests; ls -dF --color tests"
}
"""What is typed into terminals; the last word is the end of what they say, but for a slash."""


def main() -> None:
    """Take those that are named on the command line, or all.

    Raises:
        SystemExit: there is no Chromium.
    """
    wanted = sys.argv[1:] or list(PICTURES)
    path = shutil.which("chromium") or sys.exit("no Chromium on PATH")
    IMAGES.mkdir(exist_ok=True)
    leave = isolation.enter()
    try:
        with (
            tempfile.TemporaryDirectory() as config,
            demo(Path(config)) as address,
            launched(path) as browser,
        ):
            lab = Lab(new_page(browser, sharpness=1.5))
            lab.open(address)
            lab.run("%load_ext coder_nb\n%coder connect demo")
            for dark in (False, True):
                lab.theme(dark=dark)
                for name in wanted:
                    picture = IMAGES / f"{name}-{'dark' if dark else 'light'}.png"
                    for cell in BEFORE.get(name, ()):
                        lab.run(_cell(cell))
                    lab.shoot(picture, *PICTURES[name], typed=TYPED.get(name, ""))
    finally:
        leave()


def _cell(wanted: str) -> str:
    """A cell's source, by its id."""
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    return "".join(next(cell["source"] for cell in notebook["cells"] if cell["id"] == wanted))


if __name__ == "__main__":
    main()
