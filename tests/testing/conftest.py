"""A notebook from a few lines, written where pytester runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

Write = Callable[..., Path]


@pytest.fixture
def notebook() -> Write:
    """Write a notebook that was never run: `notebook(folder, "cell", "cell", tags=[...])` tags its last cell."""

    def write(folder: Path, *cells: str, tags: tuple[str, ...] = ()) -> Path:
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        book.cells[-1].metadata["tags"] = list(tags)
        path = folder / "book.ipynb"
        nbformat.write(book, path)
        return path

    return write
