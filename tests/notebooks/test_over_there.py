"""The notebook on a database and a web app gives the same on a kernel in a workspace as it does here."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from coder_nb.embedded.launch import start
from coder_nb.kernels.specs import Spec, add
from tests.notebooks.store import FOLDER, says_the_same


@pytest.mark.parametrize("workspace", ["here", "web"])
def test_notebook_08_on_a_kernel_of_a_workspace(
    workspace: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Every cell says what is stored."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    notebook: Any = nbformat.read(FOLDER / "08-ports-and-databases.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    stored = [_lasting(cell.outputs) for cell in notebook.cells if cell.cell_type == "code"]
    with start() as demo:
        monkeypatch.setenv("CODER_URL", demo.url)
        monkeypatch.setenv("CODER_SESSION_TOKEN", demo.token.reveal())
        add(Spec(f"Python ({workspace})", workspace, demo.url, sys.executable))
        NotebookClient(notebook, kernel_name=f"coder-nb-python-{workspace}", timeout=120).execute()
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in cells:
        cell.outputs = _lasting(cell.outputs)
    assert [cell.source for cell, before in zip(cells, stored, strict=True) if not says_the_same(cell, before)] == []


def _lasting(outputs: list[Any]) -> list[Any]:
    """Outputs but for the ids of widgets, which are others each time."""
    for output in outputs:
        output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
    return outputs
