"""Cells in a fresh kernel: which Python, what a failure is, how questions reach a person."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from coder_nb.errors import RunbookError
from coder_nb.runbooks.running.asking import Ask
from coder_nb.runbooks.running.kernel import Ended, Failure, Place, execute

V4: Any = nbformat.v4


class Heard:
    """What is told while a notebook runs."""

    def __init__(self) -> None:
        self.cells: list[str] = []
        self.lines: list[str] = []

    def began(self, index: int) -> None:
        self.cells.append(f"began {index}")

    def ended(self, index: int) -> None:
        self.cells.append(f"ended {index}")

    def say(self, text: str) -> None:
        self.lines.append(text)


def run(
    folder: Path, *sources: str, ask: Ask | None = None, name: str = "", **environment: str
) -> tuple[Ended, list[str], Heard]:
    """Runs code cells; gives how it ended, the text of each cell's outputs, and what was told."""
    notebook = V4.new_notebook(cells=[V4.new_code_cell(source) for source in sources])
    heard = Heard()
    place = Place(folder, os.environ | environment, name)
    with (folder / "kernel.log").open("wb") as log:
        ended = asyncio.run(execute(notebook, place=place, log=log, ask=ask, tell=heard))
    texts = ["".join(output.get("text", output.get("ename", "")) for output in cell.outputs) for cell in notebook.cells]
    return ended, texts, heard


def test_it_is_this_python_in_that_folder(tmp_path: Path) -> None:
    """Whatever kernel is installed as python3; with the environment it was given."""
    source = "import os, sys\nprint(sys.executable, os.getcwd(), os.environ['GIVEN'])"
    ended, texts, heard = run(tmp_path, source, GIVEN="word")
    assert ended == Ended()
    assert texts == [f"{sys.executable} {tmp_path} word\n"]
    assert heard.cells == ["began 0", "ended 0"]


def test_it_stops_at_the_first_cell_that_fails(tmp_path: Path) -> None:
    """What failed is told by number, kind, text and its first line; the cells after it do not run."""
    ended, texts, heard = run(tmp_path, "1", "\n# here\nraise ValueError('no \x1b[31mred')", "print('never')")
    assert ended.failure == Failure(2, "ValueError", "no ␛[31mred", "# here")
    assert texts[1:] == ["ValueError", ""]
    assert heard.cells[-1] == "ended 1"


def test_a_kernel_that_dies_has_failed(tmp_path: Path) -> None:
    """No exception has a name then."""
    ended, _, _ = run(tmp_path, "import os; os._exit(1)")
    assert ended.failure is not None
    assert (ended.failure.kind, str(ended.failure)) == ("", "the kernel died")


def test_questions_reach_a_person(tmp_path: Path) -> None:
    """Prompt and answer, in clear and hidden, also several of one cell."""
    asked: list[tuple[str, bool]] = []

    def ask(prompt: str, *, secret: bool) -> str:
        asked.append((prompt, secret))
        return f"answer {len(asked)}"

    source = "import getpass\nprint(input('one? '), getpass.getpass('two? '))"
    ended, texts, _ = run(tmp_path, source, ask=ask)
    assert ended == Ended()
    assert asked == [("one? ", False), ("two? ", True)]
    assert texts == ["answer 1 answer 2\n"]


def test_with_nobody_to_ask_a_question_fails_at_once(tmp_path: Path) -> None:
    """It does not wait for an answer that nobody will give."""
    ended, _, _ = run(tmp_path, "input('one? ')")
    assert ended.failure is not None
    assert ended.failure.kind == "StdinNotImplementedError"


def test_an_unknown_kernel_is_refused(tmp_path: Path) -> None:
    """With the nearest one's name."""
    with pytest.raises(RunbookError, match="no such kernel: pyhton3") as caught:
        run(tmp_path, "1", name="pyhton3")
    assert caught.value.hint == "--kernel python3"


def test_what_the_process_itself_writes_is_kept(tmp_path: Path) -> None:
    """It says why a kernel died, and does not disturb the terminal."""
    run(tmp_path, "import os\nos.write(2, b'last words')\nos._exit(1)")
    assert b"last words" in (tmp_path / "kernel.log").read_bytes()
