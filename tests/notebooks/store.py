"""Runs the example notebooks and stores their outputs: `python tests/notebooks/store.py [NOTEBOOK...]`.

Isolated as the tests are. Keeps nothing that differs from run to run or from machine to machine: no times, no widget
state, no version of the Python that ran it.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from coder_nb import connect
from coder_nb.embedded import launch
from coder_nb.testing import isolation

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def store(path: Path) -> None:
    """Run one notebook and write it back.

    Raises:
        CellExecutionError: a cell failed; nothing is written.
    """
    notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    client = NotebookClient(
        notebook, timeout=120, record_timing=False, store_widget_state=False, resources={"metadata": {"path": FOLDER}}
    )
    client.execute()
    notebook.metadata.clear()
    notebook.metadata.update(kernelspec=KERNEL, language_info={"name": "python"})
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]
    print(f"stored {path.name}")


def _wait_for_here() -> None:
    """Wait until the startup script of this machine has run, as it has when somebody reads along."""
    with connect("demo") as coder:
        agent = coder.agent("here")
        while agent.refresh().lifecycle_state != "ready":
            time.sleep(0.2)


def main(names: list[str]) -> None:
    """Run and store the named notebooks, or all of them."""
    leave = isolation.enter()
    try:
        with launch.serve():
            _wait_for_here()
            for path in [Path(name) for name in names] or sorted(FOLDER.glob("*.ipynb")):
                store(path)
    finally:
        leave()


if __name__ == "__main__":
    main(sys.argv[1:])
