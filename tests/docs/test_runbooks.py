"""docs/runbooks.md: its book runs, its command lines are ones, and its Python does what it says."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

import coder_nb as cn
from coder_nb import cli
from coder_nb.embedded import launch
from coder_nb.runbooks.shelf import shipped
from tests.runbooks.conftest import shell, the_shell
from tests.runbooks.running.conftest import Desk, connected, deployment, desk
from tests.shell.conftest import Shell, bare

__all__ = ["bare", "connected", "deployment", "desk", "shell", "the_shell"]

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "runbooks.md").read_text(encoding="utf-8")
LINES = [
    line.partition(" #")[0] for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()
]
OURS = [line for line in LINES if line.startswith("coder-nb")]


@pytest.mark.parametrize("line", OURS)
def test_every_command_line_is_one(line: str) -> None:
    """As far as its parser can tell."""
    options = cli.parser().parse_args(shlex.split(line)[1:])
    assert options.command == "runbook"


def test_every_runbook_that_comes_along_is_named() -> None:
    """In the table at the top, and no other."""
    table = PAGE.partition("## A book")[0]
    assert set(re.findall(r"^\| `([\w-]+)` \|", table, re.MULTILINE)) == {path.stem for path in shipped()}


def test_its_book_runs(connected: Desk) -> None:
    """All its cells in one notebook, against a deployment."""
    cells = [
        {"cell_type": "code", "id": f"c{number}", "metadata": {"tags": tags.split()}, "source": source, "outputs": []}
        | {"execution_count": None}
        for number, (tags, source) in enumerate(re.findall(r"```cell(.*?)\n(.*?)```", PAGE, re.DOTALL))
    ]
    assert len(cells) == 7
    book = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (connected.folder / "book.ipynb").write_text(json.dumps(book))
    ran = connected.run("book.ipynb", "-p", "deployment=", "--yes")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert [line.split()[0] for line in ran.stdout.splitlines()[:3]] == ["1", "2", "3"]


def test_its_python_runs(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A function's call as a step, in a notebook."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    (block,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    with launch.start(here=False) as demo, cn.connect(demo.url, token=demo.token) as coder:
        shell.push({"cn": cn, "coder": coder})
        shell.run_cell(block).raise_error()
