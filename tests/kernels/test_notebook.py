"""A notebook gives the same on a kernel in a workspace as on the one here."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from coder_nb.embedded import launch
from coder_nb.embedded.server import Embedded
from coder_nb.kernels.specs import Spec, add

CELLS = [
    "import pandas as pd\npd.DataFrame({'n': range(3)}, index=list('abc'))",
    "print('out'); import sys; print('err', file=sys.stderr)",
    "import ipywidgets as w\nslider = w.IntSlider(7, description='n')\nslider",
    "slider.value = 9\nslider.value",
    "from IPython.display import HTML, display, update_display\ndisplay(HTML('<b>x</b>'), display_id='it')",
    "update_display(HTML('<i>y</i>'), display_id='it')",
    "%timeit -n1 -r1 -q pass\n%env CODER_NB_NOTHING=1",
    "1 / 0",
    "import numpy as np\nnp.arange(2000)",
    "await __import__('asyncio').sleep(0, 'awaited')",
]


def executed(kernel: str, cells: list[str]) -> list[Any]:
    """The outputs of each cell, without what differs from run to run."""
    blank: dict[str, Any] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    code = [blank | {"id": f"c{number}", "source": cell} for number, cell in enumerate(cells)]
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": code}
    notebook: Any = nbformat.notebooknode.from_dict(whole)  # type: ignore[no-untyped-call]
    NotebookClient(notebook, kernel_name=kernel, allow_errors=True, timeout=60).execute()
    return [[_lasting(output) for output in cell.outputs] for cell in notebook.cells]


def _lasting(output: Any) -> Any:
    """An output but for the ids of widgets and the paths in tracebacks."""
    kept = {name: value for name, value in output.items() if name not in ("traceback", "execution_count")}
    data = {mime: value for mime, value in output.get("data", {}).items() if "widget-view" not in mime}
    return kept | ({"data": data} if data else {})


@pytest.mark.parametrize("workspace", ["here", "web"])
def test_the_same_outputs_as_here(server: Embedded, workspace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames, streams, errors, widgets, updates of displays, magics and what is awaited."""
    with launch.start() as demo:
        monkeypatch.setenv("CODER_URL", demo.url)
        monkeypatch.setenv("CODER_SESSION_TOKEN", demo.token.reveal())
        add(Spec(f"Python ({workspace})", workspace, demo.url, sys.executable))
        there = executed(f"coder-nb-python-{workspace}", CELLS)
    assert there == executed("python3", CELLS)
    assert there[0][0]["data"]["text/html"]
    assert there[7][0]["ename"] == "ZeroDivisionError"


def test_coder_works_in_a_kernel_of_a_workspace(server: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where coder_nb is installed there: one connects as anywhere."""
    add(Spec("Python (web)", "web", server.url, sys.executable))
    monkeypatch.chdir(Path(__file__).parents[2])
    cells = [
        f"import os; os.environ |= {{'CODER_URL': {server.url!r}, 'CODER_SESSION_TOKEN': {server.token.reveal()!r}}}",
        "%load_ext coder_nb\n%coder run web -- pwd; echo $CODER_WORKSPACE_NAME",
    ]
    _, outputs = executed("coder-nb-python-web", cells)
    assert any("web" in str(output.get("data", output)) for output in outputs)
