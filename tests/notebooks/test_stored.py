"""The example notebooks as they are stored: complete, free of secrets, and readable where nothing runs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
BOOKS = sorted((FOLDER / "runbooks").glob("*.ipynb"))
TOKEN = re.compile(r"\b[A-Za-z0-9]{10}-[A-Za-z0-9]{22}\b")
each_notebook = pytest.mark.parametrize("path", [*NOTEBOOKS, *BOOKS], ids=lambda path: path.stem)


def code_cells(path: Path) -> list[dict[str, Any]]:
    """The code cells of a notebook."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def test_they_are_numbered() -> None:
    """From the first steps on, without a gap."""
    assert [path.name[:2] for path in NOTEBOOKS] == [f"{number:02}" for number in range(1, len(NOTEBOOKS) + 1)]
    assert len(NOTEBOOKS) >= 6


@each_notebook
def test_every_cell_was_run_in_order(path: Path) -> None:
    """Stored by one run from top to bottom, so a reader can trust the numbers."""
    cells = code_cells(path)
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))


@each_notebook
def test_only_errors_on_purpose_are_stored(path: Path) -> None:
    """An error is stored where its cell says so, in two lines."""
    for cell in code_cells(path):
        errors = [output for output in cell["outputs"] if output["output_type"] == "error"]
        assert bool(errors) == ("raises-exception" in cell["metadata"].get("tags", [])), cell["source"]
        assert all(len(error["traceback"]) == 2 for error in errors), errors


@each_notebook
def test_nothing_of_the_run_is_stored(path: Path) -> None:
    """No times, no widget state, no version of Python: a new run of the same code changes nothing."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert set(notebook["metadata"]) == {"kernelspec", "language_info"}
    assert notebook["metadata"]["language_info"] == {"name": "python"}
    assert {key for cell in notebook["cells"] for key in cell["metadata"]} <= {"tags"}


@each_notebook
def test_outputs_are_readable_on_a_static_page(path: Path) -> None:
    """Whatever has HTML has plain text as well, and the HTML neither scripts nor needs a style sheet."""
    data = [output["data"] for cell in code_cells(path) for output in cell["outputs"] if "data" in output]
    pages = ["".join(one["text/html"]).lower() for one in data if "text/html" in one]
    assert pages
    assert all("text/plain" in one for one in data)
    assert not [page for page in pages if re.search(r"<(script|iframe|link|img)\b|\son\w+=|javascript:", page)]


@each_notebook
def test_no_secret_is_stored(path: Path) -> None:
    """Nothing that looks like a session token is in the file."""
    assert TOKEN.findall(path.read_text(encoding="utf-8")) == []
