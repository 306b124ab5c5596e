"""A failing `%coder` cell is a failure for every tool that runs notebooks, without help of our pytest plugin."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PYTEST = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:coder_nb", "-q"]
TOOLS = {
    "nbval": [*PYTEST, "--nbval"],
    "nbval-lax": [*PYTEST, "--nbval-lax"],
    "nbmake": [*PYTEST, "--nbmake"],
    "nbclient": [sys.executable, "-c", "from nbclient.cli import main; main()"],
    "papermill": [sys.executable, "-m", "papermill", "--no-progress-bar"],
}


def write(folder: Path, *sources: str) -> Path:
    """A notebook of these cells that was never run."""
    code: dict[str, object] = {"cell_type": "code", "execution_count": None, "outputs": [], "metadata": {}}
    cells = [{**code, "id": f"cell-{number}", "source": source} for number, source in enumerate(sources)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path = folder / "book.ipynb"
    path.write_text(
        json.dumps({"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5})
    )
    return path


@pytest.mark.parametrize("tool", TOOLS)
def test_a_failing_cell_is_seen(tool: str, tmp_path: Path) -> None:
    """The tool runs a cell that works, fails at a mistyped flag with exit code 1, and shows our error."""
    notebook = write(tmp_path, "%load_ext coder_nb", "page = %coder help ls", "%coder ls --no-such-flag")
    command = [*TOOLS[tool], str(notebook)]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    said = ran.stdout + ran.stderr
    assert ran.returncode == 1, said
    assert "InvalidCommand" in said
    assert "--no-such-flag" in said
