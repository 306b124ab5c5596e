"""Books to run, a deployment that knows what it was asked, and the console script as a person starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pexpect  # type: ignore[import-untyped]
import pytest

from coder_nb.embedded.scenario import load_scenario
from coder_nb.embedded.server import Embedded
from coder_nb.runbooks import journal
from coder_nb.runbooks.journal import Run

SCRIPT = str(Path(sys.executable).with_name("coder-nb"))
PARAMETERS = 'workspace = "docs"\ncount = 1\n'
DECLARED = '%%coder parameters\nworkspace: workspace "which"\ncount: int 1..5 "how many"\n'


def write_book(path: Path, *cells: str, parameters: str = PARAMETERS, declared: str = DECLARED) -> Path:
    """A runbook: a title, coder_nb, its parameters, and then these code cells."""
    sources: list[tuple[str, str, list[str]]] = [
        ("# A book\n\nFor tests.", "markdown", []),
        ("%load_ext coder_nb", "code", []),
    ]
    sources += [(parameters, "code", ["parameters"]), (declared, "code", [])] if declared else []
    sources += [(source, "code", []) for source in cells]
    made = []
    for number, (source, kind, tags) in enumerate(sources):
        cell: dict[str, Any] = {"cell_type": kind, "id": f"c{number}", "metadata": {"tags": tags}, "source": source}
        made.append(cell | ({"outputs": [], "execution_count": None} if kind == "code" else {}))
    metadata = {"kernelspec": {"name": "python3", "display_name": "", "language": "python"}}
    path.write_text(json.dumps({"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}))
    return path


@dataclass
class Desk:
    """A folder with books, and the environment they are run in."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def book(self, *cells: str, name: str = "book.ipynb", **more: str) -> Path:
        """Writes a book."""
        return write_book(self.folder / name, *cells, **more)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`coder-nb runbook run …` with nobody to ask."""
        return self.script("run", *arguments)

    def script(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`coder-nb runbook …`."""
        return subprocess.run(
            [SCRIPT, "runbook", *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def terminal(self, *arguments: str) -> Any:
        """`coder-nb runbook run …` at a terminal, driven by pexpect."""
        return pexpect.spawn(
            SCRIPT,
            ["runbook", "run", *arguments],
            cwd=str(self.folder),
            env=self.environment,
            encoding="utf-8",
            timeout=60,
            dimensions=(40, 140),
        )

    def folders(self) -> list[Path]:
        """The folders of all runs."""
        return sorted((Path(self.environment["XDG_STATE_HOME"]) / "coder-nb" / "runs").glob("*/*"))

    def kept(self) -> Run:
        """The journal of the only run."""
        (folder,) = self.folders()
        return journal.read(folder)

    def said(self) -> str:
        """All text the only run has kept, whatever the file."""
        (folder,) = self.folders()
        files = [path for path in folder.rglob("*") if path.is_file()]
        return "\n".join(path.read_bytes().decode("utf-8", "replace") for path in files)


def statuses(run: Run) -> list[str]:
    """How its steps stand."""
    return [step.status for step in run.steps]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A folder of its own, with no deployment known."""
    state = tmp_path / "state"
    books = tmp_path / "books"
    books.mkdir()
    return Desk(books, os.environ | {"XDG_STATE_HOME": str(state), "COLUMNS": "140"})


@pytest.fixture
def deployment() -> Iterator[Embedded]:
    """The demo's fleet, in this process."""
    with Embedded(load_scenario()) as server:
        yield server


@pytest.fixture
def connected(desk: Desk, deployment: Embedded) -> Desk:
    """A desk whose environment leads to the deployment."""
    desk.environment |= {"CODER_URL": deployment.url, "CODER_SESSION_TOKEN": deployment.token.reveal()}
    return desk


@pytest.fixture
def changes(deployment: Embedded) -> Callable[[], list[str]]:
    """The requests so far that change something: all but reading ones, and terminals, which run commands."""

    def asked() -> list[str]:
        return [it for it in deployment.site.asked if not it.startswith("GET ") or it.endswith("/pty")]

    return asked
