"""Runs the example notebooks and stores their outputs: `python tests/notebooks/store.py [--record] [NOTEBOOK...]`.

Runbooks run from their recordings, which `--record` makes anew. Isolated as the tests are. Keeps nothing that differs
from run to run or from machine to machine: no times, no widget state, no version of the Python that ran it; and an
output that says the same as before stays as it was.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import time
from copy import deepcopy
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from coder_nb import cli, connect
from coder_nb.embedded import launch
from coder_nb.testing import isolation

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
BOOKS = FOLDER / "runbooks"
DIFFERENCES = Path(__file__).with_name("nbval.cfg").read_text(encoding="utf-8")
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def store(path: Path) -> None:
    """Run one notebook and write it back.

    Raises:
        CellExecutionError: a cell failed; nothing is written.
    """
    notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    client = NotebookClient(
        notebook,
        timeout=120,
        record_timing=False,
        store_widget_state=False,
        resources={"metadata": {"path": path.parent}},
    )
    before = {cell.id: cell.outputs for cell in deepcopy(notebook.cells) if cell.cell_type == "code"}
    os.environ["CODER_NB_RUNBOOK"] = str(path.resolve())
    client.execute()
    for cell in notebook.cells:
        if cell.cell_type == "code" and says_the_same(cell, before[cell.id]):
            cell.outputs = before[cell.id]
    notebook.metadata.clear()
    notebook.metadata.update(kernelspec=KERNEL, language_info={"name": "python"})
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]
    print(f"stored {path.name}")


def record(path: Path) -> None:
    """Record what a runbook asks of a demo of its own, as the cassette beside it.

    Raises:
        SystemExit: a step failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        output = ["--output", str(Path(folder) / path.name)]
        code = cli.main(["runbook", "run", str(path), "-p", "deployment=demo", "--yes", "--record", path.stem, *output])
    if code:
        sys.exit(f"{path.name} ended with {code}")


def says_the_same(cell: Any, before: list[Any]) -> bool:
    """Whether a cell's new outputs differ only where nbval lets them: its ignored cells, pictures, and nbval.cfg."""
    if "nbval-ignore-output" in cell.metadata.get("tags", []):
        return bool(before)
    return _compared(cell.outputs) == _compared(before)


def _compared(outputs: list[Any]) -> str:
    text = json.dumps([_without_pictures(output) for output in outputs], sort_keys=True)
    for regex, replacement in re.findall(r"^regex: (.*)\nreplace: (.*)$", DIFFERENCES, flags=re.MULTILINE):
        text = re.sub(regex, replacement, text)
    return text


def _without_pictures(output: Any) -> Any:
    return output | {"data": {kind: data for kind, data in output.get("data", {}).items() if kind != "image/png"}}


def _wait_for_here() -> None:
    """Wait until the startup script of this machine has run, as it has when somebody reads along."""
    with connect("demo") as coder:
        agent = coder.agent("here")
        while agent.refresh().lifecycle_state != "ready":
            time.sleep(0.2)


def main(names: list[str]) -> None:
    """Run and store the named notebooks, or all of them."""
    paths = [Path(name).resolve() for name in names if name != "--record"]
    paths = paths or [*sorted(FOLDER.glob("*.ipynb")), *sorted(BOOKS.glob("*.ipynb"))]
    books = [path for path in paths if path.parent == BOOKS]
    leave = isolation.enter()
    try:
        for book in books if "--record" in names else ():
            record(book)
        with launch.serve():
            _wait_for_here()
            for path in paths:
                store(path)
    finally:
        leave()


if __name__ == "__main__":
    main(sys.argv[1:])
