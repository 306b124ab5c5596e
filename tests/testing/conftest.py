"""A notebook from a few lines, written where pytester runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

Write = Callable[..., Path]


@pytest.fixture
def notebook() -> Write:
    """Write a notebook that was never run: `notebook(folder, "cell", "cell", tags=[...])` tags its last cell."""

    def write(folder: Path, *cells: str, tags: Sequence[str] = ()) -> Path:
        code: dict[str, object] = {"cell_type": "code", "execution_count": None, "outputs": [], "metadata": {}}
        codes = [code | {"id": f"cell-{number}", "source": cell} for number, cell in enumerate(cells)]
        codes[-1]["metadata"] = {"tags": list(tags)}
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        book = {"cells": codes, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
        path = folder / "book.ipynb"
        path.write_text(json.dumps(book), encoding="utf-8")
        return path

    return write
