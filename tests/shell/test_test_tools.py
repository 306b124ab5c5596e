"""A failing `%coder` cell is a failed cell for nbval, nbval-lax, nbmake, nbclient and papermill.

Each tool is really run, in a process and with a kernel of its own, on a small notebook.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTEST = ("-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:coder_nb", "-q")
TOOLS = {
    "nbval": (*PYTEST, "--nbval", "notebook.ipynb"),
    "nbval-lax": (*PYTEST, "--nbval-lax", "notebook.ipynb"),
    "nbmake": (*PYTEST, "--nbmake", "notebook.ipynb"),
    "nbclient": ("-m", "jupyter", "execute", "notebook.ipynb"),
    "papermill": ("-m", "papermill", "notebook.ipynb", "out.ipynb", "--no-progress-bar"),
}
GOOD = "x = %coder help logs;"


def run(tool: str, folder: Path, *cells: str) -> subprocess.CompletedProcess[str]:
    """Runs the cells as a notebook with one of the tools."""
    notebook = {
        "cells": [
            {
                "cell_type": "code",
                "id": f"c{number}",
                "source": cell,
                "metadata": {},
                "outputs": [],
                "execution_count": None,
            }
            for number, cell in enumerate(("%load_ext coder_nb", *cells))
        ],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (folder / "notebook.ipynb").write_text(json.dumps(notebook))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CODER_", "PYTEST_"))}
    environment |= {"PYTHONPATH": str(ROOT), "IPYTHONDIR": str(folder / "ipython"), "HOME": str(folder)}
    return subprocess.run(
        [sys.executable, *TOOLS[tool]], cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize("tool", TOOLS)
def test_a_failing_cell_fails(tool: str, tmp_path: Path) -> None:
    """The tool's exit code says so, and its report names the error."""
    done = run(tool, tmp_path, GOOD, "%coder lgos dev", GOOD)
    report = done.stdout + done.stderr
    assert done.returncode != 0, report
    assert "InvalidCommand" in report
    assert "%coder logs dev" in report


def test_cells_that_work_pass(tmp_path: Path) -> None:
    """The failure above is the cell's, not the notebook's."""
    done = run("nbval", tmp_path, GOOD, "assert 'level' in repr(x)")
    assert done.returncode == 0, done.stdout + done.stderr


def test_with_nobody_to_ask_connecting_fails_at_once(tmp_path: Path) -> None:
    """A tool that runs notebooks answers no question, so a missing token is an error and not a wait."""
    done = run("nbclient", tmp_path, "%coder connect https://coder.invalid")
    report = done.stdout + done.stderr
    assert done.returncode != 0
    assert "ConfigurationError" in report
    assert "nobody to ask" in report
