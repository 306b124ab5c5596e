"""Takes the pictures in docs/images, light and dark, from the demo: `python -m tests.browser.screenshots [NAME]…`."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from coder_nb.kernels.specs import Spec, add
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
    "kernel": (
        "import os\nprint(os.environ['CODER_WORKSPACE_NAME'], 'of', os.environ['CODER_WORKSPACE_OWNER_NAME'])",
        "import numpy as np, pandas as pd\npd.DataFrame(np.random.default_rng(1).normal(size=(1_000_000, 3)), "
        "columns=list('abc')).describe().round(2)",
    ),
    "web-app": ("tunnel = %coder forward {port} web", "tunnel.show(height=310)"),
}
BEFORE = {"web-app": ("tunnels-02", "tunnels-04")}
"""Cells of the notebook on tunnels that are run before, unseen."""
TYPED = {
    "terminal": r"PS1='\[\e[32m\]ada@web\[\e[0m\]:\w$ '; mkdir -p src docs; touch README.md; clear; git --version"
    "\nls -F --color *; ls -F --color; mkdir -p tests; ls -dF --color tests"
}
"""What is typed into terminals; the last word is the end of what they say, but for a slash."""


KERNELS = {"kernel": Spec("Python (web)", "web", "demo", sys.executable)}
"""What a picture's cells run on, where that is not the kernel here."""


def main() -> None:
    """Take those that are named on the command line, or all.

    Raises:
        SystemExit: there is no Chromium.
    """
    wanted = sys.argv[1:] or list(PICTURES)
    path = shutil.which("chromium") or sys.exit("no Chromium on PATH")
    IMAGES.mkdir(exist_ok=True)
    leave = isolation.enter()
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "0"
    try:
        for spec in KERNELS.values():
            add(spec)
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
                    if name in KERNELS:
                        lab.change_kernel(KERNELS[name].name)
                        lab.page.set_viewport_size({"width": 1200, "height": 520})
                    lab.shoot(picture, *PICTURES[name], typed=TYPED.get(name, ""), whole=name in KERNELS)
    finally:
        leave()


def _cell(wanted: str) -> str:
    """A cell's source, by its id."""
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    return "".join(next(cell["source"] for cell in notebook["cells"] if cell["id"] == wanted))


if __name__ == "__main__":
    main()
